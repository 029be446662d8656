"""`POST /v1/inbound/{source}`: what is signed and whole is stored once, all else is refused and stored nowhere."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from aiohttp import ClientSession

from trunkline.adapters.http_source import receiving
from trunkline.adapters.http_source.channel import HttpChannel
from trunkline.adapters.http_source.settings import HttpSettings
from trunkline.config.errors import Conflict, EngineFull, EngineUnavailable
from trunkline.config.field_settings import FieldSettings, OwnFields
from trunkline.queue.clock import ManualClock
from trunkline.web.peers import Peers
from trunkline.web.service import WebService, new_application
from trunkline.web.webhook_signing import key_of, signed_headers

SECRETS = {"form": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "shop": "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"}
NOW = 1_800_000_000
FIELDS = {"name": "name", "email": "email", "subject": "subject", "message": "message", "conversation": "conversation"}
SETTINGS = HttpSettings.model_validate(
    {
        "form": {"fields": FIELDS, "max_body": "64KiB"},
        "shop": {
            "fields": {"email": "user.email", "message": "body.text", "plan": "user.plan", "weather": "weather"},
            "assurance": "A2",
        },
    }
)
MESSAGE = {"name": "Maria", "email": "Maria@example.org", "message": "Where is my order?", "conversation": "c-1"}


@dataclass(frozen=True)
class Accepted:
    id: str
    duplicate: bool


class FakeIntake:
    """Remembers what it was given, like the real one."""

    def __init__(self) -> None:
        self.stored: list[dict[str, Any]] = []
        self.trouble: Exception | None = None
        self.gate = asyncio.Event()
        self.gate.set()

    async def accept(self, **message: Any) -> Accepted:
        await self.gate.wait()
        if self.trouble is not None:
            raise self.trouble
        key = tuple(message[name] for name in ("channel", "account", "external_id", "kind"))
        for known in self.stored:
            if known["key"] == key and known["content"] != message["content"]:
                raise Conflict("another message was stored under this id before, as raw-0")
            if known["key"] == key:
                return Accepted(known["id"], True)
        self.stored.append({**message, "key": key, "id": f"raw-{len(self.stored)}"})
        return Accepted(self.stored[-1]["id"], False)


@pytest.fixture
def intake() -> FakeIntake:
    return FakeIntake()


@pytest.fixture
def channel(intake: FakeIntake) -> HttpChannel:
    return HttpChannel(
        SETTINGS,
        intake=intake,
        secret_of=SECRETS.__getitem__,
        clock=ManualClock(NOW * 1000),
        declared=lambda: OwnFields(customer={"plan": FieldSettings(type="choice", options=("free", "pro"))}),
        peers=Peers(["127.0.0.1"]),
    )


@pytest.fixture
async def client(channel: HttpChannel) -> AsyncIterator[ClientSession]:
    application = new_application()
    channel.routes(application)
    service = WebService(application, "127.0.0.1", 0)
    await service.start()
    async with ClientSession(f"http://127.0.0.1:{service.address[1]}") as session:
        yield session
    await service.stop()
    await channel.stop()


async def post(
    client: ClientSession,
    content: Any,
    *,
    source: str = "form",
    webhook_id: str = "msg_1",
    secret: str = SECRETS["form"],
    timestamp: int = NOW,
    **more: Any,
) -> tuple[int, dict[str, Any], Mapping[str, str]]:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    headers = signed_headers(key_of(secret), webhook_id, timestamp, body)
    response = await client.post(f"/v1/inbound/{source}", data=body, headers={**headers, **more.get("headers", {})})
    return response.status, await response.json(content_type=None), response.headers


def counted(channel: HttpChannel) -> dict[str, float]:
    """How many posts ended how."""
    (family,) = channel.metrics()
    return {sample.labels["outcome"]: sample.value for sample in family.samples if sample.value}


async def test_times_of_others_are_judged_by_the_true_time_and_what_cannot_be_judged_is_our_trouble(
    intake: FakeIntake,
) -> None:
    clock = ManualClock(NOW * 1000)
    channel = HttpChannel(SETTINGS, intake=intake, secret_of=SECRETS.__getitem__, clock=clock)
    application = new_application()
    channel.routes(application)
    service = WebService(application, "127.0.0.1", 0)
    await service.start()
    async with ClientSession(f"http://127.0.0.1:{service.address[1]}") as client:
        clock.lead(3_600_000)
        assert (await post(client, MESSAGE))[0] == 202
        status, _, headers = await post(client, MESSAGE, webhook_id="msg_2", timestamp=NOW + 3600)
        assert (status, "Retry-After" in headers) == (503, True)
        clock.lead(0)
        assert (await post(client, MESSAGE, webhook_id="msg_2", timestamp=NOW + 3600))[0] == 401
    await service.stop()
    await channel.stop()


async def test_a_signed_message_is_stored_as_it_came_and_answered_with_its_id(
    client: ClientSession, intake: FakeIntake
) -> None:
    body = json.dumps(MESSAGE, indent=1).encode()
    status, answer, _ = await post(client, body, headers={"X-Forwarded-For": "198.51.100.7"})
    assert (status, answer) == (202, {"id": "raw-0"})
    stored = intake.stored[0]
    assert (stored["channel"], stored["account"], stored["external_id"], stored["kind"]) == (
        "http", "form", "msg_1", "message",
    )  # fmt: skip
    assert (stored["content"], stored["lane"]) == (body, "http:form:c:c-1")
    assert stored["transport"] == {"face": "signed", "peer": "198.51.100.7"}


async def test_a_repeated_webhook_id_gets_the_first_ones_id(client: ClientSession, intake: FakeIntake) -> None:
    first = await post(client, MESSAGE)
    again = await post(client, MESSAGE, timestamp=NOW + 60)
    other = await post(client, MESSAGE, webhook_id="msg_2")
    assert (first[1], again[:2], other[1]) == ({"id": "raw-0"}, (202, {"id": "raw-0"}), {"id": "raw-1"})
    assert len(intake.stored) == 2


async def test_another_body_under_a_known_webhook_id_is_a_conflict_that_is_counted(
    client: ClientSession, intake: FakeIntake, channel: HttpChannel
) -> None:
    await post(client, MESSAGE)
    status, problem, headers = await post(client, {**MESSAGE, "message": "changed"})
    assert (status, problem["code"], "raw-0" in problem["detail"]) == (409, "conflict", True)
    assert "Retry-After" not in headers
    assert (len(intake.stored), counted(channel)) == (1, {"accepted": 1, "conflict": 1})


async def test_messages_of_one_person_share_a_lane_and_others_stand_alone(
    client: ClientSession, intake: FakeIntake
) -> None:
    shop: dict[str, Any] = {"source": "shop", "secret": SECRETS["shop"]}
    content = {"user": {"email": "Maria@Example.org"}, "body": {"text": "hi"}}
    await post(client, content, webhook_id="a", **shop)
    content["user"]["email"] = "maria@EXAMPLE.org"
    await post(client, content, webhook_id="b", **shop)
    assert {stored["lane"] for stored in intake.stored} == {"http:shop:e:maria@example.org"}


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"timestamp": NOW - 301}, 401, "forged"),
        ({"timestamp": NOW + 301}, 401, "forged"),
        ({"secret": SECRETS["shop"]}, 401, "forged"),
        ({"source": "shop"}, 401, "forged"),
        ({"headers": {"webhook-signature": ""}}, 401, "forged"),
        ({"headers": {"webhook-id": "msg_é"}}, 401, "forged"),
        ({"headers": {"webhook-timestamp": "9" * 400}}, 401, "forged"),
        ({"source": "nowhere"}, 404, "not_found"),
        ({"headers": {"Content-Encoding": "gzip"}}, 415, "unsupported_media_type"),
    ],
)
async def test_what_is_unsigned_stale_forged_or_lost_is_refused(
    client: ClientSession, intake: FakeIntake, changes: dict[str, Any], status: int, code: str
) -> None:
    got, problem, headers = await post(client, MESSAGE, **changes)
    assert (got, problem["code"], intake.stored) == (status, code, [])
    assert headers["Content-Type"] == "application/problem+json"
    assert ("WWW-Authenticate" in headers) == (status == 401)


@pytest.mark.parametrize(
    "headers", [{}, {"webhook-id": "msg_1"}, {"webhook-id": "msg_1", "webhook-timestamp": str(NOW)}]
)
async def test_missing_headers_are_refused(client: ClientSession, intake: FakeIntake, headers: dict[str, str]) -> None:
    response = await client.post("/v1/inbound/form", json=MESSAGE, headers=headers)
    assert (response.status, intake.stored) == (401, [])


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ({}, ["email", "message"]),
        ({"email": "maria@example.org"}, ["message"]),
        ({"email": "maria", "message": 5, "conversation": "a\tb"}, ["email", "message", "conversation"]),
        (b"{", []),
        (b"", []),
        (b"[]", []),
        (b'{"email": "a@b.example", "message": "\\ud800"}', []),
        (b"\xff\xfe{\0}\0", []),
    ],
)
async def test_what_does_not_fit_the_mapping_is_named_and_not_stored(
    client: ClientSession, intake: FakeIntake, content: Any, named: list[str]
) -> None:
    status, problem, _ = await post(client, content)
    assert (status, problem["code"], intake.stored) == (422, "invalid", [])
    assert [error["field"] for error in problem.get("errors", ())] == named


async def test_a_value_that_is_none_of_its_field_is_named_with_what_would_be_one_and_not_stored(
    client: ClientSession, intake: FakeIntake
) -> None:
    body = {"user": {"email": "maria@example.org", "plan": "gold"}, "body": {"text": "hello"}, "weather": "rain"}
    status, problem, _ = await post(client, body, source="shop", secret=SECRETS["shop"])
    assert (status, intake.stored) == (422, [])
    (error,) = problem["errors"]
    assert (error["field"], error["detail"]) == ("user.plan", "expected one of free, pro")
    body["user"]["plan"] = "PRO"  # type: ignore[index]
    assert (await post(client, body, source="shop", secret=SECRETS["shop"]))[0] == 202


async def test_a_body_over_the_size_is_refused(client: ClientSession, intake: FakeIntake) -> None:
    body = json.dumps({**MESSAGE, "message": "a" * 70_000}).encode()

    async def dripping() -> AsyncIterator[bytes]:
        yield body[:1000]
        yield body[1000:]

    assert (await post(client, body))[:1] == (413,)
    response = await client.post("/v1/inbound/form", data=dripping(), headers={"webhook-id": "msg_1"})
    assert (response.status, intake.stored) == (413, [])


@pytest.mark.parametrize(
    ("trouble", "status"),
    [(EngineUnavailable("secret words"), 503), (EngineFull("secret words"), 503), (RuntimeError("secret words"), 503)],
)
async def test_our_own_trouble_is_503_with_retry_after(
    client: ClientSession, intake: FakeIntake, trouble: Exception, status: int
) -> None:
    intake.trouble = trouble
    got, problem, headers = await post(client, MESSAGE)
    assert (got, int(headers["Retry-After"]) > 0, "secret" in str(problem)) == (status, True, False)


@pytest.fixture
def two_places(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receiving, "IN_FLIGHT", 2)


@pytest.mark.usefixtures("two_places")
async def test_more_than_can_be_stored_at_once_is_put_off(
    client: ClientSession, intake: FakeIntake, channel: HttpChannel
) -> None:
    intake.gate.clear()
    posts = [asyncio.create_task(post(client, MESSAGE, webhook_id=f"m{number}")) for number in range(3)]
    done, _ = await asyncio.wait(posts, return_when=asyncio.FIRST_COMPLETED)
    assert [task.result()[0] for task in done] == [503]
    intake.gate.set()
    assert sorted(status for status, _, _ in await asyncio.gather(*posts)) == [202, 202, 503]
    assert counted(channel) == {"accepted": 2, "refused": 1}


@pytest.mark.usefixtures("two_places")
async def test_whoever_has_not_signed_takes_no_place(client: ClientSession, intake: FakeIntake) -> None:
    base = client._base_url
    assert base is not None
    strangers = [await asyncio.open_connection(str(base.host), int(base.port or 0)) for _ in range(5)]
    for _, writer in strangers:
        writer.write(b"POST /v1/inbound/form HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nx")
    assert [(await post(client, MESSAGE, webhook_id=f"m{number}"))[0] for number in range(3)] == [202] * 3
    for _, writer in strangers:
        writer.close()


async def test_other_methods_are_not_allowed(client: ClientSession) -> None:
    response = await client.get("/v1/inbound/form")
    assert (response.status, response.headers["Allow"]) == (405, "POST")


def _changed(name: str, place: int, byte: int, sent: dict[str, bytes]) -> dict[str, bytes]:
    value = bytearray(sent[name])
    value[place % len(value)] = byte
    return {**sent, name: bytes(value)}


async def _raw(address: tuple[str, int], parts: dict[str, bytes]) -> bytes:
    """One request as bytes, so that headers hold what no client library would send."""
    reader, writer = await asyncio.open_connection(*address)
    lines = [b"%s: %s" % (name.encode(), value) for name, value in parts.items() if name != "body"]
    lines += [b"Host: a", b"Connection: close", b"Content-Length: %d" % len(parts["body"])]
    writer.write(b"POST /v1/inbound/form HTTP/1.1\r\n" + b"\r\n".join(lines) + b"\r\n\r\n" + parts["body"])
    answer = await reader.read()
    writer.close()
    return answer


async def test_signed_requests_with_one_byte_changed_are_never_accepted_and_never_our_fault(
    client: ClientSession, intake: FakeIntake
) -> None:
    base = client._base_url
    assert base is not None
    address = (str(base.host), int(base.port or 0))
    body = json.dumps(MESSAGE).encode()
    signed = {name: value.encode() for name, value in signed_headers(key_of(SECRETS["form"]), "m1", NOW, body).items()}
    sent = {**signed, "body": body}
    for name, value in sent.items():
        for place in range(len(value)):
            for byte in (0x00, 0x0A, 0x20, 0x2E, 0x7F, 0xC3, value[place] ^ 1):
                if byte == value[place]:
                    continue
                answer = await _raw(address, _changed(name, place, byte, sent))
                assert 400 <= int(answer.split()[1]) < 500, (name, place, byte, answer[:200])
    assert intake.stored == []
    assert b" 202 " in await _raw(address, sent)
    assert len(intake.stored) == 1
