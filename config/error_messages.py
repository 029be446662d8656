"""pydantic's errors in the words of an operator: what was found, what was expected, what to do about it."""

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from .positions import Document, Where, dotted, everything
from .problems import Problem, shown
from .schema import SchemaGuide

_SECRET = re.compile(r"(^|_)(secret|secrets|password|passwd|token|api_key|private_key|signing_key|credentials)$", re.I)
_KINDS = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "finite_number": "a finite number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "dict_type": "a mapping",
    "mapping_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "list_type": "a list",
    "tuple_type": "a list",
    "set_type": "a list",
    "path_type": "a path",
    "date_from_datetime_parsing": "a date such as 2026-12-25",
    "date_parsing": "a date such as 2026-12-25",
    "datetime_from_date_parsing": "a time such as 2026-12-25T09:00:00+02:00",
    "datetime_parsing": "a time such as 2026-12-25T09:00:00+02:00",
    "ip_any_network": "an IP address or network such as 10.0.0.0/8",
    "ip_any_address": "an IP address",
    "greater_than": "a number over {gt}",
    "greater_than_equal": "a number of at least {ge}",
    "less_than": "a number under {lt}",
    "less_than_equal": "a number of at most {le}",
    "too_short": "at least {min_length}",
    "too_long": "at most {max_length}",
    "string_too_short": "text of at least {min_length} characters",
    "string_too_long": "text of at most {max_length} characters",
    "string_pattern_mismatch": "text of the form {pattern}",
    "literal_error": "{expected}",
    "enum": "{expected}",
}


def complaints(error: ValidationError, document: Document, guide: SchemaGuide) -> Iterator[Problem]:
    """What pydantic found, with places, without what only follows from another mistake."""
    found = [(_path(details["loc"], document.data), details) for details in error.errors(include_url=False)]
    meant = {(*path[:-1], _meant(path, guide)) for path, details in found if details["type"] == "extra_forbidden"}
    around = {path[:end] for path, _ in found for end in range(len(path))}
    for path, details in found:
        match details["type"]:
            case "missing" if path in meant:
                pass  # the key that is misspelt is told
            case "too_short" if path in around:
                pass  # the items that are wrong, and do not count, are told
            case "missing":
                yield _missing(path, document, guide)
            case "extra_forbidden":
                yield _unknown(path, document, guide)
            case _:
                yield _wrong(path, details, document, guide)


def nothings(document: Document, guide: SchemaGuide) -> Iterator[Problem]:
    """Keys and items that are there without a value."""
    for path in (path for path, value in everything(document.data) if path and value is None):
        what = guide.description(path).rstrip(".")
        expected = f"a value ({what})" if what else "a value"
        remedy = "give one, or leave the key out; for the word null put it in quotes"
        yield Problem(document.positions.of(path), shown(None), expected, remedy)


def _path(location: tuple[int | str, ...], data: Any) -> Where:
    """pydantic's location without what stands in no file: the names of validators and of alternatives."""
    path: Where = ()
    for at, part in enumerate(location):
        last = at == len(location) - 1
        if isinstance(data, dict) and (part in data or (last and part != "[key]")):
            data, path = data.get(str(part)), (*path, part)
        elif isinstance(data, list) and isinstance(part, int) and part < len(data):
            data, path = data[part], (*path, part)
    return path


def _missing(path: Where, document: Document, guide: SchemaGuide) -> Problem:
    around = dotted(path[:-1])
    found = f'no "{path[-1]}"' + (f" in {around}" if around else "")
    return Problem(document.positions.of(path), found, f'"{path[-1]}": {guide.description(path)}'.rstrip(": "))


def _unknown(path: Where, document: Document, guide: SchemaGuide) -> Problem:
    key, around = str(path[-1]), dotted(path[:-1])
    position = document.positions.of_key(path)
    if _SECRET.search(key):
        return secret_problem(path, document)
    meant, known = _meant(path, guide), guide.keys(path[:-1])
    found = f'the unknown key "{key}"' + (f" in {around}" if around else "")
    return Problem(position, found, f"one of {', '.join(sorted(known))}", f"did you mean {meant}?" if meant else "")


def _meant(path: Where, guide: SchemaGuide) -> str:
    """The known key that is closest to an unknown one, or nothing."""
    return next(iter(get_close_matches(str(path[-1]), guide.keys(path[:-1]), n=1)), "")


def secret_problem(path: Where, document: Document) -> Problem:
    """A secret in the file; what it is, is not repeated."""
    parts = path
    if path[:1] == ("channels",) and len(path) > 2:  # <channel>_<account>, or <channel>_<what it is the secret of>
        parts = (path[1], _SECRET.sub("", str(path[2])) if len(path) == 3 else path[-2])
    if path[:3] == ("desk", "slack", "teams"):
        parts = ("slack_desk", *path[3:])
    variable = "TRUNKLINE_SECRET_" + re.sub(r"[^A-Z0-9]", "_", "_".join(map(str, filter(None, parts))).upper())
    if path == ("admin_token",):
        variable = "TRUNKLINE_ADMIN_TOKEN"
    if path[:1] == ("sign_in",):
        variable = "TRUNKLINE_SECRET_SIGN_IN"
    if path == ("redis", "url"):
        variable = "TRUNKLINE_REDIS__URL"
    if (
        path[:1] == ("channels",) and len(path) > 3 and str(path[-1]).endswith("token")
    ):  # of some it is the second secret
        variable = f"{variable} (or {variable}_TOKEN, as the page of the channel says)"
    remedy = f"take it out, set {variable} in the environment instead, and change it if others have seen it"
    return Problem(document.positions.of_key(path), f"a secret in {dotted(path)}", "no secrets in this file", remedy)


def _wrong(path: Where, details: ErrorDetails, document: Document, guide: SchemaGuide) -> Problem:
    context: Mapping[str, Any] = details.get("ctx", {})
    given = details["input"]
    if at := context.get("at", ()):
        path, given = (*path, *at), _value(document.data, (*path, *at))
    remedy = str(context.get("remedy") or _about(path, guide))
    at_key = details["loc"][-1:] == ("[key]",)
    position = document.positions.of_key(path) if at_key else document.positions.of(path)
    found = shown(str(path[-1]) if at_key else given)
    if details["type"] in {"too_short", "too_long"}:
        found = f"{context['actual_length']} in {dotted(path)}"
    return Problem(position, found, _expected(details, context), remedy)


def _value(data: Any, path: Where) -> Any:
    """What stands at a path; None where nothing does."""
    for part in path:
        inside = isinstance(data, dict) or (isinstance(data, list) and isinstance(part, int) and part < len(data))
        data = data.get(part) if isinstance(data, dict) else data[part] if inside else None
    return data


def _about(path: Where, guide: SchemaGuide) -> str:
    """What the setting is for, or else the list or mapping that it is in."""
    told = (
        f"{dotted(each)}: {guide.description(each)}" for each in (path, path[:-1]) if each and guide.description(each)
    )
    return next(told, "")


def _expected(details: ErrorDetails, context: Mapping[str, Any]) -> str:
    if details["type"] == "expected":
        return str(context["expected"])
    if details["type"] in _KINDS:
        return _KINDS[details["type"]].format_map(context)
    return re.sub(r"^(Value error, )?(expected )?", "", details["msg"])
