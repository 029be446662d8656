"""`trunkline channels check` at Twilio: the account, its senders, and where it posts to."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.twilio import OURS, SID, FakeTwilio
from trunkline.adapters.findings import Finding
from trunkline.adapters.twilio.asking import ask, messaging_base
from trunkline.adapters.twilio.settings import TwilioSettings
from trunkline.config.secret_store import Secrets

TOKEN = "an auth token of the tests"
ADDRESS = "https://desk.example"
HERE = f"{ADDRESS}/v1/twilio/support"
SERVICE = "MG" + "1b" * 16
WHATSAPP = "whatsapp:+4930901820"
VOICE = {"greeting": "Hello, you are recorded."}


def number(**more: Any) -> dict[str, Any]:
    told = {"phone_number": OURS, "sms_url": HERE, "sms_method": "POST", "voice_url": HERE, "voice_method": "POST"}
    return {**told, "capabilities": {"sms": True, "voice": True}, **more}


@pytest.fixture
async def twilio() -> AsyncIterator[FakeTwilio]:
    async with FakeTwilio(TOKEN) as fake:
        fake.numbers = [number()]
        fake.senders = [{"sender_id": WHATSAPP, "status": "ONLINE", "webhook": {"callback_url": HERE}}]
        yield fake


async def asked(twilio: FakeTwilio, tmp_path: Path, token: str = TOKEN, **account: Any) -> list[Finding]:
    given = {"sid": SID, "address": ADDRESS, "api": twilio.base, "sender": OURS} | account
    given = {name: value for name, value in given.items() if value is not None}
    secrets = Secrets(tmp_path, {"TRUNKLINE_SECRET_TWILIO_SUPPORT": token}, allow_generate=False)
    return list(await ask(TwilioSettings.model_validate({"support": given}), secrets))


async def test_an_account_that_is_right_is_told_so(twilio: FakeTwilio, tmp_path: Path) -> None:
    found = await asked(twilio, tmp_path, numbers=[WHATSAPP], voice=VOICE)
    assert [(each.subject, each.level) for each in found] == [
        ("credentials", "good"),
        (OURS, "good"),
        (OURS, "good"),
        (WHATSAPP, "good"),
    ]
    assert "Example Ltd" in found[0].words


async def test_connection_overrides_behind_the_address_are_no_other_address(twilio: FakeTwilio, tmp_path: Path) -> None:
    twilio.numbers = [number(sms_url=f"{HERE}#rc=3&rp=all")]
    assert {each.level for each in await asked(twilio, tmp_path)} == {"good"}


@pytest.mark.parametrize(
    ("told", "words", "remedy"),
    [
        ({"sms_url": ""}, "Twilio posts nowhere", HERE),
        ({"sms_url": "https://demo.twilio.com/welcome/sms/reply"}, "posts to https://demo", HERE),
        ({"sms_url": "https://old.example/v1/twilio/support"}, "signs that", "(address)"),
        ({"sms_method": "GET"}, "asks by GET", "HTTP POST"),
    ],
)
async def test_where_a_number_posts_to_otherwise_is_said_with_what_to_do(
    twilio: FakeTwilio, tmp_path: Path, told: dict[str, Any], words: str, remedy: str
) -> None:
    twilio.numbers = [number(**told)]
    (wrong,) = (each for each in await asked(twilio, tmp_path) if each.level == "wrong")
    assert (wrong.subject, words in wrong.words, remedy in wrong.remedy) == (OURS, True, True)


async def test_a_number_of_another_account_is_named(twilio: FakeTwilio, tmp_path: Path) -> None:
    twilio.numbers = [number(phone_number=f"{OURS}9")]
    assert "no such number" in (await asked(twilio, tmp_path))[-1].words


async def test_a_messaging_service_says_where_its_numbers_post_to(twilio: FakeTwilio, tmp_path: Path) -> None:
    twilio.numbers = [number(sms_url="")]
    service = {"inbound_request_url": HERE, "use_inbound_webhook_on_number": False, "numbers": [OURS]}
    twilio.services[SERVICE] = service
    assert {each.level for each in await asked(twilio, tmp_path, messaging_service=SERVICE)} == {"good"}
    service |= {"inbound_request_url": None}
    wrong = [each for each in await asked(twilio, tmp_path, messaging_service=SERVICE) if each.level == "wrong"]
    assert [(each.subject, each.words) for each in wrong] == [(SERVICE, "Twilio posts nowhere")]
    service |= {"use_inbound_webhook_on_number": True}
    wrong = [each for each in await asked(twilio, tmp_path, messaging_service=SERVICE) if each.level == "wrong"]
    assert [each.subject for each in wrong] == [OURS]


async def test_a_sender_of_whatsapp_that_is_not_online_is_named_by_its_state(
    twilio: FakeTwilio, tmp_path: Path
) -> None:
    twilio.senders = [{"sender_id": WHATSAPP, "status": "OFFLINE"}]
    last = (await asked(twilio, tmp_path, sender=WHATSAPP))[-1]
    assert (last.level, last.words) == ("wrong", "the sender is OFFLINE")


async def test_calls_that_go_elsewhere_are_wrong_where_the_desk_is_to_answer_them(
    twilio: FakeTwilio, tmp_path: Path
) -> None:
    twilio.numbers = [number(voice_url="https://demo.twilio.com/welcome/voice/")]
    assert {each.level for each in await asked(twilio, tmp_path)} == {"good"}
    wrong = [each for each in await asked(twilio, tmp_path, voice=VOICE) if each.level == "wrong"]
    assert [each.words.startswith("calls: Twilio posts to") for each in wrong] == [True]


async def test_an_address_that_nobody_reaches_and_a_suspended_account_are_wrong(
    twilio: FakeTwilio, tmp_path: Path
) -> None:
    twilio.about = {"status": "suspended"}
    found = await asked(twilio, tmp_path, address="http://127.0.0.1:8080")
    assert [each.subject for each in found if each.level == "wrong"] == ["credentials", "address", OURS, OURS]


async def test_a_token_of_another_account_is_named_by_its_secret_and_not_told(
    twilio: FakeTwilio, tmp_path: Path
) -> None:
    other = "another auth token"
    (found,) = await asked(twilio, tmp_path, token=other)
    assert (found.level, "twilio_support" in found.remedy, other in str(found)) == ("wrong", True, False)


async def test_without_a_secret_and_without_senders_it_is_said_what_to_write(
    twilio: FakeTwilio, tmp_path: Path
) -> None:
    (lacking,) = await asked(twilio, tmp_path, token="")
    assert (lacking.level, "TRUNKLINE_SECRET_TWILIO_SUPPORT" in lacking.words) == ("wrong", True)
    assert (await asked(twilio, tmp_path, sender=None))[-1].level == "look"


@pytest.mark.parametrize(
    ("api", "messaging"),
    [
        ("https://api.twilio.com", "https://messaging.twilio.com"),
        ("https://api.dublin.ie1.twilio.com", "https://messaging.dublin.ie1.twilio.com"),
        ("http://127.0.0.1:9000", "http://127.0.0.1:9000"),
    ],
)
def test_the_messaging_api_is_a_host_of_its_own(api: str, messaging: str) -> None:
    assert messaging_base(api) == messaging
