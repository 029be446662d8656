"""From what X posts to envelopes: every recorded body of both of its ways, broken and unknown ones too."""

import base64
import hmac
import json
from pathlib import Path

import pytest
from multidict import CIMultiDict, CIMultiDictProxy, MultiDict, MultiDictProxy

from trunkline.adapters.vendor_post import Post
from trunkline.adapters.x.card import CARD
from trunkline.adapters.x.events import split
from trunkline.adapters.x.messages import WITHDRAWN
from trunkline.adapters.x.parsing import Accounts, read, read_file
from trunkline.adapters.x.posts import challenge, verify
from trunkline.adapters.x.settings import Posts, XSettings
from trunkline.config.errors import Forged, Unreadable
from trunkline.normalizer.envelope import Assurance, Envelope, RawMessage

RECORDED = Path(__file__).parents[1] / "fixtures" / "x"
NAMES = sorted(path.stem for path in RECORDED.glob("*.json"))
OWNER, MARIA, KOFI = "1720665183188922368", "1590231456789012345", "1480231456789054321"
UNREADABLE = {name for name in NAMES if name.startswith(("broken_", "unknown_"))} | {"revoked", "activity_revoked"}
NOTHING = {
    "dm_to_oneself", "typing", "read_by_us", "post_repost_of_ours", "post_of_ours", "post_of_ours_below_ours", "like",
    "follow", "replay_done", "activity_dm_typing", "activity_post_of_ours", "activity_repost", "activity_like",
    "activity_profile",
}  # fmt: skip
TWICE = [
    ("dm_text", "activity_dm_received"),
    ("dm_of_ours", "activity_dm_sent"),
    ("post_mention", "activity_mention"),
    ("post_reply_to_ours", "activity_reply"),
    ("post_quote_of_ours", "activity_quote"),
    ("post_edited", "activity_edited"),
    ("post_long", "activity_long_post"),
    ("post_of_ours_to_a_customer", "activity_post_of_ours_to_a_customer"),
]


def settings(posts: Posts = "all") -> XSettings:
    return XSettings.model_validate({"shop": {"id": OWNER, "posts": posts}, "jobs": {"id": "99", "app": "shop"}})


def posted(body: bytes, method: str = "POST", query: dict[str, str] | None = None, **headers: str) -> Post:
    given = CIMultiDictProxy(CIMultiDict({name.replace("_", "-"): value for name, value in headers.items()}))
    return Post("shop", method, "/v1/x/shop", MultiDictProxy(MultiDict(query or {})), given, body)


def recorded(name: str) -> bytes:
    return (RECORDED / f"{name}.json").read_bytes()


def raws(name: str) -> list[RawMessage]:
    """What intake would hold of a recorded post."""
    return [
        RawMessage(
            id=f"00000000-0000-7000-8000-{number:012d}",
            channel="x",
            account="shop",
            external_id=event.external_id,
            received_at=1_796_000_000_000,
            content=event.content,
            sequence=number,
        )
        for number, event in enumerate(split(posted(recorded(name))))
    ]


def envelopes(name: str, posts: Posts = "all") -> list[Envelope]:
    accounts = Accounts(settings(posts), "shop")
    return [envelope for raw in raws(name) for envelope in read(raw, accounts).envelopes]


def one(name: str) -> Envelope:
    (envelope,) = envelopes(name)
    return envelope


@pytest.mark.parametrize("name", sorted(set(NAMES) - NOTHING - UNREADABLE))
def test_what_says_something_is_read_alike_from_the_store_and_from_a_file(name: str) -> None:
    told, again = envelopes(name), read_file(recorded(name), settings(), "shop").envelopes
    assert told
    shown = {"id", "raw_id", "received_at", "order"}
    assert [each.model_dump(exclude=shown) for each in told] == [each.model_dump(exclude=shown) for each in again]
    assert [each.external_id for each in told] == [raw.external_id for raw in raws(name)]
    assert CARD.read_file is not None
    assert CARD.read_file(recorded(name), settings(), "shop").envelopes == again


@pytest.mark.parametrize("name", sorted(NOTHING))
def test_what_says_nothing_is_no_message(name: str) -> None:
    assert raws(name) == []
    assert read_file(recorded(name), settings()).nothing


@pytest.mark.parametrize("name", sorted(UNREADABLE))
def test_what_is_broken_or_unknown_is_kept_and_set_aside(name: str) -> None:
    try:
        kept = raws(name)
    except Unreadable:
        return
    assert kept
    for raw in kept:
        with pytest.raises(Unreadable):
            read(raw, Accounts(settings(), "shop"))


