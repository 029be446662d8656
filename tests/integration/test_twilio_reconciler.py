"""What Twilio could not post is found in its list of messages, and what became of an answer that broke off as well."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest

from tests.conformance.subject import MemoryIntake
from tests.conformance.test_adapters import outgoing
from tests.conformance.twilio_subject import ADDRESS, TOKEN, TwilioSubject
from tests.fakes.twilio import MARIA, OURS, SID, FakeTwilio
from tests.memory_addresses import MemoryAddresses
from tests.memory_parts import MemoryParts
from tests.memory_wishes import MemoryWishes
from trunkline.adapters.twilio.channel import TwilioChannel
from trunkline.adapters.twilio.looking_up import LookUp
from trunkline.adapters.twilio.message_api import MessageApi
from trunkline.adapters.twilio.reconciling import GRACE_MS, LEASE_MS, OVERLAP_MS, Reconciler
from trunkline.adapters.twilio.sending import TwilioSender
from trunkline.adapters.twilio.settings import TwilioSettings
from trunkline.adapters.twilio.wishes import BELIEVED_MS, EngineWishes, Wish
from trunkline.config.errors import (
    AccountUnavailable,
    CredentialsRefused,
    DeliveryDeferred,
    DeliveryFailed,
    DeliveryUnknown,
    EngineUnavailable,
)
from trunkline.queue.clock import ManualClock
from trunkline.queue.connection import Engine

WHATSAPP = "whatsapp:" + OURS
ARTICLE = "0193512e-aaaa-7000-8000-000000000002"


@dataclass
class Looking:
    """One account, its reconcilers in several processes, and the time."""

    engine: Engine
    twilio: FakeTwilio
    clock: ManualClock = field(default_factory=ManualClock)
    intake: MemoryIntake = field(default_factory=MemoryIntake)
    channels: list[TwilioChannel] = field(default_factory=list)

    def process(self, **more: Any) -> Reconciler:
        """The reconciler of one more process."""
        given = {"sid": SID, "address": ADDRESS, "sender": OURS, "numbers": [WHATSAPP], "api": self.twilio.base, **more}
        channel = TwilioChannel(
            TwilioSettings.model_validate({"support": given}),
            engine=self.engine,
            clock=self.clock,
            intake=self.intake,  # type: ignore[arg-type]
            secret_of=lambda _: TOKEN,
            parts=MemoryParts[str](),
            files=MemoryAddresses(),
            wishes=EngineWishes(self.engine, self.clock),
        )
        self.channels.append(channel)
        (reconciler,) = channel.workers()
        assert isinstance(reconciler, Reconciler)
        return reconciler

    def ago(self, seconds: float) -> datetime:
        return datetime.fromtimestamp(self.clock.now() / 1000, UTC) - timedelta(seconds=seconds)

    def keep(self, text: str, seconds: float, **more: str) -> Mapping[str, Any]:
        """A message that was written so long ago, in Twilio's list; what Twilio would have posted."""
        fields = self.twilio.message(text, **more)
        self.twilio.kept(fields, self.ago(seconds))
        return fields

    @property
    def ids(self) -> list[str]:
        return [raw.external_id for raw in self.intake.raws]


@pytest.fixture
async def looking(engine: Engine) -> AsyncIterator[Looking]:
    async with FakeTwilio(TOKEN) as twilio:
        made = Looking(engine, twilio)
        yield made
        for channel in made.channels:
            await channel.stop()


async def begun(looking: Looking, **more: Any) -> Reconciler:
    """A reconciler that has looked once, an hour ago."""
    reconciler = looking.process(**more)
    assert await reconciler.run_once() == 0
    looking.clock.advance(3_600_000)
    return reconciler


async def test_what_was_written_before_the_account_was_configured_is_not_taken(looking: Looking) -> None:
    looking.keep("Long ago", 86_400)
    reconciler = await begun(looking)
    assert (await reconciler.run_once(), looking.ids) == (0, [])


