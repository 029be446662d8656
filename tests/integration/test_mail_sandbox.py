"""Reading mails in a process of their own: bombs, kills, silence, and how quick it is."""

import asyncio
import json
import os
import signal
import sys
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest

from trunkline.adapters.mail import sandbox
from trunkline.adapters.mail.parsing import MailReader
from trunkline.adapters.mail.recipients import OwnAddresses
from trunkline.adapters.mail.sandbox import Sandbox, SandboxLimits
from trunkline.config.errors import Temporary, Unreadable
from trunkline.normalizer.envelope import RawMessage

ADDRESSES = ["support@example.test"]
KEY = b"a key of the tests"
HEAD = b"From: maria@example.org\nTo: support@example.test\nMessage-ID: <1@example.org>\n"
SMALL = HEAD + b"Subject: Hello\n\nIt does not work, and I do not know why. Can you help me please?\n"
MEGABYTE = 1024 * 1024
ELSEWHERE = {"info@old.example": "billing@example.test"}


def raw(content: bytes = SMALL) -> RawMessage:
    return RawMessage(
        id=str(uuid.uuid5(uuid.NAMESPACE_OID, str(len(content)))),
        channel="mail",
        account="support@example.test",
        external_id="1@example.org#x",
        received_at=1,
        content=content,
        transport={"mail_from": "maria@example.org", "rcpt_to": ADDRESSES, "trusted": True},
        sequence=1,
    )


@pytest.fixture
async def box() -> AsyncIterator[Sandbox]:
    made = Sandbox(ADDRESSES, KEY, forwarding=ELSEWHERE)
    yield made
    await made.stop()


def process_of(box: Sandbox) -> int:
    return box._free[0]._process.pid


async def test_a_mail_is_read_as_it_would_be_here(box: Sandbox) -> None:
    content = (
        HEAD
        + b"X-Original-To: info@old.example\n"
        + b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nHi\n--b\nContent-Type: a/b\n\n\0\xff\n--b\n\n\n--b--"
    )
    read = MailReader(OwnAddresses(ADDRESSES, ELSEWHERE), KEY).read(raw(content))
    assert await box.parse(raw(content)) == read
    assert "info@old.example" in read.envelopes[0].recipients


async def test_mails_read_at_once_keep_their_own_answers() -> None:
    box = Sandbox(ADDRESSES, KEY, processes=2)
    mails = [raw(SMALL + b"x" * number) for number in range(50)]
    read = await asyncio.gather(*(box.parse(mail) for mail in mails))
    assert [parsed.envelopes[0].raw_id for parsed in read] == [mail.id for mail in mails]
    await box.stop()


async def at_work(box: Sandbox) -> None:
    """Returns when the process has been taken for a mail."""
    for _ in range(1000):
        if not box._free:
            return
        await asyncio.sleep(0)
    raise AssertionError("nothing was begun")


def nested(depth: int) -> bytes:
    return b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(depth))


