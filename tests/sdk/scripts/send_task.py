"""What the senders share: the task that the test writes to their standard input, and the mark of a call."""

import json
import sys
from urllib.parse import urlsplit
from urllib.request import urlopen

TASK = json.load(sys.stdin)
ROOT, CREDENTIALS, TOKENS, ORDER = TASK["root"], TASK["credentials"], TASK["tokens"], TASK["order"]


def here(url):
    """An address of the broker, at the recorder instead; tells the test where it would have been."""
    parts = urlsplit(url)
    print(f"address {parts.scheme}://{parts.netloc}")
    return ROOT + parts.path


def call(name, function, *arguments, **named):
    """One call of the client, whose requests the recorder keeps under this name."""
    urlopen(f"{ROOT}/recorder/{name}", timeout=5).close()
    return function(*arguments, **named)
