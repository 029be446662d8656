"""Macros of SPF records (RFC 7208 section 7)."""

import re
from collections.abc import Mapping
from urllib.parse import quote

_EXPAND = re.compile(r"%\{([A-Za-z])([0-9]{0,3})([rR]?)([-.+,/_=]*)\}|%([%_-])")
_LETTERS = frozenset("slodiphv")
_LETTERS_OF_EXPLANATIONS = _LETTERS | frozenset("crt")
_ESCAPES = {"%": "%", "_": " ", "-": "%20"}
_LONGEST = 253


class MacroSyntaxError(ValueError):
    """A percent sign that begins no macro, or a macro that is not allowed here."""


def check_macros(text: str, *, explanation: bool = False) -> None:
    """Raises MacroSyntaxError."""
    letters = _LETTERS_OF_EXPLANATIONS if explanation else _LETTERS
    for found in _EXPAND.finditer(text):
        letter, digits = found[1], found[2]
        if letter and (letter.lower() not in letters or (digits and int(digits) == 0)):
            raise MacroSyntaxError(f"{found[0]} is no macro")
    if "%" in _EXPAND.sub("", text):
        raise MacroSyntaxError("a % that begins no macro")


def uses(text: str, letter: str) -> bool:
    """Whether a macro with this letter stands in the text."""
    return any((found[1] or "").lower() == letter for found in _EXPAND.finditer(text))


def expand(text: str, values: Mapping[str, str]) -> str:
    """The text with its macros replaced; `values` has one for each letter."""

    def replaced(found: re.Match[str]) -> str:
        letter, digits, reverse, delimiters, escape = found.groups()
        if escape:
            return _ESCAPES[escape]
        parts = re.split(f"[{re.escape(delimiters or '.')}]", values[letter.lower()])
        if reverse:
            parts.reverse()
        if digits:
            parts = parts[-int(digits) :]
        value = ".".join(parts)
        return quote(value, safe="-._~") if letter.isupper() else value

    return _EXPAND.sub(replaced, text)


def expand_domain(text: str, values: Mapping[str, str]) -> str:
    """The same for a domain, which is cut from the left until it is short enough (section 7.3)."""
    name = expand(text, values).removesuffix(".")
    while len(name) > _LONGEST and "." in name:
        name = name.partition(".")[2]
    return name
