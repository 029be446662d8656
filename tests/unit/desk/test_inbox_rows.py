"""The first column: what comes first, what is marked, and what a list says when it is empty."""

from typing import Any

import pytest

from trunkline.desk.views.deadlines import answer_deadline
from trunkline.desk.views.inbox_rows import Needs, Reading, Row, Section, row, search_section, sections
from trunkline.desk.views.person_names import identity_words, person_name
from trunkline.desk.views.ticket_lists import TicketList
from trunkline.gateway.channels import facts
from trunkline.router.promises import promise_of

from .tickets import HOUR, MINUTE, NOW, event, stored

CHANNELS = facts()


def reading(**facts: Any) -> Reading:
    return Reading(**{"agent": "ada", "languages": ("en",), "seen": {}, "channels": CHANNELS} | facts)


def some(*tickets: Any, total: int | None = None) -> TicketList:
    return TicketList(tickets=tickets, total=len(tickets) if total is None else total)


def section(name: str, needs: Needs, *, queue: str | None = None, **facts: Any) -> Section:
    return next(each for each in sections(needs, reading(**facts), queue=queue) if each.name == name)


def numbers(found: Section) -> list[str]:
    return [each.number for each in found.rows]


def offered(number: int, due: int) -> Any:
    return stored(
        {"history": [event("offered", due - 5 * MINUTE, agent="ada")]},
        number=number,
        status="new",
        offer={"agent": "ada", "expires_at": due},
    )


def shown(own: dict[str, Any] | None = None, *, look: dict[str, Any] | None = None, **facts: Any) -> Row:
    return row(stored(own, **facts), reading(**(look or {})))


def test_the_offer_that_runs_out_first_is_at_the_top() -> None:
    needs = Needs(offers=some(offered(1, NOW + 200_000), offered(2, NOW + 100_000)))
    assert numbers(section("offers", needs)) == ["T-2", "T-1"]


def test_an_offer_shows_how_much_of_its_time_is_left() -> None:
    offer = section("offers", Needs(offers=some(offered(1, NOW + MINUTE)))).rows[0].offer
    assert offer is not None
    assert (offer.since, offer.due, offer.words(NOW)) == (NOW - 4 * MINUTE, NOW + MINUTE, "1 min left")


def test_of_mine_the_next_promise_due_comes_first_and_who_waits_for_nobody_last() -> None:
    late, early, urgent = (NOW - HOUR, NOW - 2 * HOUR, NOW - 10 * MINUTE)
    mine = some(
        stored({"customer_waits_since": None}, number=1, assignee="ada"),
        stored({"customer_waits_since": late}, number=2, assignee="ada"),
        stored({"customer_waits_since": early}, number=3, assignee="ada"),
        stored({"customer_waits_since": urgent}, number=4, assignee="ada", priority=1),
    )
    assert numbers(section("mine", Needs(mine=(mine,)))) == ["T-4", "T-3", "T-2", "T-1"]


def test_the_window_that_shuts_before_an_answer_is_due_is_what_counts_while_somebody_waits() -> None:
    soon, later = NOW + HOUR, NOW + 9 * HOUR
    given = [
        shown({"customer_waits_since": NOW - HOUR}, reply_by=soon),
        shown({"customer_waits_since": NOW - HOUR}, reply_by=later),
        shown({"customer_waits_since": NOW - HOUR}, reply_by=soon, status="on_hold"),
        shown({"customer_waits_since": NOW - HOUR}, reply_by=NOW, status="open"),
        shown({"customer_waits_since": None}, reply_by=soon),
    ]
    told = [(each.deadline.kind, each.deadline.tone(NOW), each.deadline.words(NOW)) for each in given if each.deadline]
    assert told == [
        ("window", "warn", "shuts in 1 h"),
        ("first_response", "calm", "3 h left"),
        ("window", "warn", "shuts in 1 h"),
        ("window", "late", "shut"),
    ]
    assert given[-1].deadline is None


def test_what_shuts_soon_stands_above_where_there_is_any() -> None:
    assert [each.name for each in sections(Needs(), reading(), queue=None)][:2] == ["offers", "mine"]
    told = Needs(shutting=some(stored({"customer_waits_since": NOW}, number=7, reply_by=NOW + HOUR)))
    assert numbers(section("shutting", told)) == ["T-7"]


def test_a_deadline_is_quiet_then_warns_then_is_late() -> None:
    tones = []
    for used in (179, 180, 240):  # minutes of the four hours of priority 3
        deadline = shown({"customer_waits_since": NOW - used * MINUTE}).deadline
        assert deadline is not None
        tones.append((deadline.tone(NOW), deadline.words(NOW)))
    assert tones == [("calm", "1 h left"), ("warn", "1 h left"), ("late", "0 s late")]


def test_nobody_waits_for_a_ticket_that_is_parked_or_done() -> None:
    assert [shown(status=status).deadline for status in ("pending", "on_hold", "solved")] == [None] * 3


