"""A restored desk goes by the ledger of erasures as it is now, wherever that lies; without one nothing is restored."""

from dataclasses import replace
from pathlib import Path

import pytest

from trunkline.config.errors import Misconfigured
from trunkline.gateway.command.ledger_of_backups import bring_ledger
from trunkline.gateway.configuration import BUILT_IN, Configuration, configure
from trunkline.queue.backup import Manifest


@pytest.fixture
def new(tmp_path: Path) -> Configuration:
    return configure(BUILT_IN, {"TRUNKLINE_DATA": str(tmp_path / "new")})


def ledger(folder: Path, *ids: str) -> Path:
    folder.mkdir(parents=True)
    for id_ in ids:
        (folder / f"{id_}.json").write_text(id_)
    return folder


def made_on(erased: Path | str) -> Manifest:
    return Manifest(2, "main", 1, 0, "", erased=str(erased))


def names(configuration: Configuration) -> set[str]:
    return {file.stem for file in configuration.erasure_ledger.iterdir()}


def test_it_is_taken_from_where_the_desk_had_it(new: Configuration, tmp_path: Path) -> None:
    bring_ledger(new, made_on(ledger(tmp_path / "old", "a", "b")), None, unknown=False)
    assert names(new) == {"a", "b"}


def test_a_named_one_comes_before_and_what_is_there_already_stays(new: Configuration, tmp_path: Path) -> None:
    ledger(new.erasure_ledger, "here")
    bring_ledger(new, made_on(ledger(tmp_path / "old", "old")), ledger(tmp_path / "named", "named"), unknown=False)
    assert names(new) == {"here", "named"}


def test_one_that_is_kept_on_another_disk_is_used_there(tmp_path: Path) -> None:
    elsewhere = ledger(tmp_path / "elsewhere", "a")
    new = configure(BUILT_IN, {"TRUNKLINE_DATA": str(tmp_path / "new"), "TRUNKLINE_ERASURE_LEDGER": str(elsewhere)})
    bring_ledger(new, made_on(elsewhere), None, unknown=False)
    assert (names(new), new.folder.root.exists()) == ({"a"}, False)


def test_without_one_it_is_refused_with_the_remedy_unless_a_person_does_without(
    new: Configuration, tmp_path: Path
) -> None:
    lost = made_on(tmp_path / "lost")
    with pytest.raises(Misconfigured, match=r"--erased FOLDER.*--erased-unknown"):
        bring_ledger(new, lost, None, unknown=False)
    with pytest.raises(Misconfigured, match="no folder"):
        bring_ledger(new, lost, tmp_path / "lost", unknown=False)
    bring_ledger(new, lost, None, unknown=True)
    bring_ledger(new, replace(lost, erased=""), None, unknown=False)  # an earlier Trunkline did not say
