"""The key of a Google service account, as Google gives it: a JSON file with a private key in it."""

import json
from collections.abc import Mapping

_TYPE = "service_account"
_NEEDED = ("client_email", "private_key_id", "private_key")


class UnusableAccountError(ValueError):
    """It is none; the words say why, and tell nothing of it."""


def read_account(text: str) -> Mapping[str, str]:
    """Its fields, the private key in PEM among them. Raises UnusableAccountError."""
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        raise UnusableAccountError("text that is no JSON") from None
    if not isinstance(told, dict) or told.get("type", _TYPE) != _TYPE:
        raise UnusableAccountError(f"JSON of the type {_type(told)}")
    if lacking := [name for name in _NEEDED if not isinstance(told.get(name), str) or not told[name]]:
        raise UnusableAccountError(f"JSON without {', '.join(lacking)}")
    _demand_key(told["private_key"])
    return told


def _type(told: object) -> str:
    given = told.get("type") if isinstance(told, dict) else None
    return given[:40] if isinstance(given, str) and given.replace("_", "").isalnum() else "none"


def _demand_key(text: str) -> None:
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415  (settings are read by every command)
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey  # noqa: PLC0415
    from cryptography.hazmat.primitives.serialization import load_pem_private_key  # noqa: PLC0415

    try:
        key = load_pem_private_key(text.encode(), None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise UnusableAccountError("JSON whose private_key is no key in PEM") from None
    if not isinstance(key, RSAPrivateKey):
        raise UnusableAccountError("JSON whose private_key is none of RSA")
