"""The section `canned_replies`: texts that agents call up by name while they write, one for each language.

canned_replies:
  thanks:
    en: "Thank you, {customer}. I look into {number} and write again today."
    de: "Vielen Dank, {customer}. Ich sehe mir {number} an und schreibe heute noch."
"""

import re
from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, Field

from .fields import LanguageCode, Name, not_blank
from .section import wrong

PLACEHOLDERS = re.compile(r"(?P<space> ?)\{(?P<name>customer|agent|number)\}")

_BRACES = re.compile(r"\{([^{}]*)\}")


def known_placeholders(text: str) -> str:
    """Refuses other names in braces than those that are filled in."""
    for match in _BRACES.finditer(text):
        if not PLACEHOLDERS.fullmatch(match[0]):
            raise wrong("no other placeholders than {customer}, {agent} and {number}", f"what is {match[0]}?")
    return text


def _some_language(texts: Mapping[str, str]) -> Mapping[str, str]:
    if not texts:
        raise wrong("a text in at least one language")
    return texts


CannedText = Annotated[
    str,
    AfterValidator(not_blank),
    AfterValidator(known_placeholders),
    Field(max_length=8000, description="{customer}, {agent} and {number} are filled in."),
]
CannedReplies = Mapping[Name, Annotated[Mapping[LanguageCode, CannedText], AfterValidator(_some_language)]]