async def test_what_never_came_is_taken_as_if_it_had_been_posted(looking: Looking) -> None:
    reconciler = await begun(looking)
    texts = [looking.keep(f"Message {number}", 600 - number) for number in range(5)]
    also = looking.keep("Olá", 500, To=WHATSAPP, From="whatsapp:+5511987654321")
    assert await reconciler.run_once() == 6
    assert sorted(looking.ids) == sorted(each["MessageSid"] for each in (*texts, also))
    raws = {raw.external_id: raw for raw in looking.intake.raws}
    (envelope,) = (await looking.channels[0].parse(raws[texts[0]["MessageSid"]])).envelopes
    assert (envelope.text, envelope.sender.identities[0].key) == ("Message 0", f"phone:{MARIA}")
    assert envelope.sent_at == int(looking.ago(600).timestamp()) * 1000
    assert envelope.order < f"{looking.clock.now():015d}"


async def test_what_came_is_known_and_what_is_ours_or_elsewhere_is_not_looked_at(looking: Looking) -> None:
    subject = TwilioSubject()
    reconciler = await begun(looking)
    known = looking.keep("Hello", 600)
    looking.twilio.kept(
        {"sid": "SM" + "9" * 32, "To": OURS, "Body": "ours"}, looking.ago(500), direction="outbound-api"
    )
    looking.keep("Not for us", 500, To="+15550000000")
    subject.intake = looking.intake
    await subject.open()
    assert (await subject.post(known))[0] == 200
    assert (await reconciler.run_once(), looking.ids) == (0, [known["MessageSid"]])
    looking.clock.advance(180_000)
    assert await reconciler.run_once() == 0
    await subject.close()


async def test_what_comes_late_by_post_after_it_was_found_is_one_message(looking: Looking) -> None:
    subject = TwilioSubject()
    reconciler = await begun(looking)
    fields = looking.keep("Hello", 600)
    assert await reconciler.run_once() == 1
    subject.intake = looking.intake
    await subject.open()
    assert (await subject.post(fields))[0] == 200
    assert looking.ids == [fields["MessageSid"]]
    await subject.close()


async def test_what_twilio_may_still_be_posting_is_left_for_the_next_turn(looking: Looking) -> None:
    reconciler = await begun(looking)
    looking.keep("Just now", GRACE_MS / 1000 - 5)
    assert await reconciler.run_once() == 0
    looking.clock.advance(180_000)
    assert await reconciler.run_once() == 1


async def test_what_appears_in_the_list_late_is_found(looking: Looking) -> None:
    reconciler = await begun(looking)
    await reconciler.run_once()
    looking.clock.advance(180_000)
    looking.keep("Late", OVERLAP_MS / 1000)
    assert await reconciler.run_once() == 1


async def test_files_of_a_message_that_was_found_are_named(looking: Looking) -> None:
    reconciler = await begun(looking)
    looking.twilio.files["ME" + "1" * 32] = b"x", "image/png"
    looking.keep("", 600, NumMedia="1")
    await reconciler.run_once()
    (envelope,) = (await looking.channels[0].parse(looking.intake.raws[0])).envelopes
    (file,) = envelope.attachments
    sid = looking.ids[0]
    assert file.media_type == "image/png"
    assert file.fetch == f"{looking.twilio.base}/2010-04-01/Accounts/{SID}/Messages/{sid}/Media/ME{'1' * 32}"


async def test_one_process_looks_at_a_time_and_another_goes_on_when_it_is_gone(looking: Looking) -> None:
    first = await begun(looking)
    second = looking.process()
    await first.run_once()
    assert await second.run_once() is None
    looking.keep("Hello", 120)
    looking.clock.advance(LEASE_MS + 1)
    assert await second.run_once() == 1
    assert await first.run_once() is None


async def test_what_could_not_be_stored_is_looked_for_again(looking: Looking) -> None:
    reconciler = await begun(looking)
    looking.keep("Hello", 600)
    looking.intake.failure = EngineUnavailable("away")
    with pytest.raises(EngineUnavailable):
        await reconciler.run_once()
    looking.intake.failure = None
    looking.clock.advance(10 * 3_600_000)
    assert await reconciler.run_once() == 1