@pytest.mark.parametrize("name", ["revoked", "activity_revoked"])
def test_that_access_was_withdrawn_is_set_aside_with_what_to_do(name: str) -> None:
    (raw,) = raws(name)
    with pytest.raises(Unreadable) as caught:
        read(raw, Accounts(settings(), "shop"))
    assert str(caught.value) == WITHDRAWN


@pytest.mark.parametrize(("old", "new"), TWICE)
def test_what_x_tells_in_both_of_its_ways_is_one_message_that_says_the_same(old: str, new: str) -> None:
    (first,), (second,) = (split(posted(recorded(name))) for name in (old, new))
    assert first.content != second.content
    assert (first.external_id, first.kind, first.lane, first.says) == (
        second.external_id,
        second.kind,
        second.lane,
        second.says,
    )
    differs = {"id", "raw_id", "sent_at", "order"}
    assert one(old).model_dump(exclude=differs) == one(new).model_dump(exclude=differs)


def test_a_direct_message_is_known_by_its_id_and_its_writer_by_the_id_that_x_vouches_for() -> None:
    envelope = one("dm_text")
    assert envelope.text == "Where is my parcel? It has been a week."
    assert (envelope.external_id, envelope.sent_at) == (f"{OWNER}:2080000000000000001", 1_796_000_001_000)
    (identity,) = envelope.sender.identities
    assert (identity.key, identity.assurance) == (f"x:{MARIA}", Assurance.CHANNEL)
    assert envelope.sender.name == "Maria Lopez (@maria_lopez)"
    assert (envelope.conversation, envelope.announces) == ((f"x:shop:{MARIA}",),) * 2
    assert (envelope.ext["conversation"], envelope.language.code, envelope.reply_by) == (MARIA, "en", None)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("dm_text_ukrainian_emoji", "Лампа не працює 😢 & гуде <3"),
        ("dm_with_a_link", "Is it this one? https://shop.example/lamps/7?colour=red&size=2"),
        ("dm_photo", "It is broken"),
        ("dm_video", ""),
        ("dm_place", "Location\n37.771718, -122.443893"),
        ("dm_named_place", "I live here\nLocation\nSan Francisco, CA"),
        ("dm_with_a_card", "See\n(with something that is shown only on X: product_card)"),
        ("dm_from_quick_reply", "Red lamp"),
        ("lone_surrogate", "cut � here"),
        ("post_of_ours_to_a_customer", "Please write us your order number: https://shop.example/help"),
    ],
)
def test_words_arrive_as_they_were_typed(name: str, text: str) -> None:
    assert one(name).text == text


@pytest.mark.parametrize(
    ("name", "came_as", "text", "seen"),
    [
        ("post_mention", "mention", "Hey @examplelamps my lamp hums & flickers, what now?", "a post that mentions us"),
        ("post_reply_to_ours", "reply", "Thank you, and when?", "an answer to a post of ours"),
        ("post_reply_to_others", "mention", "same here", "a post that mentions us"),
        (
            "post_quote_of_ours",
            "quote",
            "Really? https://twitter.com/examplelamps/status/3081000000000000009",
            "a post that quotes us",
        ),
        ("post_with_two_pictures", "mention", "@examplelamps look", "a post that mentions us"),
    ],
)
def test_a_post_says_as_what_it_came_and_that_everybody_sees_it(name: str, came_as: str, text: str, seen: str) -> None:
    envelope = one(name)
    post = envelope.external_id.removeprefix(f"{OWNER}:post:")
    handle = "kofimensah" if name == "post_reply_to_others" else "maria_lopez"
    assert envelope.text == f"{text}\n({seen}, for everybody to see: https://x.com/{handle}/status/{post})"
    assert (envelope.ext["came_as"], envelope.ext["conversation"]) == (came_as, f"post:{post}")
    assert (envelope.is_public, one("dm_text").is_public) == (True, False)


def test_what_somebody_writes_directly_after_a_post_joins_its_ticket_and_a_post_after_a_message_does_not() -> None:
    post, message = one("post_mention"), one("dm_text")
    assert set(message.conversation) <= set(post.announces)
    assert not set(post.conversation) & set(message.announces)
    assert one("post_reply_to_ours").conversation == post.conversation


def test_an_answer_names_the_post_that_it_answers_which_is_one_of_ours() -> None:
    assert one("post_reply_to_ours").in_reply_to == one("post_of_ours_to_a_customer").external_id


