"""A restored desk has the secrets it had, or says which ones it has lost and makes up none without being told."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from trunkline.adapters.mail.card import REPLY_TOKEN
from trunkline.config.errors import Misconfigured
from trunkline.config.sealed_secrets import seal
from trunkline.config.secret_store import variable
from trunkline.gateway.channels import needed_secrets
from trunkline.gateway.command.main import app
from trunkline.gateway.command.secrets_in_backups import packed
from trunkline.gateway.configuration import BUILT_IN, Configuration, configure
from trunkline.gateway.process import prepare
from trunkline.queue.backup import AOF_MANIFEST, SEALED, back_up
from trunkline.queue.blobs import Blobs
from trunkline.queue.connection import Engine
from trunkline.queue.recognition import Recognition

PASSPHRASE = {"TRUNKLINE_SECRET_BACKUP_PASSPHRASE": "correct horse battery"}


class Desks:
    """The desk that is backed up, and the one that a backup is restored into."""

    def __init__(self, folder: Path, store: Blobs) -> None:
        self.folder = folder
        self.store = store
        self.old = self.at("old")
        self.old.secrets.require(needed_secrets(self.old.settings))
        self.backup = folder / "backup"

    def at(self, name: str, **environ: str) -> Configuration:
        """The example on a data folder of this name."""
        return configure(BUILT_IN, {"TRUNKLINE_DATA": str(self.folder / name), **environ})

    async def back_up(self, **environ: str) -> None:
        """Back up the old desk as the command does."""
        await back_up(self.store.engine, self.store.files, self.backup, packed(self.at("old", **environ)).secrecy)

    async def restore(self, *words: str, **environ: str) -> Result:
        """`trunkline restore` into the new desk."""
        arguments = ["restore", str(self.backup), "--config", str(BUILT_IN), *words]
        variables: Mapping[str, str | None] = {"TRUNKLINE_DATA": str(self.folder / "new"), **environ}
        return await asyncio.to_thread(CliRunner().invoke, app, arguments, env=variables)

    @property
    def names(self) -> set[str]:
        """What the desk needs."""
        return {secret.name for secret in needed_secrets(self.old.settings)}

    def had(self) -> dict[str, str]:
        """What the old desk had."""
        return self.old.secrets.gathered(needed_secrets(self.old.settings))


@pytest.fixture
async def desks(engine: Engine, tmp_path: Path) -> AsyncIterator[Desks]:
    store = Blobs(tmp_path / "data" / "blobs", engine)
    await store.start()
    await Recognition(engine, store.files).start()
    yield Desks(tmp_path, store)
    await store.stop()


async def test_with_the_passphrase_they_go_along_sealed_and_come_back(desks: Desks) -> None:
    await desks.back_up(**PASSPHRASE)
    written = b"".join(file.read_bytes() for file in desks.backup.rglob("*") if file.is_file())
    assert not any(value.encode() in written for value in desks.had().values())
    back = await desks.restore(**PASSPHRASE)
    assert (back.exit_code, back.stderr) == (0, "")
    new = desks.at("new")
    prepare(new)
    assert new.secrets.gathered(needed_secrets(new.settings)) == desks.had()
    assert not (new.folder.root / SEALED).exists()


async def test_without_the_passphrase_sealed_ones_are_not_passed_over_in_silence(desks: Desks) -> None:
    await desks.back_up(**PASSPHRASE)
    refused = await desks.restore()
    assert isinstance(refused.exception, Misconfigured)
    assert variable("backup_passphrase") in refused.exception.detail
    wrong = await desks.restore(TRUNKLINE_SECRET_BACKUP_PASSPHRASE="another passphrase")
    assert isinstance(wrong.exception, Misconfigured)
    assert not (desks.folder / "new").exists()


async def test_what_did_not_go_along_is_named_and_the_start_is_refused_until_it_is_there(desks: Desks) -> None:
    await desks.back_up()
    back = await desks.restore()
    assert back.exit_code == 0
    assert all(f"LOST {name}: " in back.stderr for name in desks.names)
    assert REPLY_TOKEN.loss in back.stderr
    with pytest.raises(Misconfigured) as caught:
        prepare(desks.at("new"))
    assert all(variable(name) in str(caught.value) for name in desks.names)
    had = {variable(name): value for name, value in desks.had().items()}
    prepare(desks.at("new", **had))


@pytest.mark.parametrize("words", [["--new-secrets"], []])
async def test_new_ones_are_made_up_when_a_person_says_so(desks: Desks, words: list[str]) -> None:
    await desks.back_up(**(PASSPHRASE if words else {}))
    back = await desks.restore(*words)
    assert (back.exit_code, back.stderr.count("LOST ")) == (0, len(desks.names))
    new = desks.at("new")
    new.secrets.lost_list.unlink(missing_ok=bool(words))
    prepare(new)
    assert new.secrets.get(REPLY_TOKEN) != desks.had()["reply_token"]


async def test_secrets_that_are_put_beside_before_stay_and_are_not_lost(desks: Desks) -> None:
    await desks.back_up()
    desks.at("new").secrets.keep({"reply_token": "as it was", "backup_passphrase": "correct horse battery"})
    back = await desks.restore()
    assert (back.exit_code, "LOST reply_token" in back.stderr) == (0, False)
    assert desks.at("new").secrets.get(REPLY_TOKEN) == "as it was"


async def test_a_backup_of_an_earlier_trunkline_has_lost_all_that_the_desk_would_make_up(desks: Desks) -> None:
    await desks.back_up()
    manifest = desks.backup / "manifest.json"
    said = json.loads(manifest.read_bytes())
    del said["secrets"]
    manifest.write_text(json.dumps(said))
    assert (await desks.restore()).stderr.count("LOST ") == len(desks.names)


async def test_secrets_that_the_command_does_not_see_are_named(desks: Desks) -> None:
    (desks.folder / "old" / "secrets" / "reply_token").unlink()
    assert packed(desks.at("old", **PASSPHRASE)).left_behind == ["reply_token"]
    assert packed(desks.at("old", **PASSPHRASE, TRUNKLINE_SECRET_REPLY_TOKEN="x")).left_behind == []
    assert set(packed(desks.at("old")).left_behind) == desks.names


async def test_what_is_lost_is_listed_before_anything_is_there_that_a_start_takes_up(
    desks: Desks, monkeypatch: pytest.MonkeyPatch
) -> None:
    await desks.back_up()
    lost, copied = desks.at("new").secrets.lost_list, set[str]()

    def broken(source: Path, target: Path) -> str:
        if target.name == AOF_MANIFEST.name:
            assert lost.exists()
            copied.update(file.name for file in (desks.folder / "new").rglob("*") if file.is_file())
            raise OSError("the disk is full")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(source.read_bytes())
        return ""

    monkeypatch.setattr("trunkline.queue.backup.copy_synced", broken)
    assert "the disk is full" in str((await desks.restore()).exception)
    assert {"home", "format", "appendonly.aof.1.base.rdb", lost.name} <= copied
    assert list((desks.folder / "new").iterdir()) == []


async def test_sealed_secrets_that_were_exchanged_are_noticed_by_the_hashes(desks: Desks) -> None:
    await desks.back_up(**PASSPHRASE)
    (desks.backup / SEALED).write_bytes(seal({"reply_token": "another"}, *PASSPHRASE.values()))
    assert "damaged" in str((await desks.restore(**PASSPHRASE)).exception)
    assert not (desks.folder / "new").exists()
