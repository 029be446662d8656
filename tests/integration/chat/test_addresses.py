"""Addresses: signed by the page, proved by a code, or only claimed; and answers that follow their visitor by mail."""

import re
from collections.abc import Callable

import pytest

from trunkline.adapters.chat.address_codes import LIFETIME_MS
from trunkline.adapters.chat.visitor_token import issue, new_visitor
from trunkline.config.desk_settings import AttachmentSettings
from trunkline.config.errors import DeliveryDeferred, DeliveryFailed, EngineUnavailable
from trunkline.normalizer.envelope import Attachment
from trunkline.queue.conversation_log import HERE_MS, conversation_name

from .conftest import ARTICLE, Process, Visitor, World

ID = "message-number-{:04d}"
TWO_MINUTES = 120_000


async def asked(world: World, process: Process, visitor: Visitor, email: str = "maria@example.org") -> str:
    """Ask for a code and read it in the mail."""
    await visitor.say("address", email=email)
    assert (await visitor.until("email"))["proven"] is False
    await world.settle(process)
    (code,) = re.findall(r"\b[0-9]{6}\b", world.mailed[-1].text)
    assert world.mailed[-1].to == email
    return str(code)


async def test_a_code_that_was_mailed_proves_the_address(world: World) -> None:
    process = await world.process()
    visitor = await process.visit(language="de-AT")
    code = await asked(world, process, visitor)
    assert "Ihr Code" in world.mailed[0].text
    assert world.mailed[0].automatic
    await visitor.say("code", code=f" {code[:3]} {code[3:]} ")
    assert await visitor.until("email") == {"type": "email", "value": "maria@example.org", "proven": True}
    await visitor.say("code", code=code)
    assert (await visitor.until("refused"))["code"] == "bad_code"
    again = await process.visit(visitor.token)
    assert again.heard[0]["email"] == {"value": "maria@example.org", "proven": True}


async def test_a_code_is_good_for_five_tries_and_fifteen_minutes_and_only_in_its_conversation(world: World) -> None:
    process = await world.process()
    visitor, other = await process.visit(), await process.visit()
    code = await asked(world, process, visitor)
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    await other.say("code", code=code)
    assert (await other.until("refused"))["code"] == "bad_code"
    for _ in range(5):
        await visitor.say("code", code=wrong)
        await visitor.until("refused", code="bad_code")
    await visitor.say("code", code=code)
    await visitor.until("refused", code="bad_code")
    code = await asked(world, process, visitor)
    world.clock.advance(LIFETIME_MS)
    await visitor.say("code", code=code)
    await visitor.until("refused", code="bad_code")


async def test_nobodys_mailbox_is_filled(world: World) -> None:
    first, second = await world.process(), await world.process()
    for number in range(6):
        visitor = await (first, second)[number % 2].visit()
        await visitor.say("address", email="maria@example.org")
        frame = await visitor.hear()
        while frame["type"] not in ("email", "refused"):
            frame = await visitor.hear()
        assert frame["type"] == ("email" if number < 5 else "refused")
    assert frame["code"] == "flood"
    assert 0 < frame["retry_after"] <= 3600
    await visitor.say("address", email="not an address")
    assert (await visitor.until("refused"))["code"] == "bad_address"


async def test_a_code_waits_for_the_mail_server_and_is_not_sent_too_late(world: World) -> None:
    process = await world.process()
    visitor = await process.visit()
    world.trouble = DeliveryDeferred("the smarthost is away")
    await visitor.say("address", email="maria@example.org")
    await visitor.until("email")
    await world.settle(process)
    assert world.mailed == []
    world.trouble = None
    world.clock.advance(60_000)
    await world.settle(process)
    assert len(world.mailed) == 1
    world.trouble = DeliveryFailed("no such mailbox")
    await visitor.say("address", email="mario@example.org")
    await visitor.until("email")
    world.clock.advance(LIFETIME_MS)
    world.trouble = None
    await world.settle(process)
    assert len(world.mailed) == 1


async def test_a_person_whom_the_page_signs_in_is_the_same_everywhere(world: World, signed: Callable[..., str]) -> None:
    process = await world.process()
    identity = signed(email="maria@example.org", name="Maria")
    one, two = await process.visit(identity=identity), await process.visit(identity=identity)
    assert one.id == two.id
    assert one.heard[0]["email"] == {"value": "maria@example.org", "proven": True}
    await one.write(ID.format(1), "Hello")
    assert (await two.until("line"))["name"] == "Maria"
    stranger = await process.connect()
    await stranger.say("hello", token=one.token)
    assert (await stranger.closed())[0] == 4401


