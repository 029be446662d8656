"""A visitor who signs in during a chat goes on in it; whoever sits at that browser next never sees it."""

from collections.abc import Callable

from trunkline.adapters.chat.parsing import SIGNED_BY_PAGE, read_raw
from trunkline.adapters.chat.signing_in import LATELY_MS
from trunkline.normalizer.envelope import Envelope, RawMessage
from trunkline.queue.intake import unpack
from trunkline.queue.work import Entry
from trunkline.queue.worker import Worker

from .conftest import Process, Visitor, World

ID = "message-number-{:04d}"
MARIA = "maria@example.org"

Signed = Callable[..., str]


async def texts(visitor: Visitor, until: str) -> list[str]:
    """What the visitor is shown, up to the line with this text."""
    if not any(frame.get("text") == until for frame in visitor.heard):
        await visitor.until("line", text=until)
    return [frame["text"] for frame in visitor.heard if frame["type"] == "line"]


async def envelopes(process: Process) -> list[Envelope]:
    """What visitors have written, as it is filed."""
    found: list[Envelope] = []

    async def read(entry: Entry) -> bool:
        header, content = unpack(entry.payload)
        found.extend(each for each in read_raw(RawMessage(**header, content=content)).envelopes if each.text)
        return False

    await Worker(process.intake.queue, process.world.clock, read).drain()
    return found


async def chatted(process: Process) -> Visitor:
    """Somebody has written, and got an answer."""
    visitor = await process.visit()
    await visitor.write(ID.format(1), "Where is my parcel?")
    await process.answer(visitor.id, 1, "Please sign in.")
    await texts(visitor, "Please sign in.")
    return visitor


async def test_the_conversation_goes_on_in_every_browser(world: World, signed: Signed) -> None:
    process = await world.process()
    anonymous = await chatted(process)
    maria = await process.visit(anonymous.token, identity=signed(email=MARIA, name="Maria"))
    assert maria.id == anonymous.id
    assert (maria.heard[0]["signed_in"], anonymous.heard[0]["signed_in"]) == (True, False)
    assert maria.heard[0]["email"] == {"value": MARIA, "proven": True}
    assert await texts(maria, "Please sign in.") == ["Where is my parcel?", "Please sign in."]
    await maria.write(ID.format(2), "Here I am")
    elsewhere = await process.visit(identity=signed(email=MARIA))
    assert elsewhere.id == anonymous.id
    assert await texts(elsewhere, "Here I am") == ["Where is my parcel?", "Please sign in.", "Here I am"]
    later = await process.visit(maria.token, identity=signed(email=MARIA))
    assert later.id == anonymous.id


async def test_what_is_written_from_then_on_names_both_and_the_address(world: World, signed: Signed) -> None:
    process = await world.process()
    anonymous = await chatted(process)
    maria = await process.visit(anonymous.token, identity=signed(email=MARIA))
    await maria.write(ID.format(2), "Here I am")
    before, after = await envelopes(process)
    assert ([each.kind for each in before.sender.identities], before.sender.signed_in) == (["chat:web"], False)
    first, person, address = after.sender.identities
    assert (first.value, address.value, after.sender.signed_in) == (anonymous.id, MARIA, True)
    assert person.kind == "chat:web"
    assert person.value.startswith("u_")
    assert {(each.assurance, each.evidence) for each in after.sender.identities} == {(3, SIGNED_BY_PAGE)}
    assert before.conversation == after.conversation


async def test_the_next_at_this_browser_never_sees_it(world: World, signed: Signed) -> None:
    process = await world.process()
    anonymous = await chatted(process)
    await process.visit(anonymous.token, identity=signed(email=MARIA))
    stranger = await process.connect()
    await stranger.say("hello", token=anonymous.token)
    assert (await stranger.closed())[0] == 4401
    other = await process.visit(anonymous.token, identity=signed(sub="li", email="li@example.org"))
    assert other.id not in (anonymous.id, "")
    await other.write(ID.format(3), "I am somebody else")
    assert await texts(other, "I am somebody else") == ["I am somebody else"]
    async with process.session.post(
        process.url("web/files"), data=b"x", headers={"Authorization": f"Bearer {anonymous.token}"}
    ) as response:
        assert response.status == 401


async def test_where_it_was_open_it_is_closed(world: World, signed: Signed) -> None:
    process = await world.process()
    tab = await chatted(process)
    maria = await process.visit(tab.token, identity=signed(email=MARIA))
    await maria.write(ID.format(2), "My account number is 7")
    assert (await tab.closed())[0] == 4401
    assert all("account" not in str(frame) for frame in tab.heard)
    silent = await process.visit()
    await silent.write(ID.format(4), "Hello")
    await process.visit(silent.token, identity=signed(sub="li"))
    await silent.say("message", id=ID.format(5), text="still here")
    assert (await silent.closed())[0] == 4401


async def test_a_file_is_sent_where_it_goes_on(world: World, signed: Signed) -> None:
    process = await world.process()
    anonymous = await chatted(process)
    maria = await process.visit(anonymous.token, identity=signed(email=MARIA))
    async with process.session.post(
        process.url("web/files?name=a.txt"), data=b"x", headers={"Authorization": f"Bearer {maria.token}"}
    ) as response:
        assert response.status == 201
        file = await response.json()
    await maria.write(ID.format(2), "See the file", files=[{"sha256": file["sha256"]}])


async def test_one_who_wrote_long_ago_or_under_another_address_is_not_taken_for_them(
    world: World, signed: Signed
) -> None:
    process = await world.process()
    quiet, claimed, old = await process.visit(), await process.visit(), await chatted(process)
    await claimed.write(ID.format(2), "Hello", email="li@example.org")
    for each in (quiet, claimed):
        assert (await process.visit(each.token, identity=signed(sub=each.id, email=MARIA))).id != each.id
    world.clock.advance(LATELY_MS)
    assert (await process.visit(old.token, identity=signed(email=MARIA))).id != old.id
    assert (await process.visit(old.token)).id == old.id


async def test_the_same_address_given_before_is_theirs(world: World, signed: Signed) -> None:
    process = await world.process()
    visitor = await process.visit()
    await visitor.write(ID.format(1), "Hello", email=MARIA)
    assert (await process.visit(visitor.token, identity=signed(email=MARIA))).id == visitor.id


async def test_a_person_who_chatted_before_goes_on_in_the_newest_conversation(world: World, signed: Signed) -> None:
    process = await world.process()
    maria = await process.visit(identity=signed(email=MARIA))
    await maria.write(ID.format(1), "Last week")
    anonymous = await chatted(process)
    again = await process.visit(anonymous.token, identity=signed(email=MARIA))
    assert await texts(again, "Please sign in.") == ["Where is my parcel?", "Please sign in."]
    second = await chatted(process)
    assert (await process.visit(second.token, identity=signed(email=MARIA))).id == second.id
    assert (await process.visit(anonymous.token, identity=signed(email=MARIA))).id == second.id
