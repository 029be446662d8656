"""Who may do what: one entry for every operation of the API and every address of the pages.

An entry says which verb (authority.py) is needed, and what is named in the address, so that it is looked at whether it
is seen: `ticket:id` is a ticket under the name `id`. What an address does not name (the other ticket of a merge, the
agent of an assignment, each ticket of a list) is seen to where it is read, by `Access`. What has no entry is refused to
everybody, and a test names it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from .authority import Verb


@dataclass(frozen=True)
class Entry:
    """What is needed at one address."""

    verb: Verb
    of: str = ""
    """The kind of what is named: ticket, article, held reply; empty where nothing is that has a queue."""
    name: str = ""
    """The parameter that names it; where it is left out, nothing is named."""


def _entries(verb: Verb, named: str, *addresses: str) -> dict[str, Entry]:
    kind, _, name = named.partition(":")
    return {address: Entry(verb, kind, name) for address in addresses}


_API: Mapping[str, Entry] = {
    **_entries(
        "read",
        "",
        "GET /v1/tickets",
        "GET /v1/customers",
        "GET /v1/customers/{id}",
        "GET /v1/customers/{id}/merge",
        "GET /v1/customers/{id}/timeline",
        "GET /v1/fields",
        "GET /v1/proposals",
        "GET /v1/agents",
        "GET /v1/agents/{id}",
        "GET /v1/queues",
        "GET /v1/macros",
        "GET /v1/attachments/{sha256}",
        "GET /v1/events",
        "GET /v1/events/stream",
        "GET /v1/board",
    ),
    **_entries("read", "ticket:id", "GET /v1/tickets/{id}", "GET /v1/tickets/{id}/merge", "GET /v1/tickets/{id}/proof"),
    **_entries("read", "article:id", "GET /v1/articles/{id}", "GET /v1/articles/{id}/original"),
    **_entries("work", "", "POST /v1/macros/{name}"),
    **_entries("work", "article:id", "POST /v1/articles/{id}/delivery"),
    **_entries(
        "work",
        "ticket:id",
        "PATCH /v1/tickets/{id}",
        "POST /v1/tickets/{id}/macros/{name}",
        "POST /v1/tickets/{id}/messages",
        "POST /v1/tickets/{id}/clocks/{name}",
        "DELETE /v1/tickets/{id}/clocks/{name}",
        "POST /v1/tickets/{id}/spam",
        "DELETE /v1/tickets/{id}/spam",
        "POST /v1/tickets/{id}/held-messages",
        "POST /v1/tickets/{id}/original-writer",
        "POST /v1/tickets/{id}/settled",
        "POST /v1/tickets/{id}/accept",
        "POST /v1/tickets/{id}/decline",
        "POST /v1/tickets/{id}/release",
        "POST /v1/tickets/{id}/assign",
        "POST /v1/tickets/{id}/merge",
        "POST /v1/tickets/{id}/unmerge",
        "POST /v1/tickets/{id}/goes-on",
        "POST /v1/tickets/{id}/split",
        "POST /v1/tickets/{id}/proof",
        "DELETE /v1/tickets/{id}/proof",
    ),
    **_entries(
        "work",
        "",
        "POST /v1/tickets",
        "POST /v1/attachments",
        "POST /v1/customers",
        "PATCH /v1/customers/{id}",
        "POST /v1/customers/{id}/merge",
        "POST /v1/customers/{id}/part",
        "POST /v1/customers/{id}/keep-apart",
        "POST /v1/customers/{id}/reopen",
    ),
    **_entries("own", "", "PUT /v1/agents/{id}/presence", "POST /v1/agents/{id}/heartbeat"),
    **_entries(
        "audit",
        "",
        "GET /v1/customers/{id}/export",
        "GET /v1/customers/{id}/erase",
        "GET /v1/erasures/{id}",
        "GET /v1/dead",
        "GET /v1/dead/{id}",
        "GET /v1/dead/{id}/raw",
        "GET /v1/suspended",
        "GET /v1/blocked",
    ),
    **_entries(
        "administer",
        "",
        "POST /v1/customers/{id}/erase",
        "POST /v1/dead/{id}/retry",
        "DELETE /v1/dead/{id}",
        "POST /v1/suspended/{id}/release",
        "DELETE /v1/suspended/{id}",
        "POST /v1/suspended-releases",
        "POST /v1/blocked",
        "DELETE /v1/blocked/{sender}",
    ),
}

_ACTS = (
    *(
        "accept",
        "take-over",
        "decline",
        "release",
        "assign",
        "status",
        "fields",
        "customer",
        "record",
        "original-writer",
        "proof",
    ),
    *(
        "clock",
        "settled",
        "goes-on",
        "spam",
        "no-spam",
        "held",
        "typing",
        "measure",
        "reply",
        "note",
        "merge",
        "unmerge",
        "split",
    ),
)

_PAGES: Mapping[str, Entry] = {
    **_entries(
        "open",
        "",
        "GET /desk/sign-in",
        "POST /desk/sign-in",
        "POST /desk/sign-out",
        "GET /desk/sign-in/start",
        "GET /desk/sign-in/callback",
        "POST /desk/sign-in/signed-out",
        "GET /desk/static/{name}",
        "* /desk/{rest}",
        "* /board/{rest}",
    ),
    **_entries(
        "own",
        "",
        "POST /desk/as",
        "POST /desk/presence",
        "POST /board/agents/{id}/presence",
        "GET /desk/parts/worker",
        "GET /desk/alive",
    ),
    **_entries(
        "read",
        "",
        "GET /desk",
        "GET /desk/parts/list",
        "GET /desk/parts/no-ticket",
        "GET /desk/events",
        "GET /desk/customers/{id}",
        "GET /desk/proposals",
        "GET /desk/macros",
        "GET /board",
        "GET /board/parts/{name}",
        "GET /board/events",
        "GET /board/undelivered",
        "GET /board/agents/{id}",
        "GET /board/access",
    ),
    **_entries(
        "read",
        "ticket:ticket",
        "GET /desk/tickets/{ticket}",
        "GET /desk/tickets/{ticket}/merge",
        "GET /desk/tickets/{ticket}/split",
        "GET /desk/parts/tickets/{ticket}",
        "GET /desk/parts/tickets/{ticket}/conversation",
        "GET /desk/parts/tickets/{ticket}/person",
        "POST /desk/tickets/{ticket}/seen",
    ),
    **_entries("read", "article:article", "GET /desk/parts/articles/{article}", "GET /desk/parts/file-link"),
    **_entries("read", "article:article", "GET /desk/files/{sha256}"),
    **_entries("read", "article:id", "GET /desk/articles/{id}/html"),
    **_entries("work", "article:article", "POST /desk/articles/{article}/delivery"),
    **_entries("work", "article:article", "POST /board/undelivered/{article}"),
    **_entries("work", "held:held", "POST /desk/held/{held}/take-back"),
    **_entries("work", "", "POST /desk/files", "POST /desk/proposals", "POST /desk/macros"),
    **_entries(
        "work",
        "ticket:ticket",
        *(f"POST /desk/tickets/{{ticket}}/{act}" for act in _ACTS),
    ),
    **_entries(
        "audit",
        "",
        "GET /desk/customers/{id}/export",
        "GET /board/dead",
        "GET /board/dead/{id}/raw",
        "GET /board/suspended",
    ),
    **_entries(
        "administer",
        "",
        "POST /desk/customers/{id}/erase",
        "POST /board/dead/{id}/retry",
        "POST /board/dead/{id}/drop",
        "POST /board/suspended/release",
        "POST /board/suspended/block",
        "POST /board/suspended/unblock",
        "POST /board/suspended/{id}/release",
        "POST /board/suspended/{id}/drop",
    ),
}

ENTRIES: Mapping[str, Entry] = {**_API, **_PAGES}
"""By method and address as declared."""
