"""Codes that prove an address: six digits sent there by mail, said back in the conversation that asked for them.

A code is good for 15 minutes and five tries, and only the newest of a conversation is. It is drawn from a key of ours
and a random number, so neither the engine nor the queue of the mails ever holds one. At most so many are sent an hour
to one address, for one conversation, and on behalf of one network address, by all processes together; so nobody can
have somebody's mailbox filled.
"""

import hmac
import json
import secrets
from collections.abc import Collection, Mapping
from typing import Any

from ...queue.clock import Clock
from ...queue.connection import Engine
from ...queue.conversation_log import conversation_name
from ...queue.dedup import digest
from ...queue.scanning import scan
from ...queue.script_head import Group
from ...queue.scripts import Script, ScriptArguments
from ...queue.work import WorkQueue
from ...web.peers import limited_as
from ..code_mails import CodeMail
from .admission import Visitor
from .frame_errors import FrameRefused

LIFETIME_MS = 15 * 60_000
TRIES = 5
PER_HOUR = {"to": 5, "of": 5, "from": 20}
QUEUE = "chat_codes"

_ISSUE = Script.beside(__file__, "code_issue.lua")
_TRY = Script.beside(__file__, "code_try.lua")
_CODES = Group.beside(__file__, "codes.lua", "codes")


class AddressCodes:
    """Makes codes and checks them."""

    def __init__(self, engine: Engine, clock: Clock, key: bytes) -> None:
        self._engine = engine
        self._clock = clock
        self._key = key
        self.queue = WorkQueue(engine, QUEUE)
        self._codes = _CODES(
            records=engine.keys("chat", "codes", "records"), expiry=engine.keys("chat", "codes", "until")
        )
        self._counts = engine.keys("codes", "hour")

    async def issue(self, visitor: Visitor, email: str, language: str, peer: str) -> None:
        """Have a code mailed to this address. Raises FrameRefused when there were too many, and temporary errors."""
        now, nonce = self._clock.now(), secrets.token_hex(16)
        until = now + LIFETIME_MS
        order = {
            "site": visitor.site,
            "visitor": visitor.id,
            "email": email,
            "language": language,
            "nonce": nonce,
            "until": until,
        }
        conversation = visitor.conversation
        counted = {"to": digest(email).hex(), "of": conversation, "from": limited_as(peer)}
        reply = await self._engine.run(
            _ISSUE,
            {"codes": self._codes, "counts": self._counts, "mails": self.queue.keys},
            {
                "now": now,
                "conversation": conversation,
                "record": json.dumps({"email": email, "nonce": nonce}),
                "good_until": until,
                "lane": conversation,
                "payload": json.dumps(order),
                "caps": json.dumps({f"{what}:{name}": PER_HOUR[what] for what, name in counted.items()}),
            },
        )
        if reply[0] == b"CAPPED":
            raise FrameRefused("flood", "too many codes were asked for; please try later", retry_after=int(reply[1]))

    async def prove(self, visitor: Visitor, code: str) -> str | None:
        """The address that the code proves; None when it is not right, and each such try counts."""
        conversation = visitor.conversation
        args: ScriptArguments = {"now": self._clock.now(), "conversation": conversation, "allowed": TRIES}
        reply = await self._engine.run(_TRY, {"codes": self._codes}, args)
        if reply[0] != b"TRY":
            return None
        record = json.loads(reply[1])
        expected = self.code(conversation, record["email"], record["nonce"])
        given = "".join(code.split())
        if not hmac.compare_digest(expected.encode(), given.encode("utf-8", "replace")):
            return None
        await self._engine.call("HDEL", self._codes["records"], conversation)
        email: str = record["email"]
        return email

    async def forget(self, names: Collection[str]) -> None:
        """Forget the codes of these addresses or conversations, and how many there were."""
        async for conversation, record in scan(self._engine, "HSCAN", self._codes["records"]):
            if conversation.startswith(b"t:"):
                continue
            if conversation.decode() in names or json.loads(record)["email"] in names:
                await self._engine.call("HDEL", self._codes["records"], conversation, b"t:" + conversation)
                await self._engine.call("ZREM", self._codes["expiry"], conversation)
        counted = [f"to:{digest(name).hex()}" for name in names] + [f"of:{name}" for name in names]
        await self._engine.call("HDEL", self._counts, *counted)

    def code(self, conversation: str, email: str, nonce: str) -> str:
        """The six digits."""
        words = "\0".join(("trunkline chat code", conversation, email, nonce))
        mark = hmac.digest(self._key, words.encode(), "sha256")
        return f"{int.from_bytes(mark[:8], 'big') % 1_000_000:06d}"

    async def mail(self, order: Mapping[str, Any]) -> CodeMail:
        """The mail that an order means."""
        conversation, email = conversation_name(order["site"], order["visitor"]), order["email"]
        return CodeMail(
            to=email,
            code=self.code(conversation, email, order["nonce"]),
            key=order["nonce"],
            language=order["language"],
            created_at=order["until"] - LIFETIME_MS,
            until=order["until"],
        )
