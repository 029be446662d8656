"""A form says what somebody changed, whatever kind of value it is, and who was first when two did."""

from trunkline.config.field_settings import FieldSettings
from trunkline.desk.views.record_form import changed, newest_writing, overtaken, record_inputs
from trunkline.router.customer_values import checked, values_of, with_values
from trunkline.router.records import Customer

DECLARED = {
    "plan": FieldSettings(type="choice", options=("free", "pro")),
    "parts": FieldSettings(type="choices", options=("lamp", "cable", "bulb")),
    "trial": FieldSettings(type="boolean"),
    "seats": FieldSettings(label="Number of seats", type="number"),
    "since": FieldSettings(type="date"),
}
VALUES = {
    "segment": "vip",
    "notes": "two\nlines",
    "fields.plan": "pro",
    "fields.parts": ["lamp", "bulb"],
    "fields.trial": False,
    "fields.seats": 12.5,
    "fields.since": "2026-02-01",
}


def record() -> Customer:
    return with_values(Customer(id="c", created_at=1, revision=1), VALUES, by="agent:ada", at=5)


def as_sent(person: Customer) -> dict[str, list[str]]:
    """The form as a browser sends it when nobody touched it."""
    inputs = record_inputs(person, DECLARED)
    return {each.place: ["", *each.chosen] if each.type == "choices" else [each.value] for each in inputs}


def test_a_form_that_nobody_touched_changes_nothing() -> None:
    form = as_sent(record())
    assert form["fields.parts"] == ["", "lamp", "bulb"]
    assert form["notes"] == ["two\nlines"]
    form["notes"] = ["two\r\nlines"]
    assert changed(record_inputs(record(), DECLARED), form) == {}
    assert changed(record_inputs(record(), DECLARED), {}) == {}, "what is not on a form stays"


def test_what_was_changed_is_read_as_the_value_that_it_is() -> None:
    person = record()
    sent = as_sent(person) | {
        "segment": [""],
        "language": ["es"],
        "fields.plan": [""],
        "fields.parts": ["", "cable"],
        "fields.trial": ["yes"],
        "fields.seats": ["13"],
    }
    values, faults = checked(changed(record_inputs(person, DECLARED), sent), DECLARED)
    assert faults == {}
    after = values_of(with_values(person, values, by="agent:ada", at=6))
    assert after == {
        "language": "es",
        "notes": "two\nlines",
        "fields.parts": ["cable"],
        "fields.trial": True,
        "fields.seats": 13,
        "fields.since": "2026-02-01",
    }


def test_whoever_wrote_a_value_after_the_form_was_shown_is_named_and_others_are_in_nobodys_way() -> None:
    shown = record()
    seen = newest_writing(shown)
    now = with_values(shown, {"fields.seats": 7}, by="agent:boris", at=9)
    inputs, names = record_inputs(now, DECLARED), {"boris": "Boris"}
    assert overtaken(now, {"segment": "gold"}, seen, names, inputs) == ""
    told = overtaken(now, {"fields.seats": "8"}, seen, names, inputs)
    assert told == "Number of seats is 7 now, by Boris; look at it and save again"
