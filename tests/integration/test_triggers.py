"""Triggers fire once for a cause, on events and when time goes by, and what they did stands in the history."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from unittest.mock import AsyncMock

import pytest

from trunkline.desk.views.happenings import event_of, sentence
from trunkline.desk.views.times import moment
from trunkline.gateway.command.explaining import explain_ticket
from trunkline.queue.worker import Worker
from trunkline.router.alert import Alert
from trunkline.router.automatic_reply import AutomaticReplies
from trunkline.router.records import Ticket
from trunkline.router.rule_runner import RuleRunner
from trunkline.router.rule_times import RuleTimes
from trunkline.router.ticket_requests import TicketChanges, Writing
from trunkline.router.ticket_steps import TicketSteps
from trunkline.router.waiting_alerts import ERASED, WaitingAlerts

from .conftest import SETTINGS, outgoing_id

if TYPE_CHECKING:
    from .conftest import Desk

DAY = 86_400_000
CANNED = {"reminder": {"en": "{customer}, do you still need us? {number}", "ru": "Вы ещё здесь? {number}"}}
REMIND = {"name": "remind", "in": "pending", "after": "3d", "then": {"reply": "reminder", "tags": ["reminded"]}}
SOLVE = {"name": "solve", "in": "pending", "after": "5d", "then": {"status": "solved"}}


class Rules:
    """What fires triggers, beside the desk."""

    def __init__(self, desk: "Desk") -> None:
        engine, clock = desk.engine, desk.clock
        self.desk = desk
        self.runner = RuleRunner(
            engine,
            clock,
            policy=lambda: desk.policy,
            steps=TicketSteps(desk.actions, desk.reader, clock, lambda: desk.policy),
            reader=desk.reader,
            replies=AutomaticReplies(engine, clock, policy=lambda: desk.policy, outgoing_id=outgoing_id),
        )
        self.times = RuleTimes(engine, clock, lambda: desk.policy, desk.reader)
        self.workers = Worker(self.runner.queue, clock, self.runner.handle)

    def configure(self, *triggers: dict[str, Any], **settings: Any) -> None:
        """Put these triggers in force."""
        self.desk.configure({**SETTINGS, "canned_replies": CANNED, "triggers": triggers, **settings})

    async def settle(self) -> None:
        """Work everything off that is due."""
        for _ in range(3):
            await self.desk.settle()
            await self.times.run_once()
            await self.workers.drain()
        await self.desk.settle()

    async def told(self, ticket: Ticket) -> list[str]:
        """What rules did, as the history tells it."""
        lines = [line for line in await self.desk.lines() if line.kind == "ticket.rule_applied"]
        return [sentence(event_of(line), {}) for line in lines if line.data["ticket"]["id"] == ticket.id]

    async def alerts(self) -> list[Alert]:
        """Who is to be told outside of the desk."""
        waiting = await self.desk.engine.call("HVALS", self.desk.offers._keys.alerts.keys["entries"])
        return [Alert.model_validate_json(each) for each in waiting]

    async def ticket(self) -> Ticket:
        """The only one."""
        (ticket,) = await self.desk.tickets()
        return ticket


@pytest.fixture
async def rules(desk: "Desk") -> AsyncIterator[Rules]:
    return_to = desk.policy
    yield Rules(desk)
    desk.policy = return_to


async def _pending(rules: Rules) -> Ticket:
    await rules.desk.write("My lamp is broken", name="Maria", subject="Lamp", language="en")
    await rules.settle()
    ticket = await rules.ticket()
    answer = Writing(text="Which lamp?", actor="agent:ada", agent="ada", status="pending")
    await rules.desk.actions.reply(ticket.id, answer)
    await rules.settle()
    return ticket


async def test_pending_for_three_days_reminds_and_for_five_solves_each_once(rules: Rules) -> None:
    rules.configure(REMIND, SOLVE)
    ticket = await _pending(rules)
    rules.desk.clock.advance(3 * DAY - 1)
    await rules.settle()
    assert (await rules.ticket()).tags == ()
    rules.desk.clock.advance(1)
    await rules.settle()
    await rules.settle()
    assert [each.text for each in rules.desk.sent][-1] == f"Maria, do you still need us? {ticket.number}"
    assert len(rules.desk.sent) == 3, "the acknowledgement, the answer, and one reminder"
    assert ((await rules.ticket()).status, (await rules.ticket()).tags) == ("pending", ("reminded",))
    rules.desk.clock.advance(2 * DAY)
    await rules.settle()
    assert (await rules.ticket()).status == "solved"
    assert await rules.told(ticket) == [
        "The rule remind did: fields, reply",
        "The rule solve did: status solved",
    ]


async def test_an_answer_in_between_begins_the_time_anew(rules: Rules) -> None:
    rules.configure(SOLVE)
    ticket = await _pending(rules)
    rules.desk.clock.advance(4 * DAY)
    await rules.desk.actions.reply(ticket.id, Writing(text="And?", actor="agent:ada", agent="ada", status="pending"))
    await rules.settle()
    rules.desk.clock.advance(2 * DAY)
    await rules.settle()
    assert (await rules.ticket()).status == "pending"
    rules.desk.clock.advance(3 * DAY)
    await rules.settle()
    assert (await rules.ticket()).status == "solved"


async def test_a_customer_who_writes_ends_the_wait(rules: Rules) -> None:
    rules.configure(SOLVE)
    await _pending(rules)
    await rules.desk.write("This one", name="Maria", conversation="", in_reply_to=rules.desk.sent[-1].external_id)
    await rules.settle()
    tickets = await rules.desk.tickets()
    await rules.desk.actions.change(tickets[0].id, TicketChanges(status="open"), actor="token:x")
    rules.desk.clock.advance(9 * DAY)
    await rules.settle()
    assert (await rules.desk.tickets())[0].status == "open"


async def test_a_trigger_that_is_gone_does_nothing_and_one_that_is_new_meets_the_tickets_that_there_are(
    rules: Rules,
) -> None:
    rules.configure(SOLVE)
    await _pending(rules)
    rules.configure({**SOLVE, "name": "later", "after": "30d", "then": {"tags": ["old"]}})
    rules.desk.clock.advance(6 * DAY)
    await rules.settle()
    assert ((await rules.ticket()).status, (await rules.ticket()).tags) == ("pending", ())
    rules.configure({**SOLVE, "name": "later", "after": "2d", "then": {"tags": ["old"]}})
    await rules.settle()
    assert (await rules.ticket()).tags == ("old",)


async def test_a_trigger_that_waits_longer_now_is_laid_by_again(rules: Rules) -> None:
    rules.configure(SOLVE)
    await _pending(rules)
    rules.configure({**SOLVE, "after": "7d"})
    rules.desk.clock.advance(6 * DAY)
    await rules.settle()
    assert (await rules.ticket()).status == "pending"
    rules.desk.clock.advance(DAY)
    await rules.settle()
    assert (await rules.ticket()).status == "solved"


async def test_a_message_fires_by_its_words_and_its_groups_fill_note_and_field(rules: Rules) -> None:
    wants = {"text_regex": r"order (?P<order>\w+)"}
    then = {"note": "asks for {order} of {customer}", "fields": {"order": "{order}"}, "priority": 1}
    rules.configure({"name": "order", "event": ["arrival", "message"], "when": wants, "then": then})
    await rules.desk.write("Where is order A17?", name="Maria", subject="x")
    await rules.settle()
    ticket = await rules.ticket()
    assert (ticket.fields, ticket.priority) == ({"order": "A17"}, 1)
    notes = [each.text for each in await rules.desk.reader.articles(ticket.id) if each.kind == "note"]
    assert notes == ["asks for A17 of Maria"]


async def test_rules_that_set_each_other_off_are_cut_and_named(rules: Rules) -> None:
    there = {"name": "to billing", "event": "queue", "when": {"queue": "support"}, "then": {"queue": "billing"}}
    back = {"name": "to support", "event": "queue", "when": {"queue": "billing"}, "then": {"queue": "support"}}
    rules.configure(there, back)
    await rules.desk.write("hello")
    await rules.settle()
    ticket = await rules.ticket()
    await rules.desk.actions.change(ticket.id, TicketChanges(queue="billing"), actor="agent:ada")
    await rules.settle()
    assert (await rules.ticket()).queue == "billing"
    assert await rules.told(ticket) == [
        "The rule to support did: fields",
        "The rule to billing did: fields",
        "Rules that set each other off were stopped: to support",
    ]


async def test_a_rules_own_change_does_not_fire_it_again(rules: Rules) -> None:
    rules.configure({"name": "tag", "event": "changed", "then": {"tags": ["seen"], "priority": 1}})
    await rules.desk.write("hello")
    await rules.settle()
    ticket = await rules.ticket()
    await rules.desk.actions.change(ticket.id, TicketChanges(priority=2), actor="agent:ada")
    await rules.settle()
    assert (await rules.ticket()).tags == ("seen",)
    assert await rules.told(ticket) == ["The rule tag did: fields"]


async def test_a_machine_is_not_reminded_and_the_history_says_why(rules: Rules) -> None:
    rules.configure({"name": "hi", "event": "arrival", "then": {"reply": "reminder"}})
    await rules.desk.write("I am away", automation="auto_reply")
    await rules.settle()
    assert rules.desk.sent == []
    (told,) = await rules.told(await rules.ticket())
    assert told.startswith("The rule hi did: nothing; not: reply (what came last was not written by a person")


async def test_a_rule_answers_within_the_limits_of_acknowledgements(rules: Rules) -> None:
    rules.configure({"name": "hi", "event": "arrival", "then": {"reply": "reminder"}})
    await rules.desk.write("hello")
    await rules.settle()
    assert len(rules.desk.sent) == 1, "the acknowledgement; right after it nothing is sent by itself"
    (told,) = await rules.told(await rules.ticket())
    assert "written to by us too often or just now" in told


async def test_a_step_that_cannot_be_taken_is_told_and_the_others_are_taken(rules: Rules) -> None:
    again = {
        "name": "again",
        "event": "status",
        "when": {"status": "closed"},
        "then": {"status": "open", "tags": ["x"]},
    }
    rules.configure(again)
    await rules.desk.write("hello")
    await rules.settle()
    await rules.desk.actions.change((await rules.ticket()).id, TicketChanges(status="closed"), actor="agent:ada")
    await rules.settle()
    ticket = await rules.ticket()
    assert (ticket.status, ticket.tags) == ("closed", ("x",))
    (told,) = await rules.told(ticket)
    assert told.startswith("The rule again did: fields; not: status open (")


async def test_colleagues_are_told_by_mail_once_each(rules: Rules) -> None:
    notify = {"agents": ["ada"], "addresses": ["lead@example.test"], "text": "{number}: {subject}"}
    agents = {**SETTINGS["agents"], "ada": {**SETTINGS["agents"]["ada"], "email": "ada@example.test"}}
    rules.configure({"name": "tell", "event": "arrival", "then": {"notify": notify}}, agents=agents)
    await rules.desk.write("hello", subject="Lamp")
    await rules.settle()
    told = await rules.alerts()
    assert sorted(each.address for each in told) == ["ada@example.test", "lead@example.test"]
    assert all(each.text.startswith("T-1: Lamp") for each in told)


async def test_two_processes_with_other_triggers_do_not_go_over_all_tickets_again_and_again(
    rules: Rules, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules.configure(REMIND)
    other, mine = RuleTimes(rules.desk.engine, rules.desk.clock, lambda: theirs, rules.desk.reader), rules.times
    rules.configure(SOLVE)
    theirs = rules.desk.policy
    rules.configure(REMIND)
    sweeps = list[str]()

    async def sweep(times: RuleTimes, status: str) -> None:
        sweeps.append("mine" if times is mine else "theirs")

    monkeypatch.setattr(RuleTimes, "_sweep", sweep)
    for _ in range(5):
        await mine.run_once()
        await other.run_once()
    assert sweeps == ["mine", "theirs"]
    theirs = rules.desk.policy
    await other.run_once()
    assert sweeps == ["mine", "theirs", "theirs"], "what was laid meanwhile was laid by other times"
    again = RuleTimes(rules.desk.engine, rules.desk.clock, lambda: theirs, rules.desk.reader)
    for times in (mine, other, again):
        await times.run_once()
    assert sweeps == ["mine", "theirs", "theirs"]


async def test_an_entry_that_comes_twice_does_its_work_once(rules: Rules) -> None:
    rules.configure({"name": "note", "event": "arrival", "then": {"note": "seen"}})
    await rules.desk.write("hello")
    await rules.desk.settle()
    await rules.times.run_once()
    batch = await rules.runner.queue.claim(rules.desk.clock.now(), lanes=1)
    ((entry,),) = batch.lanes
    await asyncio.gather(rules.runner.handle(entry), rules.runner.handle(entry))
    await rules.runner.handle(entry)
    articles = await rules.desk.reader.articles((await rules.ticket()).id)
    assert [each.text for each in articles if each.kind == "note"] == ["seen"]
    assert len(await rules.told(await rules.ticket())) == 1


async def test_whoever_is_killed_behind_a_step_that_ends_what_was_asked_takes_the_others_all_the_same(
    rules: Rules, monkeypatch: pytest.MonkeyPatch
) -> None:
    notify = {"addresses": ["lead@example.test"], "text": "{number}"}
    move = {"name": "move", "event": "arrival", "when": {"queue": "support"}, "then": {"queue": "billing"}}
    tell = {"name": "tell", "event": "arrival", "when": {"queue": "support"}, "then": {"notify": notify}}
    follow = {"name": "follow", "event": "queue", "when": {"queue": "billing"}, "then": {"tags": ["moved"]}}
    rules.configure(move, tell, follow)
    await rules.desk.write("hello")
    await rules.desk.settle()
    await rules.times.run_once()
    ((entry,),) = (await rules.runner.queue.claim(rules.desk.clock.now(), lanes=1)).lanes
    with monkeypatch.context() as patch:
        patch.setattr(rules.runner._told, "applied", AsyncMock(side_effect=asyncio.CancelledError))
        with pytest.raises(asyncio.CancelledError):
            await rules.runner.handle(entry)
    assert (await rules.ticket()).queue == "billing"
    await rules.runner.handle(entry)
    assert [each.address for each in await rules.alerts()] == ["lead@example.test"]
    assert (await rules.ticket()).tags == ("moved",)
    assert len(await rules.told(await rules.ticket())) == 3


async def test_a_time_that_has_come_does_the_rest_when_its_own_status_is_behind_it(
    rules: Rules, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules.configure(SOLVE)
    ticket = await _pending(rules)
    rules.desk.clock.advance(5 * DAY)
    ((entry, *_),) = (await rules.runner.queue.claim(rules.desk.clock.now(), lanes=1)).lanes  # laid by twice
    with monkeypatch.context() as patch:
        patch.setattr(rules.runner._told, "applied", AsyncMock(side_effect=asyncio.CancelledError))
        with pytest.raises(asyncio.CancelledError):
            await rules.runner.handle(entry)
    await rules.runner.handle(entry)
    assert len(await rules.told(ticket)) == 1


async def test_an_alert_that_waits_says_nothing_of_a_ticket_whose_customer_is_erased(rules: Rules) -> None:
    notify = {"addresses": ["lead@example.test"], "text": "{subject}"}
    rules.configure({"name": "tell", "event": "arrival", "then": {"notify": notify}})
    await rules.desk.write("hello", subject="Lamp")
    await rules.settle()
    await rules.desk.write("hello", subject="Chair", sender="li@example.org")
    await rules.settle()
    tickets = {each.number: each.id for each in await rules.desk.tickets()}
    await WaitingAlerts(rules.desk.engine).forget([tickets["T-1"]])
    texts = {each.subject: each.text for each in await rules.alerts()}
    assert texts["[T-1] tell"] == ERASED
    assert texts["[T-2] tell"].startswith("Chair")


async def test_a_trigger_begins_and_stops_clocks_and_tells_what_no_policy_knows(rules: Rules) -> None:
    sla = [{"name": "standard", "targets": {"delivery": "2h"}}, {"name": "other", "targets": {"parcel": "1h"}}]
    began = {"name": "parcels", "event": "note", "then": {"clocks": {"start": ["delivery"]}}}
    ended = {"name": "sent", "event": "changed", "then": {"clocks": {"stop": ["delivery"]}}}
    unknown = {"name": "elsewhere", "event": "changed", "then": {"clocks": {"start": ["parcel"]}}}
    rules.configure(began, ended, unknown, sla=sla)
    await rules.desk.write("Where is it?", name="Maria")
    await rules.settle()
    ticket = await rules.ticket()
    await rules.desk.actions.note(ticket.id, Writing(text="on its way", actor="agent:ada", agent="ada"))
    await rules.settle()
    assert (await rules.ticket()).clocks["delivery"].runs
    await rules.desk.actions.change(ticket.id, TicketChanges(priority=2), actor="agent:ada")
    await rules.settle()
    assert (await rules.ticket()).clocks["delivery"].met == 1
    told = await rules.told(ticket)
    assert told[:2] == ["The rule parcels did: clocks", "The rule sent did: clocks"]
    assert told[2].startswith("The rule elsewhere did: nothing; not: clocks (no policy that holds for T-1")


TOLD = {
    "note": "seen",
    "tags": ["seen"],
    "notify": {"addresses": ["lead@example.test"], "text": "{number}"},
    "webhook": "crm",
    "status": "pending",
}
HOOKS = {"crm": {"url": "https://crm.example/hook"}}


async def test_a_post_names_the_ticket_and_the_rule_and_nothing_that_a_customer_wrote(rules: Rules) -> None:
    rules.configure({"name": "tell the shop", "event": "arrival", "then": TOLD}, webhooks=HOOKS)
    await rules.desk.write("my secret", subject="my secret", name="Maria")
    await rules.settle()
    (post,) = [each for each in await rules.alerts() if each.webhook]
    ticket = await rules.ticket()
    assert (post.webhook, post.lane) == ("crm", "webhook:crm")
    assert post.content == {
        "type": "ticket.rule_applied",
        "rule": "tell the shop",
        "by": "rule:tell the shop",
        "ticket": {"id": ticket.id, "number": "T-1", "queue": "support", "priority": 3, "status": "new"}
        | {"tags": ["seen"]},
        "agent": None,
        "at": rules.desk.clock.now(),
    }
    assert "secret" not in post.model_dump_json()


async def test_who_is_to_be_told_by_mail_and_has_no_address_is_named(rules: Rules) -> None:
    rules.configure({"name": "tell", "event": "arrival", "then": {"notify": {"agents": ["ada"], "text": "x"}}})
    await rules.desk.write("hello")
    await rules.settle()
    assert await rules.told(await rules.ticket()) == [
        "The rule tell did: nothing; not: notice (no address is known of ada)"
    ]


async def test_explain_tells_for_what_a_trigger_fired_and_when_its_time_comes(rules: Rules) -> None:
    asks = {"name": "lamps", "event": "arrival", "when": {"keywords": ["lamp"]}, "then": {"tags": ["lamp"]}}
    rules.configure(REMIND, {**SOLVE, "in": "on_hold"}, asks)
    await _pending(rules)
    desk = rules.desk
    pending = moment(desk.clock.now())
    due = moment(desk.clock.now() + 3 * DAY)
    told = (await explain_ticket(desk.engine, desk.reader, desk.policy, "T-1", desk.clock.now())).lines
    begin = list(told).index("Triggers, as the ticket is now:")
    assert told[begin + 1 : begin + 3] == [
        f"  yes remind: pending since {pending} UTC, due {due} UTC",
        "  yes solve: waits in on_hold, and it is pending",
    ]
    assert told[begin + 3].startswith("  yes lamps: on arrival, fired last for line ")
    assert told[begin + 4] == "      yes keywords: lamp; found lamp"
    desk.clock.advance(3 * DAY)
    await rules.settle()
    told = (await explain_ticket(desk.engine, desk.reader, desk.policy, "T-1", desk.clock.now())).lines
    assert f"  yes remind: pending since {pending} UTC, has fired" in told


class _KilledError(BaseException):
    """The process is gone."""


class _Dying:
    """Runs scripts, and dies before or after one of them."""

    def __init__(self, run: Any, number: int, moment: str) -> None:
        self.left, self.moment, self.died, self._run = number, moment, False, run

    async def __call__(self, *given: Any) -> Any:
        self.left -= 1
        self.died |= self.left == 0
        if self.left == 0 and self.moment == "before":
            raise _KilledError
        reply = await self._run(*given)
        if self.left == 0:
            raise _KilledError
        return reply


@pytest.mark.parametrize("moment", ["before", "after"])
async def test_a_runner_killed_at_any_script_tells_everybody_once_when_it_comes_again(
    rules: Rules, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    rules.configure({"name": "tell", "event": "arrival", "then": TOLD}, webhooks=HOOKS)
    for number in range(1, 50):
        await rules.desk.write(f"hello {number}", conversation=f"c{number}")
        await rules.desk.settle()
        await rules.times.run_once()
        ((entry,),) = (await rules.runner.queue.claim(rules.desk.clock.now(), lanes=1)).lanes
        dying = _Dying(rules.desk.engine.run, number, moment)
        with monkeypatch.context() as patched, suppress(_KilledError):
            patched.setattr(rules.desk.engine, "run", dying)
            await rules.runner.handle(entry)
        await rules.runner.handle(entry)
        await rules.runner.queue.finish(entry, rules.desk.clock.now())
        await _is_told_once(rules, json.loads(entry.payload)["ticket"])
        if not dying.died:
            break
    assert number > 4, "the note, the fields, the status and that it is done are each a script"


async def _is_told_once(rules: Rules, ticket: str) -> None:
    told = [each.lane for each in await rules.alerts() if each.content["ticket"]["id"] == ticket]
    assert sorted(told) == ["address:lead@example.test", "webhook:crm"]
    record = (await rules.desk.reader.ticket(ticket)).record
    assert (record.status, record.tags) == ("pending", ("seen",))
    articles = await rules.desk.reader.articles(ticket)
    assert [each.text for each in articles if each.kind == "note"] == ["seen"]