async def test_a_site_may_demand_that_people_are_signed_in(world: World, signed: Callable[..., str]) -> None:
    process = await world.process({"web": {"identity": "required"}})
    nobody = await process.connect()
    await nobody.say("hello")
    assert (await nobody.closed())[0] == 4401
    await process.visit(identity=signed())
    stale = issue(b"the key of the tests", "web", new_visitor(), world.clock.now())
    async with process.session.post(
        process.url("web/files"), data=b"x", headers={"Authorization": f"Bearer {stale}"}
    ) as response:
        assert response.status == 401


async def left(world: World, process: Process, visitor: Visitor) -> None:
    """The visitor closes the window, and two minutes pass."""
    await visitor.socket.close()
    world.clock.advance(max(HERE_MS, TWO_MINUTES) + 1)
    await world.settle(process)


@pytest.mark.parametrize("proven", [True, False])
async def test_answers_that_were_not_read_follow_the_visitor_in_one_mail(world: World, proven: bool) -> None:
    process = await world.process()
    visitor = await process.visit()
    if proven:
        await visitor.say("code", code=await asked(world, process, visitor))
        await visitor.until("email", proven=True)
    await visitor.write(ID.format(1), "Is anybody there?", email="maria@example.org")
    for number in (1, 2):
        await process.answer(visitor.id, number, f"answer {number}")
    await process.answer(visitor.id, 3, "your case number", automatic=True, author="")
    await left(world, process, visitor)
    (unread,) = world.forwarded
    assert unread.articles == [ARTICLE.format(1), ARTICLE.format(2)]
    assert (unread.text, unread.address, unread.proven) == ("answer 1\n\nanswer 2", "maria@example.org", proven)
    await world.settle(process)
    await process.answer(visitor.id, 4, "one more")
    world.clock.advance(TWO_MINUTES)
    await world.settle(process)
    assert [each.text for each in world.forwarded[1:]] == ["one more"]


async def test_files_that_are_too_many_for_one_mail_follow_in_several(world: World) -> None:
    process = await world.process(attachments=AttachmentSettings(count=2))
    visitor = await process.visit()
    await visitor.write(ID.format(1), "Hello?", email="maria@example.org")
    file = Attachment(name="plan.pdf", media_type="application/pdf", size=4, sha256="a" * 64)
    for number, files in enumerate(((file,), (), (file, file), (file,)), 1):
        await process.answer(visitor.id, number, f"answer {number}", attachments=files)
    await left(world, process, visitor)
    mails = [(each.text, len(each.attachments)) for each in world.forwarded]
    assert mails == [("answer 1\n\nanswer 2", 1), ("answer 3", 2), ("answer 4", 1)]
    assert len({each.key for each in world.forwarded}) == 3


async def test_what_was_read_or_is_being_looked_at_stays_in_the_chat(world: World) -> None:
    process = await world.process()
    visitor = await process.visit()
    await visitor.write(ID.format(1), "Hello?", email="maria@example.org")
    await process.answer(visitor.id, 1)
    world.clock.advance(TWO_MINUTES)
    await process.channel.connected.mark_present()
    await world.settle(process)
    assert world.forwarded == []
    await visitor.say("seen", position=2, state="read")
    await visitor.write(ID.format(2), "Thanks")
    await left(world, process, visitor)
    assert world.forwarded == []


async def test_who_leaves_later_without_reading_gets_the_mail_then(world: World) -> None:
    process = await world.process()
    visitor = await process.visit()
    await visitor.write(ID.format(1), "Hello?", email="maria@example.org")
    await process.answer(visitor.id, 1)
    world.clock.advance(TWO_MINUTES)
    await process.channel.connected.mark_present()
    await world.settle(process)
    await left(world, process, visitor)
    assert len(world.forwarded) == 1


async def test_a_worker_that_died_over_a_mail_orders_the_same_again(world: World) -> None:
    process = await world.process()
    visitor = await process.visit()
    await visitor.write(ID.format(1), "Hello?", email="maria@example.org")
    await process.answer(visitor.id, 1, "first")
    world.trouble = EngineUnavailable("away")
    await left(world, process, visitor)
    assert (await process.logs.marks(conversation_name("web", visitor.id))).get("visitor:mailed") is None
    await process.answer(visitor.id, 2, "second")
    world.trouble = None
    world.clock.advance(5_000)
    await world.settle(process)
    assert [each.text for each in world.forwarded] == ["first"]
    world.clock.advance(TWO_MINUTES)
    await world.settle(process)
    assert [each.text for each in world.forwarded] == ["first", "second"]
    assert len({each.key for each in world.forwarded}) == 2


async def test_without_an_address_nothing_is_mailed(world: World) -> None:
    process = await world.process()
    visitor = await process.visit()
    await visitor.write(ID.format(1), "Hello?")
    await process.answer(visitor.id, 1)
    await left(world, process, visitor)
    assert world.forwarded == []
