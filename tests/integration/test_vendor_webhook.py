"""The common face of vendors' webhooks: nothing is promised that is not stored, and no garbage is an error of ours."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest
from aiohttp import ClientSession, web

from tests.conformance.subject import MemoryIntake, url_of
from trunkline.adapters.vendor_post import Event, Post, demand_equal, json_bytes, read_json, single_header
from trunkline.adapters.vendor_webhook import IN_FLIGHT, Contract, VendorWebhook
from trunkline.config.errors import EngineFull, EngineUnavailable
from trunkline.web.service import WebService, new_application

KEYS = {"shop": b"one", "support": b"two"}


def verify(post: Post) -> None:
    signature = single_header(post, "x-signature")
    if signature == "garbage":
        raise UnicodeError("as a vendor's verifier does")
    demand_equal(signature, hmac.digest(KEYS[post.account], post.body, "sha256").hex())


def split(post: Post) -> Sequence[Event]:
    return [
        Event(each["id"], "message", each["lane"], json_bytes(each), json_bytes(each["text"]), {"target": post.target})
        for each in read_json(post.body)["events"]
    ]


def handshake(post: Post) -> web.Response | None:
    return web.Response(text="hello") if post.body == b"ping" else None


class SlowLanes(MemoryIntake):
    """Stores what is in the lane `slow` only when it is `let` to; tells when all `others` are stored."""

    def __init__(self, others: int = 2) -> None:
        super().__init__()
        self.let, self.others_stored, self._others = asyncio.Event(), asyncio.Event(), others

    async def accept(self, **given: Any) -> Any:
        if given["lane"].endswith(":slow"):
            await self.let.wait()
        accepted = await super().accept(**given)
        if len(self.raws) == self._others:
            self.others_stored.set()
        return accepted


class Vendor:
    """Posts to the face."""

    def __init__(self, intake: MemoryIntake, patience: float = 10.0) -> None:
        self.intake: Any = intake
        contract = Contract(
            verify=verify, split=split, handshake=handshake, answer=b"<ok/>", answer_type="text/xml",
            largest=4096, patience=patience,
        )  # fmt: skip
        self.face = VendorWebhook("imagined", KEYS, contract, self.intake)
        application = new_application()
        self.face.mount(application)
        self.service = WebService(application, "127.0.0.1", 0)

    async def post(self, body: bytes | dict[str, Any], *, account: str = "shop", **headers: str) -> tuple[int, str]:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        signature = hmac.digest(KEYS.get(account, b"one"), content, "sha256").hex()
        given = {"x-signature": signature} | {name.replace("_", "-"): value for name, value in headers.items()}
        address = url_of(self.service, f"v1/imagined/{account}?a=%C3%A9")
        async with ClientSession() as session, session.post(address, data=content, headers=given) as response:
            return response.status, await response.text()

    def outcomes(self) -> dict[str, int]:
        return {name: count for name, count in self.face.counts.items() if count}


@pytest.fixture
async def vendor() -> AsyncIterator[Vendor]:
    made = Vendor(SlowLanes())
    await made.service.start()
    yield made
    await made.service.stop()


def event(id_: str, lane: str = "maria", text: str = "Hello") -> dict[str, str]:
    return {"id": id_, "lane": lane, "text": text}


async def test_every_event_of_a_body_is_a_message_of_its_own_and_the_vendor_hears_what_it_wants(vendor: Vendor) -> None:
    assert await vendor.post({"events": [event("1"), event("2", "jose")]}) == (200, "<ok/>")
    assert [(raw.account, raw.external_id, json.loads(raw.content)["lane"]) for raw in vendor.intake.raws] == [
        ("shop", "1", "maria"),
        ("shop", "2", "jose"),
    ]
    assert dict(vendor.intake.raws[0].transport) == {"target": "/v1/imagined/shop?a=%C3%A9", "peer": "127.0.0.1"}
    assert vendor.outcomes() == {"taken": 1}


async def test_events_of_one_lane_keep_their_order_and_no_lane_waits_for_another(vendor: Vendor) -> None:
    body = {"events": [event("1", "slow"), event("2"), event("3", "slow"), event("4")]}
    posting = asyncio.create_task(vendor.post(body))
    await vendor.intake.others_stored.wait()
    assert [raw.external_id for raw in vendor.intake.raws] == ["2", "4"]
    assert not posting.done()
    vendor.intake.let.set()
    assert (await posting)[0] == 200
    assert [raw.external_id for raw in vendor.intake.raws] == ["2", "4", "1", "3"]


async def test_a_body_without_events_is_taken_and_stores_nothing(vendor: Vendor) -> None:
    assert (await vendor.post({"events": []}))[0] == 200
    assert vendor.intake.raws == []


async def test_a_repeat_is_taken_and_known_also_where_it_says_that_it_is_one(vendor: Vendor) -> None:
    assert (await vendor.post({"events": [event("1")]}))[0] == 200
    assert (await vendor.post({"events": [event("1") | {"again": "yes"}]}))[0] == 200
    assert [raw.external_id for raw in vendor.intake.raws] == ["1"]


async def test_another_message_under_a_known_id_is_kept_beside_the_first_and_repeats_as_well(vendor: Vendor) -> None:
    for text in ("Hello", "Another", "Another", "Hello"):
        assert (await vendor.post({"events": [event("1", text=text)]}))[0] == 200
    first, second = vendor.intake.raws
    assert (first.external_id, second.external_id[:2]) == ("1", "1#")


@pytest.mark.parametrize("signature", ["", "0" * 64, "garbage", "a" * 4000, "caf\xe9"])
async def test_a_forged_or_garbled_signature_is_401_whatever_the_verifier_makes_of_it(
    vendor: Vendor, signature: str
) -> None:
    status, _ = await vendor.post({"events": [event("1")]}, x_signature=signature)
    assert (status, vendor.intake.raws, vendor.outcomes()) == (401, [], {"forged": 1})


async def test_the_key_of_another_account_is_forged_here(vendor: Vendor) -> None:
    body = json.dumps({"events": [event("1")]}).encode()
    signature = hmac.digest(KEYS["support"], body, "sha256").hex()
    assert (await vendor.post(body, x_signature=signature))[0] == 401


@pytest.mark.parametrize("headers", [{}, {"x_signature": "garbage"}])
async def test_an_account_that_is_not_ours_is_404_after_the_same_check(vendor: Vendor, headers: dict[str, str]) -> None:
    status, _ = await vendor.post({"events": [event("1")]}, account="nobody", **headers)
    assert (status, vendor.intake.raws, vendor.outcomes()) == (404, [], {"invalid": 1})


async def test_a_body_over_the_limit_is_413(vendor: Vendor) -> None:
    assert (await vendor.post(b" " * 5000))[0] == 413
    assert vendor.outcomes() == {"invalid": 1}


@pytest.mark.parametrize("body", [b"no JSON", b'{"events": [{"id": 7}]}', b'{"events": 7}', b"{" * 1000, b"\xff"])
async def test_what_verifies_and_cannot_be_split_is_stored_whole_and_taken(vendor: Vendor, body: bytes) -> None:
    assert (await vendor.post(body))[0] == 200
    assert (await vendor.post(body))[0] == 200
    (raw,) = vendor.intake.raws
    assert (raw.content, raw.external_id) == (body, hashlib.sha256(body).hexdigest())
    assert vendor.outcomes() == {"unreadable": 2}


async def test_names_that_no_store_would_take_are_names_all_the_same(vendor: Vendor) -> None:
    body = {"events": [event("\ud83d", "a\0b"), event("x" * 500, "y" * 500), event("", "")]}
    assert (await vendor.post(body))[0] == 200
    assert [len(raw.external_id) for raw in vendor.intake.raws] == [1, 64, 0]


@pytest.mark.parametrize("failure", [EngineUnavailable("away"), EngineFull("full")])
async def test_our_own_trouble_is_503_with_a_pause_and_a_repeat_completes_the_body(
    vendor: Vendor, failure: Exception
) -> None:
    vendor.intake.failure = failure
    assert (await vendor.post({"events": [event("1"), event("2", "jose")]}))[0] == 503
    vendor.intake.failure = None
    assert (await vendor.post({"events": [event("1"), event("2", "jose")]}))[0] == 200
    assert len(vendor.intake.raws) == 2
    assert vendor.outcomes() == {"refused": 1, "taken": 1}


async def test_the_vendor_hears_within_its_time_that_nothing_is_promised() -> None:
    vendor = Vendor(MemoryIntake(), patience=0.05)
    vendor.intake.gate.clear()
    await vendor.service.start()
    assert (await vendor.post({"events": [event("1")]}))[0] == 503
    await vendor.service.stop()


async def test_too_many_posts_at_once_are_put_off_and_a_stranger_takes_no_place_among_them(vendor: Vendor) -> None:
    places = vendor.face._in_flight
    assert places.take(units=IN_FLIGHT)
    assert (await vendor.post({"events": [event("1")]}))[0] == 503
    assert (await vendor.post({"events": [event("1")]}, x_signature="0"))[0] == 401
    places.give_back(units=IN_FLIGHT)
    assert (await vendor.post({"events": [event("1")]}))[0] == 200
    assert places.used == 0


async def test_a_handshake_is_answered_behind_the_signature_and_stores_nothing(vendor: Vendor) -> None:
    assert (await vendor.post(b"ping", x_signature="0"))[0] == 401
    assert await vendor.post(b"ping") == (200, "hello")
    assert vendor.intake.raws == []
    (family,) = vendor.face.metrics()
    assert family.name == "trunkline_imagined_posts"
    assert {sample.labels["outcome"]: sample.value for sample in family.samples if sample.value} == {
        "answered": 1,
        "forged": 1,
    }
