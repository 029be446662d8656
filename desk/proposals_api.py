"""Proposals over HTTP: who may be one person, with what speaks for it.

They are decided at the customers named: `/v1/customers/{id}/merge`, whose GET is the preview, and
`/v1/customers/{id}/keep-apart`, each with the other one as `customer`.
"""

from pydantic import Field

from ..normalizer.envelope import Record
from ..router.open_proposals import OpenProposal, OpenProposals
from ..router.records import Customer
from ..web.operations import Call, Operation
from ..web.paging import Page, PageQuery, cursor_at
from .list_positions import name_position


class ProposedCustomer(Record):
    """One of the two, in a few words."""

    id: str = Field(description="The record of theirs by which it is decided.")
    names: tuple[str, ...]
    identities: tuple[str, ...] = Field(description="`email:maria@example.org`.")


class Proposal(Record):
    """Two customers who may be one person."""

    customers: tuple[ProposedCustomer, ProposedCustomer]
    how: str = Field(description="What speaks for it, in words.")
    evidence: str = Field(description="On what that rests.")
    weight: int = Field(description="Greater is stronger; the list begins with the strongest.")
    again: bool = Field(description="It was refused before, when less spoke for it.")
    at: int = Field(description="Milliseconds; when it was made.")
    by: str

    @classmethod
    def of(cls, open_: OpenProposal) -> "Proposal":
        """As it stands in the list."""
        entry, ids = open_.entry, (open_.record, open_.other)
        first, second = (_in_short(id_, person) for id_, person in zip(ids, open_.people, strict=True))
        words = {name: str(entry.get(name, "")) for name in ("how", "evidence", "by")}
        weight, again = int(entry.get("weight", 0)), bool(entry.get("again"))
        return cls(customers=(first, second), weight=weight, again=again, at=entry["at"], **words)


class ProposalsApi:
    """The operations on proposals."""

    def __init__(self, proposals: OpenProposals) -> None:
        self._proposals = proposals

    def operations(self) -> list[Operation]:
        """What is offered at `/v1/proposals`."""
        return [
            Operation(
                method="GET",
                path="/v1/proposals",
                handler=self.list,
                scope="tickets:read",
                tag="customers",
                summary="List who may be one person, the strongest proposals first",
                description="Decided at `/v1/customers/{id}/merge` and `/keep-apart`. A page may be short, even empty, "
                "and still name the next one.",
            )
        ]

    async def list(self, _: Call, query: PageQuery) -> Page[Proposal]:
        """A page of open proposals."""
        page = await self._proposals.page(after=name_position(query) or None, limit=query.limit)
        return Page(items=[*map(Proposal.of, page.items)], next=cursor_at((page.next,)) if page.next else None)


def _in_short(id_: str, person: Customer) -> ProposedCustomer:
    names = tuple(dict.fromkeys(filter(None, (person.name, *reversed(person.names)))))
    return ProposedCustomer(id=id_, names=names, identities=tuple(known.key for known in person.identities))
