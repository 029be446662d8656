"""Frames: read strictly, and whatever comes is a frame or a fault with a name."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trunkline.adapters.chat.close_codes import MALFORMED, MalformedFrame, close_code
from trunkline.adapters.chat.frames import Hello, Message, read_frame, read_poll

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=10,
)
TYPES = ("hello", "message", "typing", "seen", "before", "address", "code", "nonsense")


def test_fields_that_are_not_known_are_passed_over() -> None:
    frame = read_frame('{"type":"hello","after":7,"color":"red","token":null}')
    assert frame == Hello(after=7)


def test_a_message_is_read_as_it_is() -> None:
    frame = read_frame(json.dumps({"type": "message", "id": "a" * 16, "text": "Grüße\n<b>", "files": []}))
    assert isinstance(frame, Message)
    assert (frame.id, frame.text, frame.files) == ("a" * 16, "Grüße\n<b>", ())


FAULTS = {
    "": "a frame is a JSON object",
    "{": "a frame is a JSON object",
    "[]": "frame:",
    '"hello"': "frame:",
    "{}": "type: hello, message",
    '{"type":"shout"}': "type: hello, message",
    '{"type":"hello","after":-1}': "hello.after:",
    '{"type":"hello","after":"1"}': "hello.after:",
    '{"type":"message","id":"short","text":"x"}': "message.id:",
    '{"type":"message","id":"aaaaaaaaaaaaaaaa\\n","text":"x"}': "message.id:",
    '{"type":"message","id":"aaaaaaaaaaaaaaaa"}': "message.text:",
    '{"type":"message","id":"aaaaaaaaaaaaaaaa","text":"\\ud800"}': "a frame is a JSON object",
    '{"type":"message","id":"aaaaaaaaaaaaaaaa","text":"","files":[{"sha256":"../etc"}]}': "message.files.0.sha256:",
    '{"type":"seen","position":1,"state":"liked"}': "seen.state:",
    '{"type":"before","position":1e300}': "before.position:",
    "[" * 10_000: "a frame is a JSON object",
}


@pytest.mark.parametrize(("text", "fault"), FAULTS.items(), ids=range(len(FAULTS)))
def test_a_fault_is_named(text: str, fault: str) -> None:
    with pytest.raises(MalformedFrame) as caught:
        read_frame(text)
    assert caught.value.public.startswith(fault)
    code, reason = close_code(caught.value)
    assert code == MALFORMED
    assert len(reason) <= 123


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(["id", "text", "after", "token", "files", "position", "state"]), ANYTHING))
def test_any_object_is_a_frame_or_a_fault(fields: dict[str, Any]) -> None:
    for type_ in TYPES:
        try:
            read_frame(json.dumps({"type": type_, **fields}))
        except MalformedFrame as error:
            assert error.public  # noqa: PT017  (a frame is as good)


@settings(deadline=None)
@given(st.text() | st.binary() | ANYTHING.map(json.dumps))
def test_anything_at_all_is_a_frame_or_a_fault(text: str | bytes) -> None:
    for read in (read_frame, read_poll):
        try:
            read(text)  # type: ignore[operator]
        except MalformedFrame:
            continue


def test_a_poll_has_frames_in_bounds() -> None:
    poll = read_poll(json.dumps({"after": 3, "frames": [{"type": "typing"}], "wait": 25}).encode())
    assert (poll.after, len(poll.frames), poll.wait) == (3, 1, 25)
    for body in ({"wait": 26}, {"frames": [{"type": "typing"}] * 51}, {"frames": [{"type": "x"}]}):
        with pytest.raises(MalformedFrame):
            read_poll(json.dumps(body).encode())
