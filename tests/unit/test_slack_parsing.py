"""From what Slack posts to envelopes: every recorded body, broken and unknown ones too."""

import json
from pathlib import Path
from typing import Any

import pytest
from multidict import CIMultiDict, CIMultiDictProxy

from trunkline.adapters.slack.card import CARD
from trunkline.adapters.slack.events import split
from trunkline.adapters.slack.marks import emoji, mentioned, plain
from trunkline.adapters.slack.parsing import read, read_file
from trunkline.adapters.slack.settings import SlackSettings, elsewhere
from trunkline.adapters.slack.writers import Workspace
from trunkline.adapters.slack_signature import signature_of, verify
from trunkline.adapters.vendor_post import Post, read_json
from trunkline.config.errors import Forged, Unreadable
from trunkline.normalizer.envelope import Assurance, Envelope, RawMessage, raw_from_file
from trunkline.normalizer.rendering import messages_of

RECORDED = Path(__file__).parents[1] / "fixtures" / "slack"
NAMES = sorted(path.stem for path in RECORDED.glob("*.json"))
NOTHING = {name for name in NAMES if name.startswith("nothing_")} | {"edit_preview_only"}
UNREADABLE = {name for name in NAMES if name.startswith(("broken_", "unknown_"))}
ELSEWHERE = NOTHING | UNREADABLE | {"community_member"}
SECRET = b"8f742231b10e8888abcd99yyyzzz85a5"
STAMP = "1531420618"
EMPTY = CIMultiDictProxy(CIMultiDict[str]())
MARIA = "slack:T0THEIRS:U0MARIA"


def workspace(**settings: Any) -> Workspace:
    return Workspace(SlackSettings.model_validate({"acme": settings}).root["acme"])


def raws(recorded: str, judged: Workspace | None = None, **facts: Any) -> list[RawMessage]:
    """The messages as intake would keep them."""
    events = split(read_json((RECORDED / f"{recorded}.json").read_bytes()), judged or workspace())
    return [
        RawMessage(
            id=f"00000000-0000-7000-8000-{number:012d}",
            channel="slack",
            account="acme",
            external_id=event.external_id,
            received_at=1_796_000_100_000,
            content=event.content,
            size=len(event.content),
            transport=facts,
            sequence=number,
        )
        for number, event in enumerate(events, 1)
    ]


def one(recorded: str, judged: Workspace | None = None, **facts: Any) -> Envelope:
    (raw,) = raws(recorded, judged, **facts)
    (envelope,) = read(raw, judged or workspace()).envelopes
    assert envelope.external_id == raw.external_id
    return envelope


def test_every_kind_of_post_is_recorded() -> None:
    assert len(NAMES) >= 45
    assert len(UNREADABLE) >= 9


@pytest.mark.parametrize("name", [name for name in NAMES if name not in ELSEWHERE])
def test_what_says_something_is_read_alike_from_the_store_and_from_a_file(name: str) -> None:
    settings = SlackSettings.model_validate({"acme": {}})
    content = (RECORDED / f"{name}.json").read_bytes()
    (again,) = read_file(content, settings).envelopes
    assert CARD.read_file is not None
    assert CARD.read_file(content, settings, "acme").envelopes == (again,)
    shown = {"id", "raw_id", "received_at", "order"}
    kept = one(name)
    told = kept.model_dump(exclude=shown) | {"external_id": ""}
    assert told == again.model_dump(exclude=shown) | {"external_id": ""}


@pytest.mark.parametrize("name", sorted(NOTHING))
def test_what_no_customer_says_is_no_message(name: str) -> None:
    assert raws(name) == []


@pytest.mark.parametrize("name", sorted(UNREADABLE))
def test_what_is_broken_or_unknown_is_kept_and_set_aside(name: str) -> None:
    try:
        kept = raws(name)
    except Unreadable:
        return
    assert kept
    for raw in kept:
        with pytest.raises(Unreadable):
            read(raw, workspace())


def test_a_message_is_known_by_its_place_and_its_writer_by_workspace_and_member() -> None:
    envelope = one("text")
    assert envelope.text == "Where is my parcel? It has been a week."
    assert (envelope.external_id, envelope.sent_at) == ("C0SUPPORT:1796000001.000100", 1_796_000_001_000)
    (identity,) = envelope.sender.identities
    assert (identity.key, identity.assurance) == (MARIA, Assurance.CHANNEL)
    assert envelope.announces == ("slack:C0SUPPORT:1796000001.000100",), "the same for all of our workspaces"
    assert envelope.conversation == (*envelope.announces, "slack:acme:C0SUPPORT:1796000001.000100")
    assert (envelope.ext["conversation"], envelope.language.code) == ("C0SUPPORT:1796000001.000100", "en")


def test_a_message_that_comes_as_two_events_is_one() -> None:
    (first,), (second,) = (raws(name) for name in ("text", "text_again_as_a_mention"))
    assert first.external_id == second.external_id
    body = json.loads(first.content)
    mention = json.loads(second.content)
    assert split(body, workspace())[0].says == split(mention, workspace())[0].says


