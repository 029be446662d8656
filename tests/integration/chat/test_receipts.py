"""What visitors and the desk have seen, and who is typing."""

from trunkline.adapters.chat.parsing import read_raw
from trunkline.normalizer.envelope import RawMessage
from trunkline.queue.conversation_log import conversation_name
from trunkline.queue.intake import unpack
from trunkline.queue.worker import Worker

from .conftest import ARTICLE, Process, World

ID = "message-number-{:04d}"


async def receipts(process: Process) -> list[tuple[str, str]]:
    """The receipts in the intake queue, each as state and article."""
    found: list[tuple[str, str]] = []

    async def read(entry: object) -> bool:
        header, content = unpack(entry.payload)  # type: ignore[attr-defined]
        raw = RawMessage(**header, content=content)
        deliveries = [envelope.delivery for envelope in read_raw(raw).envelopes]
        found.extend((each.state, each.reference) for each in deliveries if each is not None)
        return False

    await Worker(process.intake.queue, process.world.clock, read).drain()
    return found


async def test_what_a_visitor_has_seen_is_a_receipt_for_each_of_our_lines_once(world: World) -> None:
    process = await world.process()
    visitor = await process.visit()
    await visitor.write(ID.format(1), "Hello?")
    for number in (1, 2):
        await process.answer(visitor.id, number)
    await visitor.until("line", position=3)
    await visitor.say("seen", position=2, state="delivered")
    await visitor.say("seen", position=2, state="delivered")
    await visitor.say("seen", position=99, state="read")
    await visitor.write(ID.format(2), "Thanks")
    assert sorted(await receipts(process)) == [
        ("delivered", ARTICLE.format(1)),
        ("read", ARTICLE.format(1)),
        ("read", ARTICLE.format(2)),
    ]
    marks = await process.logs.marks(conversation_name("web", visitor.id))
    assert marks == {"visitor:delivered": 3, "visitor:read": 3}


async def test_a_visitor_sees_how_far_the_desk_has_read(world: World) -> None:
    process = await world.process()
    visitor = await process.visit()
    await visitor.write(ID.format(1), "Hello?")
    await process.logs.mark(conversation_name("web", visitor.id), "desk:read", 1)
    assert (await visitor.until("seen"))["position"] == 1
    again = await process.visit(visitor.token)
    assert again.heard[0]["seen"] == {"desk": 1}


async def test_typing_goes_both_ways_over_processes_and_is_told_sparingly(world: World) -> None:
    first, second = await world.process(), await world.process()
    visitor = await first.visit()
    conversation = conversation_name("web", visitor.id)
    async with second.signals.listen(conversation) as listening:
        for _ in range(3):
            await visitor.say("typing")
        heard = await anext(listening)
        assert heard["who"] == "visitor"
        world.clock.advance(3000)
        await visitor.say("typing")
        await visitor.write(ID.format(1), "Hello")
        assert await anext(listening) == heard
        assert listening._heard.empty()
    await second.signals.send(conversation, {"who": "agent", "name": "Ada"})
    assert (await visitor.until("typing"))["name"] == "Ada"


async def test_everybody_hears_when_nobody_is_there_any_more(world: World) -> None:
    process = await world.process()
    visitor = await process.visit()
    await process.channel.connected.notify_status()
    world.online = (False, 1_800_000_600_000)
    await process.channel.connected.notify_status()
    status = await visitor.until("status")
    assert (status["online"], status["opens_at"]) == (False, 1_800_000_600_000)
