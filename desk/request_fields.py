"""The kinds of values that the API takes: texts, lines, names and ids, each with the limits that are published.

A text is at most 64 KiB of UTF-8 and holds no NUL; a line holds no control characters and no line ends, because it may
come to stand in a header or a list. What does not fit is refused by the field's name before anything is done.
"""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from ..normalizer.addresses import normalise_address

TEXT_BYTES = 64 * 1024

_LINE = r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]*$"
_NAME = r"^[a-z0-9][a-z0-9_-]{0,62}$"
_SKILL = r"^[a-z0-9][a-z0-9_-]{0,62}(@[1-5])?$"
_ID = r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"
_TICKET = r"^([Tt]-[0-9]{1,12}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$"


def _within_bytes(value: str) -> str:
    if len(value.encode()) > TEXT_BYTES:
        raise ValueError("this is over 64 KiB in UTF-8")
    return value


def _address(value: str) -> str:
    address = normalise_address(value)
    if address is None:
        raise ValueError("this is not an e-mail address")
    return address


Text = Annotated[
    str,
    Field(max_length=TEXT_BYTES, pattern=r"^[^\x00]*[^\x00-\x20][^\x00]*$"),
    AfterValidator(_within_bytes),
]
Reason = Annotated[str, Field(max_length=1000, pattern=r"^[^\x00]*$", description="Why; it stands in the feed.")]
Subject = Annotated[str, Field(max_length=500, pattern=_LINE, description="What it is about, in one line.")]
FileName = Annotated[
    str,
    Field(
        min_length=1, max_length=255, pattern=r"^[^\x00]*$", description="The file's name; what is unsafe in it goes."
    ),
]
PersonName = Annotated[str, Field(max_length=200, pattern=_LINE, description="The name as they give it.")]
Line = Annotated[str, Field(max_length=200, pattern=_LINE)]
Tag = Annotated[str, Field(min_length=1, max_length=64, pattern=_LINE)]
Words = Annotated[str, Field(min_length=1, max_length=200, pattern=_LINE)]
ConfiguredName = Annotated[str, Field(pattern=_NAME)]
AgentName = Annotated[str, Field(pattern=_NAME, description="The agent's id; an agent's own token may leave it out.")]
Skill = Annotated[str, Field(pattern=_SKILL)]
LanguageCode = Annotated[str, Field(pattern=r"^([a-z]{2}|unknown)$", description="ISO 639-1, or `unknown`.")]
EmailAddress = Annotated[
    str,
    Field(max_length=254, json_schema_extra={"format": "email"}, description="Their address."),
    AfterValidator(_address),
]
FieldName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
FieldValue = Annotated[
    str | int | float | bool | tuple[Annotated[str, Field(max_length=1000)], ...] | None,
    Field(description="As the field's type says: text, a number, true, a date as 2026-11-29, a list of choices."),
]
RecordId = Annotated[str, Field(pattern=_ID)]
TicketName = Annotated[str, Field(pattern=_TICKET)]


class RequestModel(BaseModel):
    """Base of what is sent to us: fields that are not declared are refused by name."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class TicketPath(RequestModel):
    """Names a ticket."""

    id: Annotated[str, Field(pattern=_TICKET, description="The ticket's id, or its number like `T-1042`.")]


class RecordPath(RequestModel):
    """Names a record by its id."""

    id: RecordId


class ConfiguredPath(RequestModel):
    """Names something of the configuration."""

    id: ConfiguredName
