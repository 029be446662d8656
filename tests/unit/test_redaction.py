"""No log line carries personal text: names and words become lengths, addresses and credentials marks."""

import io
import json
import logging
import re
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from trunkline.config.errors import DeliveryFailed, EngineUnavailable, Misconfigured
from trunkline.gateway.logs import level_named, start_logging
from trunkline.gateway.redaction import blot, redact, words_of

EMAILS = st.emails()


def _redacted(**line: Any) -> dict[str, Any]:
    return dict(redact(None, "info", dict(line)))


@given(EMAILS, st.sampled_from(["mail from {}", "<{}>", "to={};", "„{}“", "cannot reach {}: refused", "{}"]))
def test_no_mail_address_survives(address: str, sentence: str) -> None:
    domain = address.rpartition("@")[2]
    found = blot(sentence.format(address))
    assert f"@{domain}" not in found
    assert address not in found
    assert "[address]" in found


@pytest.mark.parametrize("number", ["+49 170 1234567", "+441632960961", "+1 (415) 555-0132"])
def test_no_phone_number_survives(number: str) -> None:
    assert blot(f"call from {number} ended") == "call from [number] ended"


@pytest.mark.parametrize(
    "credential",
    ["tlk_Zm9vYmFyYmF6cXV4", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "Bearer abcdefgh12345678", "redis://u:pw@host"],
)
def test_no_credential_survives(credential: str) -> None:
    found = blot(f"refused {credential} for good")
    assert "[credential]" in found
    assert credential not in found


@pytest.mark.parametrize(
    "harmless",
    ["127.0.0.1:2525", "01a201ff-dd39-7388-819c-8254342ad15e", "T-1042", "2026-11-22T06:44:17.691412Z", "at 75 %"],
)
def test_ids_addresses_of_machines_and_times_stay(harmless: str) -> None:
    assert blot(harmless) == harmless


def test_personal_fields_become_lengths_wherever_they_are() -> None:
    line = _redacted(event="filed", raw_id="r1", text="I am ill", facts={"subject": "My illness", "size": 8})
    assert line == {"event": "filed", "raw_id": "r1", "text": "[8]", "facts": {"subject": "[10]", "size": 8}}


def test_bytes_are_never_shown() -> None:
    assert _redacted(event="x", found=b"my words") == {"event": "x", "found": "[8]"}


@pytest.mark.parametrize("error", [ValueError("Maria Lopez"), KeyError("Maria Lopez"), UnicodeError("Maria")])
def test_an_exception_that_repeats_data_loses_its_words(error: Exception) -> None:
    assert words_of(error) == type(error).__name__


def test_a_validation_error_does_not_repeat_its_input() -> None:
    class Model(BaseModel):
        age: int

    with pytest.raises(ValidationError) as caught:
        Model.model_validate({"age": "Maria is 42"})
    assert "Maria" not in words_of(caught.value)


def test_our_own_errors_and_those_of_the_system_keep_their_words() -> None:
    assert words_of(EngineUnavailable("PING: refused")) == "EngineUnavailable: PING: refused"
    assert (
        words_of(DeliveryFailed("550 no such user maria@example.org")) == "DeliveryFailed: 550 no such user [address]"
    )
    assert "Connection refused" in words_of(ConnectionRefusedError(111, "Connection refused"))


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """The log as it is written, and everything as it was behind it."""
    handlers, level = logging.root.handlers[:], logging.root.level
    stream = io.StringIO()
    start_logging("info", stream)
    yield stream
    structlog.reset_defaults()
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)


def _lines(log: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


def test_a_line_is_one_json_object_with_time_level_action_and_ids(log: io.StringIO) -> None:
    structlog.get_logger().info("a message is filed", action="filed", ticket="T-1")
    (line,) = _lines(log)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT.*Z", line.pop("time"))
    assert line == {"event": "a message is filed", "level": "info", "action": "filed", "ticket": "T-1"}


def test_a_traceback_has_frames_and_no_data(log: io.StringIO) -> None:
    def read(words: str) -> None:
        raise ValueError(words)

    try:
        read("Maria Lopez is ill")
    except ValueError:
        structlog.get_logger().exception("reading failed", action="failed")
    assert "Maria" not in log.getvalue()
    (line,) = _lines(log)
    assert line["exception"][0]["error"] == "ValueError"
    assert line["exception"][0]["frames"][-1].endswith(" read")


def test_what_libraries_log_takes_the_same_way(log: io.StringIO) -> None:
    logging.getLogger("some.library").warning("peer %s said %s", "192.0.2.1", "RCPT TO:<maria@example.org>")
    logging.getLogger("some.library").info("not interesting")
    (line,) = _lines(log)
    assert line["level"] == "warning"
    assert line["event"] == "peer 192.0.2.1 said RCPT TO:<[address]>"


def test_below_the_level_nothing_is_written(log: io.StringIO) -> None:
    structlog.get_logger().debug("details")
    assert log.getvalue() == ""


def test_the_level_is_the_option_else_the_variable_else_info() -> None:
    assert level_named("DEBUG", {"TRUNKLINE_LOG_LEVEL": "error"}) == "debug"
    assert level_named(None, {"TRUNKLINE_LOG_LEVEL": "Error"}) == "error"
    assert level_named(None, {}) == "info"
    with pytest.raises(Misconfigured, match="TRUNKLINE_LOG_LEVEL: found 'loud', expected one of"):
        level_named(None, {"TRUNKLINE_LOG_LEVEL": "loud"})


def test_a_log_that_nobody_takes_stops_nothing(log: io.StringIO) -> None:
    log.close()
    structlog.get_logger().error("said to nobody")
    logging.getLogger("some.library").error("said to nobody")
