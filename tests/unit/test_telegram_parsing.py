"""Every kind of update of the Bot API is read: recorded shapes in tests/fixtures/telegram, and the corpus beside us."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from telegram import Update
from telegram.constants import UpdateType

from trunkline.adapters.telegram import updates
from trunkline.adapters.telegram.bots import Bot
from trunkline.adapters.telegram.formatting import span_of
from trunkline.adapters.telegram.limits import sends
from trunkline.adapters.telegram.parsing import read_file
from trunkline.adapters.telegram.places import Place, place_of
from trunkline.adapters.telegram.settings import BotSettings
from trunkline.config.errors import Unreadable
from trunkline.normalizer.envelope import Assurance, Envelope, Sender
from trunkline.normalizer.outgoing import Parsed
from trunkline.normalizer.sending_limits import Destination

FIXTURES = Path(__file__).parent.parent / "fixtures" / "telegram"
CORPUS = Path(__file__).parents[2].parent / "shared" / "data" / "telegram_updates.jsonl"
BOT = 4711


def bot(**given: Any) -> Bot:
    return Bot(BotSettings(**({"username": "ExampleSupportBot", "start_field": "campaign"} | given)), BOT)


def parsed(name: str, **given: Any) -> Parsed:
    return read_file((FIXTURES / f"{name}.json").read_bytes(), {"support": bot(**given)}, "support")


def one(name: str, **given: Any) -> Envelope:
    (envelope,) = parsed(name, **given).envelopes
    return envelope


MARIA = {"id": 1001, "is_bot": False, "first_name": "Maria"}
MESSAGE = {"message_id": 1, "date": 1, "chat": {"id": 1001, "type": "private"}, "from": MARIA}


def recorded(**told: Any) -> Parsed:
    """What a message of Maria's comes to."""
    return read_file(json.dumps({"update_id": 1, "message": MESSAGE | told}).encode(), {"support": bot()}, "support")


@pytest.mark.parametrize("path", sorted(FIXTURES.glob("*.json")), ids=lambda path: path.stem)
def test_every_recorded_update_is_read_or_known_to_be_for_nobody_and_a_broken_one_is_set_aside(path: Path) -> None:
    if path.stem.startswith("broken_"):
        with pytest.raises(Unreadable):
            parsed(path.stem)
        return
    found = parsed(path.stem)
    assert bool(found.envelopes) != bool(found.nothing)


def test_there_is_a_recorded_update_of_every_kind_that_the_library_knows() -> None:
    kinds = {next(iter(set(each) - {"update_id"}), "") for path in FIXTURES.glob("*.json") if (each := _update(path))}
    assert {str(kind.value) for kind in UpdateType} <= kinds


def _update(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_bytes())
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


# Who wrote


def test_somebody_is_their_id_which_telegram_vouches_for() -> None:
    sender = one("text").sender
    assert [(each.key, each.assurance) for each in sender.identities] == [("telegram:1001", Assurance.CHANNEL)]
    assert sender.name == "Maria Muster"


def test_an_own_contact_proves_the_phone() -> None:
    sender = one("contact_own").sender
    assert [each.key for each in sender.identities] == ["telegram:1001", "phone:+491701234567"]
    assert {each.assurance for each in sender.identities} == {Assurance.CONTROL}
    assert sender.signed_in


@pytest.mark.parametrize("name", ["contact_of_somebody_else", "contact_forwarded", "contact_own_in_a_group"])
def test_any_other_contact_is_only_a_contact(name: str) -> None:
    envelope = one(name)
    assert [each.kind for each in envelope.sender.identities] == ["telegram"]
    assert envelope.contacts[0].phones
    assert not envelope.sender.signed_in


def test_an_anonymous_administrator_is_the_group() -> None:
    envelope = one("anonymous_administrator")
    assert envelope.sender.identities[0].key == "telegram:-1002001"
    assert envelope.automation == "none"


# What was said


def test_links_are_written_out_and_quotations_marked_whatever_the_emoji_count() -> None:
    envelope = one("text_with_formatting")
    first, second, third = envelope.text.splitlines()
    assert first == "👩\u200d👩\u200d👧 See the manual (https://example.org/manual) and run lamp --reset, says Maria."
    assert (second, third) == ("> Turn it off first", "> then wait")
    assert "<code>lamp --reset</code>" in envelope.html


def test_spans_outside_the_text_do_no_harm() -> None:
    assert one("entities_outside_the_text").text == "💡"


def test_the_largest_photo_is_fetched_and_a_file_that_is_too_large_is_missing_with_its_reason() -> None:
    (photo,) = one("photo").attachments
    assert (photo.fetch, photo.state, photo.size) == ("large", "fetching", 98000)
    (film,) = one("document_too_large").attachments
    assert film.state == "missing"
    assert "20 MB" in film.problem


