"""Records that links connect are one person; links are made and ended in any order, and only those that hold count."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.config.errors import Conflict
from trunkline.normalizer.envelope import Assurance
from trunkline.router.person import MOST_LINKS, MOST_RECORDS, as_one, members, related
from trunkline.router.records import Customer, KnownIdentity

NAMES = [f"c{number:02d}" for number in range(7)]
PAIRS = st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)).filter(lambda pair: pair[0] != pair[1])


def record(id_: str, **more: Any) -> Customer:
    known = KnownIdentity(
        kind="email", value=f"{id_}@example.org", assurance=Assurance.ORIGIN, evidence="test", since=1
    )
    return Customer(id=id_, identities=(known,), created_at=1, revision=1, **more)


def said(records: Mapping[str, Customer], one: str, other: str, state: str, at: int = 1) -> dict[str, Customer]:
    """The records after a decision."""
    fields = related(records, one, other, {"kind": "merge", "state": state, "at": at})
    return {id_: each.model_copy(update=fields.get(id_, {})) for id_, each in records.items()}


@given(st.lists(st.tuples(PAIRS, st.booleans()), max_size=40))
def test_who_is_one_person_follows_from_the_links_that_hold_whatever_came_before(
    decisions: list[tuple[tuple[str, str], bool]],
) -> None:
    records, holding = {id_: record(id_) for id_ in NAMES}, set[frozenset[str]]()
    for (one, other), join in decisions:
        records = said(records, one, other, "joined" if join else "parted")
        (holding.add if join else holding.discard)(frozenset((one, other)))
    fresh = {id_: record(id_) for id_ in NAMES}
    for one, other in map(sorted, holding):
        fresh = said(fresh, one, other, "joined")
    assert {id_: each.records for id_, each in records.items()} == {id_: each.records for id_, each in fresh.items()}
    for id_ in NAMES:
        assert (records[id_].records or (id_,)) == members(records, id_)


def test_a_person_is_known_by_the_oldest_record_whose_word_comes_first() -> None:
    old = record("c1", names=("Maria",), language="unknown", segment="", fields={"plan": "gold"})
    new = record("c2", names=("Maria", "M. Lee"), language="es", segment="vip", fields={"plan": "free", "city": "x"})
    person = as_one([new, old])
    assert (person.id, person.names, person.language, person.segment) == ("c1", ("Maria", "M. Lee"), "es", "vip")
    assert person.fields == {"plan": "gold", "city": "x"}
    assert {known.value for known in person.identities} == {"c1@example.org", "c2@example.org"}
    assert as_one([old]) is old


def test_what_was_decided_about_two_records_of_one_person_is_in_its_ledger_once() -> None:
    records = said({id_: record(id_) for id_ in ("c1", "c2", "c3")}, "c2", "c1", "joined")
    records = said(records, "c1", "c3", "declined", at=2)
    ledger = as_one([records["c1"], records["c2"]]).links
    assert [(entry["record"], entry["customer"], entry["state"]) for entry in ledger] == [
        ("c1", "c2", "joined"),
        ("c1", "c3", "declined"),
    ]


def test_a_person_has_a_bounded_number_of_records_and_a_record_a_bounded_ledger() -> None:
    many = [f"r{number:03d}" for number in range(MOST_RECORDS + 1)]
    records = {id_: record(id_) for id_ in many}
    for other in many[1:-1]:
        records = said(records, many[0], other, "joined")
    with pytest.raises(Conflict, match="at most 50 records"):
        said(records, many[0], many[-1], "joined")
    full = record("c1", links=({"state": "proposed", "customer": "x"},) * (MOST_LINKS - 1))
    others = {"c2": record("c2"), "c3": record("c3")}
    joined = said({"c1": full, **others}, "c1", "c2", "joined")
    with pytest.raises(Conflict, match="ledger"):
        said(joined, "c1", "c3", "joined")
    with pytest.raises(Conflict, match="ledger"):
        said(joined, "c3", "c1", "declined")
    assert said(joined, "c1", "c2", "parted")["c1"].records == (), "what holds can be ended, however full it is"
