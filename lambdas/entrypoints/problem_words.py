"""Pydantic's errors in the words of the rules: the field as a trader reads it, what is wrong, what to do.

Nothing of what was sent is quoted but the names of its fields: it could be a secret.
"""

from collections.abc import Mapping, Sequence
from typing import Any, get_args

from lambdas.domain.strike_rules import StrikeRule
from lambdas.domain.values import HHMM, HeaderText, Identifier, Name, ThingId

PARTS_OF_A_REQUEST = ("body", "path", "query", "header")
STRIKE_TAGS = tuple(
    tag for rule in get_args(get_args(StrikeRule)[0]) for tag in get_args(rule.model_fields["by"].annotation)
)
"""Pydantic puts the chosen kind of a strike rule behind `strike`; no field of that name is there."""

KEY_OF_A_MAPPING = "[key]"
"""Pydantic puts it behind a name that cannot be one."""
LONGEST_NAME = 60
WORDS = {
    "missing": "is missing; add it",
    "extra_forbidden": "is not a field here; remove it",
    "greater_than": "is too small; choose more than {gt}",
    "greater_than_equal": "is too small; choose at least {ge}",
    "less_than": "is too large; choose less than {lt}",
    "less_than_equal": "is too large; choose at most {le}",
    "literal_error": "is not known; choose {expected}",
    "enum": "is not known; choose {expected}",
    "union_tag_invalid": "is not known; choose one of {expected_tags}",
    "union_tag_not_found": "is missing; add it",
    "finite_number": "is not finite; choose a number",
    "decimal_max_places": "has too many decimal places; keep at most {decimal_places}",
    "decimal_max_digits": "has too many digits; keep at most {max_digits}",
    "decimal_whole_digits": "has too many digits; keep at most {whole_digits} before the point",
    "decimal_parsing": "is not a number; write one like 1.5",
    "decimal_type": "is not a number; write one like 1.5",
    "int_from_float": "is not a whole number; write one like 2",
    "int_parsing": "is not a whole number; write one like 2",
    "int_parsing_size": "is too large; choose a smaller number",
    "int_type": "is not a whole number; write one like 2",
    "bool_parsing": "is neither true nor false; choose one of them",
    "bool_type": "is neither true nor false; choose one of them",
    "string_type": "is not text; write it in quotes",
    "string_unicode": "is not readable text; write it anew",
    "string_too_short": "is too short; at least {min_length} needed",
    "string_too_long": "is too long; keep at most {max_length} characters",
    "too_short": "has too few entries; give at least {min_length}",
    "too_long": "has too many entries; keep at most {max_length}",
    "tuple_type": "is not a list; write it in [ ]",
    "list_type": "is not a list; write it in [ ]",
    "dict_type": "is not an object; write it in {{ }}",
    "model_type": "is not an object; write it in {{ }}",
    "model_attributes_type": "is not an object; write it in {{ }}",
    "json_invalid": "is not JSON; send one JSON object",
}


def _pattern(kind: Any) -> str:
    """The pattern of a text of `lambdas.domain.values`."""
    found: str = next(rule.pattern for rule in get_args(kind)[1].metadata if getattr(rule, "pattern", None))
    return found


PATTERNS = {
    _pattern(HHMM): "is no time of day; write it like 09:20",
    _pattern(Identifier): "is no id; use 2 to 40 lower-case letters, digits and dashes, the first no dash",
    _pattern(ThingId): "is no id; use 2 to 49 lower-case letters, digits and dashes, the first no dash",
    _pattern(HeaderText): "cannot be sent to a broker; use plain letters, digits and signs, no blank at either end",
    _pattern(Name): "is blank or has control characters; write plain text on one line",
}


def place_of(error: Mapping[str, Any]) -> str:
    """Where an error is: `legs[1].strike.premium`, list entries counted from 1; `body` for the whole of it."""
    parts = _parts(error)
    if error.get("type") == "json_invalid":
        return "body"
    place = ""
    for part in _without_tag(parts[1:] if parts[:1] and parts[0] in PARTS_OF_A_REQUEST else parts):
        place += f"[{part + 1}]" if isinstance(part, int) else f".{_name(part)}"
    if str(error.get("type")).startswith("union_tag"):
        place += f".{(error.get('ctx') or {}).get('discriminator', '').strip(chr(39))}"
    return place.removeprefix(".") or "body"


def words_of(error: Mapping[str, Any]) -> str:
    """What is wrong and what to do; pydantic's own text where there is nothing better."""
    kind, context = error.get("type"), error.get("ctx") or {}
    own = str(error.get("msg") or "does not fit").removeprefix("Value error, ")
    if kind == "string_pattern_mismatch":
        return PATTERNS.get(str(context.get("pattern")), own)
    try:
        return WORDS[str(kind)].format_map(context)
    except KeyError:
        return own


def only_follows(error: Mapping[str, Any], errors: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a list is too short only because its entries are wrong, each of which is told by itself."""
    place = _parts(error)
    return error.get("type") == "too_short" and any(
        len(_parts(other)) > len(place) and _parts(other)[: len(place)] == place for other in errors
    )


def _parts(error: Mapping[str, Any]) -> tuple[Any, ...]:
    place = error.get("loc", ())
    parts = tuple(place) if isinstance(place, list | tuple) else (place,)
    return parts[:-1] if parts[1:] and parts[-1] == KEY_OF_A_MAPPING else parts


def _without_tag(parts: tuple[Any, ...]) -> tuple[Any, ...]:
    at = parts.index("strike") + 1 if "strike" in parts else len(parts)
    return parts[:at] + parts[at + 1 :] if parts[at : at + 1] and parts[at] in STRIKE_TAGS else parts


def _name(part: Any) -> str:
    """A field's name on one line, cut where it is absurdly long."""
    text = str(part)
    return (text if text.isprintable() else ascii(text)[1:-1])[:LONGEST_NAME]
