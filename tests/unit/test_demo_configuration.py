"""The desk of `make demo`: sound, open to every customer of the demo, and able to tell what they write about."""

from itertools import islice
from pathlib import Path
from typing import get_args

import pytest

from trunkline.adapters.mail.settings import MailSettings
from trunkline.adapters.telegram.settings import TelegramSettings
from trunkline.adapters.twilio.settings import TwilioSettings
from trunkline.config import loader
from trunkline.config.rule_test_settings import GivenSettings
from trunkline.config.settings import Settings
from trunkline.demo.simulation.contacts import Contact, contacts
from trunkline.demo.simulation.people import Way
from trunkline.demo.simulation.talk import languages, talk_in
from trunkline.gateway.channels import models
from trunkline.gateway.checking import check_settings
from trunkline.router.rule_tests import facts_given
from trunkline.router.rules import Rules

DEMO = Path(__file__).parents[2] / "config" / "demo.yaml"

QUEUES = {
    "delivery": "orders",
    "damaged": "orders",
    "refund": "billing",
    "invoice": "billing",
    "login": "support",
    "hours": "support",
    "product": "support",
}


@pytest.fixture(scope="module")
def settings() -> Settings:
    return loader.load(DEMO, models(), {})


def test_it_passes_the_check_without_a_warning(settings: Settings) -> None:
    assert check_settings(settings).problems == []


def test_it_plays_beside_the_example_and_no_mail_of_either_comes_to_the_other(settings: Settings) -> None:
    example = loader.load(DEMO.with_name("example.yaml"), models(), {})

    def addresses(each: Settings) -> list[str]:
        mail = each.channels["mail"]
        assert isinstance(mail, MailSettings)
        return [str(address) for address in (each.listen.http, each.listen.smtp, mail.smarthost)]

    telegram, twilio = settings.channels["telegram"], settings.channels["twilio"]
    assert isinstance(telegram, TelegramSettings)
    assert isinstance(twilio, TwilioSettings)
    vendors = [telegram.root["shop"].api, twilio.root["shop"].api]

    both = [*addresses(settings), *addresses(example), *(each.removeprefix("http://") for each in vendors)]
    assert len(set(both)) == 8, both
    assert settings.data != example.data


def test_somebody_speaks_every_language_of_the_play(settings: Settings) -> None:
    spoken = {language for agent in settings.agents.values() for language in agent.languages}
    assert spoken >= set(languages())


def test_every_queue_has_agents_for_who_is_on_a_break(settings: Settings) -> None:
    for queue in settings.queues:
        assert sum(queue in agent.queues for agent in settings.agents.values()) >= 3


def given(contact: Contact) -> GivenSettings:
    """A contact as the rules see its first message."""
    channel = {"form": "http", "sms": "twilio", "whatsapp": "twilio"}.get(contact.way, contact.way)
    subject = contact.subject if contact.way in ("mail", "form") else ""
    recipients = ("support@example.test",) if contact.way == "mail" else ()
    return GivenSettings.model_validate(
        {
            "channel": channel,
            "recipient": recipients or None,
            "subject": subject,
            "text": contact.opening[0],
            "language": contact.person.language,
        }
    )


def test_the_rules_find_the_queue_by_what_customers_write(settings: Settings) -> None:
    rules, wrong = Rules(settings), set[tuple[str, str]]()
    for contact in islice(contacts(1, 10, get_args(Way)), 1200):
        if contact.opening[0] in talk_in(contact.person.language).chat.greetings:
            continue
        queue = rules.decide(facts_given(given(contact))).queue
        if queue != QUEUES[contact.topic]:
            wrong.add((f"{contact.topic} in {queue}", contact.opening[0]))
    assert wrong == set()


def test_the_angry_go_first(settings: Settings) -> None:
    rules = Rules(settings)
    for contact in islice(contacts(2, 10, ("mail", "form")), 300):
        verdict = rules.decide(facts_given(given(contact)))
        assert ("angry" in verdict.tags) == (contact.person.habit == "angry")
