"""The HTTP API, version 1, put together: `desk_api(parts).mount(application)`.

The gateway makes the parts, may add operations of its own and describe paths that others serve, and mounts the result.
What each group of operations does is in the module of its name; what all share (tokens, problem documents, checks,
idempotency, the OpenAPI document) is `web/`.
"""

from dataclasses import dataclass
from functools import cached_property

from ..queue.blobs import Blobs
from ..queue.clock import Clock
from ..queue.connection import Engine
from ..queue.feed import Feed
from ..router.actions import Actions
from ..router.agents import Agents
from ..router.blocked_senders import BlockedSenders
from ..router.cases import Cases
from ..router.customer_writing import CustomerWriting
from ..router.due_tickets import DueTickets
from ..router.erasure.erasure import Erasure
from ..router.macros import Macros
from ..router.mentions import Mentions
from ..router.merging import Merging
from ..router.open_proposals import OpenProposals
from ..router.person_export import PersonExports
from ..router.person_timeline import PersonTimeline
from ..router.policy import CurrentPolicy
from ..router.reader import Reader
from ..router.signs_of_life import SignsOfLife
from ..router.splits import Splits
from ..router.suspended import SuspendedMessages
from ..web.openapi import Api
from ..web.tokens import Tokens
from .access.access import Access
from .access.audit import Audit
from .access.file_access import FileAccess
from .access.named_tickets import told_of
from .agents_api import AgentsApi
from .articles_api import ArticlesApi
from .assignment_api import AssignmentApi
from .cases_api import CasesApi
from .clocks_api import ClocksApi
from .customers_api import CustomersApi
from .dead_letters import GivenUp
from .erasures_api import ErasuresApi
from .events_api import EventsApi
from .macros_api import MacrosApi
from .notes import Notes
from .people_api import PeopleApi
from .proofs_api import ProofsApi
from .proposals_api import ProposalsApi
from .stores.idempotency_store import EngineIdempotencyStore
from .stores.uploaded_files import UploadedFiles
from .tickets_api import TicketsApi
from .upkeep_api import UpkeepApi
from .uploads_api import UploadsApi

VERSION = "1"

_DESCRIPTION = """\
Tickets, customers, agents and the feed of a Trunkline workspace.

* Send `Authorization: Bearer …`. A token has scopes; `admin` has all of them. An agent's own token acts for that \
agent, who then need not be named, and may what the agent's role may (docs/roles.md): tickets of queues that the agent \
does not see are answered like tickets that are not there.
* Times are whole milliseconds since 1970-01-01 UTC (`at`, `created_at`, `since`, …); only `time` of an event is in \
RFC 3339.
* Lists answer `{items, next}`; `next` is the `cursor` of the page that follows, null on the last.
* Errors are problem documents (RFC 9457); branch on `code`. 503 is our own trouble, and a write may or may not have \
been done: look, or send it again with the same `Idempotency-Key`, after `Retry-After`.
* Every write takes `Idempotency-Key`: the answer to the first request with it is kept for a day and given to repeats. \
Uploads need none: the same bytes are the same file.
* `PATCH`, and what merges, parts or splits tickets, needs `If-Match` with the revision that you have seen, as `ETag` \
gives it.
* Texts are at most 64 KiB. Fields that are not declared are refused; answers can gain fields at any time.
"""


@dataclass(frozen=True, kw_only=True)
class DeskParts:
    """What the API stands on."""

    engine: Engine
    clock: Clock
    blobs: Blobs
    policy: CurrentPolicy
    actions: Actions
    writing: CustomerWriting
    merging: Merging
    cases: Cases
    splits: Splits
    reader: Reader
    agents: Agents
    tokens: Tokens
    given_up: GivenUp
    suspended: SuspendedMessages

    @cached_property
    def signs(self) -> SignsOfLife:
        """Who is still there."""
        return SignsOfLife(self.engine, self.clock, policy=self.policy)

    @cached_property
    def access(self) -> Access:
        """Who may see and do what."""
        return Access(self.policy, self.reader, Audit(self.engine, self.clock))

    @cached_property
    def mentions(self) -> Mentions:
        """Who is named in notes."""
        return Mentions(self.engine, self.clock)

    @cached_property
    def notes(self) -> Notes:
        """Notes for colleagues."""
        return Notes(self.actions, self.mentions, self.policy)

    @cached_property
    def files(self) -> FileAccess:
        """Who may send which file along."""
        return FileAccess(self.access, self.reader, UploadedFiles(self.engine))


def desk_api(parts: DeskParts) -> Api:
    """The operations of the API, ready to be mounted; the gateway adds those of the board."""
    engine = parts.engine
    store = EngineIdempotencyStore(engine, parts.clock)
    access = parts.access
    api = Api(
        title="Trunkline",
        version=VERSION,
        tokens=parts.tokens,
        store=store,
        guard=access.guard,
        telling=lambda who, answer: told_of(answer, access.of(who).sight, parts.reader),
        description=_DESCRIPTION,
    )
    groups = (
        TicketsApi(parts.actions, parts.reader, DueTickets(engine, parts.reader), access, parts.files, parts.notes),
        AssignmentApi(parts.actions, parts.reader, access),
        MacrosApi(
            Macros(engine, parts.clock, actions=parts.actions, reader=parts.reader, policy=parts.policy),
            parts.reader,
            parts.policy,
            access,
        ),
        ClocksApi(parts.actions, parts.reader),
        ProofsApi(parts.actions, parts.reader, parts.clock),
        CasesApi(parts.cases, parts.splits, parts.policy, access),
        ArticlesApi(parts.actions, parts.reader, parts.blobs, parts.policy, access),
        UploadsApi(parts.actions, parts.policy, parts.files),
        PeopleApi(
            PersonTimeline(engine, parts.reader), PersonExports(engine, parts.clock, parts.reader), parts.reader, access
        ),
        ErasuresApi(Erasure(engine, parts.clock)),
        CustomersApi(parts.reader, parts.writing, parts.merging, parts.policy, access),
        ProposalsApi(OpenProposals(engine)),
        AgentsApi(parts.actions, parts.agents, parts.signs, parts.reader.index, parts.policy, access),
        EventsApi(Feed(engine), engine.keys.workspace, parts.tokens, access, parts.reader),
        UpkeepApi(parts.given_up, parts.suspended, BlockedSenders(engine, parts.clock), parts.clock),
    )
    for group in groups:
        api.add(*group.operations())
    return api
