"""`trunkline channels check` of mail: mailboxes of a real Dovecot, submission, and what cannot be asked."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from trunkline.adapters.findings import Finding
from trunkline.adapters.mail.asking import ask
from trunkline.adapters.mail.settings import MailSettings
from trunkline.config.secret_store import Secrets

from ..dovecot import PASSWORD, USER, Dovecot


@pytest.fixture(scope="module")
def dovecot() -> Iterator[Dovecot]:
    with tempfile.TemporaryDirectory(prefix="dovecot", ignore_cleanup_errors=True) as folder:
        server = Dovecot(Path(folder))
        server.start()
        yield server
        server.kill()


async def asked(tmp_path: Path, password: str = PASSWORD, **given: Any) -> list[Finding]:
    secrets = Secrets(tmp_path, {"TRUNKLINE_SECRET_MAIL_SUPPORT": password}, allow_generate=False)
    return list(await ask(MailSettings.model_validate({"addresses": [USER], **given}), secrets))


def mailbox(dovecot: Dovecot, **more: Any) -> dict[str, Any]:
    server = {"imap": f"localhost:{dovecot.implicit}", "authority": str(dovecot.authority)}
    return {"support": {"address": USER, **server, **more}}


async def test_a_mailbox_that_lets_us_in_is_told_so_and_the_domain_is_another_question(
    dovecot: Dovecot, tmp_path: Path
) -> None:
    found = await asked(tmp_path, mailboxes=mailbox(dovecot, folders=["INBOX", "Sent"]))
    assert [(each.account, each.subject, each.level) for each in found] == [
        ("support", "reading", "good"),
        ("example.test", "domain", "look"),
    ]
    assert "there is INBOX, Sent" in found[0].words
    assert "IDLE" not in found[0].words
    assert found[1].remedy == "trunkline mail check example.test"


async def test_a_folder_that_there_is_not_is_named_with_those_that_there_are(dovecot: Dovecot, tmp_path: Path) -> None:
    found = (await asked(tmp_path, mailboxes=mailbox(dovecot, folders=["INBOX", "Shop"])))[0]
    assert (found.level, "the folder Shop cannot be read" in found.words, "Rubbish" in found.words) == (
        "wrong",
        True,
        True,
    )


async def test_a_refused_password_is_one_finding_with_what_to_do_and_is_not_told(
    dovecot: Dovecot, tmp_path: Path
) -> None:
    boxes = mailbox(dovecot, submission="127.0.0.1:9", submission_tls="none")
    found = [each for each in await asked(tmp_path, "another", mailboxes=boxes) if each.account == "support"]
    assert [(each.subject, each.level) for each in found] == [("reading", "wrong")]
    assert "app password" in found[0].remedy
    assert "another" not in str(found)


async def test_servers_that_are_not_reached_are_unknown_both_ways(dovecot: Dovecot, tmp_path: Path) -> None:
    boxes = mailbox(dovecot, imap="127.0.0.1:9", imap_tls="none", submission="127.0.0.1:9", submission_tls="none")
    found = [each for each in await asked(tmp_path, mailboxes=boxes) if each.account == "support"]
    assert [(each.subject, each.level) for each in found] == [("reading", "unknown"), ("sending", "unknown")]
    assert all("may this machine reach them" in each.remedy for each in found)


async def test_a_provider_that_posts_cannot_be_asked_and_says_where_to_look(tmp_path: Path) -> None:
    found = (await asked(tmp_path, webhooks={"inbound": {"provider": "postmark"}}))[0]
    assert (found.level, "/v1/mail/inbound" in found.words, "Check" in found.remedy) == ("look", True, True)
