"""How many messages one sender may have filed within an hour; what is more waits among the suspended ones.

A machine that goes round in circles, or somebody who is angry enough, can open tickets, wake them and ring for agents
as fast as mail comes in. Beyond the cap their messages are accepted and set aside with this cause, where nothing rings
and nothing is lost, until an agent files them (held_senders.py). `file_message.lua` counts.

It holds for mail addresses, on channels that carry letters. What is proven and what is not are counted apart, so that
nobody can use up what another may write by writing in their name. Not counted: what a person has released, colleagues,
and whom the settings name, such as a monitor that writes all day. A form that writes for others counts for each of
them.
"""

from dataclasses import dataclass

from ..normalizer.addresses import normalise_address
from ..normalizer.envelope import Envelope
from ..queue.dedup import digest
from .policy import Policy


@dataclass(frozen=True, kw_only=True)
class SenderCap:
    """The cap on who wrote a message; `name` stands for them where it is counted."""

    name: str
    most: int
    sender: str

    @property
    def cause(self) -> str:
        """Why what is more is set aside."""
        return f"more than {self.most} messages of {self.sender} within an hour"


def cap_of(envelope: Envelope, policy: Policy) -> SenderCap | None:
    """The cap on who wrote this; None where there is none."""
    facts, wrote = policy.channels[envelope.channel], envelope.sender.identities[:1]
    if not facts.letters or not wrote or "@" not in wrote[0].value:
        return None
    sender, is_proven = wrote[0].value, wrote[0].assurance >= facts.proven
    if is_proven and any(normalise_address(each.email) == sender for each in policy.settings.agents.values()):
        return None
    caps = policy.settings.senders
    if caps.excepts(sender):
        return None
    name = digest(sender, envelope.reply_to, "proven" if is_proven else "").hex()
    return SenderCap(name=name, most=caps.messages_per_hour, sender=sender)
