"""From the parts of a request to models, strictly: what does not fit the published schema is refused by name.

Parameters are text, so each is first read as its schema says (`12` as an integer, `true` as a boolean, repeats as a
list) and then validated like JSON, strictly: no `" 12"`, no `yes`, no `1_000`. All errors of a request come at once.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import from_json, to_json

from ..config.errors import Refused
from .problem import FieldError, Place

Model = TypeVar("Model", bound=BaseModel)

REFERENCE = "#/components/schemas/{model}"

_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,17})\Z", re.ASCII)
_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,17})?\Z", re.ASCII)
_BOOLEANS = {"true": True, "false": False}


def parameter_schemas(model: type[BaseModel]) -> dict[str, dict[str, Any]]:
    """The JSON Schema of each parameter of a model, as it is published: null is not a thing that text can say."""
    schema = model.model_json_schema(ref_template=REFERENCE)
    return {name: _without_null(found) for name, found in schema.get("properties", {}).items()}


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in schema.items() if name not in ("title", "anyOf")}
    if "default" in kept and kept["default"] is None:
        del kept["default"]
    choices = [choice for choice in schema.get("anyOf", ()) if choice.get("type") != "null"]
    if len(choices) == 1:
        return {**choices[0], **kept}
    return {"anyOf": choices, **kept} if choices else kept


@dataclass(frozen=True)
class Parameters(Generic[Model]):
    """One model read from path, query or headers."""

    model: type[Model]
    place: Place

    @cached_property
    def kinds(self) -> Mapping[str, str]:
        """The JSON type of each parameter by its name."""
        return {name: str(schema.get("type", "string")) for name, schema in parameter_schemas(self.model).items()}

    def read(self, given: Sequence[tuple[str, str]], errors: list[FieldError]) -> Model | None:
        """The model; None with the reasons added to `errors`."""
        values: dict[str, Any] = {}
        found: list[FieldError] = []
        for name, text in given:
            problem = self._take(values, name, text)
            if problem:
                found.append(FieldError(place=self.place, field=printable(name), detail=problem))
        if found:
            errors.extend(found)
            return None
        try:
            return self.model.model_validate_json(json.dumps(values), strict=True)
        except ValidationError as error:
            errors.extend(field_errors(error, self.place))
            return None

    def _take(self, values: dict[str, Any], name: str, text: str) -> str:
        kind = self.kinds.get(name)
        if kind is None:
            return "there is no such parameter"
        if not _encodable(text):
            return "this is not text in UTF-8"
        if kind == "array":
            values.setdefault(name, []).append(text)
        elif name in values:
            return "this may be given only once"
        else:
            values[name] = _typed(kind, text)
        return ""


def _typed(kind: str, text: str) -> Any:
    if kind == "integer" and _INTEGER.match(text):
        return int(text)
    if kind == "number" and _NUMBER.match(text):
        return float(text)
    if kind == "boolean":
        return _BOOLEANS.get(text, text)
    return text


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def printable(name: str) -> str:
    """A name from the wire, fit to stand in an answer."""
    return name.encode("ascii", "backslashreplace").decode()[:80]


def field_errors(error: ValidationError, place: Place) -> list[FieldError]:
    """What a validation found, by field; never with the value, which may be somebody's secret."""
    found = error.errors(include_url=False, include_input=False, include_context=False)
    return [
        FieldError(
            place=place, field=printable(".".join(str(step) for step in entry["loc"])), detail=_words(entry["msg"])
        )
        for entry in found
    ]


def _words(message: str) -> str:
    """What a check of ours says, without the name of the exception that said it."""
    return message.removeprefix("Value error, ")


def read_json(model: type[Model], body: bytes, errors: list[FieldError]) -> Model | None:
    """The model from a JSON body; None with the reasons added to `errors`. Raises Refused when it is not JSON."""
    try:
        content = from_json(body, allow_inf_nan=False)
    except ValueError as error:
        raise Refused(f"the body is not JSON: {error}") from error
    try:
        return _validated(model, body, content)
    except ValidationError as error:
        errors.extend(field_errors(error, "body"))
        return None


def _validated(model: type[Model], body: bytes, content: Any) -> Model:
    try:
        return model.model_validate_json(body, strict=True)
    except ValidationError as error:
        if not any(entry["type"] == "int_type" for entry in error.errors(include_input=False)):
            raise
        # For JSON Schema 5.0 is an integer (2020-12 validation, section 6.1.1); for strict validation it is not.
        return model.model_validate_json(to_json(_whole(content)), strict=True)


def _whole(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _whole(entry) for name, entry in value.items()}
    if isinstance(value, list):
        return [_whole(entry) for entry in value]
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 2**53 else value
