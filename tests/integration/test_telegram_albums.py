"""An album is one message, whichever of its files comes when, and however often."""

from dataclasses import replace
from typing import Any

import pytest

from tests.conformance.telegram_subject import update
from trunkline.adapters.telegram.albums import KEPT_MS, Albums
from trunkline.adapters.telegram.bots import Bot
from trunkline.adapters.telegram.parsing import read
from trunkline.adapters.telegram.settings import BotSettings
from trunkline.adapters.telegram.updates import event_of
from trunkline.adapters.vendor_post import Event
from trunkline.normalizer.envelope import Envelope, raw_from_file
from trunkline.queue.connection import Engine
from trunkline.queue.keys import Keys

BOT = Bot(BotSettings(username="ExampleSupportBot"), 4711)
GROUP = {"id": -1002001, "type": "supergroup", "title": "Lamps"}


@pytest.fixture
def albums(engine: Engine) -> Albums:
    return Albums(engine, {"support": BOT})


def member(number: int, caption: str = "", kind: str = "message", **more: Any) -> Event:
    photo = [{"file_id": f"p{number}", "file_unique_id": "u", "width": 9, "height": 9}]
    told = update(number, text=None, photo=photo, media_group_id="77", caption=caption, **more)
    mention = {"type": "mention", "offset": 0, "length": 18}
    told["message"] |= {"caption_entities": [mention]} if caption.startswith("@") else {}
    return event_of({"update_id": told["update_id"], kind: told["message"]})


async def told(albums: Albums, *events: Event) -> list[Envelope]:
    """What each comes to."""
    known = await albums.told("support", events)
    raws = [
        raw_from_file(each.content, "telegram", account="support", transport=each.facts, external_id=each.external_id)
        for each in known
    ]
    return [envelope for raw in raws for envelope in read(raw, BOT).envelopes]


async def test_the_first_is_the_message_and_the_others_are_additions_to_it(albums: Albums) -> None:
    first, second, third = await told(albums, member(1, "Three lamps"), member(2), member(3, "the red one"))
    assert (first.kind, first.external_id, first.text) == ("message", "1001:1", "Three lamps")
    assert [(each.kind, each.amends, each.external_id, each.text) for each in (second, third)] == [
        ("addition", "1001:1", "1001:2", ""),
        ("addition", "1001:1", "1001:3", "the red one"),
    ]
    assert [each.attachments[0].fetch for each in (first, second, third)] == ["p1", "p2", "p3"]


async def test_a_repeat_comes_to_the_same(albums: Albums) -> None:
    once = await told(albums, member(1), member(2))
    assert await told(albums, member(2), member(1)) == once[::-1]


async def test_an_edit_of_the_first_is_an_edit_and_one_of_another_adds_its_words(albums: Albums) -> None:
    await told(albums, member(1), member(2))
    first, second = (member(number, "mended", "edited_message") for number in (1, 2))
    edit, more = await told(albums, first, second)
    assert (edit.kind, edit.amends, edit.external_id) == ("edit", "1001:1", "update:101")
    assert (more.kind, more.amends, more.external_id) == ("addition", "1001:1", "update:102")


async def test_albums_of_other_chats_and_other_bots_are_others(albums: Albums, engine: Engine) -> None:
    await told(albums, member(1))
    (elsewhere,) = await told(albums, member(2, chat={"id": 1002, "type": "private"}))
    assert elsewhere.kind == "message"
    known = await Albums(engine, {"sales": BOT}).told("sales", [member(3)])
    assert known == [replace(member(3), facts={})]


async def test_in_a_group_what_follows_the_message_for_the_bot_belongs_to_it(albums: Albums) -> None:
    assert await told(albums, member(1, chat=GROUP)) == []
    first, second = await told(albums, member(2, "@ExampleSupportBot", chat=GROUP), member(3, chat=GROUP))
    assert (first.kind, second.kind, second.amends) == ("message", "addition", first.external_id)


async def test_what_is_no_album_asks_nothing_of_the_engine() -> None:
    away = Albums(Engine("redis://127.0.0.1:1", Keys("test")), {"support": BOT})
    assert await away.told("support", [event_of(update(1))]) == [event_of(update(1))]


async def test_which_was_first_is_not_kept_for_ever(albums: Albums, engine: Engine) -> None:
    await told(albums, member(1))
    left = await engine.call("PTTL", engine.keys("telegram", "album", "support", "1001:77"))
    assert 0 < left <= KEPT_MS