FILE = b"Content-Type: text/csv; name=a.csv\nContent-Disposition: attachment\nContent-Transfer-Encoding: "
BOMBS = {
    "containers in containers": HEAD + nested(2000),
    "containers up to the limit": HEAD + nested(19) + b"--b18\n\nx\n" * 900,
    "very many parts": HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 50_000,
    "very many files": HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\nContent-Type: a/b\n\nx\n" * 990,
    "brackets in an address": b"To: " + b"(" * 15_000 + b"\n" + SMALL,
    "brackets in the author": b"From: " + b"(" * 15_000 + b"\n\nx",
    "quotes in an address": b"To: " + b'"\\' * 8_000 + b"\n" + SMALL,
    "very many addresses": b"To: " + b"a@b.example, " * 1_200 + b"\nCc: " + b"<" * 15_000 + b"\n" + SMALL,
    "very many headers": b"To: a@b.example\n" * 15_000 + SMALL,
    "one endless header": b"Subject: " + b"x" * 10 * MEGABYTE + b"\n" + SMALL,
    "continuations": b"Content-Type: a/b; " + b"".join(b"x*%d=y; " % n for n in range(1500)) + b"\n" + SMALL,
    "encoded words": b"Subject: " + b"=?utf-8?q?=C3?= " * 900 + b"\n" + SMALL,
    "beginnings of encoded words": b"Subject: " + b"=?utf-8?q?" * 1600 + b"\n" + SMALL,
    "references": b"References: " + b"<a@b>" * 3_000 + b"\n" + SMALL,
    "received": b"Received: from a by b (" + b"((" * 8_000 + b"; x\n" + SMALL,
    "dates": b"Date: " + b"1 Jan " * 2_500 + b"\n" + SMALL,
    "deep HTML": HEAD + b"Content-Type: text/html\n\n" + b"<div>" * 180_000,
    "unclosed HTML": HEAD + b"Content-Type: text/html\n\n" + b"<a b='" * 100_000,
    "HTML of brackets": HEAD + b"Content-Type: text/html\n\n" + b"<" * MEGABYTE,
    "HTML tables": HEAD + b"Content-Type: text/html\n\n" + b"<table><tr><td>" * 60_000,
    "HTML entities": HEAD + b"Content-Type: text/html\n\n" + b"&" * MEGABYTE,
    "quotation marks": HEAD + b"\n" + b">" * MEGABYTE,
    "quoted lines": HEAD + b"\n" + b"> x\n" * 250_000,
    "empty lines": HEAD + b"\n" + b"\n" * MEGABYTE,
    "one line of words": HEAD + b"\n" + b"On Mon wrote: " * 70_000,
    "attributions": HEAD + b"\n" + b"On Mon, a@b wrote:\n" * 50_000,
    "rules": HEAD + b"\n" + b"-- \n_____\n" * 90_000,
    "blanks": HEAD + b"\n" + b" " * MEGABYTE + b"x",
    "combining marks": HEAD + b"Content-Type: text/plain; charset=utf-8\n\na" + "\u0301".encode() * 500_000,
    "large base64": HEAD + b"Content-Type: a/b\nContent-Transfer-Encoding: base64\n\n" + b"A" * 24 * MEGABYTE,
    "large quoted-printable": HEAD + b"Content-Transfer-Encoding: quoted-printable\n\n" + b"=41" * 8 * MEGABYTE,
    "short lines of quoted-printable": HEAD + FILE + b"quoted-printable\n\n" + b"a\n" * 12 * MEGABYTE,
    "short lines of uuencode": HEAD + FILE + b"x-uuencode\n\nbegin 644 a\n" + b"#0V%T\n" * 4_000_000,
    "large text": HEAD + b"\n" + b"word " * 5 * MEGABYTE,
    "large binary": HEAD + b"\n" + bytes(range(256)) * 90_000,
    "nothing but line ends": b"\n" * 25 * MEGABYTE,
    "delimiters that are none": HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--bx\n" * 4_000_000,
}


@pytest.mark.parametrize("name", list(BOMBS))
async def test_a_bomb_costs_no_more_than_a_large_mail_may_and_the_next_one_goes_on(box: Sandbox, name: str) -> None:
    await box.parse(raw())
    pid = process_of(box)
    before = processor_time(pid)
    with suppress(Unreadable):
        assert len((await box.parse(raw(BOMBS[name]))).envelopes) == 1
    assert process_of(box) == pid, "bombs are met by limits, not by the death of the process"
    assert processor_time(pid) - before < SandboxLimits().processor_seconds / 2
    encoded = b"Transfer-Encoding" in BOMBS[name]  # the mail, its part and the decoded file, each once
    assert peak_memory(pid) < (130 if encoded else 200) * MEGABYTE
    assert (await box.parse(raw())).envelopes[0].subject == "Hello"


def processor_time(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def limits_of(pid: int) -> dict[str, str]:
    lines = Path(f"/proc/{pid}/limits").read_text().splitlines()
    return {line[:26].strip(): line[26:47].strip() for line in lines}


def environment_of(pid: int) -> bytes:
    return Path(f"/proc/{pid}/environ").read_bytes()


def peak_memory(pid: int) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) * 1024
    raise AssertionError("no VmHWM")


async def test_a_mail_that_takes_too_much_processor_time_is_unreadable() -> None:
    box = Sandbox(ADDRESSES, KEY, limits=SandboxLimits(processor_seconds=0.02))
    with pytest.raises(Unreadable, match="processor time"):
        await box.parse(raw(BOMBS["quoted lines"]))
    assert (await box.parse(raw())).envelopes[0].subject == "Hello"
    await box.stop()


async def test_a_mail_that_takes_too_much_memory_is_unreadable() -> None:
    box = Sandbox(ADDRESSES, KEY, limits=SandboxLimits(memory=60 * MEGABYTE))
    with pytest.raises(Unreadable, match="takes too much"):
        await box.parse(raw(BOMBS["large base64"]))
    assert (await box.parse(raw())).envelopes[0].subject == "Hello"
    await box.stop()


async def test_a_mail_whose_process_was_killed_from_outside_is_read_by_another(box: Sandbox) -> None:
    await box.parse(raw())
    pid = process_of(box)
    os.kill(pid, signal.SIGSTOP)
    reading = asyncio.create_task(box.parse(raw()))
    await at_work(box)
    os.kill(pid, signal.SIGKILL)
    assert (await reading).envelopes[0].subject == "Hello"
    assert process_of(box) != pid