@pytest.mark.parametrize("name", ["text_in_a_thread", "thread_broadcast"])
def test_a_thread_is_one_conversation_and_is_answered_in_it(name: str) -> None:
    envelope = one(name)
    assert envelope.conversation == one("text").conversation
    assert envelope.ext["conversation"] == "C0SUPPORT:1796000001.000100"
    assert envelope.order > one("text").order


def test_direct_messages_are_one_conversation_and_only_a_thread_is_answered_in_one() -> None:
    plain_one, threaded = one("direct"), one("direct_in_a_thread")
    assert plain_one.announces == threaded.announces == ("slack:D0MARIA",)
    assert plain_one.ext["conversation"] == "D0MARIA"
    assert threaded.ext["conversation"] == "D0MARIA:1796000001.000100"


def test_marks_of_slack_become_what_people_read() -> None:
    assert one("text_with_marks", names={"U0KOFI": "Kofi"}).text == (
        "please ask @Kofi or @li in #orders, see the page (https://shop.example/a?b=1&c=2) or https://shop.example; "
        "a < b && *c* 🎉 :shipit: maria@example.org @here @experts 2 December"
    )
    assert mentioned("<@U0A> <@U0B|b> <@U0A>") == ("U0A",)
    assert one("text_japanese").text == "荷物がまだ届きません 😢 👨‍👩‍👧"


@pytest.mark.parametrize("text", ["<!channel>", "<@U0BOSS>", "<https://evil.example|your bank>", "&lt;!here&gt;"])
def test_nothing_that_we_send_is_a_mark_of_slack(text: str) -> None:
    (written,) = messages_of(text, dialect="mrkdwn")
    assert "<" not in written
    assert plain(written, {}) == text


def test_emoji_are_signs_where_they_are_known() -> None:
    assert [emoji(name) for name in ("+1", "+1::skin-tone-3", "shipit")] == ["👍", "👍", ""]


def test_name_and_address_are_what_was_found_out_and_the_address_is_a_claim() -> None:
    sender = one("text", name="Maria Λ", email="Maria@Example.org").sender
    assert sender.name == "Maria Λ"
    assert [(each.key, each.assurance) for each in sender.identities] == [
        (MARIA, Assurance.CHANNEL),
        ("email:maria@example.org", Assurance.CLAIMED),
    ]


def test_a_file_is_fetched_later_by_its_id_also_when_nothing_else_is_known_of_it() -> None:
    (file,) = one("file").attachments
    assert (file.name, file.size, file.state, file.fetch) == ("Rechnung 2026.pdf", 2138, "fetching", "F0BILL")
    (file,) = one("file_of_another_workspace").attachments
    assert (file.name, file.state, file.fetch) == ("file", "fetching", "F0SHARED")
    assert [each.state for each in one("file_deleted").attachments] == ["missing"]
    outside = one("file_elsewhere")
    assert (outside.attachments, outside.text) == ((), "The list:\n\nList: https://docs.google.example/d/1")


def test_a_message_that_is_passed_on_says_what_it_said_and_a_preview_says_nothing() -> None:
    assert one("forwarded").text == "Li wrote:\nThe shop (https://shop.example) is down"
    assert one("preview_of_an_address").text == "See https://shop.example"


def test_an_edit_names_its_message_and_has_all_of_its_text() -> None:
    envelope = one("edit")
    assert (envelope.kind, envelope.amends) == ("edit", "C0SUPPORT:1796000001.000100")
    assert (envelope.text, envelope.sender.identities[0].key) == ("Where is my parcel, number 17?", MARIA)


@pytest.mark.parametrize("name", ["delete", "delete_with_answers"])
def test_a_delete_names_its_message_and_not_who_did_it(name: str) -> None:
    envelope = one(name)
    assert (envelope.kind, envelope.amends) == ("delete", "C0SUPPORT:1796000001.000100")
    assert envelope.sender.identities == ()


def test_a_reaction_is_somebodys_sign_below_a_message() -> None:
    put, taken = one("reaction", team="T0THEIRS", name="Maria"), one("reaction_taken_away")
    assert put.reaction is not None
    assert taken.reaction is not None
    assert (put.amends, put.reaction.emoji, put.reaction.removed) == ("C0SUPPORT:1796000001.000100", "👍", False)
    assert (taken.reaction.emoji, taken.reaction.removed) == (":shipit:", True)
    assert (put.sender.identities[0].key, put.sender.name) == (MARIA, "Maria")
    assert [one("reaction", team=team).direction for team in ("T0THEIRS", "T0OURS")] == ["in", "out"]


