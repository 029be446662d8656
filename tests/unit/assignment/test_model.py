"""What the model of the assignment does with tickets and agents, event by event."""

from collections.abc import Iterable
from typing import Any

from trunkline.router.assignment.desk import Bound
from trunkline.router.assignment.model import Model
from trunkline.router.assignment.tickets import HELD, OFFERED, TAKEN, WAITING, Optional, Ticket
from trunkline.router.assignment.workers import AVAILABLE, BUSY, OFFLINE, Hours, Worker

MINUTE = 60_000
HOUR = 60 * MINUTE
T0 = 1_000 * MINUTE


def ticket(id_: str, at: int = 0, **facts: Any) -> Ticket:
    """One that came so many minutes after the beginning; half an hour is its target."""
    target = facts.pop("target", 30 * MINUTE)
    arrived = T0 + at * MINUTE
    known: dict[str, Any] = {"priority": 3, "tokens": ("queue:help",), "offer": None} | facts
    return Ticket(id=id_, arrived_at=arrived, due=arrived + target, target=target, **known)


def worker(id_: str, *more: str, **facts: Any) -> Worker:
    """An agent of the queue."""
    return Worker(id=id_, tokens=frozenset({"queue:help", *more}), **facts)


class Day:
    """A model that is told events by the minute, and remembers who got what."""

    def __init__(self, *workers: Worker, on_duty: bool = True) -> None:
        self.model = Model()
        self.told(self.model.agents_changed(workers, T0))
        if on_duty:
            for each in workers:
                self.present(each.id, at=0)

    def told(self, bindings: Iterable[Bound]) -> list[tuple[str, str]]:
        """Drives an event to its end."""
        return [(bound.ticket, bound.agent) for bound in bindings]

    def arrive(self, id_: str, at: int = 0, **facts: Any) -> list[tuple[str, str]]:
        return self.told(self.model.arrive(ticket(id_, at, **facts), T0 + at * MINUTE))

    def present(self, agent: str, presence: str = AVAILABLE, at: int = 0) -> list[tuple[str, str]]:
        return self.told(self.model.present(agent, presence, T0 + at * MINUTE))

    def tell(self, event: str, id_: str, at: int, *more: Any) -> list[tuple[str, str]]:
        return self.told(getattr(self.model, event)(id_, *more, T0 + at * MINUTE))

    def done(self, id_: str, at: int, wrap_up: int = 0) -> list[tuple[str, str]]:
        self.tell("accepted", id_, at)
        return self.told(self.model.finished(id_, T0 + at * MINUTE, wrap_up * MINUTE))

    def until(self, at: int) -> list[tuple[str, str]]:
        return self.told(self.model.due(T0 + at * MINUTE))

    def state(self, id_: str) -> str:
        return self.model.desk.tickets[id_].state


def test_a_ticket_goes_to_the_longest_idle_and_waits_when_nobody_is_free() -> None:
    day = Day(worker("ada"), worker("bo"))

    assert day.arrive("t1", 1) == [("t1", "ada")]
    assert day.arrive("t2", 2) == [("t2", "bo")]
    assert day.arrive("t3", 3) == []
    assert day.done("t1", 4) == [("t3", "ada")]


def test_the_most_due_goes_first_whatever_came_first() -> None:
    day = Day(worker("ada"))
    day.arrive("t1")
    day.arrive("t2", 1, target=60 * MINUTE)
    day.arrive("t3", 2, target=10 * MINUTE)

    assert day.done("t1", 3) == [("t3", "ada")]
    assert day.done("t3", 4) == [("t2", "ada")]


def test_equal_deadlines_go_by_the_id_whatever_they_need() -> None:
    day = Day(worker("ada", "skill:a@1", "skill:z@1"))
    day.arrive("t0")
    day.arrive("t2", 1, tokens=("queue:help", "skill:a@1"))
    day.arrive("t1", 1, tokens=("queue:help", "skill:z@1"))

    assert day.done("t0", 2) == [("t1", "ada")]


def test_a_more_important_one_goes_first_until_starts_are_known_to_suffice() -> None:
    day = Day(worker("ada"))
    day.arrive("t1")
    day.arrive("low", 1, priority=3, target=2 * MINUTE)
    day.arrive("high", 1, priority=1, target=60 * MINUTE)

    assert day.done("t1", 2) == [("high", "ada")]


