"""Values that somebody says for fields: read one by one, and what is wrong with each in words. Pure."""

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Any, Literal

from ..config.field_settings import Declared
from ..normalizer.field_values import NoValue, read_value
from ..web.problem import FieldError, invalid

Kind = Literal["customer", "ticket"]


class NoField(LookupError):
    """There is no such field; the sentence says which is near, or where to declare it."""


def read_field(name: str, value: object, declared: Declared, kind: Kind) -> Any:
    """The value of a declared field; None empties it. Raises NoField, NoValue."""
    if name not in declared:
        close = get_close_matches(name, declared, n=1)
        remedy = f"did you mean {close[0]}?" if close else f"declare it under {kind}_fields"
        raise NoField(f"a {kind} has no field {name}; {remedy}")
    return read_value(declared[name], value)


def read_each(given: Mapping[str, object], read: Callable[[str, object], Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """What `read` gives for each name, and by name what is wrong with the others."""
    values, faults = dict[str, Any](), dict[str, str]()
    for name, value in given.items():
        try:
            values[name] = read(name, value)
        except NoValue as error:
            faults[name] = f"expected {error}"
        except NoField as error:
            faults[name] = str(error)
    return values, faults


def demand(values: dict[str, Any], faults: Mapping[str, str], within: str = "") -> dict[str, Any]:
    """The values, when nothing is wrong. Raises Invalid naming every field that is, at its place in the body."""
    if faults:
        raise invalid(FieldError(place="body", field=within + name, detail=words) for name, words in faults.items())
    return values


def with_fields(held: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Fields after changes, of which None empties one."""
    return {name: value for name, value in sorted({**held, **changes}.items()) if value is not None}
