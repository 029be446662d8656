"""Everything that can be asked for has an entry in the table of permissions, and each role has what its name says."""

import re
from typing import get_args

import pytest
from aiohttp import web

from trunkline.config.settings import Settings
from trunkline.config.team_settings import Role
from trunkline.desk.access.authority import VERBS, Verb, authority_of, role_of
from trunkline.desk.access.role_tokens import SCOPES
from trunkline.desk.access.table import ENTRIES
from trunkline.desk.board.faces import mount_board
from trunkline.desk.pages.mounting import mount_pages
from trunkline.gateway.assembly import Assembly
from trunkline.gateway.configuration import configure_or_built_in
from trunkline.gateway.http_face import _api, _page_parts
from trunkline.web.operations import Operation
from trunkline.web.tokens import KnownTokens, Principal

_VERBS_OF_SCOPE: dict[str | None, set[Verb]] = {
    "tickets:read": {"read"},
    "tickets:write": {"work"},
    "agents:read": {"read"},
    "agents:write": {"own"},
    "feed:read": {"read"},
    "admin": {"audit", "administer"},
}


def _assembly() -> Assembly:
    return Assembly(configure_or_built_in(None, {}), "redis://127.0.0.1")


def _operations() -> list[Operation]:
    assembly = _assembly()
    return _api(assembly, _page_parts(assembly, KnownTokens({}))).operations


def _pages() -> set[str]:
    assembly, application = _assembly(), web.Application()
    mount_board(application, mount_pages(application, _page_parts(assembly, KnownTokens({}))), assembly.board)
    routes = (route for route in application.router.routes() if route.method != "HEAD" and route.resource is not None)
    return {f"{route.method} {route.resource.canonical}" for route in routes if route.resource}


def test_every_operation_and_every_page_has_an_entry_and_nothing_else_has() -> None:
    operations = {f"{each.method} {each.path}" for each in _operations()}
    assert operations | _pages() == set(ENTRIES)


def test_the_table_and_the_scope_of_an_operation_agree() -> None:
    for operation in _operations():
        address = f"{operation.method} {operation.path}"
        assert ENTRIES[address].verb in _VERBS_OF_SCOPE[operation.scope], address
        assert (ENTRIES[address].verb in ("read", "audit")) == (operation.method == "GET"), address


def test_whatever_names_a_ticket_an_article_or_a_held_reply_says_so() -> None:
    for address, entry in ENTRIES.items():
        named = re.findall(r"/(tickets|articles|held)/\{(\w+)\}", address)
        for kind, name in named:
            assert (entry.of, entry.name) == (kind.removesuffix("s"), name), address


@pytest.mark.parametrize("address", sorted(ENTRIES))
def test_an_auditor_changes_nothing(address: str) -> None:
    method, _, path = address.partition(" ")
    if ENTRIES[address].verb in VERBS["auditor"] - {"open", "own"}:
        assert method == "GET" or path.endswith("/seen"), "what was seen is a mark of their own"


def test_each_role_may_what_its_name_says() -> None:
    of_role = {role: {verb for verb in get_args(Verb) if verb in VERBS[role]} for role in get_args(Role)}
    agent = {"open", "own", "read", "work"}
    assert of_role == {
        "agent": agent,
        "lead": agent | {"lead"},
        "auditor": {"open", "own", "read", "audit"},
        "admin": set(get_args(Verb)),
    }


def test_no_role_has_a_scope_that_its_verbs_deny() -> None:
    for role, scopes in SCOPES.items():
        writes = any(scope.endswith(":write") for scope in scopes)
        assert writes == ("work" in VERBS[role])
        assert ("admin" in scopes) == ("administer" in VERBS[role])


DESK = {
    "queues": {"support": {"fallback": True}, "billing": {}, "legal": {}},
    "agents": {
        "ada": {"name": "Ada"},
        "boris": {"name": "Boris", "queues": ["support"]},
        "carla": {"name": "Carla"},
        "dora": {"name": "Dora", "role": "admin"},
        "emil": {"name": "Emil", "role": "auditor"},
        "finn": {"name": "Finn", "queues": ["legal"], "role": "lead"},
    },
    "teams": {"money": {"members": ["ada", "carla"], "leads": ["carla", "boris"], "queues": ["billing"]}},
}


def _may(agent: str, desk: dict[str, object] = DESK) -> tuple[str | None, set[str] | None, set[str] | None]:
    """Role, queues seen and queues led."""
    settings = Settings.model_validate(desk)
    found = authority_of(Principal(name="t", scopes=frozenset(), agent=agent), settings)
    seen = None if found.sight is None else set(found.sight.queues)
    return found.role, seen, None if found.leads is None else set(found.leads)


@pytest.mark.parametrize(
    ("agent", "role", "sees", "leads"),
    [
        ("ada", "agent", {"billing"}, set()),
        ("boris", "lead", {"support", "billing"}, {"billing"}),
        ("carla", "lead", {"billing"}, {"billing"}),
        ("dora", "admin", None, None),
        ("emil", "auditor", None, set()),
        ("finn", "lead", {"legal"}, {"legal"}),
        ("gone", None, set(), set()),
    ],
)
def test_what_somebody_sees_and_leads_follows_from_role_and_teams(
    agent: str, role: str | None, sees: set[str] | None, leads: set[str] | None
) -> None:
    assert _may(agent) == (role, sees, leads)


def test_members_of_a_team_serve_its_queues_and_who_only_leads_it_does_not() -> None:
    agents = Settings.model_validate(DESK).agents
    assert {id_: agent.queues for id_, agent in agents.items() if id_ in ("ada", "boris")} == {
        "ada": ("billing",),
        "boris": ("support",),
    }


def test_a_desk_without_teams_and_roles_is_open() -> None:
    desk = {"queues": DESK["queues"], "agents": {"ada": {"name": "Ada", "queues": ["support"]}}}
    assert _may("ada", desk) == (None, None, set())
    found = authority_of(Principal(name="t", scopes=frozenset(), agent="ada"), Settings.model_validate(desk))
    assert found.may_force("legal")
    assert not found.leads_queue("support")


def test_a_lead_who_is_an_auditor_stays_an_auditor() -> None:
    desk = {**DESK, "teams": {"money": {"leads": ["emil"], "queues": ["billing"]}}}
    desk["agents"] = {"emil": {"name": "Emil", "role": "auditor"}}
    assert role_of("emil", Settings.model_validate(desk)) == "auditor"
