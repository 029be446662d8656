"""Load: many kept-alive connections, each sending the next message when the last was answered.

Messages are made and signed before the clock starts. Prints one line of JSON: how many were accepted and how long it
took. `python benchmarks/load.py http 127.0.0.1:8080 2000 64 whsec_…` or `smtp 127.0.0.1:2525 500 16 -`, or a row of
vendor_posts.py in place of `http`, which has its own secret.
"""

import asyncio
import base64
import hashlib
import hmac
import json
import sys
import time
from collections.abc import Sequence
from itertools import count

from vendor_posts import ROWS

WORDS = "My order has not arrived yet and the tracking page shows nothing since Monday. Could you please look into it?"


def http_message(number: int, run: str, secret: str, host: str) -> bytes:
    """A signed post of one customer (Standard Webhooks: HMAC-SHA256 over id.timestamp.body)."""
    fields = {"name": f"Customer {number}", "email": f"{run}-{number}@example.org", "subject": f"Order {number}"}
    body = json.dumps({**fields, "message": WORDS, "conversation": f"{run}-{number}"}).encode()
    stamp, webhook_id = str(int(time.time())), f"msg_{run}_{number}"
    key = base64.b64decode(secret.removeprefix("whsec_")) if secret != "-" else b""
    signed = hmac.new(key, b".".join((webhook_id.encode(), stamp.encode(), body)), hashlib.sha256).digest()
    head = (
        f"POST /v1/inbound/form HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
        f"webhook-id: {webhook_id}\r\nwebhook-timestamp: {stamp}\r\n"
        f"webhook-signature: v1,{base64.b64encode(signed).decode()}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def posted(kind: str, number: int, run: str, secret: str, host: str) -> bytes:
    """A post of a customer's message, of ours or of a vendor."""
    if kind == "http":
        return http_message(number, run, secret, host)
    return ROWS[kind].post((int(run, 16) // 1_000_000 % 10_000 * 100_000 + number) % 1_000_000_000, host)


def mail_message(number: int, run: str) -> tuple[bytes, bytes]:
    """Envelope commands and content of one customer's mail."""
    sender = f"{run}-{number}@example.org"
    content = (
        f"From: Customer {number} <{sender}>\r\nTo: support@example.test\r\nSubject: Order {number}\r\n"
        f"Message-ID: <{run}-{number}@example.org>\r\nDate: Sun, 22 Nov 2026 10:00:00 +0000\r\n"
        f"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
        f"{WORDS}\r\n\r\n-- \r\nCustomer {number}\r\n"
    )
    return sender.encode(), content.encode() + b".\r\n"


async def http_connection(host: str, port: int, messages: Sequence[bytes], turn: "count[int]") -> int:
    """Posts until there is none left; returns how many were taken."""
    reader, writer = await asyncio.open_connection(host, port)
    accepted = 0
    while (number := next(turn)) < len(messages):
        writer.write(messages[number])
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        await reader.readexactly(length)
        accepted += head.startswith(b"HTTP/1.1 20")
    writer.close()
    return accepted


async def smtp_connection(host: str, port: int, mails: Sequence[tuple[bytes, bytes]], turn: "count[int]") -> int:
    """Sends mails over one connection; returns how many got a 250."""
    reader, writer = await asyncio.open_connection(host, port)

    async def answer() -> bytes:
        while (line := await reader.readline())[3:4] == b"-":
            pass
        return line

    async def say(command: bytes) -> bytes:
        writer.write(command)
        return await answer()

    await answer()
    await say(b"EHLO load.example.org\r\n")
    accepted = 0
    while (number := next(turn)) < len(mails):
        sender, content = mails[number]
        await say(b"MAIL FROM:<" + sender + b">\r\n")
        await say(b"RCPT TO:<support@example.test>\r\n")
        await say(b"DATA\r\n")
        accepted += (await say(content)).startswith(b"250")
    writer.close()
    return accepted


async def main(kind: str, address: str, number: int, connections: int, secret: str) -> None:
    """Send `number` messages and print what came of it."""
    host, port = address.split(":")
    run, turn = f"{time.time_ns():x}", count()
    if kind == "smtp":
        mails = [mail_message(each, run) for each in range(number)]
        jobs = [smtp_connection(host, int(port), mails, turn) for _ in range(connections)]
    else:
        posts = [posted(kind, each, run, secret, address) for each in range(number)]
        jobs = [http_connection(host, int(port), posts, turn) for _ in range(connections)]
    begun = time.perf_counter()
    accepted = sum(await asyncio.gather(*jobs))
    print(json.dumps({"accepted": accepted, "seconds": time.perf_counter() - begun}))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), sys.argv[5]))
