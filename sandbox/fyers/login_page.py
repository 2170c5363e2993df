"""The login page that stands in for the broker's: approve or refuse, then back to the app."""

from html import escape
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from sandbox.accounts import Account

_PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>Sandbox login</title>
<style>body{{font-family:system-ui,sans-serif;max-width:26rem;margin:4rem auto;padding:0 1rem}}
button{{font:inherit;padding:.5rem 1.2rem;margin-right:.5rem}}</style></head><body>
<h1>Sandbox broker login</h1>
<p>The app <code>{client_id}</code> asks to trade for <strong>{fy_id}</strong> ({name}).</p>
<p>Sample account: no real broker, no real money.</p>
<form method="post" action="/api/v3/generate-authcode">
<input type="hidden" name="client_id" value="{client_id}">
<input type="hidden" name="redirect_uri" value="{redirect_uri}">
<input type="hidden" name="response_type" value="code">
<input type="hidden" name="state" value="{state}">
<button name="decision" value="approve">Approve</button>
<button name="decision" value="refuse">Refuse</button>
</form></body></html>"""


def login_page(account: Account, state: str) -> str:
    """The form for one app."""
    return _PAGE.format(
        client_id=escape(account.api_key, quote=True),
        fy_id=escape(account.client_id),
        name=escape(account.name),
        redirect_uri=escape(account.redirect_url, quote=True),
        state=escape(state, quote=True),
    )


def callback_url(account: Account, outcome: dict[str, str]) -> str:
    """The app's registered redirect with the outcome."""
    parts = urlsplit(account.redirect_url)
    query = [*parse_qsl(parts.query), *outcome.items()]
    return urlunsplit(parts._replace(query=urlencode(query)))
