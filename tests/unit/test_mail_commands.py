"""`trunkline mail key`, `check` and `connect`, and a key that is none as `trunkline check` tells it."""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from tests.name_server import name_server
from tests.unit.mail_origin.zone import ZoneLookup
from trunkline.config.errors import Misconfigured
from trunkline.gateway.command.main import app

ADDRESS = "support@example.test"
DESK = """\
queues: { support: { fallback: true } }
agents: { ada: { name: Ada, queues: [support], languages: [en] } }
"""


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TRUNKLINE_DATA", str(tmp_path / "data"))

    def invoked(*words: str, catch: bool = True, **mail: Any) -> Result:
        section = "".join(f"    {name}: {value}\n" for name, value in {"addresses": f"[{ADDRESS}]", **mail}.items())
        Path("trunkline.yaml").write_text(f"{DESK}channels:\n  mail:\n{section}")
        return CliRunner().invoke(app, words, catch_exceptions=catch)

    return invoked


KEY = "[{ domain: example.test, selector: desk1 }]"


def test_a_key_is_made_once_and_its_line_for_the_dns_is_the_result(run: Any, tmp_path: Path) -> None:
    made = run("mail", "key", "Example.test", "desk1")
    assert made.exit_code == 0, made.output
    assert made.stdout.startswith('desk1._domainkey.example.test. IN TXT "v=DKIM1; k=rsa; p=')
    file = tmp_path / "data" / "secrets" / "dkim_example_test_desk1"
    assert file.stat().st_mode & 0o777 == 0o600
    assert "channels.mail.dkim: { domain: example.test, selector: desk1 }" in made.stderr
    again = run("mail", "key", "example.test", "desk1", "--kind", "ed25519", dkim=KEY)
    assert (again.stdout, again.stderr) == (made.stdout, "")
    assert run("check", dkim=KEY).exit_code == 0


def test_what_serve_would_refuse_is_an_error_unless_the_secrets_are_kept_elsewhere(run: Any) -> None:
    refused = run("check", dkim=KEY)
    assert refused.exit_code == 1
    assert "error: serve would refuse: found no secret, expected the secret dkim_example_test_desk1" in refused.stderr
    elsewhere = run("check", "--without-secrets", dkim=KEY)
    assert elsewhere.exit_code == 0
    assert "nothing wrong (1 queue, 1 agent, 0 rules, 0 rule tests passed; version " in elsewhere.stdout


def test_a_selector_that_is_none_is_refused(run: Any) -> None:
    with pytest.raises(Misconfigured, match="a selector such as"):
        run("mail", "key", "example.test", "desk_1", catch=False)
    assert run("mail", "check", "no domain").exit_code == 2
    assert run("mail", "check", "example.test", "--from", "here").exit_code == 2


def test_check_tells_a_key_that_is_none_with_its_place_and_the_remedy(run: Any, tmp_path: Path) -> None:
    folder = tmp_path / "data" / "secrets"
    folder.mkdir(parents=True, mode=0o700)
    (folder / "dkim_example_test_desk1").touch(mode=0o600)
    (folder / "dkim_example_test_desk1").write_text("s3cret")
    result = run("check", dkim=KEY)
    assert result.exit_code == 1
    assert str(folder / "dkim_example_test_desk1") in result.stderr
    assert "no private key in PEM" in result.stderr
    assert "trunkline mail key example.test desk1 makes one" in result.stderr


@pytest.fixture
def name_server_port() -> Iterator[int]:
    """A DNS server in a thread of its own: the command has a loop of its own."""
    zone = {"example.test": [{"MX": [10, "example.test"]}, {"A": "192.0.2.1"}, {"TXT": "v=spf1 ip4:192.0.2.7 -all"}]}
    port, end = list[int](), threading.Event()
    ready = threading.Event()

    async def serve() -> None:
        async with name_server(ZoneLookup(zone)) as (_, address):
            port.append(address.port)
            ready.set()
            await asyncio.to_thread(end.wait)

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    assert ready.wait(10)
    yield port[0]
    end.set()
    thread.join()


def test_a_domain_is_told_in_words_and_by_the_status(run: Any, name_server_port: int) -> None:
    origin = f"{{ resolvers: ['127.0.0.1:{name_server_port}'] }}"
    fine = run("mail", "check", "example.test", "--from", "192.0.2.7", origin=origin)
    assert fine.exit_code == 0, fine.output
    assert "good    SPF       192.0.2.7 may send for example.test" in fine.stdout
    assert "doubt   DKIM      we do not sign mail of example.test" in fine.stdout
    assert 'write: _dmarc.example.test. IN TXT "v=DMARC1; p=none' in fine.stdout
    wrong = run("mail", "check", "example.test", "--from", "192.0.2.8", origin=origin)
    assert wrong.exit_code == 1
    assert "add ip4:192.0.2.8" in wrong.stdout


MAILBOX = "{ support: { address: support@example.test, imap: 127.0.0.1:9, imap_tls: none } }"


def test_connecting_a_mailbox_says_what_to_do_and_tries_it(run: Any, tmp_path: Path) -> None:
    secret = tmp_path / "data" / "secrets" / "mail_support"
    secret.parent.mkdir(parents=True, mode=0o700)
    secret.touch(mode=0o600)
    secret.write_text("a password")

    connected = run("mail", "connect", "support", mailboxes=MAILBOX)
    checked = run("mail", "check", mailboxes=MAILBOX)

    assert "Make an app password for the mailbox at its provider" in connected.stderr
    assert connected.stdout == checked.stdout == "unknown support   the IMAP server: [Errno 111] Connection refused\n"
    assert connected.exit_code == checked.exit_code == 1


def test_a_mailbox_that_there_is_not_is_named_with_one_that_is_near(run: Any) -> None:
    with pytest.raises(Misconfigured, match="has no suport: did you mean support"):
        run("mail", "connect", "suport", mailboxes=MAILBOX, catch=False)
