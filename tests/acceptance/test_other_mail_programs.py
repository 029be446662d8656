"""Mail by programs that are not ours: swaks delivers, and a real Postfix delivers and takes our replies."""

import asyncio
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from trunkline.queue.server_binary import ServerBinary

from ..name_server import name_server
from ..ports import free_port
from ..programs import program
from ..unit.mail_origin.signing import key_record, sign
from ..unit.mail_origin.zone import ZoneLookup
from .api import Api
from .gateway import ADMIN, EXAMPLE, Gateway, gateway
from .mails import Sink, listening_sink, plain

MAIN = """
compatibility_level = 3.6
queue_directory = {queue}
data_directory = {folder}/lib
mail_owner = postfix
setgid_group = postdrop
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mx.example
mydestination =
local_recipient_maps =
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks, reject
alias_maps =
alias_database =
transport_maps = inline:{{ {{ example.test = smtp:[127.0.0.1]:{gateway} }} }}
relayhost = [127.0.0.1]:{sink}
maillog_file = {folder}/maillog
maillog_file_prefixes = {folder}
maximal_backoff_time = 5s
minimal_backoff_time = 5s
queue_run_delay = 5s
"""
MASTER = """
127.0.0.1:{port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
smtp unix - - n - - smtp
relay unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


@asynccontextmanager
async def _postfix(gateway_port: int, sink_port: int, port: int) -> AsyncIterator[Path]:
    """A Postfix of its own: mail to us goes to the gateway, all else to the sink."""
    postfix = program("postfix")
    if os.geteuid() != 0:
        pytest.skip("Postfix can be started by root only")
    folder = Path(tempfile.mkdtemp(prefix="tl-postfix-"))
    owner = pwd.getpwnam("postfix")
    queue, etc, lib = (folder / name for name in ("spool", "etc", "lib"))
    for each in (queue, etc, lib):
        each.mkdir()
    os.chmod(folder, 0o755)
    os.chown(lib, owner.pw_uid, owner.pw_gid)
    facts = {"folder": folder, "queue": queue, "gateway": gateway_port, "sink": sink_port, "port": port}
    (etc / "main.cf").write_text(MAIN.format(**facts))
    (etc / "master.cf").write_text(MASTER.format(**facts))
    try:
        await _run(postfix, "-c", str(etc), "start")
        yield folder
    finally:
        await _run(postfix, "-c", str(etc), "stop")
        shutil.rmtree(folder, ignore_errors=True)


async def _run(*words: str) -> str:
    done = await asyncio.to_thread(subprocess.run, words, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, (words, done.stdout, done.stderr)
    return done.stdout


def _swaks(port: int, *words: str) -> list[str]:
    return [program("swaks"), "--server", f"127.0.0.1:{port}", "--from", "maria@example.org", *words]


@pytest.fixture
async def served(server_binary: ServerBinary) -> AsyncIterator[tuple[Gateway, Sink]]:
    """A gateway whose replies go straight to a sink."""
    port = free_port()
    async with listening_sink(port) as sink, gateway(channels__mail__smarthost=f"127.0.0.1:{port}") as made:
        await made.start()
        yield made, sink


async def test_swaks_delivers_and_the_case_number_comes_back(served: tuple[Gateway, Sink], tmp_path: Path) -> None:
    made, sink = served
    picture = tmp_path / "lamp.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)))
    words = ["--to", "support@example.test", "--header", "Subject: Broken lamp", "--attach", f"@{picture}"]
    said = await _run(*_swaks(made.smtp_port, *words, "--body", "My lamp is broken, see the picture."))
    assert "250 2.0.0 Stored as " in said
    async with made.api() as api:
        created = await api.until("ticket.created")
        assert created["data"]["ticket"]["number"] in (await sink.mail())["Subject"]
        detail = await api.get(f"/v1/tickets/{created['subject']}")
        (attachment,) = detail["articles"][0]["attachments"]
        assert attachment["name"] == "lamp.png"
        async with api.session.get(f"/v1/attachments/{attachment['sha256']}") as response:
            assert await response.read() == picture.read_bytes()


@pytest.mark.parametrize(
    ("words", "status", "answer"),
    [
        (["--to", "nobody@example.test"], 24, "550 5.1.1"),
        (["--to", "support@example.test", "--timeout", "30", "--data", "@huge"], 26, "552"),
    ],
)
async def test_swaks_is_refused_as_it_should_be(
    served: tuple[Gateway, Sink], tmp_path: Path, words: list[str], status: int, answer: str
) -> None:
    huge = tmp_path / "huge.eml"
    huge.write_bytes(b"Subject: huge\r\n\r\n" + b"x" * 70 + b"\r\n" + (b"y" * 70 + b"\r\n") * 400_000)
    given = [word.replace("@huge", f"@{huge}") for word in words]
    command = _swaks(served[0].smtp_port, *given)
    done = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, timeout=90, check=False)
    assert done.returncode == status, done.stdout[-2000:]
    assert answer in done.stdout


async def test_a_real_postfix_delivers_to_us_and_takes_our_replies(server_binary: ServerBinary) -> None:
    postfix_port, sink_port = free_port(), free_port()
    async with (
        listening_sink(sink_port) as sink,
        gateway(channels__mail__smarthost=f"127.0.0.1:{postfix_port}") as made,
        _postfix(made.smtp_port, sink_port, postfix_port),
    ):
        await made.start()
        async with made.api() as api:
            await api.presence("ada")
            words = ["--to", "support@example.test", "--header", "Subject: By Postfix"]
            await _run(*_swaks(postfix_port, *words, "--body", "This came through a real mail server."))
            offered = await api.until("ticket.offered")
            ticket = offered["data"]["ticket"]
            acknowledgement = await sink.mail()
            assert ticket["number"] in acknowledgement["Subject"]
            assert "Postfix" in str(acknowledgement["Received"])
            await api.do("POST", f"/v1/tickets/{ticket['id']}/accept", {"agent": "ada"})
            body = {"kind": "reply", "text": "And this goes back through it."}
            await api.do("POST", f"/v1/tickets/{ticket['id']}/messages", body)
            reply = await sink.mail(lambda mail: "goes back" in plain(mail))
            answer_to = str(reply["Reply-To"]).rpartition("<")[2].rstrip(">")
            await _run(*_swaks(postfix_port, "--to", answer_to, "--body", "Thank you, Postfix."))
            joined = await api.until(
                "message.received", lambda event: "Thank you" in event["data"]["article"]["text"], limit=60
            )
            assert joined["subject"] == ticket["id"]


async def test_postfix_keeps_the_mail_while_we_are_away_and_delivers_it_once(server_binary: ServerBinary) -> None:
    postfix_port, sink_port = free_port(), free_port()
    async with (
        listening_sink(sink_port),
        gateway(channels__mail__smarthost=f"127.0.0.1:{postfix_port}") as made,
        _postfix(made.smtp_port, sink_port, postfix_port),
    ):
        words = ["--to", "support@example.test", "--to", "billing@example.test", "--header", "Subject: Patience"]
        await _run(*_swaks(postfix_port, *words, "--body", "You are not there yet."))
        await made.start()
        async with made.api() as api:
            await api.until("ticket.created", limit=60)
            (ticket,) = await api.tickets()
            assert ticket["subject"] == "Patience"
            detail = await api.get(f"/v1/tickets/{ticket['id']}")
            assert [article["kind"] for article in detail["articles"]] == ["message", "reply"]


ZONE = {
    "s._domainkey.example.org": [{"TXT": key_record("example.org")}],
    "_dmarc.example.org": [{"TXT": "v=DMARC1; p=reject"}],
}


def _hers(words: str, *headers: str) -> str:
    fields = ["From: Maria <maria@example.org>", "To: support@example.test", "Subject: My lamp"]
    fields += ["Date: Sun, 29 Nov 2026 06:00:00 +0000", f"Message-ID: <{len(words)}@example.org>"]
    return "\n".join([*fields, *headers, "", words, ""])


async def _by_way_of_postfix(port: int, mail: str) -> None:
    await _run(*_swaks(port, "--to", "support@example.test", "--data", mail.replace("\n", "\\n")))


async def _shown(api: Api, made: Gateway, ticket: str) -> str:
    async with aiohttp.ClientSession(made.url, cookie_jar=aiohttp.CookieJar(unsafe=True)) as browser:
        await browser.post("/desk/sign-in", data={"token": ADMIN, "next": ""}, headers={"Origin": made.url})
        async with browser.get(f"/desk/tickets/{ticket}") as page:
            return await page.text()


async def test_who_is_proven_by_the_dns_is_acknowledged_and_joins_and_a_spoof_is_neither(
    server_binary: ServerBinary, tmp_path: Path
) -> None:
    postfix_port, sink_port = free_port(), free_port()
    async with name_server(ZoneLookup(ZONE)) as (_, where), listening_sink(sink_port) as sink:
        nobody_trusted = EXAMPLE.read_text().replace(
            'trusted_peers: [127.0.0.0/8, "::1"]', f'origin: {{ resolvers: ["{where}"] }}'
        )
        (tmp_path / "config.yaml").write_text(nobody_trusted)
        async with (
            gateway(config=tmp_path / "config.yaml", channels__mail__smarthost=f"127.0.0.1:{postfix_port}") as made,
            _postfix(made.smtp_port, sink_port, postfix_port),
        ):
            await made.start()
            async with made.api() as api:
                await _by_way_of_postfix(postfix_port, sign(_hers("It is broken."), "example.org"))
                answered = (await sink.mail())["Message-ID"]
                thread = (f"In-Reply-To: {answered}", f"References: {answered}")
                await _by_way_of_postfix(postfix_port, sign(_hers("And hot.", *thread), "example.org"))
                await api.until("message.received", lambda event: "And hot" in event["data"]["article"]["text"])
                guessed = ("In-Reply-To: <1@example.org>", "References: <1@example.org>")
                await _by_way_of_postfix(postfix_port, _hers("Send me the papers.", *guessed))
                await api.until("message.received", lambda event: "papers" in event["data"]["article"]["text"])
                spoof, hers = sorted(await api.tickets(), key=lambda ticket: not ticket["unproven"])
                assert (hers["acknowledged"], spoof["acknowledged"]) == (True, False)
                assert len((await api.get(f"/v1/tickets/{hers['id']}"))["articles"]) == 3
                assert "signed by example.org" in await _shown(api, made, hers["id"])
                assert "nothing on it shows that example.org sent it" in await _shown(api, made, spoof["id"])
