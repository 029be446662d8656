"""A form that somebody filled in on WhatsApp (a flow), as text: a line for each answer. Pure."""

import json
from contextlib import suppress
from typing import Any

from ..normalizer.safe_names import safe_line

_MOST = 50
_LONGEST, _LONGEST_NAME, _LONGEST_WHOLE = 300, 100, 2000


def form_lines(given: Any) -> list[str]:
    """Of the JSON that WhatsApp gives, without the token that names the form; what is none stays as it is."""
    with suppress(AttributeError, TypeError, ValueError, RecursionError):
        filled = json.loads(given)
        return [
            f"{safe_line(name, _LONGEST_NAME)}: {safe_line(_plain(each), _LONGEST)}"
            for name, each in list(filled.items())[:_MOST]
            if name != "flow_token"
        ]
    return [] if given is None else [safe_line(str(given), _LONGEST_WHOLE)]


def _plain(answer: Any) -> str:
    return answer if isinstance(answer, str) else json.dumps(answer, ensure_ascii=False)
