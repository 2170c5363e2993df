"""A broker's login page, passed as a user's browser passes it."""

import re
from html import unescape
from typing import Literal

import httpx

Decision = Literal["approve", "refuse"]


def decide(login_url: str, decision: Decision = "approve") -> dict[str, str]:
    """Press a button of the sandbox's page; what the redirect back to the app carries."""
    with httpx.Client(timeout=10) as browser:
        page = browser.get(login_url)
        page.raise_for_status()
        action = re.search(r'<form[^>]*action="([^"]+)"', page.text)
        assert action, f"there is no form at {page.url.copy_with(query=None)}"
        hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.text)
        fields = {name: unescape(value) for name, value in hidden}
        answer = browser.post(page.url.join(unescape(action.group(1))), data={**fields, "decision": decision})
    assert answer.has_redirect_location, f"the page answered {decision!r} with HTTP {answer.status_code}"
    return dict(httpx.URL(answer.headers["location"]).params)
