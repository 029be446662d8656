"""What Meta's errors mean, by code and subcode."""

import json
from typing import Any

import pytest

from trunkline.adapters.meta.refusals import WINDOW_SHUT, judge, told_error
from trunkline.config.errors import (
    AccountUnavailable,
    CredentialsRefused,
    DeliveryDeferred,
    DeliveryFailed,
    DeliveryUnknown,
    TrunklineError,
)
from trunkline.web.vendor_api import ApiAnswer


def answer(code: int, subcode: int = 0, headers: Any = None, **more: Any) -> ApiAnswer:
    error = {"message": "in Meta's words", "type": "OAuthException", "code": code, "error_subcode": subcode, **more}
    return ApiAnswer(400, headers or {}, json.dumps({"error": error}).encode())


@pytest.mark.parametrize(
    ("code", "subcode", "kind"),
    [
        *((code, 0, AccountUnavailable) for code in (2, 4, 17, 32, 613, 80007, 130429, 131048, 131016, 368)),
        *((code, 0, DeliveryDeferred) for code in (1200, 131000, 131056)),
        *((code, 0, CredentialsRefused) for code in (190, 10, 200, 299, 3, 131031, 131042, 133010)),
        *((code, 0, DeliveryFailed) for code in (551, 131047, 131026, 131051, 131053, 132001, 10900)),
        *((10, subcode, DeliveryFailed) for subcode in (2018278, 2534022)),
        (200, 1545041, DeliveryFailed),
        (100, 2018001, DeliveryFailed),
        (1, 0, DeliveryUnknown),
        (1, 1357046, DeliveryUnknown),
    ],
)
def test_an_error_says_what_becomes_of_the_answer(code: int, subcode: int, kind: type[TrunklineError]) -> None:
    error = judge(answer(code, subcode))
    assert type(error) is kind
    assert str(code) in error.detail
    assert "Meta's words" not in error.detail


def test_a_window_that_is_shut_is_told_apart_from_a_permission_that_is_missing() -> None:
    shut = judge(answer(10, 2018278))
    assert shut is not None
    assert shut.facts["what"] == WINDOW_SHUT


def test_a_wait_is_as_long_as_meta_asks_or_as_its_limit_makes_sensible() -> None:
    asked, known = judge(answer(4, headers={"Retry-After": "7"})), judge(answer(131048))
    assert (getattr(asked, "asked", None), getattr(known, "asked", None)) == (7, 3600)


@pytest.mark.parametrize(
    "content", [b"", b"[]", b'{"error": "no"}', b'{"error": {"code": "x"}}', b'{"error": {"code": 100}}']
)
def test_what_says_nothing_is_judged_by_its_status(content: bytes) -> None:
    assert judge(ApiAnswer(400, {}, content)) is None


def test_an_unknown_error_that_meta_calls_transient_is_tried_again() -> None:
    assert isinstance(judge(answer(987654, is_transient=True)), DeliveryDeferred)


@pytest.mark.parametrize(
    ("error", "told"),
    [
        ({"code": 131026, "title": "Undeliverable"}, "they are not on WhatsApp, have not taken its terms, or have too"),
        ({"code": 5, "error_data": {"details": "Something odd"}}, "Something odd (5)"),
        ({}, "Meta does not say why (0)"),
    ],
)
def test_an_error_in_a_receipt_is_told_in_words(error: dict[str, Any], told: str) -> None:
    assert told_error(error).startswith(told)