def test_an_edited_post_changes_the_first_of_its_versions() -> None:
    edit, first = one("post_edited"), one("post_mention")
    assert (edit.kind, edit.amends, edit.external_id != first.external_id) == ("edit", first.external_id, True)
    assert edit.conversation == first.conversation
    assert edit.order > first.order
    assert edit.text.startswith("Hey @examplelamps my lamp hums, what now?\n")


def test_a_long_post_is_read_whole() -> None:
    text = one("post_long").text
    assert text.count("nobody answers") == 6
    assert "Please help! https://shop.example/orders/7\n" in text


@pytest.mark.parametrize(
    ("name", "files"),
    [
        (
            "dm_photo",
            [
                (
                    "photo",
                    "https://ton.twitter.com/1.1/ton/data/dm/2080000000000000004/2079999999999999999/oP5p359h.jpg",
                    "fetching",
                )
            ],
        ),
        (
            "dm_video",
            [
                (
                    "video.mp4",
                    "https://video.twimg.com/dm_video/2079999999999999998/vid/720x1280/b.mp4",
                    "fetching",
                )
            ],
        ),
        (
            "post_with_two_pictures",
            [
                ("photo", "https://pbs.twimg.com/media/Fx1.jpg", "fetching"),
                ("photo", "https://pbs.twimg.com/media/Fx2.jpg", "fetching"),
            ],
        ),
        (
            "activity_pictures",
            [
                ("photo", "https://pbs.twimg.com/media/Fx1.jpg", "fetching"),
                ("video.mp4", "https://video.twimg.com/ext_tw_video/2/a.mp4", "fetching"),
                ("picture", "", "missing"),
            ],
        ),
    ],
)
def test_pictures_and_films_are_fetched_later_in_their_best_form(name: str, files: list[tuple[str, str, str]]) -> None:
    assert [(each.name, each.fetch, each.state) for each in one(name).attachments] == files


@pytest.mark.parametrize(
    ("name", "conversation"),
    [
        ("dm_of_ours", (f"x:shop:{MARIA}", f"x:shop:post:{MARIA}")),
        ("post_of_ours_to_a_customer", (f"x:shop:post:{MARIA}",)),
        ("post_of_ours_going_on_to_a_customer", (f"x:shop:post:{MARIA}",)),
    ],
)
def test_what_the_account_writes_elsewhere_is_an_answer_of_ours_in_the_customers_conversation(
    name: str, conversation: tuple[str, ...]
) -> None:
    envelope = one(name)
    assert (envelope.direction, envelope.kind, envelope.sender.identities) == ("out", "message", ())
    assert envelope.conversation == conversation


@pytest.mark.parametrize("name", ["post_deleted_by_us", "activity_deleted"])
def test_what_we_delete_on_x_names_our_post(name: str) -> None:
    envelope = one(name)
    assert (envelope.direction, envelope.kind, envelope.conversation) == ("out", "delete", ())
    assert envelope.amends == one("post_of_ours_to_a_customer").external_id


@pytest.mark.parametrize("name", ["read", "activity_dm_read"])
def test_who_has_read_has_read_all_that_was_sent_to_them_before(name: str) -> None:
    envelope = one(name)
    assert envelope.delivery is not None
    assert (envelope.kind, envelope.delivery.state, envelope.delivery.until) == ("delivery", "read", 1_796_000_121_000)
    assert envelope.delivery.mode == "direct"
    assert envelope.conversation == (*one("dm_text").conversation, *one("post_mention").conversation)


def test_an_encrypted_message_is_told_so_that_somebody_answers() -> None:
    envelope = one("activity_encrypted")
    assert envelope.text.startswith("(an encrypted message, which only X itself can show")
    assert envelope.sender.identities[0].key == f"x:{MARIA}"
    assert envelope.conversation == one("dm_text").conversation


@pytest.mark.parametrize(
    ("posts", "heard"),
    [
        ("all", {"post_mention", "post_reply_to_ours", "post_reply_to_others", "post_reply_to_others_naming_us"}),
        ("addressed", {"post_mention", "post_reply_to_ours", "post_reply_to_others_naming_us"}),
        ("none", set()),
    ],
)
def test_an_account_hears_of_the_posts_that_it_is_set_to(posts: Posts, heard: set[str]) -> None:
    names = {"post_mention", "post_reply_to_ours", "post_reply_to_others", "post_reply_to_others_naming_us"}
    assert {name for name in names if envelopes(name, posts)} == heard
    assert envelopes("dm_text", posts)


