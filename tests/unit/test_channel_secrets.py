"""`trunkline check` on secrets of channels: their shape, whose they are, and that none is told."""

import json
from pathlib import Path

import pytest

from trunkline.adapters.mail.signing_keys import new_key
from trunkline.adapters.secret_shapes import outline
from trunkline.config.loader import loads
from trunkline.config.secret_store import Secrets
from trunkline.gateway.channels import models
from trunkline.gateway.checking import check_settings

DESK = "queues: { a: { fallback: true } }\nagents: { ada: { name: Ada, queues: [a], languages: [en] } }\nchannels: "
HEX = "0a" * 16
MAILBOX = "{ mail: { addresses: [a@b.example], mailboxes: { box: { address: a@b.example, provider: google, "
WEBHOOK = "{ mail: { addresses: [a@b.example], webhooks: { in: { provider: "
ACCOUNT = json.dumps({"type": "service_account", "client_email": "a@b.example", "private_key_id": "1"})


def problems(channels: str, tmp_path: Path, **given: str) -> list[str]:
    """What check says of secrets; none is missing."""
    settings = loads(DESK + channels, "desk.yaml", models(), {})
    environ = {f"TRUNKLINE_SECRET_{name}": value for name, value in given.items()}
    checked = check_settings(settings, Secrets(tmp_path, environ, settings.listen.loopback))
    told = [str(each) for each in checked.problems if "serve would refuse" not in str(each)]
    assert checked.wrong is any(": error: " in str(each) for each in checked.problems)
    assert not any(value in line for line in told for value in given.values() if len(value) > 3)
    return told


POLL = "{ telegram: { a: { receive: poll }, b: { receive: poll } } }"


@pytest.mark.parametrize(
    ("channels", "given", "words"),
    [
        ("{ line: { shop: {} } }", {"LINE_SHOP": "x" * 170}, "found 170 characters, expected a channel secret: 32 hex"),
        (POLL, {"TELEGRAM_A": "ABC DEF"}, "found 7 characters with blanks or line breaks among them, expected the tok"),
        (POLL, {"TELEGRAM_A": "123456:ABC-DEF1234ghIkl-zyx57W2v1u123ew11"}, "found the token of an example"),
        (POLL, {"TELEGRAM_A": "4711:abc-def", "TELEGRAM_B": "4711:abc-def"}, "found the token of the bot of a"),
        ("{ slack: { acme: {} } }", {"SLACK_ACME_TOKEN": "xoxp-1-2-3"}, "found 10 characters that begin with xoxp-"),
        (
            "{ slack: { a: { receive: socket }, b: { receive: socket } } }",
            {"SLACK_A_TOKEN": "xoxb-1-2-3", "SLACK_B_TOKEN": "xoxb-1-2-3"},
            "TRUNKLINE_SECRET_SLACK_B_TOKEN: error: found the bot token of a, expected another than a has",
        ),
        ("{ slack: { acme: {} } }", {"SLACK_ACME": f'"{HEX}"'}, "found 34 characters in quotes, which count"),
        (
            f"{{ twilio: {{ a: {{ sid: AC{HEX}, address: 'https://desk.example' }} }} }}",
            {"TWILIO_A": f"SK{HEX}"},
            "TRUNKLINE_SECRET_TWILIO_A: error: found 34 characters that begin with SK, expected an Auth Token",
        ),
        (
            "{ meta: { shop: { product: messenger, id: '1' } } }",
            {"META_SHOP": f"APP_SECRET={HEX}"},
            "found 43 characters with a name and = before them, expected an app secret",
        ),
        (
            "{ http: { form: { reply: mail, fields: { message: text } } } }",
            {"HTTP_FORM": "short"},
            "expected a signing secret",
        ),
        (f"{MAILBOX}sign_in: service_account }} }} }} }}", {"MAIL_BOX": "a password"}, "found text that is no JSON"),
        (
            f"{MAILBOX}sign_in: service_account }} }} }} }}",
            {"MAIL_BOX": '{"type": "authorized_user"}'},
            "found JSON of the type authorized_user, expected the key of a service account",
        ),
        (f"{MAILBOX}sign_in: service_account }} }} }} }}", {"MAIL_BOX": ACCOUNT}, "found JSON without private_key"),
        (f"{WEBHOOK}postmark }} }} }} }}", {"MAIL_IN": "letmein"}, "found 7 characters, expected user:password"),
        (f"{WEBHOOK}resend }} }} }} }}", {"MAIL_IN": "password"}, "expected a signing secret"),
    ],
)
def test_a_secret_that_cannot_be_right_is_an_error_at_its_place(
    channels: str, given: dict[str, str], words: str, tmp_path: Path
) -> None:
    told = [each for each in problems(channels, tmp_path, **given) if "error" in each]
    assert len(told) == 1, told
    assert words in told[0]
    assert told[0].startswith("TRUNKLINE_SECRET_")


def test_secrets_as_their_vendors_give_them_are_taken(tmp_path: Path) -> None:
    account = json.dumps(json.loads(ACCOUNT) | {"private_key": new_key("rsa")})
    given = {"TWILIO_A": HEX, "LINE_SHOP": HEX, "TELEGRAM_A": f"4711:{'A' * 35}", "SLACK_ACME": HEX}
    given |= {"SLACK_ACME_TOKEN": "xoxb-1-2-3", "MAIL_BOX": account}
    sections = [
        f"twilio: {{ a: {{ sid: AC{HEX}, address: 'https://desk.example' }} }}",
        "line: { shop: {} }",
        "telegram: { a: { receive: poll } }",
        "slack: { acme: {} }",
        f"{MAILBOX[2:]}sign_in: service_account }} }} }}",
    ]
    assert problems(f"{{ {', '.join(sections)} }}", tmp_path, **given) == []


def test_a_bot_of_which_nobody_tells_telegram_is_warned_of_at_its_place(tmp_path: Path) -> None:
    (told,) = problems("{ telegram: { support: {} } }", tmp_path, TELEGRAM_SUPPORT="4711:abc-def")
    assert told.startswith("desk.yaml:3:34: warning: Telegram is not told where to post what is written to support")
    assert "receive: poll" in told
    address = "{ telegram: { support: { address: 'https://desk.example' } } }"
    assert problems(address, tmp_path, TELEGRAM_SUPPORT="4711:abc-def") == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("abc", "3 characters"),
        ("A=", "2 characters"),
        ("Bearer", "6 characters"),
        ("whsec_AA", "8 characters that begin"),
    ],
)
def test_an_outline_says_how_long_and_what_is_plainly_wrong(text: str, words: str) -> None:
    assert outline(text).startswith(words)