def test_a_less_important_one_goes_first_while_there_is_slack() -> None:
    day = Day(worker("ada"))
    for number in range(60):
        day.arrive(f"a{number:02d}", number)
        day.done(f"a{number:02d}", number)
    day.arrive("t1", 60)
    day.arrive("low", 61, priority=3, target=5 * MINUTE)
    day.arrive("high", 61, priority=1, target=60 * MINUTE)

    assert day.done("t1", 62) == [("low", "ada")]


def test_one_that_is_late_lets_others_pass_and_is_head_of_the_line_in_the_end() -> None:
    day = Day(worker("ada"))
    day.arrive("t1")
    day.arrive("late", 1, target=5 * MINUTE)
    day.arrive("t2", 2, target=8 * MINUTE)
    assert day.done("t1", 7) == [("t2", "ada")]
    day.arrive("t3", 8, target=10 * MINUTE)
    assert day.model.desk.tickets["late"].step == 1
    day.arrive("t4", 9, target=200 * MINUTE)
    assert day.done("t2", 30) == [("late", "ada")]
    assert (day.model.desk.tickets["late"].step, day.model.desk.tickets["late"].aim) == (3, T0 + 6 * MINUTE)


def test_the_one_with_the_least_scarce_skills_is_taken() -> None:
    day = Day(worker("ada", "language:fr"), worker("bo"), worker("cy", "language:fr", capacity=0))
    day.arrive("f1", 0, tokens=("language:fr", "queue:help"))
    day.done("f1", 1)
    day.arrive("t0", 2)
    day.done("t0", 3)

    assert day.arrive("t1", 5) == [("t1", "bo")]


def test_whoever_has_fewer_in_hand_is_faster_and_gets_it() -> None:
    day = Day(worker("ada", capacity=3), worker("bo", capacity=3))

    assert day.arrive("t1", 1) == [("t1", "ada")]
    assert day.arrive("t2", 2) == [("t2", "bo")]
    assert day.done("t1", 3) == []
    assert day.arrive("t3", 4) == [("t3", "ada")]


def test_a_returning_customer_goes_to_who_knows_them_and_is_held_for_them_for_a_while() -> None:
    day = Day(worker("ada"), worker("bo"))
    day.arrive("t1")

    assert day.arrive("t2", 1, previous="ada", hold=MINUTE) == []
    assert day.state("t2") == HELD
    assert day.until(2) == [("t2", "bo")]
    day.done("t2", 3)
    assert day.arrive("t3", 4, previous="ada", hold=MINUTE) == []
    assert day.done("t1", 4) == [("t3", "ada")]


def test_what_is_held_for_somebody_goes_to_anybody_when_they_leave() -> None:
    day = Day(worker("ada"), worker("bo"))
    day.arrive("t1")
    day.arrive("t2", 1, previous="ada", hold=MINUTE)

    assert day.present("ada", BUSY, 1) == [("t2", "bo")]


def test_the_previous_agent_sees_it_sooner_than_others_do() -> None:
    day = Day(worker("ada"), worker("bo"))
    day.arrive("t1")
    day.arrive("t2")
    day.arrive("back", 2, previous="bo")
    day.arrive("t3", 3)

    assert day.done("t1", 4) == [("t3", "ada")]
    assert day.done("t2", 5) == [("back", "bo")]


def test_after_a_third_of_its_target_it_is_second_choice_work_for_others() -> None:
    french = {
        "tokens": ("language:fr", "queue:help"),
        "optional": (Optional("language:fr", 9 * MINUTE, at_once=False),),
    }
    day = Day(worker("ada", "language:fr"), worker("bo"))
    day.arrive("t1", 0)
    day.arrive("t2", 0)

    assert day.arrive("f1", 1, **french) == []
    assert day.until(10) == []
    day.arrive("own", 11)
    assert day.done("t2", 12) == [("own", "bo")]
    assert day.done("own", 13) == [("f1", "bo")]


def test_a_language_that_nobody_on_duty_speaks_is_dropped_at_once() -> None:
    french = {"tokens": ("language:fr", "queue:help"), "optional": (Optional("language:fr", 9 * MINUTE, at_once=True),)}
    day = Day(worker("ada", "language:fr"), worker("bo"))
    day.present("ada", BUSY, 1)
    assert day.arrive("f1", 2, **french) == []
    assert day.present("ada", OFFLINE, 3) == [("f1", "bo")]
    day.done("f1", 4)
    assert day.arrive("f2", 5, **french) == [("f2", "bo")]


