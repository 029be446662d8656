"""One thing many thousand times: reading a mail takes time in proportion to its size, whatever it repeats."""

import time
from collections.abc import Callable

import pytest

from trunkline.adapters.mail.parsing import MailReader
from trunkline.adapters.mail.recipients import OwnAddresses
from trunkline.normalizer.envelope import raw_from_file

READER = MailReader(OwnAddresses(["support@example.test"]), b"k" * 32)
HEAD = "From: {}Ann <ann@a.example>\nTo: support@example.test\nSubject: {}x\nMessage-ID: <1@a.example>\n"
PLAIN = HEAD.format("", "")
QUICK = 0.2  # seconds of the processor, in which nothing that is out of proportion can be read
REPEATS = [
    *(">", "> \n", "> From: x,\n", "From: x,\n", "Foo: x,\nFrom: x,\n", "To: a@b.example\n", "Foo: x,\n"),
    *("-- \n", "---------- \n", "_", " ", "\n", "\t \n", "=\n", "=20", "(", "(a ", '"', "'", "[", "<", "&amp;", "@"),
    *("<div>", "</div>", "<br>", "<blockquote>", "<!--", "<table><tr><td>", "<a href=x>", "\U0001f600", "\u200d"),
    *("On ", "On Mon, Jan 1, 2024 at 10:00 AM x wrote:\n", "a@b.example wrote:\n", "Sent from my iPhone\n", "a@b."),
    *("---------- Forwarded message ---------\n", "-----Original Message-----\n", "begin 644 a\n", "http://a ", ","),
]
SHAPES: dict[str, tuple[int, Callable[[str], str]]] = {
    "in the text": (60_000, lambda body: f"{PLAIN}Content-Transfer-Encoding: quoted-printable\n\n{body}"),
    "in HTML": (60_000, lambda body: f"{PLAIN}Content-Type: text/html\n\n{body}"),
    "in the headers": (16_000, lambda body: HEAD.format(*[body.replace("\n", " ")] * 2) + "\nHello"),
}


def seconds(mail: str) -> float:
    raw = raw_from_file(mail.encode(), "mail", account="support@example.test")
    began = time.process_time()
    READER.read(raw)
    return time.process_time() - began


def least_seconds(mail: str) -> float:
    """Of three tries, because other processes on the machine can only make one longer."""
    return min(seconds(mail) for _ in range(3))


@pytest.mark.parametrize("shape", SHAPES)
def test_reading_takes_time_in_proportion_to_what_is_repeated(shape: str) -> None:
    size, build = SHAPES[shape]
    seconds(build("Hello"))  # what is loaded once
    for unit in REPEATS:
        times = size // len(unit)
        if seconds(build(unit * times)) > QUICK:
            short, long = (least_seconds(build(unit * repeats)) for repeats in (times // 8, times))
            assert long < 24 * short, f"{unit!r}: {short:.3f} s, of eight times as many {long:.3f} s"
