"""The replies that are held back: what one is, and which a ticket has."""

from pydantic import Field

from ..normalizer.envelope import Addressee, Attachment, Record
from ..queue.connection import Engine
from ..queue.script_head import Group, KeyGroup
from .records import Resolution, Status
from .ticket_requests import TemplateChoice, Writing

WRITTEN = (
    "text",
    "actor",
    "agent",
    "status",
    "resolution",
    "attachments",
    "copied",
    "over",
    "formatted",
    "template",
    "mode",
)
"""What a held reply keeps of the writing that it is."""

_REPLIES = Group.beside(__file__, "held_reply.lua", "held_replies")


class HeldReply(Record):
    """A reply that has not left yet."""

    id: str
    ticket: str = Field(description="The ticket's id.")
    agent: str
    actor: str
    text: str
    status: Status | None = None
    resolution: Resolution | None = None
    attachments: tuple[Attachment, ...] = ()
    formatted: bool = False
    template: TemplateChoice | None = None
    mode: str = ""
    copied: tuple[Addressee, ...] | None = Field(default=None, description="Who else gets it.")
    over: str = Field(default="", description="What somebody else had done, in spite of which it was written.")
    held_at: int = Field(description="Milliseconds.")
    due: int = Field(default=0, description="Milliseconds; when it leaves.")

    @property
    def article(self) -> str:
        """The id of the article that it becomes, as `Actions.reply` makes it from the key."""
        return self.writing.article_in(self.ticket, self.due)

    @property
    def writing(self) -> Writing:
        """What is to be sent."""
        return Writing(**{name: getattr(self, name) for name in WRITTEN}, key=self.id)


def held_keys(engine: Engine) -> KeyGroup:
    """The keys of all held replies."""
    return _REPLIES(**{part: engine.keys("held", part) for part in _REPLIES.names})


def read_held(stored: bytes) -> HeldReply:
    """A held reply as it lies in the engine."""
    return HeldReply.model_validate_json(stored)


async def held_of(engine: Engine, ticket: str) -> list[HeldReply]:
    """The replies of a ticket, named by its id, that have not left yet; the next one first."""
    held = held_keys(engine)
    members = await engine.call("ZRANGE", held["by_ticket"], f"[{ticket}|", f"({ticket}}}", "BYLEX")
    if not members:
        return []
    stored = await engine.call("HMGET", held["replies"], *(member[-36:] for member in members))
    return [read_held(each) for each in stored if each is not None]
