"""Files from an Instagram account with Instagram Login, which Meta fetches from an address of ours."""

from typing import Any

import pytest

from tests.memory_addresses import MemoryAddresses
from tests.memory_parts import MemoryParts
from trunkline.adapters.meta.card import CARD
from trunkline.adapters.meta.scoped_sending import ScopedSender
from trunkline.adapters.meta.settings import MetaSettings
from trunkline.config.errors import DeliveryFailed
from trunkline.normalizer.envelope import Attachment
from trunkline.normalizer.outgoing import Outgoing
from trunkline.normalizer.sending_limits import Destination

OURS, THEIRS = "17841400000000001", "7001002003004005"
ARTICLE = "0193512e-aaaa-7000-8000-000000000002"
PHOTO = Attachment(name="lamp.png", media_type="image/png", size=1000, sha256="a" * 64)


class Graph:
    """Takes what is posted."""

    def __init__(self) -> None:
        self.posted: list[Any] = []

    async def post(self, path: str, content: Any) -> dict[str, str]:
        assert path == "me/messages"
        self.posted.append(content)
        return {"message_id": f"m_{len(self.posted)}"}


async def _blob(_: str) -> bytes:
    raise AssertionError("the bytes stay here")


def _section(**given: str) -> MetaSettings:
    shop = {"product": "instagram", "id": OURS, "api": "https://graph.instagram.com", **given}
    return MetaSettings.model_validate({"shop": shop})


def _sender(section: MetaSettings, graph: Graph) -> ScopedSender:
    return ScopedSender(section.root["shop"], graph, _blob, MemoryParts[str](), MemoryAddresses())  # type: ignore[arg-type]


def _outgoing() -> Outgoing:
    return Outgoing(
        article_id=ARTICLE,
        external_id=ARTICLE,
        ticket_id=ARTICLE,
        number="T-1",
        channel="meta",
        account="shop",
        to=f"{OURS}:{THEIRS}",
        text="Look.",
        attachments=(PHOTO,),
        created_at=0,
    )


async def test_meta_is_told_where_the_file_is() -> None:
    graph = Graph()
    await _sender(_section(address="https://desk.example"), graph).send(_outgoing())
    text, photo = (each["message"] for each in graph.posted)
    there = f"https://desk.example/files/{ARTICLE}-{PHOTO.sha256}-86400000"
    assert text == {"text": "Look."}
    assert photo == {"attachment": {"type": "image", "payload": {"url": there}}}


async def test_without_an_address_it_is_refused_before_anything_is_sent() -> None:
    graph = Graph()
    with pytest.raises(DeliveryFailed, match="address"):
        await _sender(_section(), graph).send(_outgoing())
    assert graph.posted == []


def test_the_desk_knows_whether_files_can_be_sent() -> None:
    there = Destination(account="shop", to=f"{OURS}:{THEIRS}")
    assert CARD.sends is not None
    without, reached = (
        CARD.sends(section, there).files for section in (_section(), _section(address="https://a.example"))
    )
    assert without.count == 0
    assert "address" in without.instead
    assert reached == CARD.facts.sends(there).files
    uploads = CARD.sends(_section(api="https://graph.facebook.com"), there).files
    assert uploads == reached
