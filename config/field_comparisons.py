"""What a rule asks of a field of a customer or a ticket: one of some values, or how the value compares.

    customer:
      plan: [pro, team]                                one of these; of several chosen, one is enough
      seats: { at_least: 10, less_than: 100 }          numbers
      renewal: { next_days: 30 }                       dates: before, after; in the last or next days
      notes_of_sales: { contains: [discount, rabatt] }  text; of choices, one of these is chosen
      manager: { empty: true }

All keys of one mapping hold together. What has no value meets nothing but `empty: true`. Days are counted from the day
on which the message arrived, UTC; the same message compares the same at any later time.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field, GetJsonSchemaHandler, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from .field_settings import FieldSettings, FieldType
from .fields import Texts
from .section import Section, wrong

Number = Annotated[float, Field(allow_inf_nan=False)]
Days = Annotated[int, Field(ge=0, le=36_525)]


def _day(value: str) -> str:
    try:
        return date.fromisoformat(value if len(value) == 10 else "").isoformat()
    except ValueError:
        raise wrong("a date such as 2026-11-29") from None


Day = Annotated[str, AfterValidator(_day)]


class FieldCondition(Section):
    """One of some values, or comparisons; a value or a list of values stands for `is`."""

    one_of: Texts | None = Field(default=None, alias="is", description="It is one of these, in any case.")
    less_than: Number | None = Field(default=None, description="A number below this one.")
    at_most: Number | None = Field(default=None, description="A number not above this one.")
    more_than: Number | None = Field(default=None, description="A number above this one.")
    at_least: Number | None = Field(default=None, description="A number not below this one.")
    before: Day | None = Field(default=None, description="A date before this one.")
    after: Day | None = Field(default=None, description="A date after this one.")
    last_days: Days | None = Field(
        default=None, description="A date in the last so many days, the day of the message among them."
    )
    next_days: Days | None = Field(
        default=None, description="A date in the next so many days, the day of the message among them."
    )
    contains: Texts | None = Field(
        default=None, description="One of these stands in the text, in any case; one of these is among the choices."
    )
    empty: bool | None = Field(default=None, description="Whether nothing is there.")

    @model_validator(mode="before")
    @classmethod
    def _values_alone(cls, value: Any) -> Any:
        return value if isinstance(value, Mapping | cls) else {"is": value}

    @model_validator(mode="after")
    def _can_hold(self) -> Self:
        asked = [name for name, _ in self.comparisons()]
        if not asked:
            raise wrong("a value, a list of values, or a comparison such as at_least, before, contains or empty")
        if self.empty and len(asked) > 1:
            raise wrong("empty: true alone, because nothing else holds where there is no value")
        if self.more_than is not None and self.at_least is not None:
            raise wrong("more_than or at_least, not both")
        if self.less_than is not None and self.at_most is not None:
            raise wrong("less_than or at_most, not both")
        if not self._has_room():
            raise wrong("a range in which a value can lie", "the lower end is above the upper one")
        return self

    def _has_room(self) -> bool:
        low, high = _first(self.at_least, self.more_than), _first(self.at_most, self.less_than)
        is_open = self.more_than is not None or self.less_than is not None
        numbers = low is None or high is None or low < high or (low == high and not is_open)
        return numbers and (self.after is None or self.before is None or self.after < self.before)

    def comparisons(self) -> Iterator[tuple[str, Any]]:
        """What is asked, by the names of the fields of this class."""
        for name in type(self).model_fields:
            if (value := getattr(self, name)) is not None:
                yield name, value

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        made = handler.resolve_ref_schema(handler(core_schema))
        text = {"type": "string"}
        return {"anyOf": [text, {"type": "array", "items": text, "minItems": 1}, dict(made)]}


def _first(*values: float | None) -> float | None:
    return next((value for value in values if value is not None), None)


_ANY = ("one_of", "empty")
FITTING: Mapping[FieldType, tuple[str, ...]] = {
    "text": (*_ANY, "contains"),
    "number": (*_ANY, "less_than", "at_most", "more_than", "at_least"),
    "boolean": _ANY,
    "date": (*_ANY, "before", "after", "last_days", "next_days"),
    "choice": _ANY,
    "choices": (*_ANY, "contains"),
    "email": (*_ANY, "contains"),
    "url": (*_ANY, "contains"),
}
"""What can be asked of a field, by its type."""

NAMES = {"one_of": "is"}
"""What comparisons are called in the configuration, where it is not their name here."""


def unfit(condition: FieldCondition, field: FieldSettings) -> Iterator[tuple[str, str]]:
    """Comparisons that no value of the field can meet, by their key, and what would fit."""
    for name, asked in condition.comparisons():
        key = NAMES.get(name, name)
        if name not in FITTING[field.type]:
            fitting = ", ".join(NAMES.get(each, each) for each in FITTING[field.type])
            yield key, f"it is of the type {field.type}, of which can be asked {fitting}"
        elif isinstance(asked, tuple) and (never := [value for value in asked if not _possible(value, field)]):
            expected = ", ".join(field.options) or _EXPECTED.get(field.type, field.type)
            yield key, f"{', '.join(never)} is never there; it can be {expected}"


_EXPECTED = {"number": "a number such as 12", "boolean": "true or false", "date": "a date such as 2026-11-29"}


def _possible(value: str, field: FieldSettings) -> bool:
    match field.type:
        case "choice" | "choices":
            return value.casefold() in {option.casefold() for option in field.options}
        case "boolean":
            return value.lower() in {"true", "false", "yes", "no"}
        case "number":
            return _reads(float, value)
        case "date":
            return _reads(_day, value)
        case _:
            return True


def _reads(read: Any, value: str) -> bool:
    try:
        read(value)
    except ValueError:
        return False
    return True
