"""The frames that a visitor's client sends, read strictly: what does not fit is told with the field and ends the
connection.

Fields that are not known are passed over, so a newer widget can speak to us. What is well formed but cannot be done
(too long a text, an address that is none) is refused later, in a frame of its own, and the connection stays.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from .close_codes import MalformedFrame

LARGEST = 32 * 1024  # bytes

Position = Annotated[int, Field(ge=0, le=2**53)]


class ClientFrame(BaseModel):
    """What all frames share."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)


class Introduction(ClientFrame):
    """Who it is, from where, and after which line to go on."""

    token: str | None = None
    identity: str | None = None
    after: Position = 0
    language: str | None = None
    page: str | None = None


class Hello(Introduction):
    """The first frame."""

    type: Literal["hello"] = "hello"


class UploadedFile(ClientFrame):
    """A file that was uploaded before."""

    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}\z")]
    name: str = ""


class Message(ClientFrame):
    """What the visitor wrote; its id stays the same until it is stored."""

    type: Literal["message"] = "message"
    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{16,64}\z")]
    text: str
    files: tuple[UploadedFile, ...] | None = None
    email: str | None = None


class Typing(ClientFrame):
    """The visitor is typing."""

    type: Literal["typing"] = "typing"


class Seen(ClientFrame):
    """The visitor's client has got, or the visitor has seen, all lines up to here."""

    type: Literal["seen"] = "seen"
    position: Position
    state: Literal["delivered", "read"]


class Before(ClientFrame):
    """Asks for the lines before this one."""

    type: Literal["before"] = "before"
    position: Position


class Address(ClientFrame):
    """Asks for a code by mail."""

    type: Literal["address"] = "address"
    email: str


class Code(ClientFrame):
    """Proves an address with the code that was mailed there."""

    type: Literal["code"] = "code"
    code: str


Frame = Annotated[Hello | Message | Typing | Seen | Before | Address | Code, Field(discriminator="type")]


class Poll(Introduction):
    """The body of a long poll: what a hello says, frames, and how long to wait for an answer, in seconds."""

    frames: Annotated[tuple[Frame, ...], Field(max_length=50)] = ()
    wait: Annotated[float, Field(ge=0, le=25)] = 0.0


_FRAMES: TypeAdapter[Frame] = TypeAdapter(Frame)


def read_frame(text: str | bytes) -> Frame:
    """The frame in this JSON text. Raises MalformedFrame, naming the fault."""
    try:
        return _FRAMES.validate_json(text)
    except ValidationError as error:
        raise MalformedFrame(_fault(error)) from None


def read_poll(body: bytes) -> Poll:
    """The body of a long poll. Raises MalformedFrame."""
    try:
        return Poll.model_validate_json(body)
    except ValidationError as error:
        raise MalformedFrame(_fault(error)) from None


def _fault(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    if first["type"] == "json_invalid":
        return "a frame is a JSON object"
    if first["type"] in ("union_tag_invalid", "union_tag_not_found"):
        return "type: hello, message, typing, seen, before, address or code"
    place = ".".join(str(step) for step in first["loc"])
    return f"{place or 'frame'}: {first['msg']}"
