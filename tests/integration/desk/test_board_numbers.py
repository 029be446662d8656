"""The numbers of the board are those that one would count oneself, in any process and after a restart."""

import random
from collections import Counter
from typing import TYPE_CHECKING, Any

from trunkline.desk.board.state import AgentRow, Board, QueueRow
from trunkline.router.promises import promise_of
from trunkline.router.records import Ticket
from trunkline.router.targets import target_ms
from trunkline.router.ticket_requests import TicketChanges, Writing

from ..conftest import SETTINGS
from .conftest import board_service

if TYPE_CHECKING:
    from ..conftest import Desk

MINUTE = 60_000


async def see(desk: "Desk") -> Board:
    """The board as a process that has just started sees it."""
    return (await board_service(desk).see()).board


def queue(board: Board, name: str = "support") -> QueueRow:
    return next(row for row in board.queues if row.name == name)


def agent(board: Board, id_: str) -> AgentRow:
    return next(row for row in board.agents if row.id == id_)


async def test_an_empty_desk_is_well(desk: "Desk") -> None:
    board = await see(desk)
    assert (board.verdict.level, board.verdict.sentence) == ("good", "All is well")
    assert board.verdict.advice == "Nobody waits; no agent is on duty."
    assert [row.name for row in board.queues] == ["billing", "support"]
    assert queue(board).agents == ("Ada", "Boris")


