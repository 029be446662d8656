"""The parser process: reads mails from its standard input, one after the other, and answers on its standard output.

It holds no connection and no secret but the reply-token key, may write no file, and takes no more memory than a mail
can need. A mail that takes too much processor time ends the process (SIGPROF, so that even a loop inside an extension
ends); the gateway starts another one. It ends when its input ends, or when nobody is left to read its answers. Run by
`sandbox.py` only.
"""

import json
import os
import resource
import signal
import sys
import traceback
from typing import BinaryIO

from ...config.errors import Unreadable
from ...normalizer.envelope import RawMessage
from .parsing import MailReader
from .recipients import OwnAddresses
from .sandbox_frames import REQUEST, Outcome, decode_request, encode_parsed, encode_reason

_WARM_UP = (
    b"From: a@b.example\r\nContent-Type: text/html\r\n\r\n<p>The first mail takes longest, so it is not a real one.</p>"
)


def main() -> None:
    """Serve until the input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the gateway, which then ends us
    inward, outward = sys.stdin.buffer, sys.stdout.buffer
    settings = json.loads(inward.readline())
    reader = MailReader(OwnAddresses(settings["addresses"], settings["forwarding"]), bytes.fromhex(settings["key"]))
    reader.read(RawMessage(id="0" * 32, channel="mail", external_id="", received_at=0, content=_WARM_UP))
    _limit(settings["memory"])
    outward.write(b"ready\n")
    outward.flush()
    while _serve_one(reader, inward, outward, settings["processor_seconds"]):
        pass


def _limit(memory: int) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        with open("/proc/self/statm", encoding="ascii") as statm:
            limit = int(statm.read().split()[0]) * resource.getpagesize() + memory
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def _serve_one(reader: MailReader, inward: BinaryIO, outward: BinaryIO, seconds: float) -> bool:
    header = inward.read(REQUEST.size)
    if len(header) < REQUEST.size:
        return False
    meta_length, content_length = REQUEST.unpack(header)
    raw = decode_request(inward.read(meta_length), inward.read(content_length))
    signal.setitimer(signal.ITIMER_PROF, seconds)
    answer, sound = _answer(reader, raw)
    signal.setitimer(signal.ITIMER_PROF, 0)
    outward.write(answer)
    outward.flush()
    return sound


def _answer(reader: MailReader, raw: RawMessage) -> tuple[bytes, bool]:
    """The answer, and whether the process is fit for another mail."""
    try:
        return encode_parsed(reader.read(raw)), True
    except Unreadable as error:
        return encode_reason(Outcome.UNREADABLE, {"reason": error.detail}), True
    except (MemoryError, RecursionError) as error:
        return encode_reason(
            Outcome.EXHAUSTED, {"reason": f"reading it takes too much ({type(error).__name__})"}
        ), False
    except Exception as error:  # noqa: BLE001  (whatever a mail provokes must not stop the next one)
        # The text of the error may quote the mail, so only its kind and its place are told.
        frames = traceback.extract_tb(error.__traceback__)[-3:]
        place = " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(frames))
        reason = {"reason": f"the reader broke on it ({type(error).__name__})", "place": place}
        return encode_reason(Outcome.BROKE, reason), True


if __name__ == "__main__":
    try:
        main()
    except BrokenPipeError:
        os._exit(0)  # the gateway was killed; what it asked for is asked again by the next one
