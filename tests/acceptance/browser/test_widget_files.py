"""Files: chosen, dropped or pasted; checked before they are sent, shown on their way, taken back or sent."""

import pytest
from playwright.async_api import expect

from .scripted_chat import TEXTS, ScriptedChat
from .visitor import Visitor
from .watched import Watched

pytestmark = pytest.mark.asyncio(loop_scope="session")

GIVE = """(node, [kind, names, text]) => {
  const data = new DataTransfer();
  for (const name of names) data.items.add(new File(["content of " + name], name, {type: "image/png"}));
  if (text) data.setData("text/plain", text);
  const event = kind === "paste"
    ? new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true})
    : new DragEvent(kind, {dataTransfer: data, bubbles: true, cancelable: true});
  return !node.dispatchEvent(event);
}"""


async def visiting(watched: Watched, chat: ScriptedChat) -> Visitor:
    visitor = await Visitor(await watched.open(chat.shop, hosts=[chat.url])).open()
    await chat.until(lambda: chat.connected == 1)
    return visitor


async def test_files_are_uploaded_shown_and_sent_with_the_message(watched: Watched, scripted: ScriptedChat) -> None:
    visitor = await visiting(watched, scripted)
    await visitor.files_chosen("a lamp.jpg", "bill & co.pdf", content=b"x" * 2048)
    await expect(visitor.files).to_have_text(["a lamp.jpg2 kB", "bill & co.pdf2 kB"])
    await expect(visitor.page.locator("progress")).to_have_count(0)
    await visitor.write("Here they are")
    await visitor.all_sent()

    await expect(visitor.files).to_have_count(0)
    assert scripted.uploads == [("a lamp.jpg", b"x" * 2048), ("bill & co.pdf", b"x" * 2048)]
    sent = scripted.sent("message")[0]["files"]
    assert [file["name"] for file in sent] == ["a lamp.jpg", "bill & co.pdf"]
    assert all(len(file["sha256"]) == 64 for file in sent)
    await expect(visitor.line("Here they are").locator(".file")).to_have_text(["a lamp.jpg2 kB", "bill & co.pdf2 kB"])


async def test_what_is_chosen_before_there_is_a_connection_is_uploaded_when_there_is_one(
    watched: Watched, scripted: ScriptedChat
) -> None:
    watched.expect("WebSocket connection to", "Failed to load resource")
    scripted.sockets = scripted.polling = "broken"
    visitor = await Visitor(await watched.open(scripted.shop, hosts=[scripted.url])).open()
    await visitor.files_chosen("lamp.jpg", "wrong.jpg")
    await visitor.page.get_by_role("button", name="Remove wrong.jpg").click()
    await expect(visitor.button).to_be_disabled()
    assert scripted.uploads == []
    scripted.heal()
    await expect(visitor.button).to_be_enabled()
    assert [name for name, _ in scripted.uploads] == ["lamp.jpg"]


async def test_a_message_that_waits_for_its_files_is_not_sent_while_one_writes_on(
    watched: Watched, scripted: ScriptedChat
) -> None:
    visitor = await visiting(watched, scripted)
    scripted.uploading.clear()
    await visitor.files_chosen("lamp.jpg")
    await visitor.box.fill("Look")
    await visitor.box.press("Enter")
    await visitor.box.press_sequentially(" at")
    scripted.uploading.set()
    await expect(visitor.button).to_be_enabled()
    assert scripted.lines == []
    scripted.uploading.clear()
    await visitor.files_chosen("bulb.jpg")
    await visitor.box.fill("Look at these")
    await visitor.box.press("Enter")
    scripted.uploading.set()
    await visitor.sees("Look at these")
    await visitor.all_sent()
    (line,) = scripted.lines
    assert [file["name"] for file in line["files"]] == ["lamp.jpg", "bulb.jpg"]


@pytest.mark.parametrize("fails", [False, True])
async def test_a_message_whose_file_is_gone_is_not_sent_with_the_next_one(
    watched: Watched, scripted: ScriptedChat, fails: bool
) -> None:
    watched.expect("Failed to load resource")
    visitor = await visiting(watched, scripted)
    scripted.uploading.clear()
    await visitor.files_chosen("wrong.jpg")
    await visitor.box.fill("Look")
    await visitor.box.press("Enter")
    if fails:
        scripted.upload_status = 503
        scripted.uploading.set()
    else:
        await visitor.page.get_by_role("button", name="Remove wrong.jpg").click()
    await expect(visitor.files).to_have_count(0)
    scripted.upload_status = 201
    scripted.uploading.set()
    await visitor.files_chosen("lamp.jpg")
    await expect(visitor.page.locator("progress")).to_have_count(0)
    await expect(visitor.button).to_be_enabled()
    assert scripted.sent("message") == []
    await visitor.box.press("Enter")
    await visitor.sees("Look")
    await visitor.all_sent()
    assert [file["name"] for file in scripted.sent("message")[0]["files"]] == ["lamp.jpg"]


