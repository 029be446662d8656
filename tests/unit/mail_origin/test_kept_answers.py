"""What the resolver remembers, and how much of it."""

import tracemalloc

from trunkline.adapters.mail.origin.kept_answers import KeptAnswers

_LONG = 60_000  # octets: about the longest answer that the DNS can carry


def test_an_answer_is_kept_until_it_expires() -> None:
    kept = KeptAnswers(10_000)
    kept.put(("example.org", "A"), ["192.0.2.1"], 300)
    assert kept.get(("example.org", "A"), 299) == ["192.0.2.1"]
    assert kept.get(("example.org", "AAAA"), 299) is None
    assert kept.get(("example.org", "A"), 300) is None
    assert kept.octets == 0


def test_that_there_is_nothing_is_kept_too() -> None:
    kept = KeptAnswers(10_000)
    kept.put(("nowhere.example", "A"), (), 300)
    assert kept.get(("nowhere.example", "A"), 0) == ()


def test_a_newer_answer_takes_the_place_of_the_older() -> None:
    kept = KeptAnswers(10_000)
    kept.put(("example.org", "A"), ["192.0.2.1"] * 3, 300)
    kept.put(("example.org", "A"), ["192.0.2.2"], 600)
    once = KeptAnswers(10_000)
    once.put(("example.org", "A"), ["192.0.2.2"], 600)
    assert kept.get(("example.org", "A"), 400) == ["192.0.2.2"]
    assert kept.octets == once.octets


def test_what_was_not_asked_for_the_longest_goes_first() -> None:
    kept = KeptAnswers(3 * _LONG)
    for name in ("one", "two"):
        kept.put((name, "TXT"), ["x" * _LONG], 300)
    assert kept.get(("one", "TXT"), 0)
    kept.put(("three", "TXT"), ["x" * _LONG], 300)
    assert [bool(kept.get((name, "TXT"), 0)) for name in ("one", "two", "three")] == [True, False, True]


def test_long_answers_and_many_records_and_many_names_stay_in_their_memory() -> None:
    most = 1_000_000
    for records in (["x" * _LONG], [str(number) for number in range(4000)], []):
        kept = KeptAnswers(most)
        tracemalloc.start()
        try:
            for number in range(4000 if not records else 50):
                name = f"{number:04}".ljust(250, "x")
                kept.put((name, "TXT"), [record + "." for record in records], 300)
            assert tracemalloc.get_traced_memory()[0] < 1.1 * most
        finally:
            tracemalloc.stop()
        assert 0.7 * most < kept.octets <= most


def test_an_answer_longer_than_all_the_memory_is_not_kept() -> None:
    kept = KeptAnswers(1_000)
    kept.put(("example.org", "TXT"), ["x" * _LONG], 300)
    assert kept.get(("example.org", "TXT"), 0) is None
    assert kept.octets == 0
