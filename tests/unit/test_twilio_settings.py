"""The section `channels.twilio`: what is a sender, and that each belongs to one account."""

from typing import Any

import pytest
from pydantic import ValidationError

from trunkline.adapters.twilio.settings import TwilioSettings

SID = "AC" + "0a" * 16


def account(**more: Any) -> dict[str, Any]:
    return {"sid": SID, "address": "https://desk.example", **more}


@pytest.mark.parametrize(
    "sender",
    ["+15551234567", "12345", "ACME", "My Shop", "4U", "whatsapp:+15551234567", "rcs:brand_agent", "rcs:x.y-agent"],
)
def test_what_twilio_sends_from_is_a_sender(sender: str) -> None:
    read = TwilioSettings.model_validate({"a": account(sender=sender, numbers=[sender])})
    assert read.root["a"].sender == sender


@pytest.mark.parametrize(
    "sender",
    [
        *("4930901820", "+49 30 901820", "+49-30-901820", "+0301820", "(555) 123-4567", "whatsapp:15551234567"),
        *("whatsapp:ACME", "messenger:1234", "A name too long", "rcs:", " ", "+1555123456789012"),
    ],
)
def test_what_is_none_is_refused_with_how_it_is_written(sender: str) -> None:
    with pytest.raises(ValidationError, match="a sender as Twilio writes it"):
        TwilioSettings.model_validate({"a": account(sender=sender)})


def test_a_sender_is_looked_for_by_one_account() -> None:
    twice = {"a": account(sender="+15551234567"), "b": account(numbers=["+15551234567"])}
    with pytest.raises(ValidationError, match=r"\+15551234567 in one account"):
        TwilioSettings.model_validate(twice)
    TwilioSettings.model_validate({"a": account(sender="+15551234567"), "b": account()})
