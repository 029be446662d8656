"""What the tests of one channel do with its subject: open it, send from it, and hear what was refused."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import pytest

from trunkline.adapters.card import Card
from trunkline.config.errors import TrunklineError
from trunkline.normalizer.outgoing import Sent

from .subject import Subject
from .test_adapters import outgoing

Kind = TypeVar("Kind", bound=Subject)


@asynccontextmanager
async def opened(subject: Kind, card: Card) -> AsyncIterator[Kind]:
    """The subject as this card makes it, until the end of the test."""
    subject.card = card
    await subject.open()
    try:
        yield subject
    finally:
        await subject.close()


async def sent(subject: Subject, **changes: Any) -> Sent:
    """An answer, changed so, is sent."""
    return await subject.adapter.send(outgoing(subject, **changes))


async def told(subject: Subject, **changes: Any) -> TrunklineError:
    """What is told of an answer that is not sent; no secret is."""
    with pytest.raises(TrunklineError) as caught:
        await sent(subject, **changes)
    assert not any(secret in str(caught.value) for secret in subject.secrets)
    return caught.value
