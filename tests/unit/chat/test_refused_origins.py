"""Foreign pages that ask for a chat are told to the operator: which origin, which setting, and not in a flood."""

from typing import Any

import pytest
from aiohttp.test_utils import make_mocked_request
from structlog.testing import capture_logs

from trunkline.adapters.chat.origins import Origins
from trunkline.adapters.chat.refused_origins import AGAIN_SECONDS, MOST, RefusedOrigins
from trunkline.config.errors import Forbidden

SETTING = "channels.chat.web.origins"


class Time:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def told(lines: list[Any]) -> list[str]:
    """The origins of which the operator has heard."""
    return [line["origin"] for line in lines if line["action"] == "chat_origin_refused"]


def test_the_log_names_the_origin_and_the_setting() -> None:
    request = make_mocked_request("GET", "/chat/web/start", headers={"Origin": "https://other.example"})
    with capture_logs() as lines, pytest.raises(Forbidden):
        Origins(["https://shop.example"], SETTING).demand(request)
    (line,) = lines
    assert (line["log_level"], line["origin"], line["setting"]) == ("warning", "https://other.example", SETTING)
    assert "restart" in line["remedy"]


def test_each_origin_is_told_once_in_a_while() -> None:
    refused = RefusedOrigins(SETTING, now := Time())
    with capture_logs() as lines:
        for origin in ("https://a.example", "https://b.example", "https://a.example"):
            refused.seen(origin)
        now.now += AGAIN_SECONDS
        refused.seen("https://a.example")
    assert told(lines) == ["https://a.example", "https://b.example", "https://a.example"]


def test_made_up_origins_neither_flood_the_log_nor_are_kept() -> None:
    refused = RefusedOrigins(SETTING, Time())
    with capture_logs() as lines:
        for number in range(10 * MOST):
            refused.seen(f"https://{number}.example/{'x' * 5000}")
    assert len(told(lines)) == MOST
    assert max(map(len, told(lines))) <= 200


def test_a_page_without_an_origin_hears_that_no_setting_helps() -> None:
    with capture_logs() as lines:
        RefusedOrigins(SETTING, Time()).seen("null")
    assert "serve it over HTTP" in lines[0]["remedy"]