def test_what_a_colleague_answers_in_a_thread_is_an_answer_of_ours() -> None:
    answer, edit, reaction = one("ours_in_a_thread", name="Boris"), one("ours_edited"), one("reaction", team="T0OURS")
    assert [each.direction for each in (answer, edit, reaction)] == ["out", "out", "out"]
    assert answer.conversation == one("text").conversation
    assert (answer.kind, answer.text, answer.sender.name) == ("message", "We look into it.", "Boris")
    assert answer.sender.identities == ()
    assert (edit.kind, edit.amends) == ("edit", answer.external_id)
    assert [one(name).direction for name in ("delete", "ours_deleted")] == ["in", "out"]


def without_team(*, shared: bool | None) -> dict[str, Any]:
    body = read_json((RECORDED / "text.json").read_bytes())
    body["event"] = {name: each for name, each in body["event"].items() if name not in ("team", "user_team")}
    body["event"].pop("source_team", None)
    body.pop("is_ext_shared_channel", None)
    return body if shared is None else {**body, "is_ext_shared_channel": shared}


@pytest.mark.parametrize("shared", [True, None])
def test_a_customer_of_whom_no_workspace_is_told_is_not_taken_for_one_of_ours(shared: bool | None) -> None:
    (event,) = split(without_team(shared=shared), workspace())
    raw = raw_from_file(event.content, "slack", account="acme")
    (envelope,) = read(raw, workspace()).envelopes
    assert envelope.direction == "in"
    ours = raw.model_copy(update={"transport": {"team": "T0OURS"}})
    assert read(ours, workspace()).nothing == "one of ours, who begins a thread"


def test_in_a_channel_that_is_shared_with_nobody_all_are_ours() -> None:
    assert split(without_team(shared=False), workspace()) == []


def test_members_of_a_community_are_customers_and_those_who_are_named_are_ours() -> None:
    community = workspace(own_people="customers", staff=["U0BORIS"])
    assert raws("community_member") == []
    assert one("community_member", community).sender.identities[0].key == "slack:T0OURS:U0LI"
    assert raws("nothing_ours", community) == []
    assert raws("text", workspace(teams=["T0THEIRS"])) == []


def test_members_of_a_grid_are_known_by_their_workspace_and_ours_by_the_enterprise() -> None:
    body = json.loads((RECORDED / "enterprise.json").read_bytes())
    assert one("enterprise").sender.identities[0].key == "slack:T0THEIRS:W0MARIA"
    body["event"] |= {"user_team": "E0OURS", "team": "T0OTHER", "source_team": None}
    assert split(body, workspace()) == []
    assert split(body, workspace(own_people="customers")) != []


def test_only_channels_that_are_named_are_listened_to() -> None:
    assert raws("text", workspace(channels=["C0OTHER"])) == []
    assert raws("direct", workspace(channels=["C0OTHER"])) != []
    assert raws("direct", workspace(direct=False)) == []
    named = SlackSettings.model_validate({"acme": {}, "other": {"channels": ["C0SUPPORT"]}}).root
    assert raws("text", Workspace(named["acme"], elsewhere(named, "acme"))) == []
    assert raws("text", Workspace(named["other"], elsewhere(named, "other"))) != []


# The signature


def posted(signature: str, stamp: str, body: bytes = b"{}") -> Post:
    headers = CIMultiDictProxy(CIMultiDict({"X-Slack-Signature": signature, "X-Slack-Request-Timestamp": stamp}))
    return Post("acme", "POST", "/v1/slack/acme", EMPTY, headers, body)


def test_the_signature_is_the_one_of_slacks_documentation() -> None:
    body = (
        b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name="
        b"foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2F"
        b"hooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015."
        b"47445629121.803a0bc887a14d10d2c447fce8b6703c"
    )
    expected = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"
    assert signature_of(SECRET, STAMP, body) == expected
    verify(posted(expected, STAMP, body), SECRET, int(STAMP) * 1000 + 300_000)


@pytest.mark.parametrize(
    ("signature", "stamp"),
    [
        ("", STAMP),
        ("v0=é", STAMP),
        ("v0=" + "0" * 64, STAMP),
        ("v0=" + "0" * 5000, STAMP),
        (signature_of(SECRET, "soon", b"{}"), "soon"),
        (signature_of(SECRET, "-1", b"{}"), "-1"),
        (signature_of(SECRET, "9" * 12, b"{}"), "9" * 12),
        (signature_of(SECRET, "9" * 400, b"{}"), "9" * 400),
        (signature_of(SECRET, "²", b"{}"), "²"),
        (signature_of(SECRET, str(int(STAMP) - 301), b"{}"), str(int(STAMP) - 301)),
        (signature_of(SECRET, str(int(STAMP) + 301), b"{}"), str(int(STAMP) + 301)),
        (signature_of(b"another", STAMP, b"{}"), STAMP),
    ],
)
def test_what_slack_did_not_sign_now_is_forged(signature: str, stamp: str) -> None:
    with pytest.raises(Forged):
        verify(posted(signature, stamp), SECRET, int(STAMP) * 1000)
