"""Every setting that there is, taken by one process that then does its work by them."""

import asyncio
import json
import re
import smtplib
import ssl
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import trustme
import yaml
from aiohttp import web

from trunkline.adapters.mail.signing_keys import new_key
from trunkline.gateway.command.schemas import schema_text
from trunkline.queue.server_binary import ServerBinary

from .api import Api
from .browser.serving import served
from .gateway import SIGNING_KEY, Gateway, gateway

EVERY = Path(__file__).with_name("every_setting.yaml")
HEX = "0a" * 16
KEY = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
HEX = "0123456789abcdef" * 2


def offered(schema: Mapping[str, Any]) -> Iterator[str]:
    """Every setting by its path, `*` for names and numbers that are ours to choose; what comes again is there once."""
    seen = set[str]()

    def below(node: Mapping[str, Any], path: str) -> Iterator[str]:
        if name := node.get("$ref", "").rpartition("/")[2]:
            node = {} if name in seen else schema["$defs"][name]
            seen.add(name)
        for each in (*node.get("anyOf", ()), *node.get("oneOf", ())):
            yield from below(each, path)
        for key, value in node.get("properties", {}).items():
            yield f"{path}.{key}"
            yield from below(value, f"{path}.{key}")
        inner = [node.get("items"), node.get("additionalProperties"), *node.get("patternProperties", {}).values()]
        for value in inner:
            if isinstance(value, dict):
                yield from below(value, f"{path}.*")

    return below(schema, "")


def given(value: Any, path: str = "") -> Iterator[str]:
    """The paths of a file, each once with its own names and numbers and once with `*` for any of them."""
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in items:
        for name in (key, "*"):
            yield from given(each, f"{path}.{name}")


def plain(path: str) -> str:
    """What is asked of a field is asked of any, alone or among other conditions."""
    return re.sub(r"\.when(\.(any|all)\.\*)?\.(customer|ticket)\.[^.]+\.", ".when.customer.*.", path)


def test_the_file_has_every_setting_of_the_schema() -> None:
    every = {plain(path) for path in given(yaml.safe_load(EVERY.read_text()))}
    assert {plain(path) for path in offered(json.loads(schema_text("config")))} - every == set()


class Shop:
    """The system that gets the answers of the http source."""

    def __init__(self) -> None:
        self.answers: asyncio.Queue[Any] = asyncio.Queue()
        self.url = ""

    async def take(self, request: web.Request) -> web.Response:
        """One answer."""
        await self.answers.put(await request.json())
        return web.Response()


@asynccontextmanager
async def shop_at_the_other_end() -> AsyncIterator[Shop]:
    shop, application = Shop(), web.Application()
    application.router.add_post("/answers", shop.take)
    async with served(application) as shop.url:
        yield shop


@pytest.fixture
async def shop() -> AsyncIterator[Shop]:
    async with shop_at_the_other_end() as listening:
        yield listening


@pytest.fixture
async def every(server_binary: ServerBinary, tmp_path: Path, shop: Shop) -> AsyncIterator[Gateway]:
    authority = trustme.CA()
    certificate = authority.issue_cert("mx.example.test")
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    certificate.private_key_pem.write_to_path(str(tmp_path / "key.pem"))
    certificate.cert_chain_pems[0].write_to_path(str(tmp_path / "certificate.pem"))
    (tmp_path / "templates").mkdir()
    settings = {
        "engine__binary": server_binary.path,
        "channels__mail__certificate": tmp_path / "certificate.pem",
        "channels__mail__key": tmp_path / "key.pem",
        "channels__http__shop__callback__url": f"{shop.url}/answers",
        "templates": tmp_path / "templates",
        "secret_http_shop": KEY,
        "secret_line_shop": HEX,
        "secret_line_shop_token": "a channel access token",
        "secret_meta_shop": HEX,
        "secret_meta_shop_verify": "a verify token",
        "secret_meta_shop_token": "an access token",
        "secret_meta_number_token": "another access token",
        "secret_slack_acme": HEX,
        "secret_slack_acme_token": "xoxb-a-token",
        "secret_telegram_support": "4711:a-token",
        "secret_telegram_support_webhook": "a-secret",
        "secret_twilio_support": HEX,
        "secret_twilio_hotline": HEX,
        "secret_wechat_shop": "5ec2e7" * 5 + "00",
        "secret_wechat_shop_token": "aToken",
        "secret_wechat_shop_key": "A" * 43,
        "secret_x_shop": "an API key secret",
        "secret_x_shop_key": "an API key",
        "secret_x_shop_client": "a client secret",
        "secret_x_shop_token": "1720665183188922368-a",
        "secret_x_shop_token_secret": "a secret",
        "secret_x_jobs_token": "1590231456789012345-a",
        "secret_x_jobs_token_secret": "a secret",
        "secret_mail_smarthost": "a password",
        "secret_mail_every": "another password",
        "secret_sign_in": "a client's secret",
        "secret_slack_desk_acme_token": "xoxe.xoxb-a-token",
        "secret_slack_desk_acme_signing_secret": HEX,
        "secret_slack_desk_acme_refresh_token": "xoxe-a-token",
        "secret_slack_desk_acme_client_secret": HEX,
        "secret_dkim_example_test_desk2026": new_key("ed25519"),
    }
    async with gateway(config=EVERY, **{name: str(value) for name, value in settings.items()}) as made:
        yield made


