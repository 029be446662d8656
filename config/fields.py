"""The kinds of text that fields are made of: names, languages, skills, and one text or a list of them."""

import re
from collections.abc import Callable
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from .section import wrong

_LANGUAGE = "[a-z]{2}"
_NAME = "[a-z0-9][a-z0-9_-]{0,62}"


def matching(pattern: str, expected: str) -> Callable[[str], str]:
    """A validator that takes only text of this pattern."""

    def check(value: str) -> str:
        if not re.fullmatch(pattern, value):
            raise wrong(expected)
        return value

    return check


def not_blank(value: str) -> str:
    """Refuses blank text; what stands around the text goes."""
    if not value.strip():
        raise wrong("text that is not blank")
    return value.strip()


def listed(value: Any) -> Any:
    """One value stands for a list of one."""
    return value if isinstance(value, list | tuple) else [value]


def not_empty(value: tuple[Any, ...]) -> tuple[Any, ...]:
    """Refuses the empty list."""
    if not value:
        raise wrong("at least one value", "leave the key out when there is none")
    return value


def one_or_many(item: dict[str, Any], *, at_least: int = 1) -> WithJsonSchema:
    """The JSON Schema of one value or a list of them."""
    return WithJsonSchema({"anyOf": [item, {"type": "array", "items": item, "minItems": at_least}]})


Name = Annotated[
    str,
    AfterValidator(matching(_NAME, "a name of 1 to 63 of a-z, 0-9, _ and -, beginning with a letter or digit")),
    Field(json_schema_extra={"pattern": f"^{_NAME}$"}),
]
Skill = Annotated[
    str,
    AfterValidator(matching(f"{_NAME}(@[1-5])?", "a skill such as billing, or billing@3 for at least level 3 of 5")),
    Field(json_schema_extra={"pattern": f"^{_NAME}(@[1-5])?$"}),
]
LanguageCode = Annotated[
    str,
    AfterValidator(matching(_LANGUAGE, "a language as two small letters of ISO 639-1, such as en, es or ru")),
    Field(json_schema_extra={"pattern": f"^{_LANGUAGE}$"}),
]
FieldName = Annotated[
    str,
    AfterValidator(matching("[a-z][a-z0-9_]{0,62}", "a field such as email or order_number: small letters, digits, _")),
]
Text = Annotated[str, AfterValidator(not_blank)]

Texts = Annotated[
    tuple[Text, ...],
    BeforeValidator(listed),
    AfterValidator(not_empty),
    one_or_many({"type": "string"}),
]
Languages = Annotated[
    tuple[
        Annotated[
            str,
            AfterValidator(
                matching(f"{_LANGUAGE}|unknown", "a language as two small letters of ISO 639-1, such as en, or unknown")
            ),
        ],
        ...,
    ],
    BeforeValidator(listed),
    AfterValidator(not_empty),
    one_or_many({"type": "string", "pattern": f"^({_LANGUAGE}|unknown)$"}),
]
