"""Form bodies of the Kite face (`application/x-www-form-urlencoded`)."""

from urllib.parse import parse_qsl

from sandbox.kite.errors import bad_input
from sandbox.wire.call import Call


def read_form(call: Call) -> dict[str, str]:
    """The form fields of a POST or PUT body; a repeated field keeps its last value."""
    try:
        return dict(parse_qsl(call.body.decode("utf-8"), keep_blank_values=True))
    except UnicodeDecodeError as error:
        raise bad_input("Invalid request body.") from error