def test_what_an_agent_has_not_seen_is_marked_only_where_it_is_theirs() -> None:
    unseen = shown(assignee="ada")
    seen = shown(assignee="ada", look={"seen": {unseen.id: NOW - HOUR}})
    foreign = shown(assignee="boris")
    assert (unseen.unread, seen.unread, foreign.unread) == (True, False, False)


def test_a_language_is_named_when_it_is_not_the_agents() -> None:
    assert [shown(language=code).language for code in ("en", "es", "unknown")] == ["", "es", ""]


def test_what_has_no_words_is_told_by_its_subject_and_who_has_no_name_is_somebody() -> None:
    bare = shown({"preview": {}}, subject="A picture")
    assert (bare.who, bare.preview) == ("Somebody", "A picture")


@pytest.mark.parametrize(
    ("name", "key", "shown"),
    [
        ("Maria", "email:maria@example.org", "Maria"),
        ("", "email:maria@example.org", "maria@example.org"),
        ("", "chat:web:e8455d2fa417e84d", "Visitor e84d"),
        ("", "http:crm:4711", "4711"),
        ("", "", "Somebody"),
    ],
)
def test_somebody_is_called_by_what_tells_them_apart(name: str, key: str, shown: str) -> None:
    assert person_name(name, key, CHANNELS) == shown


@pytest.mark.parametrize(
    ("key", "kind", "value"),
    [
        ("email:maria@example.org", "E-mail", "maria@example.org"),
        ("chat:web:e8455d2fa417e84d", "Chat (web)", "Visitor e84d"),
        ("http:crm:conversation:4711", "Http (crm)", "4711"),
        ("ticket:0191", "Ticket", "0191"),
    ],
)
def test_an_identity_is_shown_the_same_wherever_it_stands(key: str, kind: str, value: str) -> None:
    words = identity_words(key, CHANNELS)
    assert (words.kind, words.value, words.value) == (kind, value, person_name("", key, CHANNELS))


def test_a_page_warns_from_the_moment_at_which_the_promise_is_at_risk() -> None:
    owed = stored({"customer_waits_since": NOW})
    deadline, promise = answer_deadline(owed), promise_of(owed)
    assert deadline is not None
    assert promise is not None
    assert (deadline.risk, deadline.due) == (promise.risk, promise.due)
    told = [deadline.tone(at) for at in (promise.risk - 1, promise.risk, promise.due - 1, promise.due)]
    assert told == ["calm", "warn", "warn", "late"]


def test_a_chosen_queue_leaves_only_what_is_in_it() -> None:
    mine = some(stored(number=1, assignee="ada"), stored(number=2, assignee="ada", queue="billing"), total=9)
    found = section("mine", Needs(mine=(mine,)), queue="billing")
    assert (numbers(found), found.total, found.more) == (["T-2"], 1, 0)


def test_a_list_says_how_many_it_does_not_show() -> None:
    assert section("mine", Needs(mine=(some(stored(assignee="ada"), total=80),))).more == 79
    many = some(*(stored(number=number, assignee="ada") for number in range(1, 60)))
    found = section("mine", Needs(mine=(many,)))
    assert (len(found.rows), found.more) == (40, 19)


def test_a_search_that_goes_on_does_not_say_how_far() -> None:
    found = search_section(TicketList(tickets=[stored()], total=1, goes_on=True), reading(), "lamp")
    assert (found.total, found.goes_on, found.more) == (1, True, 0)


def test_offers_stand_there_whatever_queue_is_chosen() -> None:
    assert numbers(section("offers", Needs(offers=some(stored(number=1))), queue="billing")) == ["T-1"]


def test_of_a_folded_list_only_the_size_is_known() -> None:
    made = {each.name: each for each in sections(Needs(waiting=some(total=7)), reading(), queue=None)}
    assert (made["waiting"].total, made["waiting"].folded, made["waiting"].folds) == (7, True, True)
    unfolded = sections(Needs(), reading(), queue=None, unfolded={"waiting"})
    assert [each.name for each in unfolded if each.folds and not each.folded] == ["waiting"]


def test_what_is_owed_keeps_its_order_and_says_who_has_it() -> None:
    mine, theirs = stored(number=1, assignee="ada"), stored(number=2, assignee="boris")
    names = {"ada": "Ada", "boris": "Boris"}
    (due,) = [
        each
        for each in sections(Needs(due=some(theirs, mine, total=9)), reading(names=names), queue="support")
        if each.name == "due"
    ]
    assert ([each.number for each in due.rows], [each.holder for each in due.rows]) == (["T-2", "T-1"], ["Boris", ""])
    assert (due.total, due.folds) == (9, True)


def test_an_empty_list_says_what_that_means() -> None:
    assert "queues are empty" in section("offers", Needs()).empty
    assert "below" in section("offers", Needs(waiting=some(total=3))).empty
    assert "while you are away" in section("offers", Needs(), presence="away").empty
    assert "“lamp”" in search_section(TicketList(), reading(), "lamp").empty
