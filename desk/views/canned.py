"""Canned replies: texts of the configuration that an agent calls up by `/`, in the customer's language.

Where there is no value, the space in front of it goes too, so that a greeting without a name is still one.
A text is taken in the ticket's language, else in one that the agent answers in, else in English, else in whichever
there is. `{customer}`, `{agent}` and `{number}` are filled in; nothing else is a placeholder.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ...config.canned_replies import PLACEHOLDERS


@dataclass(frozen=True, kw_only=True)
class Canned:
    """One canned reply, ready to be put into the box."""

    name: str
    language: str
    text: str


def canned_replies(
    texts: Mapping[str, Mapping[str, str]], languages: Sequence[str], values: Mapping[str, str]
) -> list[Canned]:
    """All of them by name, each in the first of these languages that it has."""
    return [_chosen(name, texts[name], languages, values) for name in sorted(texts)]


def _chosen(name: str, texts: Mapping[str, str], languages: Sequence[str], values: Mapping[str, str]) -> Canned:
    language = next((each for each in (*languages, "en") if each in texts), next(iter(texts)))
    return Canned(name=name, language=language, text=_filled(texts[language], values))


def _filled(text: str, values: Mapping[str, str]) -> str:
    return PLACEHOLDERS.sub(lambda match: match["space"] + values[match["name"]] if values[match["name"]] else "", text)