def test_an_animation_is_one_file() -> None:
    assert [file.name for file in one("animation").attachments] == ["spark.mp4"]


def test_what_is_neither_text_nor_file_is_said_in_words() -> None:
    assert one("sticker").text == "👍"
    assert one("venue").text.startswith("Lamp shop, 1 rue de la Lumière\n📍 48.858370, 2.294481")
    assert one("location").text.count("openstreetmap") == 1
    assert one("poll").text == "Which lamp?\n– Red\n– Blue"
    assert "hologram" in one("unknown_message").text


def test_the_language_of_the_app_is_a_hint() -> None:
    assert one("sticker").language.code == "de"
    assert one("group_reply_to_the_bot").language.code == "pt"


def test_a_passed_on_message_names_its_writer() -> None:
    names = {name: one(f"forward_of_{name}").originals[0].name for name in ("a_person", "somebody_hidden", "a_channel")}
    assert names == {"a_person": "João", "somebody_hidden": "Lamp Fan", "a_channel": "Lamp news"}


def test_a_message_that_was_passed_on_before_2023_names_its_writer_too() -> None:
    told = {"forward_from": {"id": 9, "is_bot": False, "first_name": "João"}, "forward_date": 1_600_000_000}
    (original,) = recorded(text="Look", **told).envelopes[0].originals
    assert (original.name, original.date, original.text) == ("João", "2020-09-13 12:26 UTC", "Look")
    (hidden,) = recorded(text="Look", forward_sender_name="Lamp Fan", forward_date=1).envelopes[0].originals
    assert hidden.name == "Lamp Fan"


def test_what_telegram_says_of_a_known_kind_without_documenting_it_is_no_message() -> None:
    ben = {"id": 9, "is_bot": False, "first_name": "Ben"}
    joined = {"new_chat_members": [ben], "new_chat_member": ben, "new_chat_participant": ben}
    assert recorded(**joined).nothing
    assert recorded(left_chat_member=ben, left_chat_participant=ben, brand_new=1).nothing
    assert "brand_new" in recorded(brand_new=1).envelopes[0].text


@pytest.mark.parametrize("depth", range(900, 1000, 7))
def test_an_update_that_is_nested_deeply_is_read_or_set_aside(depth: int) -> None:
    said = json.dumps(MESSAGE)
    nested = f'{said[:-1]}, "reply_to_message": ' * depth + said + "}" * depth
    try:
        found = read_file(f'{{"update_id": 1, "message": {nested}}}'.encode(), {"support": bot()}, "support")
    except Unreadable:
        return
    assert found.envelopes or found.nothing


def test_an_answer_names_what_it_answers_and_quotes() -> None:
    assert one("reply").in_reply_to.startswith("1001:")
    assert one("reply_with_quote").quoted == "lamp is it"
    assert one("topic_mention").in_reply_to == ""  # every message of a topic answers the first


def test_what_a_link_brought_along_is_a_field() -> None:
    assert one("start_with_payload").fields == {"campaign": "spring_ad"}
    assert one("start_with_payload", start_field=None).fields == {}


def test_a_pressed_button_is_its_words_in_answer_to_its_message() -> None:
    envelope = one("callback_query")
    assert (envelope.text, envelope.kind) == ("The blue one", "message")
    assert envelope.in_reply_to
    assert one("callback_query_of_an_old_message").text == "lamp:2"


# Where


@pytest.mark.parametrize(
    ("name", "groups", "taken"),
    [
        ("group_text_to_others", "mentions", False),
        ("group_text_to_others", "all", True),
        ("group_mention", "mentions", True),
        ("group_mention", "off", False),
        ("group_mention_of_another", "mentions", False),
        ("group_command", "mentions", True),
        ("group_command_for_another", "mentions", False),
        ("group_reply_to_the_bot", "mentions", True),
        ("automatic_forward", "all", False),
        ("guest_message", "off", True),
        ("text", "off", True),
    ],
)
def test_of_a_group_is_taken_what_is_addressed_to_the_bot_or_as_set(name: str, groups: str, taken: bool) -> None:
    assert bool(parsed(name, groups=groups).envelopes) == taken


def test_posts_of_channels_are_taken_or_not() -> None:
    assert one("channel_post").sender.name == "Lamp news"
    assert parsed("channel_post", channel_posts=False).envelopes == ()


def test_a_topic_and_the_chat_of_a_business_are_conversations_of_their_own() -> None:
    assert one("topic_mention").conversation == ("telegram:support:-1002002/17",)
    assert one("business_message").conversation == ("telegram:support:bc_1.1001",)
    assert one("text").conversation == ("telegram:support:1001",)
    assert place_of(one("business_message").ext["conversation"]) == Place(chat=1001, business="bc_1")


