"""The articles of several tickets as one list."""

from trunkline.router.case_articles import interleaved


def test_articles_stand_as_they_came_and_those_of_one_ticket_keep_their_order() -> None:
    lists = [([1, 5, 3, 9], ["a1", "a5", "a3", "a9"]), ([2, 4, 6], ["b2", "b4", "b6"])]
    assert list(interleaved(lists)) == ["a1", "b2", "b4", "a5", "a3", "b6", "a9"]
