"""The board of some queues: counts of these, and nothing of the others."""

from trunkline.desk.board.narrowed import narrowed
from trunkline.desk.board.snapshot import SeenQueue, Snapshot

from .test_board_verdict import SETTINGS, agent, queue

COUNTS = ("waiting", "wanted", "undelivered", "entries", "dead", "given_up", "suspended", "proposed", "known", "begun")


def _seen(*queues: SeenQueue) -> Snapshot:
    whole = dict.fromkeys(COUNTS, 0) | {
        name: sum(getattr(each, name) for each in queues) for name in ("waiting", "wanted", "undelivered")
    }
    people = (agent("ada"), agent("boris"))
    return Snapshot.model_validate(
        {"queues": queues, "agents": people, "channels": (), "arrived": (), "handled": (), "orphans": 3, **whole}
    )


def test_every_count_of_tickets_is_of_the_queues_that_are_seen() -> None:
    support = queue("support", waiting=1, wanted=2, undelivered=1)
    billing = queue("billing", waiting=10, wanted=20, undelivered=40)
    seen = narrowed(_seen(support, billing), SETTINGS, {"support"})
    assert (seen.waiting, seen.wanted, seen.undelivered, seen.orphans) == (1, 2, 1, 0)
    assert [each.name for each in seen.queues] == ["support"]
    both = narrowed(_seen(support, billing), SETTINGS, {"support", "billing"})
    assert (both.waiting, both.wanted, both.undelivered) == (11, 22, 41)