def test_a_guest_gets_one_text_and_anybody_else_as_much_as_an_answer_needs() -> None:
    guest, usual = (sends(Destination(conversation=each)) for each in ("-1002001?guest_1", "1001"))
    assert (guest.text and guest.text.parts, guest.files.count) == (1, 0)
    assert (usual.text and usual.text.parts, usual.files.size) == (20, 50 * 1024 * 1024)


def test_what_a_business_writes_itself_is_ours_and_what_a_bot_writes_for_it_is_a_machines() -> None:
    ours = one("business_message_of_ours")
    assert (one("business_message").direction, ours.direction, ours.sender) == (
        "in",
        "out",
        Sender(identities=(), name="Lamp Shop"),
    )
    assert (ours.conversation, ours.automation) == (one("business_message").conversation, "none")
    told = json.loads((FIXTURES / "business_message_of_ours.json").read_bytes())
    told["business_message"]["sender_business_bot"] = {"id": 7, "is_bot": True, "first_name": "Other"}
    (by_a_bot,) = read_file(json.dumps(told).encode(), {"support": bot()}, "support").envelopes
    assert (by_a_bot.direction, by_a_bot.automation) == ("out", "auto_reply")


# Changes


def test_an_edit_has_the_whole_text_and_names_its_message() -> None:
    envelope = one("edited_message")
    assert (envelope.kind, envelope.text) == ("edit", "Meine Lampe flackert seit vorgestern.")
    number = _update(FIXTURES / "edited_message.json")["edited_message"]["message_id"]
    assert envelope.amends == f"1001:{number}"


def test_the_marks_of_somebody_are_told_as_they_are_now() -> None:
    told = {name: [each.reaction for each in parsed(name).envelopes] for name in ("reaction", "reaction_changed")}
    assert [(each.emoji, each.alone) for each in told["reaction"] if each] == [("👍", True)]
    assert [(each.emoji, each.alone) for each in told["reaction_changed"] if each] == [("❤", True), ("✨", False)]
    gone = one("reaction_taken_away").reaction
    assert gone is not None
    assert (gone.emoji, gone.removed) == ("", True)


def test_deleted_messages_are_named_one_by_one() -> None:
    deletes = parsed("deleted_business_messages").envelopes
    assert [each.amends for each in deletes] == ["bc_1.1001:601", "bc_1.1001:602"]
    assert {each.direction for each in deletes} == {"out"}, "the business is told, and may have written them"


# The corpus, and anything at all


def _corpus() -> list[dict[str, Any]]:
    return [json.loads(line) for line in CORPUS.read_text(encoding="utf-8").splitlines()] if CORPUS.exists() else []


@pytest.mark.skipif(not CORPUS.exists(), reason="the corpora lie beside the repository, and are not there")
def test_every_update_of_the_corpus_is_accepted() -> None:
    for case in _corpus():
        content = base64.b64decode(case["raw_b64"])
        found = read_file(content, {"support": bot()}, "support")
        assert bool(found.envelopes) != bool(found.nothing), case["id"]
        kind, _ = updates.kind_of(json.loads(content))
        assert kind == case["expected"].get("update_type", kind), case["id"]


@pytest.mark.skipif(not CORPUS.exists(), reason="the corpora lie beside the repository, and are not there")
def test_the_formatting_of_the_corpus_is_read_as_its_makers_do() -> None:
    renderings = ("text_html", "text_html_urled", "text_markdown", "text_markdown_urled", "text_markdown_v2")
    for case in _corpus():
        content, expected = base64.b64decode(case["raw_b64"]), case["expected"]
        if expected["kind"] == "update":
            continue
        (envelope,) = read_file(content, {"support": bot()}, "support").envelopes
        message = Update.de_json(json.loads(content), None).message
        assert message is not None
        assert {name: getattr(message, name) for name in renderings if name in expected} == {
            name: expected[name] for name in renderings if name in expected
        }
        assert envelope.html == expected.get("text_html", envelope.html), case["id"]
        slices = expected.get("entities", {})
        told = {
            str(at): span_of(message.text or "", each) for at, each in enumerate(message.entities) if str(at) in slices
        }
        assert told == slices


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from(sorted(path.stem for path in FIXTURES.glob("*.json"))), st.data())
@settings(max_examples=200, deadline=None)
def test_whatever_stands_in_a_field_an_update_is_read_or_set_aside(name: str, data: st.DataObject) -> None:
    update = _update(FIXTURES / f"{name}.json")
    inner = next((value for value in update.values() if isinstance(value, dict)), None)
    if not inner:
        return
    inner[data.draw(st.sampled_from(sorted(inner)))] = data.draw(_JSON)
    try:
        found = read_file(json.dumps(update).encode(), {"support": bot()}, "support")
    except Unreadable:
        return
    assert bool(found.envelopes) != bool(found.nothing)
