"""The JSON Schema of the configuration, for editors to complete it and for complaints to say what belongs where."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from functools import lru_cache
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from .positions import Where
from .quantities import HostPort, format_duration, format_size
from .settings import settings_model

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema(channels: Mapping[str, type[BaseModel]]) -> dict[str, Any]:
    """The JSON Schema of a configuration with these channels."""
    made = settings_model(channels).model_json_schema(mode="validation", schema_generator=_Generator)
    return {"$schema": _DIALECT, **made, "title": "Trunkline configuration"}


def guide(channels: Mapping[str, type[BaseModel]]) -> "SchemaGuide":
    """The guide through that schema."""
    return _guide(tuple(channels.items()))


@lru_cache(maxsize=8)
def _guide(channels: tuple[tuple[str, type[BaseModel]], ...]) -> "SchemaGuide":
    return SchemaGuide(schema(dict(channels)))


class _Generator(GenerateJsonSchema):
    """Leaves out what says nothing to an editor: titles made from names, and null, which the loader does not take."""

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        absent = schema.get("default", 0) is None
        made = self.generate_inner(schema["schema"]) if absent else super().default_schema(schema)
        return made | {"default": format_size(made["default"])} if _is_size(made) else made

    def encode_default(self, dft: Any) -> Any:
        if isinstance(dft, BaseModel):
            return dft.model_dump(mode="json", by_alias=True, exclude_none=True)
        if isinstance(dft, HostPort):
            return str(dft)
        return format_duration(dft) if isinstance(dft, timedelta) else super().encode_default(dft)

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002  (the name is pydantic's)
        return False


def _is_size(made: JsonSchemaValue) -> bool:
    return made.get("type") == "string" and isinstance(made.get("default"), int)


class SchemaGuide:
    """Finds what the schema says about a path of the configuration."""

    def __init__(self, root: Mapping[str, Any]) -> None:
        self._root = root

    def keys(self, path: Where) -> tuple[str, ...]:
        """The keys that are known at this place; none where names are free."""
        return tuple(key for found in self._at(path) for key in found.get("properties", {}))

    def description(self, path: Where) -> str:
        """What the setting at this place is for."""
        candidates = [*self._at(path, resolve=False), *self._at(path)]
        return next((str(found["description"]) for found in candidates if "description" in found), "")

    def holds_values(self, path: Where) -> bool:
        """Whether a mapping or a list belongs here, and nothing else."""
        kinds = {found.get("type") for found in self._at(path) if "anyOf" not in found}
        return bool(kinds) and kinds <= {"object", "array"}

    def _at(self, path: Where, *, resolve: bool = True) -> list[Mapping[str, Any]]:
        found: list[Mapping[str, Any]] = [self._root]
        for part in path:
            found = [inner for outer in found for whole in self._whole(outer) for inner in _inside(whole, part)]
        return [whole for outer in found for whole in self._whole(outer)] if resolve else found

    def _whole(self, found: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
        if "$ref" in found:
            yield from self._whole(self._root["$defs"][found["$ref"].rpartition("/")[2]])
        elif "anyOf" in found:
            for alternative in found["anyOf"]:
                yield from self._whole(alternative)
        else:
            yield found


def _inside(found: Mapping[str, Any], part: str | int) -> Iterator[Mapping[str, Any]]:
    if isinstance(part, int):
        items = found.get("items")
        if isinstance(items, Mapping):
            yield items
        return
    if part in found.get("properties", {}):
        yield found["properties"][part]
        return
    for inner in (found.get("additionalProperties"), *found.get("patternProperties", {}).values()):
        if isinstance(inner, Mapping):
            yield inner
