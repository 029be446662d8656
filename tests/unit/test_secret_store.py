"""Secrets come from the environment, from files of their own, or are made up once while nobody else can reach us."""

import base64
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from trunkline.adapters.http_source.settings import signing_secret
from trunkline.config.errors import Misconfigured
from trunkline.config.secret_store import ADMIN_TOKEN, Secret, Secrets

REPLY, PASSWORD = Secret("reply_token"), Secret("mail_smarthost", make=None)


def _secrets(folder: Path, *, generate: bool = True, **environ: str) -> Secrets:
    return Secrets(folder / "secrets", environ, generate)


def test_the_environment_goes_before_the_file(tmp_path: Path) -> None:
    made = _secrets(tmp_path).get(REPLY)
    assert _secrets(tmp_path, TRUNKLINE_SECRET_REPLY_TOKEN="from outside").get(REPLY) == "from outside"
    assert _secrets(tmp_path).get(REPLY) == made


def test_an_empty_variable_counts_as_unset(tmp_path: Path) -> None:
    assert _secrets(tmp_path, TRUNKLINE_SECRET_REPLY_TOKEN=" ").get(REPLY) != ""


def test_a_generated_secret_is_kept_for_its_owner_alone(tmp_path: Path) -> None:
    previous = os.umask(0)
    try:
        made = _secrets(tmp_path).get(REPLY)
    finally:
        os.umask(previous)
    path = tmp_path / "secrets" / "reply_token"
    assert path.read_text().strip() == made
    assert len(made) >= 40
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [each.name for each in path.parent.iterdir()] == ["reply_token"]


def test_many_processes_that_start_at_once_agree_on_one_secret(tmp_path: Path) -> None:
    with ThreadPoolExecutor(16) as pool:
        made = set(pool.map(lambda _: _secrets(tmp_path).get(REPLY), range(64)))
    assert len(made) == 1


def test_the_secret_of_an_http_source_is_one_of_standard_webhooks(tmp_path: Path) -> None:
    secret = _secrets(tmp_path).get(signing_secret("web-form"))
    assert secret.startswith("whsec_")
    assert len(base64.b64decode(secret.removeprefix("whsec_"), validate=True)) == 32
    assert (tmp_path / "secrets" / "http_web-form").exists()
    assert _secrets(tmp_path, TRUNKLINE_SECRET_HTTP_WEB_FORM="whsec_x").get(signing_secret("web-form")) == "whsec_x"


def test_the_admin_token_has_a_variable_of_its_own(tmp_path: Path) -> None:
    assert _secrets(tmp_path, TRUNKLINE_ADMIN_TOKEN="t").admin_token() == "t"
    made = _secrets(tmp_path).admin_token()
    assert (tmp_path / "secrets" / "admin_token").read_text().strip() == made


def test_a_missing_secret_is_refused_when_others_can_reach_us(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured) as caught:
        _secrets(tmp_path, generate=False).get(Secret("http_form"))
    assert str(caught.value) == (
        f"{tmp_path}/secrets/http_form: found no secret, expected the secret http_form; "
        "set TRUNKLINE_SECRET_HTTP_FORM, or write it to that file with mode 0600; "
        "it is made up only while all listeners are loopback"
    )
    assert not (tmp_path / "secrets").exists()


def test_all_missing_secrets_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured) as caught:
        _secrets(tmp_path, generate=False, TRUNKLINE_SECRET_REPLY_TOKEN="x").require(
            [REPLY, Secret("http_a"), ADMIN_TOKEN]
        )
    told = str(caught.value).splitlines()
    assert len(told) == 2
    assert "TRUNKLINE_ADMIN_TOKEN" in told[0]
    assert "TRUNKLINE_SECRET_HTTP_A" in told[1]


def test_required_secrets_are_made_up_when_that_is_allowed(tmp_path: Path) -> None:
    _secrets(tmp_path).require([REPLY, Secret("http_a")])
    assert sorted(each.name for each in (tmp_path / "secrets").iterdir()) == ["http_a", "reply_token"]


