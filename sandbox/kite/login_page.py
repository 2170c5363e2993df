"""The login page that stands in for the broker's: approve or refuse, then back to the app."""

from html import escape
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from sandbox.accounts import Account

_PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>Sandbox login</title>
<style>body{{font-family:system-ui,sans-serif;max-width:26rem;margin:4rem auto;padding:0 1rem}}
button{{font:inherit;padding:.5rem 1.2rem;margin-right:.5rem}}</style></head><body>
<h1>Sandbox broker login</h1>
<p>The app <code>{api_key}</code> asks to trade for <strong>{client_id}</strong> ({name}).</p>
<p>Sample account: no real broker, no real money.</p>
<form method="post" action="/connect/login">
<input type="hidden" name="api_key" value="{api_key}">
<input type="hidden" name="redirect_params" value="{redirect_params}">
<button name="decision" value="approve">Approve</button>
<button name="decision" value="refuse">Refuse</button>
</form></body></html>"""


def login_page(account: Account, redirect_params: str) -> str:
    """The form for one app."""
    return _PAGE.format(
        api_key=escape(account.api_key, quote=True),
        client_id=escape(account.client_id),
        name=escape(account.name),
        redirect_params=escape(redirect_params, quote=True),
    )


def callback_url(account: Account, outcome: dict[str, str], redirect_params: str) -> str:
    """The app's registered redirect with the outcome and, echoed, the `redirect_params` of the login URL."""
    parts = urlsplit(account.redirect_url)
    query = [*parse_qsl(parts.query), *outcome.items(), *parse_qsl(redirect_params)]
    return urlunsplit(parts._replace(query=urlencode(query)))
