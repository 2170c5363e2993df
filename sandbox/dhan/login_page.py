"""The login page that stands in for Dhan's: approve or refuse a consent, then back to the app."""

from html import escape
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from sandbox.accounts import Account

_PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>Sandbox login</title>
<style>body{{font-family:system-ui,sans-serif;max-width:26rem;margin:4rem auto;padding:0 1rem}}
button{{font:inherit;padding:.5rem 1.2rem;margin-right:.5rem}}</style></head><body>
<h1>Sandbox broker login</h1>
<p>The app <code>{api_key}</code> asks for the consent of <strong>{client_id}</strong> ({name}).</p>
<p>Sample account: no real broker, no real money.</p>
<form method="post" action="/login/consentApp-login">
<input type="hidden" name="consentAppId" value="{consent}">
<button name="decision" value="approve">Approve</button>
<button name="decision" value="refuse">Refuse</button>
</form></body></html>"""


def login_page(account: Account, consent: str) -> str:
    """The form for one consent."""
    return _PAGE.format(
        api_key=escape(account.api_key),
        client_id=escape(account.client_id),
        name=escape(account.name),
        consent=escape(consent, quote=True),
    )


def callback_url(account: Account, outcome: dict[str, str]) -> str:
    """The app's registered redirect with the outcome; nothing of the login's address is echoed."""
    parts = urlsplit(account.redirect_url)
    query = [*parse_qsl(parts.query), *outcome.items()]
    return urlunsplit(parts._replace(query=urlencode(query)))