@pytest.mark.parametrize(
    ("refusal", "kind"),
    [
        ((503, 20503, "Service unavailable", {}), AccountUnavailable),
        ((401, 20003, "Authenticate", {}), CredentialsRefused),
    ],
)
async def test_a_list_that_cannot_be_had_is_asked_for_again_from_where_it_was_read(
    looking: Looking, refusal: Any, kind: type[Exception]
) -> None:
    reconciler = await begun(looking)
    looking.keep("Hello", 1800)
    looking.twilio.refusals = [refusal]
    with pytest.raises(kind):
        await reconciler.run_once()
    looking.clock.advance(3_600_000)
    assert await reconciler.run_once() == 1


async def test_without_a_sender_of_ours_nothing_is_looked_for(looking: Looking) -> None:
    given = {"sid": SID, "address": ADDRESS, "api": looking.twilio.base}
    channel = TwilioChannel(
        TwilioSettings.model_validate({"support": given}),
        engine=looking.engine,
        clock=looking.clock,
        intake=looking.intake,  # type: ignore[arg-type]
        secret_of=lambda _: TOKEN,
        parts=MemoryParts[str](),
        files=MemoryAddresses(),
        wishes=MemoryWishes(),
    )
    assert channel.workers() == []


# Calls

WHO = f"{OURS} {MARIA}"
VOICE = {"voice": {"greeting": "Please speak after the tone."}}


async def test_a_call_that_nobody_told_of_is_taken_with_its_voicemail(looking: Looking) -> None:
    reconciler = await begun(looking, **VOICE)
    call = looking.twilio.call()
    recording = looking.twilio.recording(call, b"ID3")
    looking.twilio.called(call, looking.ago(600), recording)
    assert await reconciler.run_once() == 2
    assert looking.ids == [call["CallSid"], recording["RecordingSid"]]
    (called,), (added,) = [(await looking.channels[0].parse(raw)).envelopes for raw in looking.intake.raws]
    assert (called.text, called.sender.identities[0].key) == ("They called.", f"phone:{MARIA}")
    assert called.sent_at == int(looking.ago(600).timestamp()) * 1000
    assert (added.kind, added.amends) == ("addition", call["CallSid"])
    assert added.attachments[0].fetch == f"{recording['RecordingUrl']}.mp3"
    looking.clock.advance(180_000)
    assert await reconciler.run_once() == 0


async def test_a_call_that_came_by_post_is_the_same_call(looking: Looking) -> None:
    reconciler = await begun(looking, **VOICE)
    subject = TwilioSubject()
    subject.intake = looking.intake
    await subject.open()
    call = looking.twilio.call()
    recording = looking.twilio.recording(call, b"ID3")
    assert (await subject.post(call))[0] == 200
    told = f"?event=recording&from={quote(MARIA)}&to={quote(OURS)}"
    assert (await subject.post(recording, told))[0] == 200
    looking.twilio.called(call, looking.ago(600), recording)
    assert (await reconciler.run_once(), len(looking.ids)) == (0, 2)
    await subject.close()


async def test_a_call_that_is_still_going_on_is_looked_at_again_for_its_voicemail(looking: Looking) -> None:
    reconciler = await begun(looking, **VOICE)
    call = looking.twilio.call()
    kept = looking.twilio.called(call, looking.ago(90), status="in-progress")
    assert await reconciler.run_once() == 1
    kept["status"] = "completed"
    kept["recordings"].append(looking.twilio.recording(call, b"ID3"))
    looking.clock.advance(180_000)
    assert await reconciler.run_once() == 1


