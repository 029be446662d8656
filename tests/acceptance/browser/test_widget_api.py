"""What a page can say to the widget: its attributes, its few functions, who is signed in and who has left."""

import base64
import json

import pytest
from playwright.async_api import expect

from .scripted_chat import TEXTS, ScriptedChat
from .visitor import Visitor
from .watched import Watched

pytestmark = pytest.mark.asyncio(loop_scope="session")

READY = "new Promise(done => window.Trunkline ? done() : addEventListener('trunkline:ready', done))"


def proof(subject: str) -> str:
    """What looks like a JWT; this server does not check it."""
    return "head." + base64.urlsafe_b64encode(json.dumps({"sub": subject}).encode()).decode() + ".mark"


async def arrived(watched: Watched, chat: ScriptedChat, query: str = "") -> Visitor:
    visitor = Visitor(await watched.open(f"{chat.shop}/?{query}", hosts=[chat.url]))
    await visitor.page.evaluate(READY)
    return visitor


async def test_a_page_opens_and_closes_it(watched: Watched, scripted: ScriptedChat) -> None:
    visitor = await arrived(watched, scripted)
    await visitor.page.evaluate("Trunkline.chat.open()")
    await expect(visitor.box).to_be_focused()
    await visitor.page.evaluate("Trunkline.chat.close()")

    await expect(visitor.panel).to_be_hidden()


async def test_it_opens_by_itself_without_taking_the_focus(watched: Watched, scripted: ScriptedChat) -> None:
    visitor = await arrived(watched, scripted, "data-open=")

    await expect(visitor.panel).to_be_visible()
    assert await visitor.page.evaluate("document.activeElement === document.body")


async def test_the_attributes_of_the_tag_go_before_the_settings(watched: Watched, scripted: ScriptedChat) -> None:
    visitor = await arrived(watched, scripted, "lang=de&data-language=pt&data-color=%23ffd500&data-button=bar")

    await expect(visitor.launcher).to_have_accessible_name(TEXTS["pt"]["open"])
    await expect(visitor.launcher).to_have_css("background-color", "rgb(255, 213, 0)")
    await expect(visitor.launcher).to_have_css("color", "rgb(0, 0, 0)")


async def test_else_the_pages_language_counts(watched: Watched, scripted: ScriptedChat) -> None:
    visitor = await arrived(watched, scripted, "lang=de-AT")

    await expect(visitor.launcher).to_have_accessible_name(TEXTS["de"]["open"])


async def test_a_page_whose_styles_are_wild_does_not_change_it(watched: Watched, scripted: ScriptedChat) -> None:
    visitor = await arrived(watched, scripted)
    before = await visitor.launcher.bounding_box()
    wild = (
        "* { all: unset } div { display: none !important; transform: scale(3); font-size: 90px } button { width: 1px }"
    )
    await visitor.page.evaluate(
        "css => { const sheet = new CSSStyleSheet(); sheet.replaceSync(css); document.adoptedStyleSheets = [sheet] }",
        wild,
    )

    assert await visitor.launcher.bounding_box() == before
    await visitor.open()
    await expect(visitor.panel).to_have_css("font-size", "15px")


async def test_another_person_sees_nothing_of_the_one_before(watched: Watched, scripted: ScriptedChat) -> None:
    watched.expect("Failed to load resource", "WebSocket connection to")
    scripted.visitor = "u_maria"
    visitor = await arrived(watched, scripted, f"data-identity={proof('maria')}")
    await visitor.open()
    await visitor.write("This is Maria")
    await visitor.all_sent()
    scripted.script("drop", "drop", "drop")
    await visitor.write("not sent yet")
    scripted.visitor = "u_boris"
    scripted.lines.clear()
    await visitor.page.evaluate("proof => Trunkline.chat.identify(proof)", proof("boris"))

    await visitor.sees()
    await scripted.until(lambda: scripted.connected == 1)
    assert await visitor.page.evaluate("Object.keys(localStorage).filter(key => key.includes('out:'))") == []
    await scripted.say("Good day Boris")
    await visitor.sees("Good day Boris")


async def test_what_was_written_before_signing_in_goes_along(watched: Watched, scripted: ScriptedChat) -> None:
    watched.expect("Failed to load resource", "WebSocket connection to")
    visitor = await arrived(watched, scripted)
    await visitor.open()
    await scripted.until(lambda: scripted.connected == 1)
    scripted.sockets = scripted.polling = "broken"
    scripted.cut_all()
    await visitor.write("written before")
    scripted.visitor = "u_maria"
    scripted.heal()
    await visitor.page.evaluate("proof => Trunkline.chat.identify(() => proof)", proof("maria"))

    await visitor.all_sent()
    assert [line["text"] for line in scripted.lines] == ["written before"]


async def test_who_signs_in_during_a_chat_keeps_what_is_on_the_screen_and_the_next_does_not(
    watched: Watched, scripted: ScriptedChat
) -> None:
    watched.expect("WebSocket connection to")
    visitor = await arrived(watched, scripted)
    await visitor.open()
    await visitor.write("Where is my parcel?")
    await visitor.all_sent()
    scripted.signed_in = True
    await visitor.page.evaluate("proof => Trunkline.chat.identify(proof)", proof("maria"))
    await scripted.until(lambda: scripted.connections == 2 and scripted.connected == 1)
    await scripted.say("Thank you, Maria")
    await visitor.sees("Where is my parcel?", "Thank you, Maria")
    scripted.visitor = "u_boris"
    scripted.lines.clear()
    await visitor.page.evaluate("proof => Trunkline.chat.identify(proof)", proof("boris"))

    await visitor.sees()


async def test_somebody_who_was_signed_in_is_waited_for(watched: Watched, scripted: ScriptedChat) -> None:
    scripted.visitor = "u_maria"
    visitor = await arrived(watched, scripted, f"data-identity={proof('maria')}")
    await visitor.open()
    await visitor.write("Hello")
    await visitor.all_sent()
    await visitor.page.goto(scripted.shop)
    await visitor.page.evaluate(READY)
    await watched.settled(visitor.page)
    assert scripted.connections == 1
    await visitor.page.evaluate("proof => Trunkline.chat.identify(proof)", proof("maria"))

    await scripted.until(lambda: scripted.connected == 1 and scripted.connections == 2)


async def test_an_identity_that_runs_out_costs_no_unsent_line(watched: Watched, scripted: ScriptedChat) -> None:
    watched.expect("Failed to load resource", "WebSocket connection to")
    scripted.visitor = "u_maria"
    visitor = await arrived(watched, scripted)
    await visitor.page.evaluate("proof => Trunkline.chat.identify(() => proof)", proof("maria"))
    await visitor.open()
    await visitor.write("while it was good")
    await visitor.all_sent()
    scripted.script({"close": 4401})
    await visitor.write("when it had run out")

    await visitor.all_sent()
    assert [line["text"] for line in scripted.lines] == ["while it was good", "when it had run out"]
    await visitor.sees("while it was good", "when it had run out")


async def test_a_computer_forgets_who_has_signed_out(watched: Watched, scripted: ScriptedChat) -> None:
    visitor = await arrived(watched, scripted)
    await visitor.open()
    await visitor.write("Hello")
    await visitor.all_sent()
    scripted.visitor = "somebody-else"
    scripted.lines.clear()
    await visitor.page.evaluate("Trunkline.chat.forget()")

    await visitor.sees()
    await scripted.until(lambda: scripted.connections == 2)
    assert scripted.sent("hello")[-1]["token"] is None
