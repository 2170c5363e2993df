"""Shows what a login redirect carried: the demo account's registered redirect points here."""

from html import escape

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

_PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Login callback</title>
<style>body{{font-family:system-ui,sans-serif;max-width:40rem;margin:4rem auto;padding:0 1rem}}
td,th{{text-align:left;padding:.3rem 1rem .3rem 0}}</style></head><body>
<h1>Login callback</h1><p>The redirect carried:</p><table>{rows}</table></body></html>"""


async def callback_shown(request: Request) -> Response:
    """GET /callback-shown."""
    rows = "".join(
        f"<tr><th>{escape(name)}</th><td><code>{escape(value)}</code></td></tr>"
        for name, value in request.query_params.multi_items()
    )
    return HTMLResponse(_PAGE.format(rows=rows))
