"""What a ticket asks of its agent, in words that go behind `somebody` and `nobody`. Pure."""

from collections.abc import Sequence

from .language_names import language_name


def token_words(token: str) -> str:
    """`who speaks Finnish` for `language:fi`, `with the skill billing at level 3` for `skill:billing@3`.

    The first level is any, and is not said.
    """
    kind, _, name = token.partition(":")
    if kind == "language":
        return f"who speaks {language_name(name)}"
    skill, _, level = name.partition("@")
    return f"with the skill {skill}" + (f" at level {level}" if level not in ("", "1") else "")


def all_words(tokens: Sequence[str]) -> str:
    """What several of them ask for together."""
    return " and ".join(token_words(token) for token in tokens)
