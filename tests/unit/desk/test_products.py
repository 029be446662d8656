"""Agents read the name of the product, such as WhatsApp, not of who carries it."""

from typing import Any

import pytest

from trunkline.desk.views.person_names import identity_words, person_name
from trunkline.desk.views.products import article_product, ticket_product
from trunkline.desk.views.reply_target import Visitor, reply_target
from trunkline.gateway.channels import facts
from trunkline.normalizer.channel_facts import Channels
from trunkline.router.records import Article, Author
from trunkline.router.reply_route import ReplyAddress

from .tickets import NOW, stored

CHANNELS = facts()


@pytest.mark.parametrize(
    ("channel", "to", "conversation", "came_as", "title", "way"),
    [
        ("meta", "17841:1234567", "", "message", "Instagram: Maria", "Instagram user 4567 on Instagram"),
        ("meta", "104:1234567", "", "comment", "Messenger: Maria", "Messenger user 4567 on Messenger"),
        ("meta", "+4915112345678", "4915112345678", "message", "WhatsApp: Maria", "+4915112345678 on WhatsApp"),
        ("twilio", "+4917", "+4930 +4917", "message", "SMS: Maria", "+4917 by SMS"),
        ("twilio", "+4917", "+4930 +4917", "call", "Phone call: Maria", "+4917 by SMS"),
        ("twilio", "+4917", "whatsapp:+4930 whatsapp:+4917", "message", "WhatsApp: Maria", "+4917 on WhatsApp"),
        ("twilio", "+4917", "rcs:acme_agent +4917", "message", "RCS: Maria", "+4917 by RCS"),
        ("line", "U1234567", "", "message", "LINE: Maria", "LINE user 4567 on LINE"),
        ("x", "1234567", "1234567", "message", "X: Maria", "X user 4567 on X"),
        ("x", "1234567", "post:2081", "mention", "X, in public: Maria", "X user 4567 on X"),
    ],
)
def test_a_product_is_named_and_not_who_carries_it(
    channel: str, to: str, conversation: str, came_as: str, title: str, way: str
) -> None:
    where = {"channel": channel, "account": "shop", "to": to, "name": "", "conversation": conversation}
    preview = {"by": "Maria", "key": f"{channel}:{to}", "text": "", "files": 0}
    ticket = stored({"reply_to": where, "facts": {"came_as": came_as}, "preview": preview}, channel=channel)
    assert reply_target(ticket, Visitor(), CHANNELS).words == f"Reply to {way}"
    assert f"{ticket_product(ticket, CHANNELS).words}: Maria" == title


def test_an_article_is_named_by_its_own_product() -> None:
    pinned = ReplyAddress(channel="meta", account="shop", to="104:1")
    given: dict[str, Any] = {"id": "a", "ticket": "t", "kind": "message", "channel": "meta", "created_at": NOW}
    wrote = Article(**given, author=Author(kind="customer", identity="whatsapp:+4917"))
    ours = Article(**given, author=Author(kind="agent", id="ada"), to="17841:9")
    machine = Article(**given, author=Author(kind="system"))
    named = [article_product(each, pinned, CHANNELS).words for each in (wrote, ours, machine)]
    assert named == ["WhatsApp", "Instagram", "Messenger"]
    call = wrote.model_copy(update={"channel": "twilio"})
    number = ReplyAddress(channel="twilio", account="shop", to="+4917", conversation="+4930 +4917")
    assert article_product(call, number, CHANNELS).words == "Phone or SMS"
    assert article_product(call, None, Channels()).words == "twilio"


def test_somebody_without_a_name_is_called_by_the_product() -> None:
    words = identity_words("messenger:104:7001234", CHANNELS)
    assert (words.kind, words.value, words.is_address) == ("Messenger", "Messenger user 1234", False)
    assert identity_words("chat:shop:v1234", CHANNELS).kind == "Chat (shop)"
    assert person_name("", "instagram:17841:70", CHANNELS) == "Instagram user 70"
