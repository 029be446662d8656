"""What is promised, as customers and agents meet it over the API, all in one gateway; each with people of its own."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from trunkline.queue.server_binary import ServerBinary

from .api import Api
from .gateway import EXAMPLE, Gateway, gateway
from .mails import deliver, written

pytestmark = pytest.mark.asyncio(loop_scope="session")

_PROMISES = """
sla:
  - name: gold
    when: { segment: gold }
    targets: { first_response: 10min, next_response: 1s }
    escalation: [{ at: 100%, clock: next_response, priority: 2 }]
  - name: all
    targets: { first_response: 4h, delivery: 2h }
"""
_VIP = "\nrules:\n  - name: gold comes first\n    when: { customer: { segment: gold } }\n    then: { priority: 1 }\n"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def desk(server_binary: ServerBinary) -> AsyncIterator[tuple[Gateway, Api]]:
    """A gateway with these promises, and a client."""
    async with gateway() as made:
        config = made.folder / "mine.yaml"
        config.write_text(EXAMPLE.read_text().replace("\nrules:\n", _VIP) + _PROMISES)
        made.environ["TRUNKLINE_CONFIG"] = str(config)
        await made.start()
        async with made.api() as api:
            await api.presence("ada")
            yield made, api


async def opened(desk: tuple[Gateway, Api], sender: str) -> dict[str, Any]:
    """A ticket of this sender that Ada has."""
    made, api = desk
    after = await api.position()
    await deliver(made, written("My lamp is broken.", sender=sender))
    offered = await api.until("ticket.offered", after=after)
    number = offered["data"]["ticket"]["number"]
    accepted: dict[str, Any] = await api.do("POST", f"/v1/tickets/{number}/accept", {"agent": "ada"})
    return accepted


async def change(api: Api, number: str, **what: Any) -> dict[str, Any]:
    ticket = await api.get(f"/v1/tickets/{number}")
    changed: dict[str, Any] = await api.do("PATCH", f"/v1/tickets/{number}", what, If_Match=f'"{ticket["revision"]}"')
    return changed


async def answer(api: Api, number: str) -> dict[str, Any]:
    """Ada answers; the clocks of the ticket afterwards."""
    await api.do("POST", f"/v1/tickets/{number}/messages", {"kind": "reply", "text": "Hello.", "agent": "ada"})
    clocks: dict[str, Any] = (await api.get(f"/v1/tickets/{number}"))["clocks"]
    return clocks


async def make_gold(api: Api, customer: str) -> None:
    revision = (await api.get(f"/v1/customers/{customer}"))["revision"]
    await api.do("PATCH", f"/v1/customers/{customer}", {"segment": "gold"}, If_Match=f'"{revision}"')


async def test_whoever_becomes_a_vip_is_promised_more_at_once_and_what_they_write_next_comes_first(
    desk: tuple[Gateway, Api],
) -> None:
    _, api = desk
    ticket = await opened(desk, "vera@example.org")
    assert ticket["clocks"]["first_response"]["policy"] == "all"
    after = await api.position()
    await make_gold(api, ticket["customer"])
    promised = await api.until("ticket.promised", after=after)
    clock = promised["data"]["ticket"]["clocks"]["first_response"]
    assert (clock["policy"], clock["due"]) == ("gold", clock["began"] + 600_000)
    following = await opened(desk, "vera@example.org")
    assert (following["priority"], following["rules"]) == (1, ["gold comes first"])


async def test_an_answered_first_and_a_next_response_that_comes_too_late(desk: tuple[Gateway, Api]) -> None:
    made, api = desk
    ticket = await opened(desk, "gregor@example.org")
    number = ticket["number"]
    await make_gold(api, ticket["customer"])
    first = (await answer(api, number))["first_response"]
    assert (first["met"], first["missed"]) == (1, 0)
    after = await api.position()
    await deliver(made, written("And now?", sender="gregor@example.org", subject=f"Re: My lamp [{number}]"))
    escalated = await api.until(
        "ticket.escalated", lambda each: each["data"]["ticket"]["customer"] == ticket["customer"], after=after
    )
    late = escalated["data"]["ticket"]
    assert late["priority"] <= 2
    clocks = await answer(api, late["number"])
    assert (clocks["next_response"]["met"], clocks["next_response"]["missed"]) == (0, 1)
    assert clocks["next_response"]["missed_by"] >= 0


async def test_pending_stands_and_goes_on_with_the_reason_and_a_clock_of_ones_own_with_it(
    desk: tuple[Gateway, Api],
) -> None:
    _, api = desk
    number = (await opened(desk, "paul@example.org"))["number"]
    began = await api.do("POST", f"/v1/tickets/{number}/clocks/delivery")
    assert began["clocks"]["delivery"]["target"] == 2 * 3_600_000
    stands = (await change(api, number, status="pending"))["clocks"]
    assert {name: clock["reason"] for name, clock in stands.items() if clock["paused_since"]} == {
        "first_response": "pending",
        "delivery": "pending",
    }
    goes_on = (await change(api, number, status="open"))["clocks"]
    for name in ("first_response", "delivery"):
        ((since, until),) = goes_on[name]["pauses"]
        assert goes_on[name]["due"] == goes_on[name]["began"] + goes_on[name]["target"] + until - since
    stopped = (await api.do("DELETE", f"/v1/tickets/{number}/clocks/delivery"))["clocks"]["delivery"]
    assert (stopped["met"], stopped["missed"]) == (1, 0)


async def test_what_everybody_has_declined_is_asked_again_as_soon_as_somebody_gives_a_sign_of_life(
    desk: tuple[Gateway, Api],
) -> None:
    made, api = desk
    after = await api.position()
    await deliver(made, written("Nobody wants this.", sender="dora@example.org"))
    offered = await api.until("ticket.offered", after=after)
    number = offered["data"]["ticket"]["number"]
    await api.do("POST", f"/v1/tickets/{number}/decline", {"agent": "ada", "reason": "not now"})
    after = await api.position()
    await api.presence("ada", "away")
    await api.presence("ada")
    again = await api.until("ticket.offered", after=after)
    assert again["data"]["ticket"]["number"] == number
