"""What the rules see of a message, what they decide, and the trace that explains it.

`Facts` is all that a decision depends on, so the same facts under the same configuration give the same verdict and the
same trace at any later time.
"""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field

from ..normalizer.channel_facts import MESSAGE
from ..normalizer.closing_words import Says
from ..normalizer.envelope import Automation, Record


class FileFacts(Record):
    """A file that came along."""

    name: str = ""
    type: str = Field(default="", description="Its media type.")
    size: int = Field(default=0, description="Bytes.")


class History(Record):
    """What there was with a customer before; nothing of somebody unknown."""

    tickets: int = Field(default=0, description="How many tickets they had.")
    open: int = Field(default=0, description="How many of the last fifty are not finished.")
    reopened: int = Field(default=0, description="How often one of the last fifty was opened again, together.")
    last_contact_at: int | None = Field(default=None, description="Milliseconds; when anything last changed in one.")


class TicketState(Record):
    """How a ticket is; of one that a message would open, how every new one is."""

    status: str = "new"
    status_since: int | None = Field(default=None, description="Milliseconds; None: from now on.")
    queue: str = ""
    priority: int | None = None
    tags: tuple[str, ...] = ()
    assignee: str = ""
    messages: int = Field(default=0, description="How many articles it has.")
    reopened: int = Field(default=0, description="How often it was opened again.")
    by: str = Field(default="customer", description="Who did what happens: customer, agent, token or router.")


class Facts(Record):
    """A message and its sender as they stood when it was decided."""

    channel: str = Field(description="The channel it came by.")
    account: str = Field(default="", description="Our address or source that it came to.")
    recipients: tuple[str, ...] = Field(default=(), description="Our addresses that it was sent to.")
    sender: str = Field(default="", description="The address or number that wrote.")
    subject: str = ""
    text: str = Field(default="", description="What the person wrote now.")
    language: str = Field(default="unknown", description="ISO 639-1, or unknown.")
    assurance: int = Field(default=0, ge=0, le=4, description="How well it is proven who wrote.")
    automation: Automation = "none"
    came_as: str = Field(default=MESSAGE, description="What it came as on its channel: a message, a comment, ….")
    says: Says = Field(default="", description="What a short text comes to (closing_words.py).")
    spam: Literal["spam", "unsure", "ham", ""] = Field(default="", description="What a filter of ours says.")
    spam_score: float | None = Field(default=None, description="That filter's score.")
    known_customer: bool = Field(default=False, description="We had a record of them before this message.")
    segment: str = ""
    company: str = ""
    customer_fields: Mapping[str, Any] = Field(default_factory=dict, description="Fields of the customer's record.")
    ticket_fields: Mapping[str, Any] = Field(default_factory=dict, description="Fields that the message fills.")
    attachments: bool = False
    files: tuple[FileFacts, ...] = Field(default=(), description="The files that came along.")
    history: History = Field(default_factory=History, description="What there was with the customer before.")
    state: TicketState = Field(default_factory=TicketState, description="How the ticket is.")
    at: int = Field(description="Milliseconds since 1970: when it arrived, for which business hours are asked.")


class Verdict(Record):
    """What the rules decided, completed by the fallback queue and the queue's own priority."""

    queue: str
    priority: int = Field(ge=1, le=4)
    tags: tuple[str, ...] = ()
    require_skills: tuple[str, ...] = ()
    prefer_skills: tuple[str, ...] = ()
    impact: int | None = Field(default=None, description="Set when a rule says it; 1 is the widest.")
    urgency: int | None = Field(default=None, description="Set when a rule says it; 1 is the most urgent.")
    fields: Mapping[str, str] = Field(default_factory=dict, description="What rules say for fields of the ticket.")
    variables: Mapping[str, str] = Field(default_factory=dict, description="What named groups of patterns found.")
    language: str | None = Field(default=None, description="Set when a rule says which language it is to be taken for.")
    acknowledge: bool | None = Field(default=None, description="Set when a rule says whether to acknowledge.")
    suspend: str = Field(default="", description="Why it is set aside instead of filed; empty if it is not.")
    clocks: tuple[str, ...] = Field(default=(), description="Clocks by names of the desk's own that begin with it.")
    matched: tuple[str, ...] = Field(default=(), description="The names of the rules that matched, in order.")
    config: str = Field(default="", description="The version of the configuration that decided.")


class ConditionTrace(Record):
    """How one condition came out."""

    condition: str
    held: bool
    expected: str = Field(default="", description="What the rule asks for.")
    found: str = Field(default="", description="What the message has.")
    parts: tuple["ConditionTrace", ...] = ()


class RuleTrace(Record):
    """How one rule came out."""

    rule: str
    outcome: Literal["matched", "failed", "not_reached"]
    when: ConditionTrace | None = Field(default=None, description="None when it always matches, or was not reached.")
    decided: Mapping[str, Any] = Field(default_factory=dict, description="What it decided that no rule before it had.")


class Explanation(Record):
    """A verdict and how every rule came out."""

    verdict: Verdict
    rules: tuple[RuleTrace, ...]
