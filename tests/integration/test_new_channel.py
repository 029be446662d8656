"""A channel whose card alone is registered is a channel: the template, in a gateway that has no other."""

import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, web
from typer.testing import CliRunner

from trunkline.adapters.skeleton import CARD
from trunkline.gateway.assembly import Assembly
from trunkline.gateway.channels import CARDS
from trunkline.gateway.command.greeting import greeting
from trunkline.gateway.command.main import app
from trunkline.gateway.configuration import configure
from trunkline.gateway.process import prepare
from trunkline.gateway.service_order import InOrder
from trunkline.gateway.services import services_of
from trunkline.queue.feed import Feed, FeedLine
from trunkline.web.service import WebService

CONFIGURATION = """
data: {data}
listen: {{ http: "127.0.0.1:0" }}
queues: {{ support: {{ fallback: true }} }}
agents: {{ ada: {{ name: Ada, queues: [support], languages: [en] }} }}
acknowledgement: {{ enabled: false }}
channels: {{ skeleton: {{ account: desk, endpoint: "http://127.0.0.1:{port}/", allow_private: true }} }}
"""
MESSAGE = {"from": "maria", "text": "Hello, is anybody there?"}


class Vendor:
    """The vendor's side: takes replies and posts messages."""

    def __init__(self) -> None:
        self.replies: list[dict[str, Any]] = []
        application = web.Application()
        application.router.add_post("/", self._take)
        self.service = WebService(application, "127.0.0.1", 0)

    async def _take(self, request: web.Request) -> web.Response:
        self.replies.append(await request.json())
        return web.Response()


class Gateway:
    """A whole gateway in this process."""

    def __init__(self, assembly: Assembly, session: ClientSession) -> None:
        self.assembly = assembly
        self._session = session
        self._url = f"http://{assembly.http_address}"
        self._token = {"Authorization": f"Bearer {assembly.configuration.secrets.admin_token()}"}

    async def write(self, id_: str) -> int:
        """Post a message as the vendor; the answer's status."""
        secret = self.assembly.configuration.secrets.get(CARD.secrets(None)[0]).encode()
        body = json.dumps(MESSAGE).encode()
        signature = hmac.new(secret, id_.encode() + b"." + body, hashlib.sha256).hexdigest()
        headers = {"X-Skeleton-Id": id_, "X-Skeleton-Signature": signature}
        async with self._session.post(f"{self._url}/v1/skeleton/desk", data=body, headers=headers) as response:
            return response.status

    async def ask(self, method: str, path: str, **body: Any) -> Any:
        """The API's answer."""
        async with self._session.request(method, self._url + path, json=body or None, headers=self._token) as response:
            assert response.status < 300, await response.text()
            return await response.json() if response.content_type == "application/json" else await response.text()

    async def until(self, kind: str) -> None:
        """Returns when the feed has told of it."""
        async for lines in Feed(self.assembly.engine).follow(0):
            if any(line.kind == kind for line in lines):
                return

    async def feed(self) -> list[FeedLine]:
        """All of it."""
        return await Feed(self.assembly.engine).read(0, 100)


@pytest.fixture(autouse=True)
def alone() -> Iterator[None]:
    """The template's card is the only one; afterwards all others are there again, in their order."""
    every = dict(CARDS)
    CARDS.clear()
    CARDS[CARD.name] = CARD
    yield
    CARDS.clear()
    CARDS.update(every)


@pytest.fixture
async def vendor() -> AsyncIterator[Vendor]:
    made = Vendor()
    await made.service.start()
    yield made
    await made.service.stop()


@pytest.fixture
def configuration(vendor: Vendor, tmp_path: Path) -> Path:
    """A file for a gateway with this one channel."""
    path = tmp_path / "trunkline.yaml"
    path.write_text(CONFIGURATION.format(data=tmp_path / "data", port=vendor.service.address[1]))
    return path


@pytest.fixture
async def gateway(configuration: Path, engine_url: str) -> AsyncIterator[Gateway]:
    read = configure(configuration, {"TRUNKLINE_WORKSPACE": "new-channel", "TRUNKLINE_REDIS__URL": engine_url})
    prepare(read)
    assembly = Assembly(read, engine_url)
    services = InOrder(services_of("serve", assembly))
    await services.start()
    async with ClientSession() as session:
        yield Gateway(assembly, session)
    await services.stop()


async def test_it_is_told_of_mounted_started_routed_offered_answered_and_counted(
    gateway: Gateway, vendor: Vendor
) -> None:
    assembly = gateway.assembly
    told = greeting(assembly.configuration, assembly.http_address, assembly.smtp_address)
    assert f"  {CARD.facts.words}   posts to /v1/skeleton/desk; replies go to http://127.0.0.1" in told
    assert [await gateway.write("m1"), await gateway.write("m1")] == [200, 200]
    await gateway.ask("PUT", "/v1/agents/ada/presence", presence="available")
    await gateway.until("ticket.offered")
    (ticket,) = (await gateway.ask("GET", "/v1/tickets?offered_to=ada"))["items"]
    assert (ticket["channel"], ticket["queue"]) == ("skeleton", "support")
    offered = next(line for line in await gateway.feed() if line.kind == "ticket.offered")
    assert ticket["offer"]["expires_at"] - offered.time == CARD.capability.offer_time * 1000

    await gateway.ask("POST", f"/v1/tickets/{ticket['id']}/accept", agent="ada")
    await gateway.ask("POST", f"/v1/tickets/{ticket['id']}/messages", agent="ada", kind="reply", text="Yes.")
    await gateway.until("message.sent")
    assert [(reply["to"], reply["text"]) for reply in vendor.replies] == [("maria", "Yes.")]

    await gateway.assembly.counters.hand_over()
    metrics = (await gateway.ask("GET", "/metrics")).splitlines()
    assert 'trunkline_intake_total{channel="skeleton",outcome="accepted"} 1.0' in metrics
    assert 'trunkline_intake_total{channel="skeleton",outcome="duplicate"} 1.0' in metrics
    (row,) = (await gateway.ask("GET", "/v1/board"))["balance"]["channels"]
    assert (row["channel"], row["filed"], row["difference"]) == ("skeleton", 1, 0)


def test_its_section_is_checked_and_described(configuration: Path) -> None:
    published = json.loads(CliRunner().invoke(app, ["schema", "config"]).stdout)
    assert "SkeletonSettings" in published["$defs"]
    checked = CliRunner().invoke(app, ["check", str(configuration)])
    assert checked.exit_code == 0, checked.output


def test_a_message_of_it_is_read_from_a_file(configuration: Path, tmp_path: Path) -> None:
    (tmp_path / "message.json").write_text(json.dumps(MESSAGE))
    words = ["parse", "skeleton", str(tmp_path / "message.json"), "--config", str(configuration)]
    envelope = json.loads(CliRunner().invoke(app, words).stdout)
    assert (envelope["channel"], envelope["account"], envelope["text"]) == ("skeleton", "desk", MESSAGE["text"])