def test_a_body_of_several_people_is_split_by_person_in_order() -> None:
    events = split(posted(recorded("dm_of_several_people")))
    assert [event.lane for event in events] == [f"{OWNER}:{who}" for who in (MARIA, KOFI, MARIA)]
    orders = [envelope.order for envelope in envelopes("dm_of_several_people")]
    assert orders == sorted(orders)
    assert [each.text.partition("\n")[0] for each in envelopes("activity_of_several")] == ["Hello", "@examplelamps hi"]


def test_one_odd_event_takes_no_other_with_it() -> None:
    body = json.loads(recorded("dm_of_several_people"))
    body["direct_message_events"][1:1] = [None, 7, {"type": "message_create"}, {"type": "message_create", "id": "1"}]
    events = split(posted(json.dumps(body).encode()))
    assert len({event.external_id for event in events}) == len(events) == 7


def test_one_post_for_two_accounts_of_ours_is_a_message_for_each() -> None:
    body = json.loads(recorded("post_mention"))
    (first,) = split(posted(json.dumps(body).encode()))
    (second,) = split(posted(json.dumps(body | {"for_user_id": "99"}).encode()))
    assert first.external_id != second.external_id
    raw = raws("post_mention")[0].model_copy(update={"content": second.content, "external_id": second.external_id})
    (envelope,) = read(raw, Accounts(settings(), "shop")).envelopes
    assert envelope.account == "jobs"


def test_an_event_for_no_account_of_the_app_is_set_aside_with_what_to_do() -> None:
    body = json.dumps(json.loads(recorded("dm_text")) | {"for_user_id": "4711"}).encode()
    raw = raws("dm_text")[0].model_copy(update={"content": body})
    with pytest.raises(Unreadable, match="4711, which no account of this app is; configure it and retry"):
        read(raw, Accounts(settings(), "shop"))


def test_a_second_message_under_a_known_id_keeps_the_name_it_was_stored_under() -> None:
    (raw,) = raws("dm_text")
    other = raw.model_copy(update={"external_id": f"{raw.external_id}#0123456789abcdef"})
    assert read(other, Accounts(settings(), "shop")).envelopes[0].external_id == other.external_id


# The signature


def signature_of(body: bytes, secret: bytes = b"secret") -> str:
    return "sha256=" + base64.b64encode(hmac.digest(secret, body, "sha256")).decode()


def test_only_what_x_signed_verifies() -> None:
    body = '{"for_user_id": "1", "text": "Grüße"}'.encode()
    # openssl dgst -sha256 -hmac secret -binary | base64
    known = "sha256=XwnzhW1u8n5BpgoI1sqIXkAflNrbelip65VH6ZV7BL4="
    assert signature_of(body) == known
    verify(posted(body, x_twitter_webhooks_signature=known), b"secret")
    for forged in ("", known[:-2] + "A=", known.removeprefix("sha256="), "é", "x" * 5000):
        with pytest.raises(Forged):
            verify(posted(body, x_twitter_webhooks_signature=forged), b"secret")
    with pytest.raises(Forged):
        verify(posted(body), b"secret")
    with pytest.raises(Forged):
        verify(posted(body, x_twitter_webhooks_signature=known), b"secret", by_client=True)
    verify(posted(body, x_twitter_webhooks_signature_oauth2=known), b"secret", by_client=True)


def test_a_challenge_is_answered_as_x_wants_it() -> None:
    asked = posted(b"", "GET", {"crc_token": "MjA5NmYyMDYtYzk3YS00", "nonce": "a"})
    verify(asked, b"secret")
    answer = challenge(asked, b"secret")
    assert answer is not None
    assert json.loads(answer.body) == {"response_token": signature_of(b"MjA5NmYyMDYtYzk3YS00")}  # type: ignore[arg-type]
    assert challenge(posted(b"{}"), b"secret") is None


@pytest.mark.parametrize("token", ["", "{}", '{"for_user_id":"1"}', "[]", '"a"', "a b", "é", "a" * 201])
def test_nobody_can_have_a_post_signed_by_a_challenge(token: str) -> None:
    with pytest.raises(Forged):
        verify(posted(b"", "GET", {"crc_token": token}), b"secret")


@pytest.mark.parametrize("body", [b"MjA5NmYyMDYtYzk3YS00", b"1", b"true", b"null"])
def test_what_could_have_been_signed_by_a_challenge_is_no_post(body: bytes) -> None:
    with pytest.raises(Forged):
        verify(posted(body, x_twitter_webhooks_signature=signature_of(body)), b"secret")
