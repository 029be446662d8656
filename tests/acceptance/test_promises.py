"""Promises as a customer and an operator meet them: over the API, over a kill, and once."""

from .api import Api
from .gateway import EXAMPLE, Gateway
from .mails import deliver, written

_LADDER = """
sla:
  - name: quick
    targets: { first_response: 4s, next_response: 1s }
    escalation: [{ at: 25%, clock: [first_response], priority: 1 }]
"""


async def test_a_step_of_an_escalation_is_done_once_over_a_kill(fresh: Gateway) -> None:
    config = fresh.folder / "mine.yaml"
    config.write_text(EXAMPLE.read_text() + _LADDER)
    fresh.environ["TRUNKLINE_CONFIG"] = str(config)
    process = await fresh.start()
    async with fresh.api() as api:
        await deliver(fresh, written("My lamp is broken.", subject="Lamp"))
        await api.until("ticket.created")
    await process.kill()
    process = await fresh.start()
    async with fresh.api() as api:
        escalated = await api.until("ticket.escalated")
        assert escalated["data"]["changes"]["priority"] == [3, 1]
    await process.kill()
    await fresh.start()
    async with fresh.api() as api:
        (ticket,) = await api.tickets()
        await api.do("PATCH", "/v1/tickets/T-1", {"tags": ["seen"]}, If_Match=f'"{ticket["revision"]}"')
        await api.until("ticket.updated")
        assert await _count(api, "ticket.escalated") == 1
        (ticket,) = await api.tickets()
        assert ticket["clocks"]["first_response"]["steps"] == ["1: 25%"]


async def _count(api: Api, kind: str) -> int:
    page = await api.get("/v1/events?limit=500")
    return sum(each["type"] == kind for each in page["items"])
