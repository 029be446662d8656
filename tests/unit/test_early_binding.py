"""What `check` says of capacities above what somebody works on at the same time, and what holds where none is said."""

from textwrap import dedent

import pytest

from trunkline.config.loader import loads
from trunkline.config.settings import Settings
from trunkline.gateway.channels import models, policy_of
from trunkline.gateway.early_binding import early_binding
from trunkline.router.routing_settings import agent_fields, routing_fields


def desk(agents: str, handling: str = "{}") -> Settings:
    text = f"""\
        channels: {{ mail: {{ addresses: [a@example.test] }}, chat: {{ web: {{}} }} }}
        queues: {{ help: {{ fallback: true }} }}
        handling: {handling}
        agents: {agents}
        """
    return loads(dedent(text), "desk.yaml", models(), {})


def agent(extra: str = "") -> str:
    return "{ name: A, queues: [help], languages: [en]" + extra + " }"


def test_an_agent_of_whom_nothing_is_said_is_not_warned_of() -> None:
    assert list(early_binding(desk(f"{{ ada: {agent()} }}"))) == []


def test_five_letters_in_hand_are_early_binding_and_the_warning_says_what_they_cost() -> None:
    five = agent(", capacity: 5")
    (told,) = early_binding(desk(f"{{ ada: {five}, bo: {agent()}, cy: {five} }}"))
    assert str(told) == (
        "desk.yaml:4:70: warning: ada and 1 more can have 5 tickets of mail in hand at once: whoever has more than 2 "
        "keeps customers waiting although a colleague may be free, 1.6 to 2.1 times as long; "
        "leave `capacity` out, or add `channel_capacity: { mail: 2 }`"
    )


def test_channels_of_which_the_same_agents_have_too_many_are_one_warning_with_one_remedy() -> None:
    text = """\
        channels:
          mail: { addresses: [a@example.test] }
          http: { form: { fields: { message: text } } }
          chat: { web: {} }
        queues: { help: { fallback: true } }
        agents: { ada: { name: A, queues: [help], languages: [en], capacity: 7 } }
        """
    letters, chats = early_binding(loads(dedent(text), "desk.yaml", models(), {}))
    assert "7 tickets of mail or http in hand" in str(letters)
    assert str(letters).endswith("add `channel_capacity: { mail: 2, http: 2 }`")
    assert str(chats).endswith("add `channel_capacity: { chat: 5 }`")


@pytest.mark.parametrize(
    ("extra", "handling"),
    [
        (", capacity: 5, channel_capacity: { mail: 2 }", "{}"),
        (", capacity: 5", "{ mail: { weight: 2 } }"),
        (", capacity: 2", "{}"),
    ],
)
def test_what_keeps_letters_few_is_not_warned_of(extra: str, handling: str) -> None:
    assert list(early_binding(desk(f"{{ ada: {agent(extra)} }}", handling))) == []


def test_seven_chats_at_once_are_warned_of() -> None:
    told = list(early_binding(desk(f"{{ ada: {agent(', capacity: 7, channel_capacity: { mail: 1 }')} }}")))
    assert len(told) == 1
    assert "7 tickets of chat" in str(told[0])


def test_left_out_a_capacity_is_three_conversations_and_two_letters_of_each_channel() -> None:
    policy = policy_of(desk(f"{{ ada: {agent()}, bo: {agent(', channel_capacity: { mail: 1 }')} }}"))
    ada, bo = (agent_fields(id_, each, policy) for id_, each in policy.settings.agents.items())
    assert (ada["capacity"], ada["channels"]["mail"], ada["channels"]["http"]) == (3, 2, 2)
    assert "chat" not in ada["channels"]
    assert bo["channels"]["mail"] == 1


def test_letters_are_patient_and_conversations_are_not_unless_the_configuration_says_so() -> None:
    handling = "{ http: { patient: false }, chat: { exclusive: true } }"
    known = routing_fields(policy_of(desk(f"{{ ada: {agent()} }}", handling)), {"chat": 30})
    assert '"patient": true' in known["channel:mail"]
    assert '"patient": false' in known["channel:http"]
    assert known["channel:chat"] == ('{"patient": false, "exclusive": true, "wrap_up_ms": 0, "offer_ms": 30000}')
