"""Why a ticket went to an agent and came before others, told from the record of the decision."""

from typing import Any

from trunkline.desk.views.choices import agent_words, why_agent, why_ticket
from trunkline.router.decision_record import Decision, SeenAgent, SeenPace, SeenTicket


def decision(**facts: Any) -> Decision:
    known: dict[str, Any] = {"at": 0, "agent": "ada", "ticket": "t1", "config": "", "channel": "chat", "weight": 1}
    return Decision(**known | {"way": "own", "load_before": 1, "load_after": 2, "capacity": 3} | facts)


def seen(agent: str, slowness: int = 0, price: int = 0, idle_since: int = 0) -> SeenAgent:
    return SeenAgent(agent=agent, slowness=slowness, price=price, idle_since=idle_since)


def head(ticket: str, place: int, priority: int = 3, **facts: Any) -> SeenTicket:
    return SeenTicket(ticket=ticket, place=place, priority=priority, **facts)


def test_the_first_thing_in_which_the_agent_was_ahead_is_told() -> None:
    told = [
        why_agent(decision(agents=(seen("ada"), other)), you=False)
        for other in (seen("bo", 1), seen("bo", 0, 1), seen("bo", 0, 0, 1), seen("bo"))
    ]

    assert told == [
        "had the most room (1 of 3 in use)",
        "was needed least for what others cannot do (1 of 3 in use)",
        "had been free the longest (1 of 3 in use)",
        "was first by name among equals (1 of 3 in use)",
    ]
    assert why_agent(decision(agents=(seen("ada"),)), you=True) == "were the only one who could take it"


def test_what_an_agent_was_ranked_by_is_told_in_words() -> None:
    assert agent_words(seen("ada", slowness=99_500)) == (
        "does 0.50 of an agent's work more with it, is wanted by no other ticket"
    )
    assert agent_words(seen("ada", price=7)).endswith("is wanted by other tickets too (price 7)")


def test_that_somebody_lacks_what_was_wanted_or_knows_the_case_is_told() -> None:
    french = decision(way="overflow", lacking=("language:fr",), tickets=(head("t1", 5),))

    assert why_agent(french, you=False) == (
        "had room for it (1 of 3 in use), and nobody who speaks French was free in time, so it waited no longer"
    )
    assert why_agent(decision(way="returning", agents=(seen("ada"),)), you=False) == "had this case before"


def test_why_this_ticket_came_first_is_told() -> None:
    pace = SeenPace(span=600_000, starts=160, arrivals=(0, 0, 0, 0), targets=(600_000, 0, 0, 0))
    most_due = decision(tickets=(head("t1", 5), head("t2", 6)), more_tickets=2)
    important = decision(tickets=(head("t0", 4), head("t1", 5, 1)))
    slack = decision(tickets=(head("t1", 5), head("t2", 6, 1)), pace=pace, due={"600000": (2, 0, 0)})
    late = decision(tickets=(head("t1", 5, final=True), head("t2", 6, 1)))

    assert why_ticket(most_due) == "It was the most due that they could have."
    assert why_ticket(important) == (
        "It was the most important that they could have; what was due sooner would have made such ones late."
    )
    assert why_ticket(slack) == (
        "It was the most due that they could have, and there was time for more important ones: within 10 min 2 of them "
        "were due, and about 10 are begun."
    )
    assert why_ticket(late) == "It was so late that it came before all others that they could have."
    assert why_ticket(decision(agents=(seen("ada"),))) == ""
