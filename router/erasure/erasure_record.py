"""What is kept of an erasure: that it was, when, on whose word and how much went; never who it was.

Its id is random. While it is under way a plan lies beside it, with the records and identities that have to be found;
the plan goes with the last step.
"""

from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from ...normalizer.envelope import Record
from ...queue.connection import Engine
from ...queue.work import WorkQueue

QUEUE = "erasures"


class ErasureCounts(Record):
    """How much."""

    records: int = Field(default=0, description="Customer records of the one person.")
    identities: int = 0
    tickets: int = Field(default=0, description="Tickets of theirs; each stays as an empty one.")
    articles: int = Field(default=0, description="Messages, answers and notes.")
    messages: int = Field(default=0, description="Messages that were given up or suspended, or under way.")


class ErasureRecord(Record):
    """One erasure."""

    id: str
    state: Literal["working", "done"]
    by: str = Field(description="Who ordered it.")
    reason: str = Field(default="", description="Why, as they put it; do not name the person there.")
    ordered_at: int
    done_at: int | None = None
    erased: ErasureCounts = Field(default=ErasureCounts(), description="What went, so far.")
    again: bool = Field(
        default=False, description="Carried out once more, on a desk that was restored from a backup made before."
    )
    files_rewritten: bool = Field(
        default=False, description="The engine wrote its files anew; false where they are not ours to rewrite."
    )


class ErasurePreview(Record):
    """What would go."""

    customer: str
    confirm: tuple[str, ...] = Field(description="Words of which one confirms that this person is meant.")
    erased: ErasureCounts
    open_tickets: int = Field(description="Tickets among them that are neither solved nor closed; they are closed.")


class ErasurePlan(Record):
    """Who is erased; secret, and gone at the end."""

    records: tuple[str, ...]
    identities: tuple[tuple[str, str], ...] = Field(description="Kind and value of each.")
    raws: tuple[str, ...] = Field(default=(), description="Messages of theirs that are in no ticket, and go.")

    @property
    def keys(self) -> Sequence[str]:
        """The keys of the identities, `email:maria@example.org`."""
        return [f"{kind}:{value}" for kind, value in self.identities]

    @property
    def values(self) -> Sequence[str]:
        """The identities without their kind."""
        return [value for _, value in self.identities]

    @property
    def conversations(self) -> Sequence[str]:
        """The chats: the key of a visitor is the name of their conversation."""
        return [key for key in self.keys if key.startswith("chat:")]


class ErasureKeys:
    """Where erasures lie."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.records = engine.keys("erasures")
        self.plans = engine.keys("erasures", "plans")
        self.secret = engine.keys("erasures", "secret")
        self.queue = WorkQueue(engine, QUEUE)

    def blobs(self, erasure: str) -> str:
        """The blobs that one has to remove."""
        return self._engine.keys("erasures", "blobs", erasure)

    def passed_on(self, erasure: str) -> str:
        """The tickets and articles that are theirs because a colleague passed their message on."""
        return self._engine.keys("erasures", "passed_on", erasure)
