"""What is written into records of one person: the newest holds, and parting leaves each with what is its own."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from trunkline.config.field_settings import FieldSettings
from trunkline.router.customer_terms import CustomerFilter, terms_of
from trunkline.router.customer_values import checked, values_of, with_values
from trunkline.router.person import as_one
from trunkline.router.records import Customer

DECLARED = {"plan": FieldSettings(type="choice", options=("free", "pro")), "seats": FieldSettings(type="number")}
PLACES = ("segment", "company", "language", "notes", "fields.plan", "external_ids.crm")


def record(id_: str, **more: Any) -> Customer:
    return Customer(id=id_, created_at=1, revision=1, **more)


@given(
    st.lists(
        st.tuples(st.sampled_from("abc"), st.sampled_from(PLACES), st.sampled_from(["x1", "x2", None])), max_size=25
    )
)
def test_of_several_records_the_newest_writing_holds_whatever_the_order_of_the_records(
    writes: list[tuple[str, str, str | None]],
) -> None:
    records, last, own = {id_: record(id_) for id_ in "abc"}, dict[str, str | None](), dict[str, dict[str, str]]()
    for at, (id_, place, value) in enumerate(writes, 1):
        records[id_] = with_values(records[id_], {place: value}, by="agent:ada", at=at)
        last[place] = value
        own.setdefault(id_, {})[place] = str(value)
    person = as_one(records.values())
    assert values_of(person) == {place: value for place, value in last.items() if value is not None}
    assert person == as_one(reversed(records.values()))
    for id_, alone in records.items():
        expected = {place: value for place, value in own.get(id_, {}).items() if value != "None"}
        assert values_of(alone) == expected, "each record has what was written into it, as if it had been alone"


def test_what_was_written_goes_before_what_was_only_learned_and_an_emptied_value_stays_empty() -> None:
    old = record("a", language="es")
    new = with_values(record("b", language="en"), {"language": "et", "segment": None}, by="token:crm", at=7)
    person = as_one([old, new])
    assert (person.language, person.segment) == ("et", "")
    assert (person.written["language"].by, person.written["segment"].at) == ("token:crm", 7)
    emptied = with_values(record("c", segment="vip"), {"segment": None}, by="agent:ada", at=9)
    assert as_one([with_values(old, {"segment": "vip"}, by="agent:ada", at=8), emptied]).segment == ""


def test_every_value_that_is_none_is_named_with_what_is_expected_or_near() -> None:
    given_ = {
        "segment": " vip ",
        "company": "a\nb",
        "language": "spanish",
        "time_zone": "Mars",
        "notes": "two\nlines",
        "external_ids.crm": "4711",
        "fields.plan": "gold",
        "fields.seat": 3,
        "fields.seats": "12",
    }
    changes, faults = checked(given_, DECLARED)
    assert changes == {
        "segment": "vip",
        "notes": "two\nlines",
        "external_ids.crm": "4711",
        "fields.seats": 12,
    }
    assert faults == {
        "company": "expected text without control characters, in one line",
        "language": "expected a language as two letters of ISO 639-1, such as en",
        "time_zone": "expected a time zone by its IANA name, such as Europe/Madrid",
        "fields.plan": "expected one of free, pro",
        "fields.seat": "a customer has no field seat; did you mean seats?",
    }


def test_a_person_is_found_by_beginnings_of_words_and_by_whole_values() -> None:
    person = record("a", name="José Núñez-Vega", company="Acme & Sons", segment="VIP", fields={"plan": "pro", "n": 5})
    person = person.model_copy(update={"external_ids": {"crm": "K-4711"}})
    for asked in (
        {"q": "jose vega"},
        {"q": "NUÑ acm"},
        {"q": "k-47"},
        {"q": "pro"},
        {"segment": "vip", "field": "plan:Pro"},
        {"field": "n:5"},
        {"company": "acme & sons"},
        {"external_id": "crm:K-4711"},
        {},
    ):
        assert CustomerFilter(**asked).admits(person), asked
    others = ({"q": "jose x"}, {"q": "ose"}, {"segment": "vi"}, {"field": "plan:free"}, {"external_id": "erp:K-4711"})
    for asked in others:
        assert not CustomerFilter(**asked).admits(person), asked
    assert all(term.endswith("|a") for term in terms_of(person))