def test_a_wish_ends_when_the_ticket_is_twice_as_old_as_promised_whatever_others_have_to_do() -> None:
    french = {
        "tokens": ("language:fr", "queue:help"),
        "optional": (Optional("language:fr", 10 * MINUTE, at_once=True),),
    }
    day = Day(worker("ada"), worker("elodie", "language:fr"))
    day.present("elodie", BUSY)
    day.arrive("t1")
    day.arrive("t2", **french)
    for number in range(3, 6):
        day.arrive(f"t{number}", 1)
    day.until(59)

    assert day.done("t1", 59) == [("t3", "ada")]
    day.until(60)
    assert day.done("t3", 60) == [("t2", "ada")]


def test_a_language_that_is_demanded_is_waited_for() -> None:
    french = {"tokens": ("language:fr", "queue:help")}
    day = Day(worker("bo"), worker("ada", "language:fr"))
    day.present("ada", OFFLINE, 1)

    assert day.arrive("f1", 2, **french) == []
    assert day.until(60) == []
    assert day.present("ada", AVAILABLE, 61) == [("f1", "ada")]


def test_a_declined_ticket_keeps_its_aim_and_goes_to_another() -> None:
    day = Day(worker("ada"), worker("bo"))
    day.arrive("t1", 1, offer=MINUTE)

    assert day.tell("declined", "t1", 2) == [("t1", "bo")]
    assert day.model.desk.tickets["t1"].aim == T0 + 31 * MINUTE


def test_what_all_have_declined_is_offered_to_all_again_after_a_while() -> None:
    day = Day(worker("ada"))
    day.arrive("t1", 1, offer=MINUTE)

    assert day.tell("declined", "t1", 2) == []
    assert day.model.desk.tickets["t1"].asked_all_at == T0 + 2 * MINUTE
    assert day.until(6) == []
    assert day.until(7) == [("t1", "ada")]


def test_whoever_declined_is_asked_again_when_those_who_could_have_had_it_are_gone() -> None:
    day = Day(worker("ada"), worker("bo"))
    day.arrive("work")
    day.arrive("t1", 1, offer=MINUTE)
    assert day.tell("declined", "t1", 2) == []
    day.present("ada", OFFLINE, 3)

    assert day.until(7) == []
    assert day.until(11) == []
    assert day.until(12) == [("t1", "bo")]


def test_a_missed_offer_mutes_until_a_sign_of_life_and_takes_the_other_offers_back() -> None:
    day = Day(worker("ada", capacity=2))
    day.arrive("t1", offer=MINUTE)
    day.arrive("t2", offer=MINUTE)

    assert day.until(1) == []
    assert (day.state("t1"), day.state("t2")) == (WAITING, WAITING)
    assert day.arrive("t3", 2, offer=MINUTE) == []
    assert day.tell("alive", "ada", 3) == [("t1", "ada"), ("t2", "ada")]


def test_an_expiry_of_an_earlier_offer_does_nothing() -> None:
    day = Day(worker("ada"), worker("bo"))
    day.arrive("t1", offer=MINUTE)
    day.tell("declined", "t1", 0)
    day.tell("accepted", "t1", 0)

    assert day.until(5) == []
    assert day.state("t1") == TAKEN


def test_a_letter_in_hand_keeps_nobody_from_a_chat_but_a_chat_from_a_letter() -> None:
    day = Day(worker("ada"))

    assert day.arrive("letter", patient=True) == [("letter", "ada")]
    assert day.arrive("chat", 1) == [("chat", "ada")]
    assert day.arrive("letter2", 2, patient=True) == []
    assert day.done("letter", 3) == []
    assert day.done("chat", 4) == [("letter2", "ada")]


def test_a_call_is_all_of_an_agent() -> None:
    day = Day(worker("ada", capacity=3))
    day.arrive("chat")

    assert day.arrive("call", 1, exclusive=True) == []
    assert day.done("chat", 2) == [("call", "ada")]
    assert day.arrive("chat2", 3) == []
    assert day.arrive("letter", 3, patient=True) == []


def test_a_channel_has_its_own_cap() -> None:
    day = Day(worker("ada", capacity=3, caps={"chat": 1}))
    day.arrive("c1", channel="chat")

    assert day.arrive("c2", 1, channel="chat") == []
    assert day.arrive("m1", 2, channel="mail") == [("m1", "ada")]


