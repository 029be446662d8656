"""The languages that a reader asks for, by the header Accept-Language (RFC 9110 section 12.5.4)."""

import re

MOST = 30  # entries that are looked at

_WEIGHT = re.compile(r"\s*q\s*=\s*([01](?:\.[0-9]{0,3})?)\s*")


def accepted_languages(header: str) -> list[str]:
    """The language tags in small letters, the most wanted first; those that are refused (`q=0`) are left out."""
    ranked = []
    for position, entry in enumerate(header.split(",")[:MOST]):
        tag, _, parameters = entry.partition(";")
        weight = _WEIGHT.fullmatch(parameters)
        ranked.append((-float(weight[1]) if weight else -1.0, position, tag.strip().lower()))
    return [tag for rank, _, tag in sorted(ranked) if rank < 0 and tag]