async def test_a_process_that_keeps_silent_is_replaced() -> None:
    box = Sandbox(ADDRESSES, KEY, limits=SandboxLimits(silence_seconds=2.0))
    await box.parse(raw())
    pid = process_of(box)
    os.kill(pid, signal.SIGSTOP)
    assert (await box.parse(raw())).envelopes[0].subject == "Hello"
    assert process_of(box) != pid
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    await box.stop()


async def test_a_process_that_died_at_rest_is_replaced(box: Sandbox) -> None:
    await box.parse(raw())
    process = box._free[0]._process
    process.kill()
    await process.wait()
    assert (await box.parse(raw())).envelopes[0].subject == "Hello"


async def test_with_other_addresses_mails_are_read_by_a_process_that_knows_them(box: Sandbox) -> None:
    await box.parse(raw())
    before = process_of(box)
    box.reconfigure(["sales@example.test"], {"support@example.test": "sales@example.test"})
    (envelope,) = (await box.parse(raw())).envelopes
    assert envelope.account == "sales@example.test"
    assert process_of(box) != before
    with pytest.raises(ProcessLookupError):
        os.kill(before, 0)


async def test_a_mail_that_costs_two_processes_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "dying_parser.py").write_text(
        "import sys\nsys.stdin.buffer.readline()\nprint('ready', flush=True)\nsys.stdin.buffer.read(1)\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(sandbox, "_MODULE", "dying_parser")
    with pytest.raises(Unreadable, match="cost two parser processes"):
        await Sandbox(ADDRESSES, KEY).parse(raw())


async def test_when_no_process_can_be_started_the_mail_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox.sys, "executable", "/nonexistent/python")
    with pytest.raises(Temporary, match="no parser process"):
        await Sandbox(ADDRESSES, KEY).parse(raw())


async def test_a_reading_that_is_given_up_leaves_no_process_out_of_step(box: Sandbox) -> None:
    await box.parse(raw())
    reading = asyncio.create_task(box.parse(raw(BOMBS["quoted lines"])))
    await at_work(box)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    assert (await box.parse(raw())).envelopes[0].subject == "Hello"


async def test_stop_ends_the_processes_and_may_be_called_again() -> None:
    box = Sandbox(ADDRESSES, KEY)
    await box.stop()
    await box.parse(raw())
    box.start()
    await box.parse(raw())
    pid = process_of(box)
    await box.stop()
    await box.stop()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_stop_waits_for_the_mail_that_is_being_read(box: Sandbox) -> None:
    await box.parse(raw())
    reading = asyncio.create_task(box.parse(raw(BOMBS["quoted lines"])))
    await at_work(box)
    await box.stop()
    assert reading.done()
    assert reading.result().envelopes
    assert not box._free


async def test_the_process_may_write_no_file_and_open_no_more_memory(box: Sandbox) -> None:
    await box.parse(raw())
    values = limits_of(process_of(box))
    assert values["Max file size"] == "0"
    assert values["Max core file size"] == "0"
    assert values["Max address space"] != "unlimited"


async def test_the_process_knows_none_of_our_secrets(box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRUNKLINE_ADMIN_TOKEN", "a secret")
    await box.parse(raw())
    assert b"a secret" not in environment_of(process_of(box))


async def test_a_small_mail_takes_a_few_milliseconds_of_processor_time(box: Sandbox) -> None:
    """400 a second on one core are 2.5 ms each, ours and the process's together; twice that on a busy machine."""
    await box.parse(raw())
    pid, number = process_of(box), 300
    before = processor_time(pid) + time.process_time()
    for _ in range(number):
        await box.parse(raw())
    assert (processor_time(pid) + time.process_time() - before) / number < 0.005


async def test_a_reader_whose_gateway_was_killed_ends_without_a_word(tmp_path: Path) -> None:
    told, tell = os.pipe()
    os.close(told)
    known = {"addresses": ADDRESSES, "forwarding": {}, "key": KEY.hex()}
    settings = json.dumps(known | {"memory": 1, "processor_seconds": 1}) + "\n"
    with (tmp_path / "errors").open("wb") as errors:
        reader = await asyncio.create_subprocess_exec(
            sys.executable, "-m", sandbox._MODULE, stdin=asyncio.subprocess.PIPE, stdout=tell, stderr=errors
        )
        os.close(tell)
        await reader.communicate(settings.encode())

    assert reader.returncode == 0
    assert (tmp_path / "errors").read_bytes() == b""