def test_room_is_kept_for_a_heavy_ticket_that_would_starve_behind_light_ones() -> None:
    day = Day(worker("ada", capacity=2))
    day.arrive("l1")
    day.arrive("l2")
    day.arrive("heavy", 1, weight=2, target=10 * MINUTE)
    day.arrive("l3", 2)

    assert day.done("l1", 5) == []
    assert day.model.desk.agents["ada"].keeps == "heavy"
    assert day.arrive("l4", 6) == []
    assert day.done("l2", 7) == [("heavy", "ada")]
    assert day.done("heavy", 8) == [("l3", "ada"), ("l4", "ada")]


def test_room_that_was_kept_is_given_to_others_when_the_heavy_one_goes() -> None:
    day = Day(worker("ada", capacity=2))
    day.arrive("l1")
    day.arrive("l2")
    day.arrive("heavy", 1, weight=2, target=10 * MINUTE)
    day.arrive("l3", 2)
    day.done("l1", 5)

    assert day.tell("left", "heavy", 6) == [("l3", "ada")]


def test_wrapping_up_takes_the_room_of_its_ticket_for_its_time() -> None:
    day = Day(worker("ada"))
    day.arrive("t1")
    day.arrive("t2", 1)

    assert day.done("t1", 2, wrap_up=3) == []
    assert day.until(4) == []
    assert day.until(5) == [("t2", "ada")]


def test_whoever_says_that_they_are_ready_has_wrapped_up() -> None:
    day = Day(worker("ada"))
    day.arrive("t1")
    day.arrive("t2", 1)
    assert day.done("t1", 2, wrap_up=3) == []

    assert day.tell("ready", "ada", 3) == [("t2", "ada")]
    assert day.until(10) == []


def hours(*shifts: tuple[int, int], overtime: int = 0) -> Hours:
    """Shifts from a minute to another, which close ten minutes before their end."""

    def shift_at(now: int) -> tuple[int, int]:
        ends = [T0 + end * MINUTE for _, end in shifts if T0 + end * MINUTE > now]
        return (ends[0] - 10 * MINUTE, ends[0]) if ends else (0, 0)

    return Hours(shift_at, overtime * MINUTE, ("chat",))


def test_nothing_is_offered_in_the_last_minutes_of_a_shift_and_then_its_agent_is_offline() -> None:
    day = Day(worker("ada", hours=hours((0, 20), (60, 80))))
    day.arrive("t1", offer=HOUR)
    day.until(10)

    assert day.arrive("t2", 11) == []
    day.until(20)
    assert day.model.desk.agents["ada"].presence == OFFLINE
    assert day.state("t1") == WAITING
    assert day.present("ada", AVAILABLE, 21) == [("t1", "ada")]
    assert day.model.desk.agents["ada"].closes_at == T0 + 70 * MINUTE


def test_a_conversation_is_finished_in_overtime_and_not_for_ever() -> None:
    day = Day(worker("ada", hours=hours((0, 20), (60, 80), overtime=5)))
    day.arrive("t1", channel="chat")

    day.until(24)
    assert day.model.desk.agents["ada"].presence == AVAILABLE
    day.until(25)
    assert day.model.desk.agents["ada"].presence == OFFLINE


def test_whoever_goes_offline_gives_back_what_they_were_offered() -> None:
    day = Day(worker("ada"), worker("bo"))
    day.arrive("t1", offer=MINUTE)

    assert day.present("ada", OFFLINE, 1) == [("t1", "bo")]


def test_agents_of_a_new_configuration_have_their_work_and_whoever_is_missing_has_none_offered() -> None:
    day = Day(worker("ada"), worker("bo"))
    day.arrive("t1", offer=MINUTE)
    day.arrive("t2", offer=MINUTE)
    day.arrive("t3", 1, offer=MINUTE)

    assert day.told(day.model.agents_changed([worker("bo", capacity=3)], T0 + 2 * MINUTE)) == [
        ("t1", "bo"),
        ("t3", "bo"),
    ]
    assert day.state("t2") == OFFERED


def test_whoever_is_slower_with_something_takes_what_they_are_quick_at_of_what_is_about_as_due() -> None:
    day = Day(worker("ada", "skill:lamps@1", "skill:wires@1", speeds={"skill:lamps@1": 500}))
    day.arrive("t0")
    day.arrive("lamps", 1, tokens=("queue:help", "skill:lamps@1"))
    day.arrive("wires", 2, tokens=("queue:help", "skill:wires@1"))

    assert day.done("t0", 3) == [("wires", "ada")]