async def test_a_file_needs_no_words(watched: Watched, scripted: ScriptedChat) -> None:
    visitor = await visiting(watched, scripted)
    await expect(visitor.button).to_be_disabled()
    await visitor.files_chosen("lamp.jpg")
    await visitor.button.click()

    await expect(visitor.page.locator(".bubble .file")).to_have_text(["lamp.jpg1 kB"])
    await scripted.until(lambda: len(scripted.lines) == 1)
    assert scripted.lines[0]["text"] == ""


@pytest.mark.parametrize("kind", ["drop", "paste"])
async def test_files_are_dropped_or_pasted(watched: Watched, scripted: ScriptedChat, kind: str) -> None:
    visitor = await visiting(watched, scripted)
    target = visitor.box if kind == "paste" else visitor.log

    assert await target.evaluate(GIVE, ["dragover", [], ""])
    assert await target.evaluate(GIVE, [kind, ["one.png", "two.png"], ""])

    await expect(visitor.files).to_have_text(["one.png1 kB", "two.png1 kB"])
    await scripted.until(lambda: len(scripted.uploads) == 2)


async def test_a_pasted_text_that_brings_its_picture_along_is_a_text(watched: Watched, scripted: ScriptedChat) -> None:
    visitor = await visiting(watched, scripted)

    taken = await visitor.box.evaluate(GIVE, ["paste", ["cells.png"], "one\ttwo"])

    assert not taken
    await expect(visitor.files).to_have_count(0)


async def test_a_file_is_taken_back(watched: Watched, scripted: ScriptedChat) -> None:
    visitor = await visiting(watched, scripted)
    await visitor.files_chosen("one.jpg", "two.jpg")
    await visitor.page.get_by_role("button", name="Remove one.jpg").click()
    await expect(visitor.files).to_have_text(["two.jpg1 kB"])
    await visitor.write("Only one")
    await visitor.all_sent()

    assert [file["name"] for file in scripted.sent("message")[0]["files"]] == ["two.jpg"]


async def test_too_large_and_too_many_are_told_before_anything_is_sent(
    watched: Watched, scripted: ScriptedChat
) -> None:
    scripted.limits.update(file=3 * 1024 * 1024, files=2)
    visitor = await visiting(watched, scripted)
    await visitor.files_chosen("film.mp4", content=b"x" * (3 * 1024 * 1024 + 1))
    large = TEXTS["en"]["too_large"].replace("{name}", "film.mp4").replace("{limit}", "3 MB")
    await expect(visitor.error).to_have_text(large)
    await expect(visitor.files).to_have_count(0)
    await visitor.files_chosen("1.jpg", "2.jpg", "3.jpg")

    await expect(visitor.error).to_have_text(TEXTS["en"]["too_many"].replace("{limit}", "2"))
    await expect(visitor.files).to_have_count(2)
    assert "film.mp4" not in [name for name, _ in scripted.uploads]


@pytest.mark.parametrize(("status", "key"), [(413, "too_large"), (503, "not_uploaded"), (401, "not_uploaded")])
async def test_an_upload_that_fails_is_told_and_taken_off(
    watched: Watched, scripted: ScriptedChat, status: int, key: str
) -> None:
    watched.expect("Failed to load resource")
    visitor = await visiting(watched, scripted)
    scripted.upload_status = status
    await visitor.files_chosen("lamp.jpg")

    await expect(visitor.error).to_have_text(TEXTS["en"][key].replace("{name}", "lamp.jpg").replace("{limit}", "10 MB"))
    await expect(visitor.files).to_have_count(0)
    await expect(visitor.button).to_be_disabled()


async def test_a_message_waits_for_its_files(watched: Watched, scripted: ScriptedChat) -> None:
    visitor = await visiting(watched, scripted)
    scripted.uploading.clear()
    await visitor.files_chosen("lamp.jpg")
    await visitor.box.fill("Look")
    await visitor.box.press("Enter")
    await expect(visitor.page.locator("progress")).to_have_attribute("aria-label", "lamp.jpg")
    await expect(visitor.button).to_be_disabled()
    assert scripted.sent("message") == []
    scripted.uploading.set()
    await visitor.sees("Look")
    await visitor.all_sent()

    assert len(scripted.sent("message")[0]["files"]) == 1


async def test_nothing_of_a_picture_is_loaded(watched: Watched, scripted: ScriptedChat) -> None:
    visitor = await visiting(watched, scripted)
    picture = {"sha256": "0" * 64, "name": "lamp.svg", "media_type": "image/svg+xml", "size": 5_000_000}
    await scripted.say("Look", files=[{**picture, "url": "/chat/web/files/0?mac=1"}])
    tile = visitor.page.locator("a.file")

    await expect(tile).to_have_text("lamp.svg4.8 MB")
    assert await tile.evaluate("tile => tile.href") == f"{scripted.url}/chat/web/files/0?mac=1"
    assert not any("/files/" in url for url in watched.requests)
