"""The main job over chat: a visitor, an agent, receipts both ways, a restart, and the way on by mail."""

import json
import re
import time
from collections.abc import AsyncIterator
from pathlib import Path

import jwt
import pytest

from trunkline.queue.server_binary import ServerBinary

from ..ports import free_port
from .api import Api
from .gateway import Gateway, gateway
from .mails import Sink, deliver, listening_sink, plain, written
from .visitors import Frame, visiting


@pytest.fixture
async def desk(server_binary: ServerBinary) -> AsyncIterator[tuple[Gateway, Sink]]:
    """A gateway that follows visitors by mail at once."""
    port = free_port()
    settings = {"channels__mail__smarthost": f"127.0.0.1:{port}", "channels__chat__web__mail_after": "100ms"}
    async with listening_sink(port) as sink, gateway(**settings) as made:
        yield made, sink


def open_files(pid: int) -> tuple[str, str]:
    """How many files a process may have open: now, and at most."""
    limits = Path(f"/proc/{pid}/limits").read_text()
    soft, hard = re.findall(r"Max open files\s+(\d+)\s+(\d+)", limits)[0]
    return soft, hard


async def accepted(api: Api) -> Frame:
    """Ada takes the first chat that is offered."""
    await api.presence("ada")
    offered = await api.until("ticket.offered")
    await api.do("POST", f"/v1/tickets/{offered['subject']}/accept", {"agent": "ada"})
    return dict(offered["data"]["ticket"])


async def answer(api: Api, ticket: Frame, text: str) -> str:
    """Ada answers; the article's id."""
    body = {"kind": "reply", "text": text, "agent": "ada"}
    return str((await api.do("POST", f"/v1/tickets/{ticket['id']}/messages", body))["id"])


async def test_a_conversation_from_the_first_line_to_the_receipt_and_over_a_restart(
    desk: tuple[Gateway, Sink],
) -> None:
    made, _ = desk
    process = await made.start()
    soft, hard = open_files(process.pid)
    assert soft == hard, "each connection is an open file, so all that may be had are taken"
    async with made.api() as api, visiting(made, language="en", after=0) as (chat, welcome):
        assert welcome["online"] is False
        await chat.say("message", id="first-message-0001", text="My lamp is broken, can you help me please?")
        await chat.until("stored", id="first-message-0001")
        case = await chat.until("line", **{"from": "system"})
        ticket = await accepted(api)
        assert ticket["number"] in case["text"]
        assert (ticket["channel"], ticket["account"], ticket["unproven"]) == ("chat", "web", False)
        article = await answer(api, ticket, "Of course. Which lamp is it?")
        line = await chat.until("line", **{"from": "agent"})
        assert (line["name"], line["text"], line["id"]) == ("Ada", "Of course. Which lamp is it?", article)
        await chat.say("seen", position=line["position"], state="read")
        await api.until("message.read", lambda event: event["data"]["article"]["id"] == article)
    await process.stop()
    await made.start()
    async with made.api() as api, visiting(made, token=welcome["token"], after=line["position"]) as (chat, again):
        assert (again["visitor"], again["position"]) == (welcome["visitor"], line["position"])
        await chat.say("message", id="second-message-0001", text="The green one.")
        own = await chat.until("line")
        assert own["position"] == line["position"] + 1
        await api.until("message.received", lambda event: event["data"]["article"]["text"] == "The green one.")
        detail = await api.get(f"/v1/tickets/{ticket['id']}")
        told = [each["text"] for each in detail["articles"] if each["kind"] == "message"]
        assert told == ["My lamp is broken, can you help me please?", "The green one."]


async def test_an_answer_follows_its_visitor_by_mail_and_the_mail_comes_back_to_the_ticket(
    desk: tuple[Gateway, Sink],
) -> None:
    made, sink = desk
    await made.start()
    async with made.api() as api:
        async with visiting(made) as (chat, _):
            await chat.say("address", email="maria@example.org")
            await chat.until("email", proven=False)
            mail = await sink.mail(lambda each: "maria@example.org" in str(each["To"]))
            (code,) = re.findall(r"\b[0-9]{6}\b", plain(mail))
            await chat.say("code", code=code)
            await chat.until("email", proven=True)
            await chat.say("message", id="first-message-0001", text="My lamp is broken, can you help me please?")
            await chat.until("stored")
            ticket = await accepted(api)
        await answer(api, ticket, "Of course. Which lamp is it?")
        followed = await sink.mail(lambda each: "Which lamp" in plain(each))
        assert ticket["number"] in str(followed["Subject"])
        reply_to = str(followed["Reply-To"]).rpartition("<")[2].strip(">")
        await deliver(made, written("The green one.", to=reply_to, subject=str(followed["Subject"])))
        event = await api.until(
            "message.received", lambda each: "The green one." in json.dumps(each["data"], ensure_ascii=False)
        )
        assert event["subject"] == ticket["id"]
        customer = await api.get(f"/v1/customers/{ticket['customer']}")
        known = {identity["kind"]: identity["assurance"] for identity in customer["identities"]}
        assert known == {"chat:web": 3, "email": 3}


async def test_a_visitor_who_is_asked_proves_an_address_and_goes_on_when_they_sign_in(
    desk: tuple[Gateway, Sink],
) -> None:
    made, sink = desk
    await made.start()
    secret = (made.data / "secrets" / "chat_web").read_text().strip()
    async with made.api() as api:
        async with visiting(made, language="de") as (chat, welcome):
            await chat.say(
                "message", id="first-message-0001", text="Meine Lampe ist kaputt, können Sie mir bitte helfen?"
            )
            await chat.until("stored")
            ticket = await accepted(api)
            await api.do("POST", f"/v1/tickets/{ticket['id']}/proof", {"address": "maria@work.example"})
            mail = await sink.mail(lambda each: "maria@work.example" in str(each["To"]))
            assert str(mail["Subject"]) == "Gehört diese Adresse auch Ihnen?"
            (code,) = re.findall(r"\b[0-9]{4} [0-9]{4}\b", plain(mail))
            await chat.say("message", id="second-message-0001", text=f"Hier ist er: {code}")
            await api.until("customer.merged")
        claims = {"sub": "maria", "email": "maria@work.example", "exp": int(time.time()) + 3600}
        identity = jwt.encode(claims, secret, algorithm="HS256")
        async with visiting(made, token=welcome["token"], identity=identity) as (chat, again):
            assert again["visitor"] == welcome["visitor"]
            await chat.say("message", id="third-message-0001", text="Ich bin es")
            await api.until("customer.merged", lambda each: "signed by the page" in str(each["data"]["links"]))
        customer = await api.get(f"/v1/customers/{ticket['customer']}")
        known = sorted((each["kind"], each["assurance"]) for each in customer["identities"])
        assert known == [("chat:web", 3), ("chat:web", 3), ("email", 3)]
        told = await api.get(f"/v1/tickets/{ticket['id']}")
        assert [each["text"] for each in told["articles"] if each["kind"] == "message"][-1] == "Ich bin es"
