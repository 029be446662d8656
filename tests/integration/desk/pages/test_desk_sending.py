"""The box in which one writes knows the channel: what it takes, until when, and what can be sent instead."""

import json
from dataclasses import replace
from typing import Any

from trunkline.config.vendor_templates import TemplateSettings
from trunkline.normalizer.channel_facts import Channels
from trunkline.normalizer.sending_limits import FileLimits, Sends, TextLimit

from .conftest import Browser, Site
from .desk_of_ada import by_script, mine, part, problem

HOUR = 3_600_000
PARCEL = TemplateSettings(vendor="HX1", text="News of {{1}}: {{2}}", parameters={"1": "{number}", "2": ""})


def takes(site: Site, sends: Sends) -> None:
    """The channels of the desk take this."""
    desk = site.desk
    known = {name: replace(facts, sends=lambda _: sends) for name, facts in desk.policy.channels.items()}
    test = replace(desk.policy.channels["test"], sends=lambda _: sends)
    desk.policy = replace(desk.policy, channels=Channels({**known, "test": test}))


async def with_window(site: Site, span: int) -> Any:
    """A ticket of Ada's that can be answered freely for so long, with a template for afterwards."""
    ticket = await mine(site)
    key, until = site.desk.offers._keys.ticket(ticket.id), site.desk.clock.now() + span
    await site.desk.engine.call("HSET", key, "reply_by", str(until))
    stored = await site.desk.reader.ticket(ticket.id)
    address = stored.work.reply_to
    assert address is not None
    templates = {(address.channel, address.account): {"parcel": PARCEL}}
    site.desk.policy = replace(site.desk.policy, templates=templates)
    return ticket


async def sent(site: Site) -> list[str]:
    for _ in range(4):
        site.desk.clock.advance(10_000)
        await site.desk.settle()
    return [each.text for each in site.desk.sent if not each.automatic]


async def measured(browser: Browser, ticket: Any, **fields: Any) -> dict[str, str]:
    answer = await by_script(browser, f"/desk/tickets/{ticket.id}/measure", fields)
    return dict(json.loads(answer.text))


async def test_the_box_counts_in_the_unit_of_the_channel_and_says_what_is_not_taken(site: Site, ada: Browser) -> None:
    ticket = await mine(site)
    limits = FileLimits(count=0, instead="send a link to it instead")
    takes(site, Sends(text=TextLimit(most=160, unit="sms", parts=2), files=limits))
    assert "data-counts" in (await part(ada, f"tickets/{ticket.id}")).text
    assert await measured(ada, ticket, text="Grüße") == {"words": "1 SMS, 155 left in the last", "refused": ""}
    assert (await measured(ada, ticket, text="ż" * 80))["words"] == "2 SMS, 54 left in the last; ż makes each shorter"
    file = {"sha256": "0" * 64, "name": "shade.png", "media_type": "image/png", "size": 4}
    told = await measured(ada, ticket, text="hello", file=json.dumps(file))
    assert told["refused"] == "The channel takes no files; send a link to it instead."
    assert "too long" in (await measured(ada, ticket, text="word " * 99))["refused"]
    refused = await by_script(ada, f"/desk/tickets/{ticket.id}/reply", {"text": "word " * 99, "key": "k1"})
    assert "too long" in problem(refused, 422)


async def test_how_long_the_window_is_open_stands_above_the_box(site: Site, ada: Browser) -> None:
    ticket = await with_window(site, 3 * HOUR + 1)
    shown = (await part(ada, f"tickets/{ticket.id}/conversation")).text
    assert "answer within" in shown
    assert "3 h" in shown


async def test_after_the_window_a_reply_is_refused_and_a_template_leaves(site: Site, ada: Browser) -> None:
    ticket = await with_window(site, -1)
    page = (await part(ada, f"tickets/{ticket.id}")).text
    assert "free answers are over" in page
    assert "News of {{1}}: {{2}}" in page
    assert f'value="{ticket.number}"' in page
    path = f"/desk/tickets/{ticket.id}/reply"
    assert "send a template (parcel)" in problem(await by_script(ada, path, {"text": "hello", "key": "k1"}), 409)
    fields = {"text": "", "template": "parcel", "value:parcel:1": "T-9", "value:parcel:2": " it is here ", "key": "k2"}
    assert (await by_script(ada, path, fields)).status == 201
    assert await sent(site) == ["News of T-9: it is here"]


async def test_what_an_agent_marked_leaves_in_plain_words_and_is_shown_as_marked(site: Site, ada: Browser) -> None:
    ticket = await mine(site)
    fields = {"text": "Take **two** <b>", "format": "marks", "key": "k1"}
    assert (await by_script(ada, f"/desk/tickets/{ticket.id}/reply", fields)).status == 201
    assert await sent(site) == ["Take two <b>"]
    shown = (await part(ada, f"tickets/{ticket.id}/conversation")).text
    assert "Take <b>two</b> &lt;b&gt;" in shown


async def test_a_way_of_sending_is_chosen_in_the_box(site: Site, ada: Browser) -> None:
    ticket = await mine(site)
    takes(site, Sends(modes={"direct": "Direct message", "public": "In public"}))
    assert '<option value="public">In public</option>' in (await part(ada, f"tickets/{ticket.id}")).text
    fields = {"text": "Hello", "mode": "public", "key": "k1"}
    assert (await by_script(ada, f"/desk/tickets/{ticket.id}/reply", fields)).status == 201
    await sent(site)
    assert [each.mode for each in site.desk.sent if not each.automatic] == ["public"]


async def test_what_is_counted_is_what_the_chosen_way_takes(site: Site, ada: Browser) -> None:
    ticket = await mine(site)
    modes = {"direct": "Direct message", "public": "In public"}
    lengths = {"public": TextLimit(most=280, unit="weighted", parts=2)}
    desk = site.desk
    facts = replace(
        desk.policy.channels["test"],
        sends=lambda to: Sends(text=lengths.get(to.mode, TextLimit(most=10_000)), modes=modes),
    )
    desk.policy = replace(desk.policy, channels=Channels({**desk.policy.channels, "test": facts}))
    text = "荷" * 150
    assert await measured(ada, ticket, text=text) == {"words": "", "refused": ""}
    assert (await measured(ada, ticket, text=text, mode="public"))["words"] == "Leaves as 2 messages"
    path, long = f"/desk/tickets/{ticket.id}/reply", "荷" * 600
    assert "too long" in problem(await by_script(ada, path, {"text": long, "mode": "public", "key": "k1"}), 422)
    assert (await by_script(ada, path, {"text": long, "mode": "direct", "key": "k2"})).status == 201
