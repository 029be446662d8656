"""Stages of rules: `rules` as a mapping becomes the list of all rules, each knowing its stage and its place.

    rules:
      clean: [ … ]       first what sets messages aside,
      place: [ … ]       then where they go,
      mark: [ … ]        then what is noted of them

So everything behind the file knows one list of rules in their order, and complaints still name the line.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from .positions import Document, Where
from .problems import Problem, shown


class ByStage:
    """A list of rules, or lists of them by the names of stages, as the published schema has it."""

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Either of both."""
        rules = handler(schema)
        return {"anyOf": [rules, {"type": "object", "additionalProperties": rules}]}


def flat_rules(rules: Any) -> Any:
    """The rules as one list; what is not a mapping stays as it is."""
    if not isinstance(rules, Mapping):
        return rules
    return [
        {**rule, "stage": stage} if isinstance(rule, Mapping) else rule
        for stage, several in rules.items()
        for rule in _listed(several)
    ]


def flatten(document: Document) -> None:
    """The same in a file that was read, with the places of everything."""
    data = document.data
    rules = data.get("rules") if isinstance(data, dict) else None
    if not isinstance(rules, dict):
        return
    for stage, several in rules.items():
        if not isinstance(several, list):
            position = document.positions.of(("rules", stage))
            expected = f"a list of the rules of the stage {stage}"
            document.problems.append(Problem(position, shown(several), expected, "begin each rule with -"))
    places: dict[Where, int] = {}
    for stage, several in rules.items():
        for index, _ in enumerate(_listed(several)):
            places[stage, index] = len(places)
    positions = document.positions
    stands = {number: positions.keys.get(("rules", here[0])) for here, number in places.items()}
    for table in (positions.keys, positions.values):
        for path in [path for path in table if path[:1] == ("rules",)]:
            if (number := places.get(path[1:3])) is not None:
                table[("rules", number, *path[3:])] = table[path]
    positions.values |= {("rules", number, "stage"): at for number, at in stands.items() if at is not None}
    data["rules"] = flat_rules(rules)


def _listed(several: Any) -> Sequence[Any]:
    return several if isinstance(several, list | tuple) else []
