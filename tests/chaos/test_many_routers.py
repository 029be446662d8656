"""Fifty routers on one engine, while handlers, connections and processes end: nobody is asked beyond their capacity,
every ticket is with one or waits, and none waits for somebody who is free."""

import os
from pathlib import Path

import pytest

from trunkline.queue import work, worker
from trunkline.queue.work import Entry
from trunkline.router.offers import Offers

from ..conftest import StartServer
from .desk_rules import feed_is_whole, loads_are_true, never_beyond_capacity, one_owner
from .evidence import Evidence
from .many_routers import BEHIND_PROXY, IN_EACH, IN_PROCESS, PROCESSES, ManyRouters
from .router_rules import nobody_waits_in_vain
from .structure_rules import choices_agree, indexes_agree, queues_are_sound

SEED, SECONDS = int(os.environ.get("CHAOS_SEED", "1")), float(os.environ.get("CHAOS_SECONDS", "20"))
RULES = (
    one_owner,
    never_beyond_capacity,
    loads_are_true,
    nobody_waits_in_vain,
    choices_agree,
    indexes_agree,
    queues_are_sound,
    feed_is_whole,
)
DONE = {
    *(
        "written",
        "accepted",
        "declined",
        "ignored",
        "solved",
        "parked",
        "woken",
        "released",
        "available",
        "busy",
        "offline",
    ),
    *("handler cancelled", "process killed"),
}

pytestmark = [pytest.mark.long, pytest.mark.timeout(SECONDS + 120)]


@pytest.fixture
def usual_leases(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is done to the length of leases is undone."""
    for module in (work, worker):
        monkeypatch.setattr(module, "LEASE_MS", module.LEASE_MS)  # type: ignore[attr-defined]


def violations(evidence: Evidence) -> list[str]:
    """What does not hold."""
    return [str(violation) for rule in RULES for violation in rule(evidence.afresh())]


@pytest.mark.usefixtures("usual_leases")
async def test_fifty_routers_take_no_two_decisions_on_one_thing(start_server: StartServer, short_folder: Path) -> None:
    with start_server() as server:
        async with ManyRouters(str(server.socket), short_folder, SEED) as routers:
            await routers.play(SECONDS)
            evidence = await routers.quiet()
            dropped = routers.dropped

    assert violations(evidence)[:20] == [], f"seed {SEED}"
    assert IN_PROCESS + BEHIND_PROXY + PROCESSES * IN_EACH == 50
    assert set(routers.done) >= DONE
    assert dropped > 5
    assert len(evidence.picture.tickets) > 50


@pytest.mark.usefixtures("usual_leases")
async def test_routers_that_forget_who_has_room_are_found_out(
    start_server: StartServer, short_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    handle = Offers.handle

    async def forgets(self: Offers, entry: Entry) -> bool:
        return b'"freed"' not in entry.payload and await handle(self, entry)

    monkeypatch.setattr(Offers, "handle", forgets)
    with start_server() as server:
        async with ManyRouters(str(server.socket), short_folder, SEED, processes=0) as routers:
            await routers.play(SECONDS / 4)
            evidence = await routers.quiet()

    assert list(nobody_waits_in_vain(evidence))
