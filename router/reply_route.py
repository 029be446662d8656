"""Where a reply goes: over which channel, from which of our addresses, to whom.

A ticket is pinned to the address that opened it, and its replies go there, whoever else writes into the ticket later
and whatever is merged. A mail that names another address for answers (a form that writes in its site's name) is
answered there, and the address counts as claimed: nobody has proven whose it is. The channel that carries a reply can
differ from the one that brought the message (a form is answered by mail); which one it is, the channels' settings say,
and `gateway/` hands that in as `Routes`.
"""

from collections.abc import Callable

from pydantic import Field

from ..normalizer.envelope import Assurance, Envelope, Record


class Route(Record):
    """The channel and the account of ours that carry a reply."""

    channel: str
    account: str
    writes_to: str = Field(default="", description="The kind of identities it reaches; empty: whoever wrote.")


Routes = Callable[[str, str], Route | None]
"""From (channel, account) of a message to what carries its replies; None when it cannot be answered.

Without a channel (`""`): how we write to an e-mail address of our own accord."""

OutgoingId = Callable[[str, str, str], str]
"""From (channel, article id, account) to our id of the outgoing message on that channel."""


class ReplyAddress(Record):
    """What a ticket is pinned to."""

    channel: str = Field(description="The channel that carries the replies.")
    account: str
    to: str = Field(description="The address without its kind.")
    name: str = ""
    claimed: bool = Field(default=False, description="Named by the writer in place of their own; not proven.")
    conversation: str = Field(default="", description="The provider's conversation, where the channel has one.")
    ext: dict[str, object] = Field(default_factory=dict, description="What only the channel needs.")


def reply_address(envelope: Envelope, routes: Routes) -> ReplyAddress | None:
    """Where replies to this message go; None when there is no way back."""
    route = routes(envelope.channel, envelope.account)
    if route is None or not envelope.sender.identities:
        return None
    identity = envelope.sender.identities[0]
    if route.writes_to not in ("", identity.kind):
        return None
    conversation = str(envelope.ext.get("conversation", ""))
    name = envelope.sender.name if identity.assurance >= Assurance.CHANNEL else ""  # it may be anybody's words
    claimed = bool(envelope.reply_to) and identity.kind == "email"
    return ReplyAddress(
        channel=route.channel,
        account=route.account,
        to=envelope.reply_to if claimed else identity.value,
        name="" if claimed else name,
        claimed=claimed,
        conversation=conversation,
    )
