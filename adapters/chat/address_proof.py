"""Proving an address in the chat: the visitor asks for a code, gets it by mail, and says it here.

What is proven is a fact of the conversation from then on, and stands with A3 in everything the visitor writes after it.
"""

from typing import Any

from ...normalizer.addresses import normalise_address
from ...queue.conversation_log import ConversationLogs
from .address_codes import AddressCodes
from .admission import Visitor
from .frame_errors import FrameRefused
from .frames import Address, Code
from .storing import PROVEN, VisitorFacts

Answers = list[dict[str, Any]]


class AddressProof:
    """Answers the frames about addresses; without a way to send mail all of them are refused."""

    def __init__(self, codes: AddressCodes, logs: ConversationLogs, *, mails: bool) -> None:
        self._codes = codes
        self._logs = logs
        self._mails = mails

    async def take(self, visitor: Visitor, facts: VisitorFacts, frame: Address | Code) -> Answers:
        """Carry one out. Raises FrameRefused, and temporary errors."""
        if not self._mails:
            raise FrameRefused("no_mail", "this chat cannot send mail")
        if isinstance(frame, Address):
            return [await self._asked(visitor, facts, frame.email)]
        return [await self._said(visitor, facts, frame.code)]

    async def _asked(self, visitor: Visitor, facts: VisitorFacts, email: str) -> dict[str, Any]:
        key = normalise_address(email) if len(email) <= 320 else None
        if key is None:
            raise FrameRefused("bad_address", "this is not an e-mail address")
        if key == facts.proven:
            return _email(key, proven=True)
        await self._codes.issue(visitor, key, facts.language, facts.peer)
        return _email(key, proven=False)

    async def _said(self, visitor: Visitor, facts: VisitorFacts, code: str) -> dict[str, Any]:
        email = await self._codes.prove(visitor, code[:64])
        if email is None:
            raise FrameRefused("bad_code", "this code is not right, or it has run out")
        await self._logs.set_fact(visitor.conversation, PROVEN, email)
        facts.proven = email
        return _email(email, proven=True)


def _email(value: str, *, proven: bool) -> dict[str, Any]:
    return {"type": "email", "value": value, "proven": proven}