def test_a_password_of_somebody_else_is_never_made_up(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="TRUNKLINE_SECRET_MAIL_SMARTHOST"):
        _secrets(tmp_path).get(PASSWORD)
    assert _secrets(tmp_path, TRUNKLINE_SECRET_MAIL_SMARTHOST="pw").get(PASSWORD) == "pw"


def test_a_file_that_others_may_read_is_refused(tmp_path: Path) -> None:
    _secrets(tmp_path).get(REPLY)
    path = tmp_path / "secrets" / "reply_token"
    path.chmod(0o640)
    with pytest.raises(Misconfigured) as caught:
        _secrets(tmp_path).get(REPLY)
    assert str(caught.value) == (
        f"{path}: found a secret that others may read (mode 0640), expected mode 0600; chmod 600 {path}"
    )


def test_an_empty_file_is_refused_and_not_taken_for_a_secret(tmp_path: Path) -> None:
    _secrets(tmp_path).get(REPLY)
    path = tmp_path / "secrets" / "reply_token"
    path.write_text("\n")
    with pytest.raises(Misconfigured, match="found an empty file"):
        _secrets(tmp_path).get(REPLY)


@pytest.mark.parametrize("name", ["../admin_token", "", "a/b", "A", "."])
def test_a_name_cannot_lead_out_of_the_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="not the name of a secret"):
        _secrets(tmp_path).get(Secret(name))


def test_what_a_restored_desk_has_lost_is_not_made_up_until_a_person_says_so(tmp_path: Path) -> None:
    secrets = _secrets(tmp_path)
    secrets.list_lost(["reply_token", "http_a"])
    with pytest.raises(Misconfigured) as caught:
        secrets.require([REPLY, Secret("http_a"), ADMIN_TOKEN])
    told = str(caught.value).splitlines()
    assert len(told) == 2
    assert told[0].startswith(
        f"{tmp_path}/secrets/http_a: found no secret, but the desk that was restored here had one"
    )
    assert f"delete {tmp_path}/lost_secrets" in told[1]
    assert not (tmp_path / "secrets").exists()
    with pytest.raises(Misconfigured, match="restored here had one"):
        secrets.get(REPLY)
    assert _secrets(tmp_path, TRUNKLINE_SECRET_REPLY_TOKEN="as it was").get(REPLY) == "as it was"
    secrets.lost_list.unlink()
    secrets.require([REPLY, Secret("http_a"), ADMIN_TOKEN])


def test_a_secret_that_is_kept_is_private_and_takes_no_place_of_another(tmp_path: Path) -> None:
    secrets = _secrets(tmp_path)
    secrets.keep({"reply_token": "first"})
    secrets.keep({"reply_token": "second", "http_a": "x"})
    assert secrets.gathered([REPLY]) == {"http_a": "x", "reply_token": "first"}
    assert {stat.S_IMODE(each.stat().st_mode) for each in (tmp_path / "secrets").iterdir()} == {0o600}


def test_secrets_are_gathered_from_both_places_but_for_the_passphrase(tmp_path: Path) -> None:
    secrets = _secrets(tmp_path, TRUNKLINE_SECRET_HTTP_A="outside", TRUNKLINE_SECRET_BACKUP_PASSPHRASE="p")
    secrets.keep({"reply_token": "inside", "chat_of_before": "old", "backup_passphrase": "p"})
    assert secrets.gathered([REPLY, PASSWORD, Secret("http_a")]) == {
        "chat_of_before": "old",
        "http_a": "outside",
        "reply_token": "inside",
    }


@pytest.mark.parametrize("name", ["../../elsewhere", "a/b", ""])
def test_a_sealed_name_cannot_lead_out_of_the_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="not the name of a secret"):
        _secrets(tmp_path).keep({name: "x"})
