"""What holds after every event of random days, and that every decision can be made again from its record."""

import pytest

from trunkline.router.assignment.model import Model
from trunkline.router.assignment.tickets import WAITING
from trunkline.router.assignment.workers import Load, Worker
from trunkline.router.choice_record import record
from trunkline.router.decision import recompute
from trunkline.router.records import json_bytes

from .histories import History, in_hand, tell


def load_of(model: Model, agent: Worker) -> Load:
    counted = Load()
    for ticket in in_hand(model, agent.id):
        counted.change(ticket, 1)
    return counted


def could_have_work(model: Model, now: int) -> list[tuple[str, str]]:
    """Tickets that wait beside a free agent who could have them as their own."""
    desk = model.desk
    return [
        (ticket.id, agent.id)
        for ticket in desk.tickets.values()
        for agent in desk.agents.values()
        if ticket.state == WAITING
        and set(ticket.signature()) <= agent.tokens
        and agent.offerable(now)
        and agent.keeps is None
        and agent.fits(ticket)
        and not desk.excludes(ticket, agent)
    ]


@pytest.mark.parametrize("seed", range(6))
def test_nobody_has_too_much_and_nothing_waits_beside_a_free_agent(seed: int) -> None:
    history = History(seed)
    model = history.model
    for event in history.events(400):
        tell(model, event)
        for agent in model.desk.agents.values():
            load = load_of(model, agent)
            assert (load.every, load.live, load.exclusive) == (agent.load.every, agent.load.live, agent.load.exclusive)
        assert could_have_work(model, history.now) == [], event
        assert model.swept == 0


@pytest.mark.parametrize("seed", range(12, 16))
def test_every_decision_comes_out_again_from_its_record_in_less_than_two_kilobytes(seed: int) -> None:
    history = History(seed, people=9)
    made = 0
    for event in history.events(300):
        for bound in tell(history.model, event):
            if bound.ticket not in history.model.desk.tickets or bound.agent not in history.model.desk.agents:
                continue
            decision = record(history.model.desk, bound, config="3f2a", cause="ada had room")
            made += 1
            assert recompute(decision) == bound.agent
            assert len(json_bytes(decision)) < 2_000
    assert made > 30
