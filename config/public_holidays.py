"""Public holidays of a country or of a part of it, by their ISO codes: `EE`, `DE-BY`, `US-CA`.

They come from the package `holidays`, which is imported only where a configuration names one: it is large, and the
first year of some countries takes it half a second. Only the days on which most offices are closed count (its category
`public`); an observed day, such as the Monday after a Sunday, counts too.
"""

from collections.abc import Container
from datetime import date
from difflib import get_close_matches
from functools import lru_cache

from .section import wrong

EXPECTED = "a country of ISO 3166 such as EE, or a part of one such as DE-BY"


def known_place(code: str) -> str:
    """The code, when its holidays are known. Raises the error of a validator otherwise."""
    public_holidays(code)
    return code


@lru_cache(maxsize=64)
def public_holidays(code: str) -> Container[date]:
    """The days of this place; years are worked out as they are asked for. Raises the error of a validator."""
    import holidays

    country, _, part = code.partition("-")
    known = holidays.list_supported_countries(include_aliases=False)
    if country not in known:
        raise wrong(EXPECTED, _close(country, known))
    if part and part not in known[country]:
        raise wrong(EXPECTED, _close(part, known[country], f"{country}-") or f"name the whole of {country}")
    found: Container[date] = holidays.country_holidays(country, subdiv=part or None)
    return found


def _close(name: str, known: object, before: str = "") -> str:
    names = [str(each) for each in known] if isinstance(known, list | dict) else []
    close = get_close_matches(name.upper(), names, n=1, cutoff=0.5)
    return f"did you mean {before}{close[0]}?" if close else ""