async def test_calls_of_ours_to_others_and_those_that_another_program_answers_are_not_looked_at(
    looking: Looking,
) -> None:
    answering = await begun(looking, **VOICE)
    looking.twilio.called(looking.twilio.call(Direction="outbound-api"), looking.ago(600))
    looking.twilio.called(looking.twilio.call(To="+15550000000"), looking.ago(600))
    looking.twilio.called(looking.twilio.call(), looking.ago(GRACE_MS / 1000 - 5))
    assert (await answering.run_once(), looking.ids) == (0, [])
    looking.clock.advance(LEASE_MS + 1)
    without = looking.process()
    assert (await without.run_once(), looking.ids) == (0, [])


# Who has opted out


async def test_a_stop_that_is_found_keeps_answers_back_until_a_later_start(looking: Looking) -> None:
    reconciler = await begun(looking)
    channel, subject = looking.channels[0], TwilioSubject()
    subject.adapter = channel
    given = outgoing(subject, conversation=f"{OURS} {MARIA}")
    looking.keep(" stop ", 600)
    await reconciler.run_once()
    with pytest.raises(DeliveryFailed, match="opted out"):
        await channel.send(given)
    looking.clock.advance(3_600_000)
    looking.keep("START", 600)
    looking.keep("STOP", 700)
    await reconciler.run_once()
    await channel.send(given)
    assert (len(looking.twilio.sent), looking.twilio.asked) == (1, 1)


@pytest.mark.parametrize(
    ("wishes", "is_out"),
    [
        ([("STOP", "SM1", 10)], True),
        ([("START", "SM1", 10)], False),
        ([("STOP", "SM1", 10), ("START", "SM2", 20)], False),
        ([("STOP", "SM1", 10), ("START", "SM2", 20), ("STOP", "SM1", 30)], False),
        ([("STOP", "SM1", 10), ("START", "SM2", 20), ("STOP", "SM3", 30)], True),
        ([("STOP", "SM3", 30), ("START", "SM2", 20)], True),
    ],
)
async def test_the_last_wish_counts_and_a_repeat_does_not(
    engine: Engine, wishes: list[tuple[Wish, str, int]], is_out: bool
) -> None:
    kept = EngineWishes(engine, ManualClock(start=1000))
    for wish, message, at in wishes:
        await kept.note("support", WHO, wish, message, at)
    assert await kept.is_out("support", WHO) is is_out
    assert not await kept.is_out("support", f"+15550000000 {MARIA}")
    assert not await kept.is_out("other", WHO)


async def test_after_a_month_twilio_is_asked_again(engine: Engine) -> None:
    clock = ManualClock()
    kept = EngineWishes(engine, clock)
    await kept.note("support", WHO, "STOP", "SM1")
    clock.advance(BELIEVED_MS - 1)
    assert await kept.is_out("support", WHO)
    clock.advance(1)
    assert not await kept.is_out("support", WHO)


async def test_an_erasure_forgets_what_somebody_asked(engine: Engine) -> None:
    kept, others = EngineWishes(engine, ManualClock()), ("whatsapp:" + MARIA, "+15550000001")
    for theirs in (MARIA, *others):
        await kept.note("support", f"{OURS} {theirs}", "STOP", "SM1")
    await kept.forget({f"phone:{MARIA}", MARIA})
    assert [await kept.is_out("support", f"{OURS} {theirs}") for theirs in (MARIA, *others)] == [False, False, True]


# An answer whose request broke off


@dataclass
class Asked:
    """A sender whose requests break off, and what looks up what became of them."""

    twilio: FakeTwilio
    parts: MemoryParts[str]
    api: MessageApi
    sender: TwilioSender
    look_up: LookUp
    seconds: list[float]

    def given(self, **changes: Any) -> Any:
        return outgoing(self.subject, **changes)

    @property
    def subject(self) -> Any:
        made = TwilioSubject()
        made.adapter = type("Adapter", (), {"channel": "twilio", "outgoing_id": lambda _, article, __: article})()
        return made


