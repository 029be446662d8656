"""The main job over HTTP: a form page for people, signed posts for systems, and the answer by mail."""

import json
import re
import time
from typing import Any

import aiohttp
import pytest

from .conftest import Running
from .gateway import SIGNING_KEY
from .mails import plain

pytestmark = pytest.mark.asyncio(loop_scope="session")


def _body(**fields: str) -> bytes:
    return json.dumps({"name": "Kofi", "email": "kofi@example.org", "message": "My order is late."} | fields).encode()


async def _created(running: Running, subject: str) -> dict[str, Any]:
    event = await running.api.until("ticket.created", lambda each: each["data"]["ticket"]["subject"] == subject)
    return dict(event["data"]["ticket"])


async def test_a_form_opens_a_ticket_and_is_answered_under_its_subject_without_its_words(
    running: Running,
) -> None:
    async with aiohttp.ClientSession(running.gateway.url) as browser:
        async with browser.get("/forms/form") as page:
            assert page.status == 200
            form_id = re.search(r'name="form_id"[^>]*value="([^"]+)"', await page.text())
        assert form_id
        fields = {
            "form_id": form_id[1],
            "name": "Noor",
            "email": "noor@example.org",
            "subject": "Buy pills at evil.example",
            "message": "Your form repeats my words to strangers, does it?",
        }
        async with browser.post("/forms/form", data=fields) as receipt:
            assert receipt.status == 200
            first = re.search(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}", await receipt.text())
        async with browser.post("/forms/form", data=fields) as again:
            assert first
            assert first[0] in await again.text()

    ticket = await _created(running, "Buy pills at evil.example")
    assert ticket["unproven"]
    await running.api.presence("ada")
    await running.api.do("POST", f"/v1/tickets/{ticket['id']}/accept", {"agent": "ada"})
    body = {"kind": "reply", "text": "We have looked into it.", "agent": "ada"}
    await running.api.do("POST", f"/v1/tickets/{ticket['id']}/messages", body)
    reply = await running.sink.mail(lambda mail: mail["To"] is not None and "noor@example.org" in mail["To"])
    assert "We have looked into it." in plain(reply)
    assert reply["Subject"] == f"Re: Buy pills at evil.example [{ticket['number']}]"
    assert "strangers" not in reply.as_string()
    to_noor = [mail for mail in running.sink.mails if "noor@example.org" in str(mail["To"])]
    assert len(to_noor) == 1, "a form is not acknowledged by mail"
    detail = await running.api.get(f"/v1/tickets/{ticket['id']}")
    assert [article["kind"] for article in detail["articles"]] == ["message", "reply"]


async def test_a_signed_post_is_202_and_a_repeat_gets_the_first_ones_id(running: Running) -> None:
    body = _body(subject="Late", conversation="c-1")
    status, first = await running.api.signed_post(body, key=SIGNING_KEY, webhook_id="msg_late")
    assert status == 202
    status, repeated = await running.api.signed_post(body, key=SIGNING_KEY, webhook_id="msg_late")
    assert (status, repeated["id"]) == (202, first["id"])
    ticket = await _created(running, "Late")
    status, _ = await running.api.signed_post(
        _body(message="Still late.", conversation="c-1"), key=SIGNING_KEY, webhook_id="msg_later"
    )
    assert status == 202
    joined = await running.api.until("message.received", lambda event: "Still" in event["data"]["article"]["text"])
    assert joined["subject"] == ticket["id"], "the signer vouches for its conversations"
    assert len((await running.api.get(f"/v1/tickets/{ticket['id']}"))["articles"]) == 2


@pytest.mark.parametrize(
    "how", [{"signature": ""}, {"signature": "v1,AAAA"}, {"key": b"x" * 32}, {"sent_at": time.time() - 3600}]
)
async def test_an_unsigned_forged_or_stale_post_is_401(running: Running, how: dict[str, Any]) -> None:
    status, problem = await running.api.signed_post(_body(), **{"key": SIGNING_KEY, "webhook_id": "msg_forged"} | how)
    assert status == 401
    assert problem["code"] == "forged"


@pytest.mark.parametrize("missing", ["email", "message"])
async def test_a_missing_required_field_is_422_naming_it_and_nothing_is_stored(running: Running, missing: str) -> None:
    before = await running.api.metric('trunkline_intake_total{channel="http",outcome="accepted"}')
    body = json.loads(_body())
    del body[missing]
    content = json.dumps(body).encode()
    status, problem = await running.api.signed_post(content, key=SIGNING_KEY, webhook_id=f"msg_{missing}")
    assert status == 422
    assert [error["field"] for error in problem["errors"]] == [missing]
    assert await running.api.metric('trunkline_intake_total{channel="http",outcome="accepted"}') == before


async def test_what_is_not_json_is_422(running: Running) -> None:
    status, _ = await running.api.signed_post(b'{"email": ', key=SIGNING_KEY, webhook_id="msg_broken")
    assert status == 422


async def test_a_body_over_the_size_is_413(running: Running) -> None:
    status, _ = await running.api.signed_post(_body(message="x" * 300_000), key=SIGNING_KEY, webhook_id="msg_huge")
    assert status == 413


async def test_an_unknown_source_is_404(running: Running) -> None:
    status, _ = await running.api.signed_post(_body(), key=SIGNING_KEY, webhook_id="msg_lost", source="nowhere")
    assert status == 404


async def test_a_request_without_a_token_is_401_and_with_an_unknown_one_too(running: Running) -> None:
    async with aiohttp.ClientSession(running.gateway.url) as stranger, stranger.get("/v1/tickets") as answer:
        assert answer.status == 401
    async with running.gateway.api("tlk_somebody") as guessing:
        assert (await guessing.ask("GET", "/v1/tickets"))[0] == 401
