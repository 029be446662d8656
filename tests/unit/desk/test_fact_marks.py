"""Marks of facts: no field of a view can change without its mark, and no view changes by time alone."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from datetime import UTC
from typing import Any, get_type_hints

import pytest
from pydantic import BaseModel

from trunkline.desk.views.conversation import Conversation
from trunkline.desk.views.deadlines import Deadline
from trunkline.desk.views.fact_marks import mark_of
from trunkline.desk.views.happenings import Happened
from trunkline.desk.views.inbox import Asked, Inbox
from trunkline.desk.views.inbox_rows import Row, Section
from trunkline.desk.views.linked_text import LinkedText
from trunkline.desk.views.people import KnownAs, Person, Profile
from trunkline.desk.views.proof_words import Proof
from trunkline.desk.views.record_form import Input
from trunkline.desk.views.related_records import RelatedRecord
from trunkline.desk.views.reply_target import ReplyTarget
from trunkline.desk.views.set_away import SetAway
from trunkline.desk.views.ticket_head import Head
from trunkline.desk.views.ticket_view import TicketView
from trunkline.desk.views.timeline import Entry, File, Line, Receipt
from trunkline.desk.views.why import Candidate, Why
from trunkline.normalizer.envelope import Attachment
from trunkline.router.held_list import HeldReply

from .tickets import NOW, stored

PLAIN: Mapping[Any, Any] = {str: "word", int: 7, bool: False}


def filled(view: Any, **given: Any) -> Any:
    """A view whose fields are given, or plain values of their kind."""
    hints = get_type_hints(view)
    missing = {field.name: PLAIN.get(hints[field.name], "calm") for field in fields(view) if field.name not in given}
    return view(**missing | given)


CLOCK = Deadline(since=NOW, due=NOW + 1)
PROOF = filled(Proof)
TICKET = stored(tags=("a",), rules=("r",), required_skills=("x",), assignee="ada").record
HELD = HeldReply(
    id="i",
    ticket="t",
    agent="a",
    actor="x",
    text="y",
    held_at=1,
    attachments=(Attachment(name="f", media_type="m", size=1, sha256="0" * 64),),
)
ENTRY = filled(
    Entry,
    side="note",
    proof=PROOF,
    said={"order": "1"},
    linked_text=[filled(LinkedText)],
    files=[filled(File)],
    receipt=filled(Receipt),
)
LINES = [Line(key="1", day="Today"), Line(key="2", entry=ENTRY), Line(key="3", event=filled(Happened))]
INPUT = filled(Input, type="choice", options=["gold"], chosen=["gold"])
PROFILE = filled(
    Profile,
    names=["Maria"],
    identities=[filled(KnownAs, proof=PROOF)],
    external_ids={"crm": "1"},
    fields={"plan": "gold"},
    inputs=[INPUT],
)
ROW = filled(Row, deadline=CLOCK, offer=CLOCK)
VIEWS = {
    "inbox": Inbox(
        asked=Asked(queue="support", unfolded=frozenset({"mine", "solved"})),
        sections=[filled(Section, rows=[ROW, ROW])],
        queues=["support"],
        away=filled(SetAway),
    ),
    "ticket": TicketView(
        ticket=TICKET,
        head=filled(Head, offer=CLOCK, deadline=None),
        conversation=filled(Conversation, lines=LINES),
        reply_target=filled(ReplyTarget, left_at=None),
        held=[HELD],
    ),
    "person": Person(
        profile=PROFILE,
        ticket_inputs=[INPUT],
        related=[filled(RelatedRecord, identities=["x"])],
        others=[TICKET],
        others_more=0,
        why=Why(title="t", sentence="s", candidates=[filled(Candidate)]),
        deadline=None,
        rules=["r"],
        queues=["q"],
        agents=[("ada", "Ada")],
    ),
}


def changes(value: Any) -> Iterator[tuple[str, Any]]:
    """The value with one thing in it changed, for each thing in it, with where that is."""
    if is_dataclass(value) and not isinstance(value, type):
        parts = {field.name: getattr(value, field.name) for field in fields(value)}
        yield from ((where, replace(value, **changed)) for where, changed in _entries(parts))
    elif isinstance(value, BaseModel):
        yield from ((where, value.model_copy(update=changed)) for where, changed in _entries(dict(value)))
    elif isinstance(value, Mapping):
        yield from (("+", {**value, "one more": "x"}), *_entries(value))
    elif isinstance(value, frozenset):
        yield "+", value | {"one more"}
    elif isinstance(value, Sequence) and not isinstance(value, str):
        yield from (("+", [*value, "one more"]), *(("-", [*value[:at], *value[at + 1 :]]) for at in range(len(value))))
        yield from ((where, list(changed.values())) for where, changed in _entries(dict(enumerate(value))))
    else:
        yield "", not value if isinstance(value, bool) else value + 1 if isinstance(value, int) else f"{value}!"


def _entries(parts: Mapping[Any, Any]) -> Iterator[tuple[str, dict[Any, Any]]]:
    for name, part in parts.items():
        yield from ((f".{name}{where}", {**parts, name: changed}) for where, changed in changes(part))


@pytest.mark.parametrize("name", VIEWS)
def test_whatever_changes_in_a_view_changes_its_mark(name: str) -> None:
    mark, met = mark_of(VIEWS[name]), 0
    for where, changed in changes(VIEWS[name]):
        assert mark_of(changed) != mark, where
        met += 1
    assert met > 10
    assert mark_of(VIEWS[name]) == mark


def test_the_order_of_a_set_is_no_fact_and_the_order_of_a_list_is_one() -> None:
    names = [f"name {number}" for number in range(50)]
    assert mark_of(frozenset(names)) == mark_of(frozenset(reversed(names)))
    assert mark_of(names) != mark_of(names[::-1])
    assert mark_of(("a", "b")) == mark_of(["a", "b"])


@pytest.mark.parametrize("thing", [lambda: 1, object(), b"bytes", UTC])
def test_what_is_no_fact_is_refused(thing: Any) -> None:
    with pytest.raises(TypeError):
        mark_of(thing)