async def test_one_process_takes_every_setting_and_works_by_them(every: Gateway, shop: Shop, tmp_path: Path) -> None:
    checked = await every.run("check", "-c", str(EVERY))
    assert await checked.ended() == 0, checked.transcript
    process = await every.start("serve", "-c", str(EVERY), "--log-level", "debug")
    async with every.api() as api:
        await _is_offered_and_answered(api, shop)
        chat = await api.get("/chat/shop/start?language=en")
        assert (chat["title"], chat["color"], chat["online"]) == ("Ask the shop", "#336699", True)
        assert chat["limits"] == {"text": 500, "file": 1 << 20, "files": 2}
        async with api.session.get("/forms/shop") as page:
            assert "Le respondemos hoy." in await page.text()
        assert (await api.ask("GET", "/readyz"))[0] == 200
    context = ssl.create_default_context(cafile=str(tmp_path / "ca.pem"))
    assert await asyncio.to_thread(_recipients_refused, every.smtp_port, context) == [250, 250, 452]
    reader, writer = await asyncio.open_connection("127.0.0.1", every.smtp_port)
    assert (await reader.readline()).startswith(b"220 "), "what is left unread would reset the connection"
    writer.close()
    await process.until('"action": "smtp_gone"')  # of level debug
    assert await process.stop() == 0, process.transcript


async def _is_offered_and_answered(api: Api, shop: Shop) -> None:
    await api.presence("ada")
    body = b'{"who": "Kofi", "from": "kofi@example.org", "about": "My refund", "words": "Please", "order": "7"}'
    status, found = await api.signed_post(body, key=SIGNING_KEY, source="shop")
    assert status == 202, found
    ticket = (await api.until("ticket.offered"))["data"]["ticket"]
    wanted = {"queue": "billing", "priority": 2, "tags": ["money"], "language": "es", "required_skills": ["billing@3"]}
    assert {name: ticket[name] for name in wanted} == wanted
    await api.do("POST", f"/v1/tickets/{ticket['id']}/accept", {"agent": "ada"})
    (ada,) = (await api.get("/v1/agents"))["items"]
    assert (ada["load"], ada["capacity"]) == (2, 7)
    await api.do("POST", f"/v1/tickets/{ticket['id']}/messages", {"kind": "reply", "text": "It is on its way."})
    assert (await asyncio.wait_for(shop.answers.get(), 30))["text"] == "It is on its way."
    status, found = await api.signed_post(b'{"from": "kofi@example.org"}', key=SIGNING_KEY, source="shop")
    assert status == 422, found


def _recipients_refused(port: int, context: ssl.SSLContext) -> list[int]:
    with smtplib.SMTP("127.0.0.1", port, timeout=30) as client:
        client._host = "mx.example.test"  # type: ignore[attr-defined]
        client.starttls(context=context)
        client.ehlo()
        assert client.esmtp_features["size"] == str(1 << 20)
        client.mail("maria@example.org")
        return [client.rcpt(f"{name}@example.test")[0] for name in ("support", "billing", "support")]
