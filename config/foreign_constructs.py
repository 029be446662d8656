"""What other engines of regular expressions have and RE2 has not: each by its name, with what to write instead.

RE2's own words name the place alone (`invalid perl operator: (?=`). Pure.
"""

import re

_TOKEN = re.compile(
    r"""(?P<quoted>\\Q.*?(?:\\E|\Z)|\[\^?\]?(?:\\.|\[:\^?\w+:\]|[^\]\\])*\])
    | (?P<ahead>\(\?[=!])
    | (?P<behind>\(\?<[=!])
    | (?P<back>\\[1-9]\d*|\\k[<{'][^>}']*[>}']|\\g\{?-?\w+\}?|\(\?P=\w+\))
    | (?P<atomic>\(\?>)
    | (?P<condition>\(\?\()
    | (?P<recursion>\(\?(?:R|[+-]?\d+|&\w+|P>\w+)\))
    | (?P<branch>\(\?\|)
    | (?P<comment>\(\?\#)
    | (?P<verb>\(\*[A-Z]+)
    | (?P<here>\\G)
    | (?P<keep>\\K)
    | (?P<end>\\Z)
    | (?P<line>\\[RhHN])
    | (?P<cluster>\\X)
    | (?P<unicode>\\u[0-9a-fA-F]{4})
    | (?P<possessive>(?<!\\)(?:[*+?]|\{\d+(?:,\d*)?\})\+)
    | \\. | .""",
    re.VERBOSE | re.DOTALL,
)

_REMEDIES = {
    "ahead": ("look-around", "use two conditions, one of them under `not`"),
    "behind": ("look-around", "use two conditions, one of them under `not`"),
    "back": ("back-references", "write the alternatives out"),
    "atomic": ("atomic groups", "write (?:…); it never tries again and again, whatever is written"),
    "condition": ("conditionals", "write both cases as alternatives: …|…"),
    "recursion": ("recursion", "write out how deep it may go"),
    "branch": ("branch resets", "write (?:…) with groups of different names"),
    "comment": ("comments", "write it beside the pattern, after #"),
    "verb": ("control verbs", "leave it out"),
    "here": (r"\G", "write ^ for the beginning"),
    "keep": (r"\K", "put what is wanted into a named group: (?P<name>…)"),
    "end": (r"\Z", r"write \z or $"),
    "line": (r"\R, \h, \H and \N", r"write \n, [ \t] or [^\n]"),
    "cluster": (r"\X", r"write . or \pL\pM*"),
    "unicode": (r"\u", r"write \x{…}, or the letter itself"),
    "possessive": ("possessive repetitions", "write one sign alone; it never tries again and again"),
}


def remedy_of(pattern: str) -> str:
    """What RE2 has not of the first such construct in a pattern, and what to write; nothing where there is none."""
    for found in _TOKEN.finditer(pattern):
        if found.lastgroup in _REMEDIES:
            name, instead = _REMEDIES[found.lastgroup]
            return f"RE2 has no {name}: {instead}"
    return ""