@pytest.fixture
async def asked() -> AsyncIterator[Asked]:
    async with FakeTwilio(TOKEN) as twilio:
        account = {"sid": SID, "address": ADDRESS, "sender": OURS, "api": twilio.base}
        settings = TwilioSettings.model_validate({"support": account}).root["support"]
        parts, seconds = MemoryParts[str](), [0.0]
        api = MessageApi(twilio.base, SID, TOKEN)
        sender = TwilioSender("support", settings, api, parts=parts, files=MemoryAddresses(), wishes=MemoryWishes())
        yield Asked(twilio, parts, api, sender, LookUp(sender, api, parts, monotonic=lambda: seconds[0]), seconds)
        await api.close()


def arrived(asked: Asked, at: int = 1_700_000_001_000, status: str = "sent") -> None:
    """What was sent last appears in the list."""
    sent = asked.twilio.sent[-1]
    asked.twilio.kept(sent, datetime.fromtimestamp(at / 1000, UTC), direction="outbound-api", status=status)


async def broken_off(asked: Asked, **changes: Any) -> Any:
    given = asked.given(**changes)
    asked.twilio.loses_answers = True
    with pytest.raises(DeliveryUnknown):
        await asked.sender.send(given)
    asked.twilio.loses_answers = False
    return given


async def test_an_answer_that_is_in_the_list_was_sent(asked: Asked) -> None:
    given = await broken_off(asked)
    arrived(asked)
    sent = await asked.look_up.look_up(given)
    assert sent is not None
    assert sent.reference == asked.twilio.sent[0]["sid"]


async def test_one_that_is_not_there_is_sent_again_only_when_that_was_seen_twice(asked: Asked) -> None:
    given = await broken_off(asked)
    for seconds in (0.0, 20.0, 40.0):
        asked.seconds[0] = seconds
        with pytest.raises(DeliveryDeferred):
            await asked.look_up.look_up(given)
    asked.seconds[0] = 61.0
    assert await asked.look_up.look_up(given) is None


async def test_the_same_words_of_yesterday_or_of_the_customer_are_not_taken_for_it(asked: Asked) -> None:
    given = await broken_off(asked)
    arrived(asked, at=given.created_at - 60_000)
    asked.twilio.kept(asked.twilio.message(given.text, To=MARIA), datetime.fromtimestamp(1_700_000_002, UTC))
    with pytest.raises(DeliveryDeferred):
        await asked.look_up.look_up(given)


@pytest.mark.parametrize("status", ["failed", "undelivered", "canceled"])
async def test_an_earlier_try_that_failed_is_not_taken_for_it(asked: Asked, status: str) -> None:
    given = await broken_off(asked)
    arrived(asked, status=status)
    with pytest.raises(DeliveryDeferred):
        await asked.look_up.look_up(given)
    asked.seconds[0] = 61.0
    assert await asked.look_up.look_up(given) is None


async def test_the_same_words_without_the_file_are_not_taken_for_it(asked: Asked) -> None:
    file = {"name": "a.png", "media_type": "image/png", "size": 1, "sha256": "a" * 64}
    given = await broken_off(asked, attachments=(file,))
    asked.twilio.sent[-1] = {**asked.twilio.sent[-1], "NumMedia": "0"}
    arrived(asked)
    with pytest.raises(DeliveryDeferred):
        await asked.look_up.look_up(given)
    asked.twilio.sent[-1] = {**asked.twilio.sent[-1], "NumMedia": "1"}
    arrived(asked)
    sent = await asked.look_up.look_up(given)
    assert sent is not None


async def test_of_an_answer_in_parts_those_behind_the_one_that_arrived_are_sent(asked: Asked) -> None:
    text = "x" * 1600 + "\n\n" + "y" * 1600
    given = await broken_off(asked, text=text)
    arrived(asked)
    assert await asked.look_up.look_up(given) is None
    await asked.sender.send(given)
    assert [each["Body"][0] for each in asked.twilio.sent] == ["x", "y"]


async def test_of_a_template_nobody_can_tell(asked: Asked) -> None:
    used = {"name": "parcel", "vendor": "HX" + "3" * 32, "language": "en", "parameters": {}}
    with pytest.raises(DeliveryUnknown):
        await asked.look_up.look_up(asked.given(template=used))
