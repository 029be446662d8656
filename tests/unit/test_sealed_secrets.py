"""Sealed secrets: only the passphrase opens them, and nothing that was changed is taken."""

import pytest

from trunkline.config.errors import Misconfigured
from trunkline.config.sealed_secrets import SHORTEST, seal, unseal

VALUES = {"reply_token": "abc", "http_form": "whsec_x whsec_y", "chat_web": "ü"}
PASSPHRASE = "correct horse battery"


@pytest.fixture(scope="module")
def sealed() -> bytes:
    return seal(VALUES, PASSPHRASE)


def test_the_passphrase_opens_them(sealed: bytes) -> None:
    assert unseal(sealed, PASSPHRASE) == VALUES
    assert not any(word.encode() in sealed for word in ("reply_token", "whsec", "abc"))


def test_the_same_secrets_are_sealed_otherwise_each_time(sealed: bytes) -> None:
    assert seal(VALUES, PASSPHRASE)[20:48] != sealed[20:48]


@pytest.mark.parametrize("passphrase", ["", "correct horse batterz"])
def test_another_passphrase_does_not(sealed: bytes, passphrase: str) -> None:
    with pytest.raises(Misconfigured, match="does not open"):
        unseal(sealed, passphrase)


@pytest.mark.parametrize("place", [20, 40, 60, -1])
def test_a_changed_byte_is_noticed(sealed: bytes, place: int) -> None:
    changed = bytearray(sealed)
    changed[place] ^= 1
    with pytest.raises(Misconfigured, match="damaged"):
        unseal(bytes(changed), PASSPHRASE)


@pytest.mark.parametrize("length", [0, 10, 20, 30, 48, 55])
def test_a_part_of_it_is_refused(sealed: bytes, length: int) -> None:
    with pytest.raises(Misconfigured):
        unseal(sealed[:length], PASSPHRASE)


def test_a_passphrase_that_can_be_guessed_is_refused() -> None:
    with pytest.raises(Misconfigured, match="at least 12"):
        seal(VALUES, "x" * (SHORTEST - 1))