async def test_a_ticket_waits_since_its_message_came_and_is_late_after_its_target(desk: "Desk") -> None:
    came = desk.clock.now()
    await desk.write("hello")
    desk.clock.advance(MINUTE)
    await desk.settle()
    board = await see(desk)
    assert (board.numbers.waiting.now, board.numbers.oldest_since, board.numbers.oldest_in) == (1, came, "support")
    assert board.numbers.oldest.now == 60
    desk.clock.advance(target_ms(3, live=False) * 3 // 4 - MINUTE - 1)
    assert (await see(desk)).numbers.at_risk.now == 0
    desk.clock.advance(1)
    board = await see(desk)
    assert (board.numbers.at_risk.now, board.numbers.late) == (1, 0)
    desk.clock.advance(target_ms(3, live=False) // 4 - 1)
    assert (await see(desk)).numbers.late == 0
    desk.clock.advance(1)
    board = await see(desk)
    assert (queue(board).late, queue(board).at_risk) == (1, 1)
    assert board.verdict.sentence == "1 ticket waits longer than promised in support"
    assert board.verdict.advice == "No agent of support has room. Ask Ada (offline), Boris (offline) to come back."


async def test_an_offer_does_not_end_the_wait_and_a_missed_one_does_not_begin_it_anew(desk: "Desk") -> None:
    came = desk.clock.now()
    await desk.actions.presence("ada", "available", actor="agent:ada")
    await desk.settle()
    await desk.write("hello")
    await desk.settle()
    board = await see(desk)
    assert (board.numbers.waiting.now, board.numbers.offered, board.numbers.oldest_since) == (1, 1, came)
    assert (queue(board).waiting, queue(board).offered, queue(board).unoffered_since) == (1, 1, None)
    assert board.verdict.advice == "1 ticket waits, in time and offered to an agent; 1 of 1 agent on duty has room."
    assert agent(board, "ada").offered == ("T-1",)
    desk.clock.advance(301_000)
    await desk.settle()
    board = await see(desk)
    assert (board.numbers.waiting.now, board.numbers.offered, board.numbers.oldest_since) == (1, 0, came)
    assert queue(board).unoffered_since == came
    assert (agent(board, "ada").missed, agent(board, "ada").presence) == (1, "away")


async def test_a_ticket_with_an_agent_is_promised_its_first_answer(desk: "Desk") -> None:
    await desk.write("hello")
    await desk.settle()
    await desk.actions.accept("T-1", "ada", actor="agent:ada")
    board = await see(desk)
    assert (board.numbers.oldest_since, queue(board).active) == (None, 1)
    desk.clock.advance(target_ms(3, live=False))
    assert queue(await see(desk)).late == 1
    await desk.actions.reply("T-1", Writing(text="Hello.", agent="ada", actor="agent:ada"))
    board = await see(desk)
    assert (queue(board).late, queue(board).at_risk, agent(board, "ada").open_tickets) == (0, 0, ("T-1",))


async def test_a_ticket_that_wakes_or_is_given_back_has_its_whole_time_again(desk: "Desk") -> None:
    await desk.write("hello", conversation="c1", announces=("c1",))
    await desk.settle()
    await desk.actions.accept("T-1", "ada", actor="agent:ada")
    await desk.actions.reply("T-1", Writing(text="Hello.", agent="ada", actor="agent:ada", status="pending"))
    desk.clock.advance(3 * target_ms(3, live=False))
    board = await see(desk)
    assert (queue(board).late, queue(board).active) == (0, 0)
    woke = desk.clock.now()
    await desk.write("still broken", conversation="c1")
    await desk.settle()
    board = await see(desk)
    assert (queue(board).active, queue(board).late, queue(board).oldest_since) == (1, 0, woke)
    await desk.actions.accept("T-1", "boris", actor="agent:boris")
    desk.clock.advance(MINUTE)
    await desk.actions.release("T-1", actor="agent:boris")
    assert queue(await see(desk)).oldest_since == woke + MINUTE


async def test_a_customer_who_writes_again_is_owed_an_answer_again(desk: "Desk") -> None:
    await desk.write("hello", conversation="c1", announces=("c1",))
    await desk.settle()
    await desk.actions.accept("T-1", "ada", actor="agent:ada")
    await desk.actions.reply("T-1", Writing(text="Hello.", agent="ada", actor="agent:ada"))
    desk.clock.advance(3 * target_ms(3, live=False))
    assert queue(await see(desk)).late == 0
    await desk.write("and now?", conversation="c1")
    await desk.settle()
    desk.clock.advance(target_ms(3, live=False) - 1)
    board = await see(desk)
    assert (queue(board).at_risk, queue(board).late) == (1, 0)
    desk.clock.advance(1)
    assert queue(await see(desk)).late == 1
    await desk.actions.reply("T-1", Writing(text="Now it is.", agent="ada", actor="agent:ada"))
    assert (queue(await see(desk)).at_risk, queue(await see(desk)).late) == (0, 0)


async def test_a_more_urgent_ticket_is_promised_sooner(desk: "Desk") -> None:
    await desk.write("hello")
    await desk.settle()
    await desk.actions.change("T-1", TicketChanges(priority=1), actor="agent:ada")
    desk.clock.advance(target_ms(1, live=False))
    assert queue(await see(desk)).late == 1


async def test_arrivals_and_what_is_handled_are_counted_by_queue_and_agent(desk: "Desk") -> None:
    for number in range(6):
        await desk.write("hello", sender=f"a{number}@example.org")
    await desk.settle()
    for number in (1, 2, 3):
        await desk.actions.accept(f"T-{number}", "ada", actor="agent:ada")
    desk.clock.advance(2 * MINUTE)
    await desk.actions.change("T-1", TicketChanges(status="solved"), actor="agent:ada")
    desk.clock.advance(2 * MINUTE)
    await desk.actions.change("T-2", TicketChanges(status="pending"), actor="agent:ada")
    await desk.actions.change("T-3", TicketChanges(queue="billing"), actor="agent:ada")
    board = await see(desk)
    assert (queue(board).arriving, queue(board, "billing").arriving) == (1.5, 0.2)  # in the four minutes that are known
    assert (queue(board).handled, queue(board, "billing").handled) == (0.5, 0.0)
    ada = agent(board, "ada")
    assert (ada.handled, ada.handling, ada.open_count) == (2, 180, 0)
    desk.clock.advance(40 * MINUTE)
    assert (queue(await see(desk)).arriving, queue(await see(desk)).handled) == (0.0, 0.0)
    desk.clock.advance(24 * 60 * MINUTE)
    assert agent(await see(desk), "ada").handled == 0


async def test_what_an_absent_agent_has_presses_while_a_customer_waits_or_it_is_nearly_due(desk: "Desk") -> None:
    sla = [{"name": "all", "targets": {"first_response": "1h", "resolution": "8h"}}]
    desk.configure(SETTINGS | {"sla": sla})
    await desk.write("hello", conversation="c1", announces=("c1",))
    await desk.settle()
    await desk.actions.assign("T-1", "ada", actor="agent:ada", force=True)
    assert (agent(await see(desk), "ada").open_count, agent(await see(desk), "ada").pressing) == (1, 1)
    await desk.actions.reply("T-1", Writing(text="Soon.", agent="ada", actor="agent:ada"))
    await desk.settle()
    assert (agent(await see(desk), "ada").open_count, agent(await see(desk), "ada").pressing) == (1, 0)
    desk.clock.advance(7 * 60 * MINUTE)
    assert agent(await see(desk), "ada").pressing == 1
    await desk.actions.presence("ada", "available", actor="agent:ada")
    assert agent(await see(desk), "ada").pressing == 0


async def test_a_queue_that_left_the_configuration_is_shown_while_somebody_waits_in_it(desk: "Desk") -> None:
    await desk.write("a refund, please")
    await desk.settle()
    agents = {id_: agent for id_, agent in SETTINGS["agents"].items() if id_ != "carla"}
    desk.configure(SETTINGS | {"queues": {"support": {"fallback": True}}, "rules": [], "agents": agents})
    board = await see(desk)
    assert [(row.name, row.configured, row.waiting) for row in board.queues] == [
        ("support", True, 0),
        ("billing", False, 1),
    ]
    assert board.numbers.waiting.now == 1
    assert board.verdict.advice == "billing is not in the configuration any more: move its tickets to another queue."


async def test_all_numbers_equal_a_count_of_every_ticket(desk: "Desk") -> None:
    dice = random.Random(11)
    board = board_service(desk)
    for _ in range(60):
        await _something_happens(desk, dice)
        desk.clock.advance(dice.randrange(0, 40 * MINUTE))
        if dice.random() < 0.2:
            await board.run_once()
    await desk.settle()
    found, counted = await see(desk), await _counted(desk)
    assert found.numbers.waiting.now == counted["waiting"] + counted["offered"]
    assert found.numbers.offered == counted["offered"]
    assert found.numbers.at_risk.now == counted["risk"]
    assert found.numbers.late == counted["due"]
    assert found.numbers.oldest_since == counted["oldest"]
    assert {row.name: row.active for row in found.queues} == counted["active"]
    assert {row.name: row.unoffered_since for row in found.queues} == counted["unoffered"]
    assert {row.id: row.offered_load for row in found.agents} == counted["offers"]
    assert {row.id: row.open_count for row in found.agents} == counted["working"]
    assert int(await desk.engine.call("HLEN", desk.engine.keys("board", "active_tickets"))) == sum(
        counted["active"].values()
    )
    assert found == await see(desk)


async def _something_happens(desk: "Desk", dice: random.Random) -> None:
    agents, tickets = list(SETTINGS["agents"]), await desk.tickets()
    await desk.write(
        dice.choice(["hello", "a refund"]),
        sender=f"n{dice.randrange(30)}@example.org",
        conversation=f"c{dice.randrange(30)}",
    )
    if dice.random() < 0.4:
        presence: Any = dice.choice(["available", "away", "offline"])
        await desk.actions.presence(dice.choice(agents), presence, actor="test")
    await desk.settle()
    for ticket in dice.sample(tickets, min(3, len(tickets))):
        await _act(desk, dice, ticket)
    await desk.settle()


async def _act(desk: "Desk", dice: random.Random, ticket: Ticket) -> None:
    id_, agents = dice.choice(list(SETTINGS["agents"])), desk.actions
    if ticket.status in ("solved", "closed"):
        return
    act = dice.randrange(7)
    if act == 0:
        await agents.assign(ticket.id, id_, actor="test", force=True)
    elif act == 1 and ticket.assignee:
        await agents.release(ticket.id, actor="test")
    elif act == 2:
        await agents.change(ticket.id, TicketChanges(priority=dice.randrange(1, 5)), actor="test")
    elif act == 3:
        await agents.change(ticket.id, TicketChanges(queue=dice.choice(["support", "billing"])), actor="test")
    elif act == 4:
        status: Any = dice.choice(["pending", "solved", "on_hold"])
        await agents.change(ticket.id, TicketChanges(status=status), actor="test")
    elif act == 5 and ticket.assignee:
        await agents.reply(ticket.id, Writing(text="an answer", agent=ticket.assignee, actor="test"))
    else:
        await agents.note(ticket.id, Writing(text="a note", actor="test"))


async def _counted(desk: "Desk") -> dict[str, Any]:
    """The same by looking at every ticket."""
    now, counted = desk.clock.now(), Counter[str]()
    active, working, since = Counter[str](), Counter[str](), list[int]()
    offers, unoffered = Counter[str](), dict[str, int]()
    for ticket in await desk.tickets():
        stored = await desk.reader.ticket(ticket.id)
        work = stored.work
        if ticket.status not in ("new", "open"):
            continue
        active[ticket.queue] += 1
        wanted = work.unassigned_since
        assert (wanted is None) == (ticket.assignee is not None)
        if ticket.assignee:
            working[ticket.assignee] += 1
        else:
            since.append(wanted)
            counted["offered" if ticket.offer else "waiting"] += 1
            if ticket.offer:
                offers[ticket.offer.agent] += work.weight
            else:
                unoffered[ticket.queue] = min(wanted, unoffered.get(ticket.queue, wanted))
        target = target_ms(ticket.priority, live=False)
        answers = work.customer_waits_since if ticket.first_response_at else work.arrived_at
        owed = [at for at in (answers, wanted) if at is not None]
        promise = promise_of(stored)
        if not owed:
            assert promise is None
            continue
        assert promise is not None
        due = promise.due
        rested = max(each.paused_total(now) for each in ticket.clocks.values())  # on hold while nobody had answered
        assert min(owed) + target <= due <= min(owed) + target + rested
        assert promise.risk == due - target // 4
        counted["due"] += due <= now
        counted["risk"] += due - target // 4 <= now
    return {
        **{name: counted[name] for name in ("waiting", "offered", "due", "risk")},
        "oldest": min(since, default=None),
        "active": {name: active[name] for name in ("billing", "support")},
        "unoffered": {name: unoffered.get(name) for name in ("billing", "support")},
        "offers": {name: offers[name] for name in SETTINGS["agents"]},
        "working": {name: working[name] for name in SETTINGS["agents"]},
    }


async def test_the_board_tells_who_is_missing_and_when_all_are_asked_again(desk: "Desk") -> None:
    settings = SETTINGS | {"queues": {"support": {"fallback": True, "language": "required", "ask_again": "2min"}}}
    agents = {name: each | {"queues": ["support"]} for name, each in SETTINGS["agents"].items()}
    desk.configure(settings | {"agents": agents, "rules": []})
    await desk.start()
    await desk.actions.presence("ada", "available", actor="agent:ada")
    await desk.write("hei", language="fi")
    await desk.write("hola", sender="pilar@example.org", language="es")
    await desk.write("hello", sender="li@example.org", language="en")
    await desk.settle()
    (offered,) = await desk.tickets(offered_to="ada")
    await desk.actions.decline(offered.id, "ada", actor="agent:ada")
    await desk.settle()
    row = queue(await see(desk))
    assert [(each.token, each.tickets, each.agents) for each in row.lacking] == [
        ("language:es", 1, ("Carla",)),
        ("language:fi", 1, ()),
    ]
    assert (row.declined, row.asked_again_at) == (1, desk.clock.now() + 2 * MINUTE)


async def test_the_board_counts_conversations_and_letters_as_the_router_does(desk: "Desk") -> None:
    desk.configure(SETTINGS | {"handling": {"test": {"wrap_up": "1min"}}})
    await desk.start()
    await desk.actions.presence("ada", "available", actor="agent:ada")
    await desk.write("a letter", channel="mail")
    await desk.write("hello", sender="li@example.org", channel="chat")
    await desk.write("done soon", sender="po@example.org")
    await desk.settle()
    done = next(each for each in await desk.tickets(offered_to="ada") if each.channel == "test")
    await desk.actions.accept(done.id, "ada", actor="agent:ada")
    await desk.actions.change(done.id, TicketChanges(status="solved"), actor="agent:ada")
    ada = agent(await see(desk), "ada")
    assert (ada.load, ada.live, ada.wrapping, ada.has_room, ada.closing) == (3, 1, True, True, False)
