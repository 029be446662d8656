"""Requests to a vendor's API: each ends in an answer, or in what has become of the message."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web

from trunkline.config.errors import (
    AccountUnavailable,
    CredentialsRefused,
    DeliveryFailed,
    DeliveryUnknown,
    TrunklineError,
)
from trunkline.web.service import WebService
from trunkline.web.vendor_api import ApiAnswer, VendorApi

TOKEN = "a token of the tests"


class Vendor:
    """Answers as it is told to, and keeps what it was asked."""

    def __init__(self) -> None:
        self.answer: dict[str, Any] = {"status": 200, "text": "{}"}
        self.breaks = ""
        self.asked: list[tuple[str, str, Any, str]] = []
        self.silent = asyncio.Event()
        application = web.Application()
        application.router.add_route("*", "/{path:.*}", self._take)
        self.service = WebService(application, "127.0.0.1", 0)

    @property
    def base(self) -> str:
        return "http://{}:{}/api".format(*self.service.address)

    async def _take(self, request: web.Request) -> web.StreamResponse:
        content = await request.text()
        self.asked.append((request.method, request.path_qs, content, request.headers.get("Authorization", "")))
        assert request.transport is not None
        if self.breaks == "before":
            request.transport.abort()
        if self.breaks == "silent":
            await self.silent.wait()
        if self.breaks == "within":
            response = web.StreamResponse(status=self.answer["status"])
            response.content_length = 100
            await response.prepare(request)
            await response.write(b"beginning")
            request.transport.close()
            return response
        return web.Response(**self.answer)


@pytest.fixture
async def vendor() -> AsyncIterator[Vendor]:
    made = Vendor()
    await made.service.start()
    yield made
    made.silent.set()
    await made.service.stop()


@pytest.fixture
async def api(vendor: Vendor) -> AsyncIterator[VendorApi]:
    made = VendorApi("Imagined", vendor.base + "/", patience=0.3)
    yield made
    await made.close()


async def told(api: VendorApi, **changes: Any) -> TrunklineError:
    with pytest.raises(TrunklineError) as caught:
        await api.call("POST", f"/bot{TOKEN}/send", headers={"Authorization": TOKEN}, secrets=[TOKEN], **changes)
    assert TOKEN not in str(caught.value)
    assert caught.value.__cause__ is None
    return caught.value


async def test_the_vendor_is_asked_what_it_was_called_for_and_its_answer_is_given(
    api: VendorApi, vendor: Vendor
) -> None:
    vendor.answer = {"status": 201, "text": '{"id": "m1"}', "headers": {"X-Request": "r1"}}
    answer = await api.call(
        "POST", "/send", query={"a": "é"}, content={"text": "Grüße"}, headers={"Authorization": "t"}
    )
    assert (answer.status, answer.json(), answer.headers["x-request"], answer.whole) == (201, {"id": "m1"}, "r1", True)
    ((method, target, content, header),) = vendor.asked
    assert (method, target, json.loads(content), header) == ("POST", "/api/send?a=%C3%A9", {"text": "Grüße"}, "t")


async def test_a_form_goes_as_a_form(api: VendorApi, vendor: Vendor) -> None:
    await api.call("POST", "/send", form={"Body": "a b"})
    assert vendor.asked[0][2] == "Body=a+b"


@pytest.mark.parametrize("repeatable", [False, True])
@pytest.mark.parametrize(
    ("status", "fate", "repeated"),
    [
        (302, DeliveryFailed, DeliveryFailed),
        (400, DeliveryFailed, DeliveryFailed),
        (401, CredentialsRefused, CredentialsRefused),
        (403, CredentialsRefused, CredentialsRefused),
        (408, AccountUnavailable, AccountUnavailable),
        (429, AccountUnavailable, AccountUnavailable),
        (500, DeliveryUnknown, AccountUnavailable),
        (503, DeliveryUnknown, AccountUnavailable),
    ],
)
async def test_a_status_says_what_has_become_of_the_message(
    api: VendorApi,
    vendor: Vendor,
    status: int,
    fate: type[TrunklineError],
    repeated: type[TrunklineError],
    repeatable: bool,
) -> None:
    vendor.answer = {"status": status, "text": f"the token {TOKEN}\nis odd", "headers": {"Location": "/elsewhere"}}
    error = await told(api, repeatable=repeatable)
    assert type(error) is (repeated if repeatable else fate)
    assert "Imagined" in str(error)
    assert str(error).endswith(f"{status} the token … is odd")
    assert len(vendor.asked) == 1


async def test_a_pause_that_the_vendor_asks_for_is_told(api: VendorApi, vendor: Vendor) -> None:
    vendor.answer = {"status": 429, "headers": {"Retry-After": "17"}}
    error = await told(api)
    assert isinstance(error, AccountUnavailable)
    assert error.retry_after == 17


@pytest.mark.parametrize(
    ("asked", "seconds"),
    [
        ("0", 0),
        ("17", 17),
        ("9" * 5000, 3600),
        ("Mon, 30 Nov 2026 03:00:30 GMT", 30),
        ("Mon, 30 Nov 2026 02:00:00 GMT", 0),
        ("soon", None),
        ("", None),
        ("-5", None),
        ("\u0661", None),
    ],
)
def test_a_pause_is_a_number_or_a_date_and_at_most_an_hour(asked: str, seconds: int | None) -> None:
    headers = {"Retry-After": asked, "Date": "Mon, 30 Nov 2026 03:00:00 GMT"}
    assert ApiAnswer(429, headers, b"").retry_after == seconds


@pytest.mark.parametrize(("repeatable", "fate"), [(False, DeliveryUnknown), (True, AccountUnavailable)])
@pytest.mark.parametrize("breaks", ["before", "silent"])
async def test_without_an_answer_the_fate_is_unknown_unless_a_repeat_is_recognised(
    api: VendorApi, vendor: Vendor, breaks: str, repeatable: bool, fate: type[TrunklineError]
) -> None:
    vendor.breaks = breaks
    assert type(await told(api, repeatable=repeatable)) is fate
    assert len(vendor.asked) == 1


async def test_an_answer_that_breaks_off_has_been_given(api: VendorApi, vendor: Vendor) -> None:
    vendor.breaks = "within"
    answer = await api.call("POST", "/send")
    assert (answer.status, answer.content, answer.whole, answer.json()) == (200, b"beginning", False, {})


async def test_who_cannot_be_connected_to_was_sent_nothing() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        api = VendorApi("Imagined", f"http://127.0.0.1:{taken.getsockname()[1]}")
        error = await told(api)
    assert type(error) is AccountUnavailable
    await api.close()


async def test_an_answer_is_read_up_to_a_limit(api: VendorApi, vendor: Vendor) -> None:
    vendor.answer = {"status": 200, "text": "x" * 200_000}
    answer = await api.call("GET", "/file", largest=1000)
    assert (len(answer.content), answer.whole) == (1000, False)
    vendor.answer = {"status": 200, "text": "x" * 1000}
    assert (await api.call("GET", "/file", largest=1000)).whole


async def test_a_channel_may_read_a_status_otherwise_and_take_one_for_an_answer(vendor: Vendor) -> None:
    api = VendorApi(
        "Imagined", vendor.base, judge=lambda answer: DeliveryFailed("blocked") if answer.status == 403 else None
    )
    vendor.answer = {"status": 403}
    assert type(await told(api)) is DeliveryFailed
    vendor.answer = {"status": 409, "text": "taken before"}
    assert (await api.call("POST", "/send", also=[409])).status == 409
    assert type(await told(api)) is DeliveryFailed
    await api.close()


async def test_it_may_be_closed_at_any_time_and_called_again(api: VendorApi) -> None:
    await api.close()
    await api.call("GET", "/")
    await api.close()
    assert (await api.call("GET", "/")).status == 200
