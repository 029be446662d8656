"""Whether secrets look as their vendors give them, and whether two accounts have the same one; none is told.

A secret that is not there is no matter here: that is told by whoever needs it (`Secrets.lacking`).
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain

from ..config.errors import Misconfigured
from ..config.problems import Problem, misconfigured
from ..config.secret_store import Secret, Secrets

HEX32 = re.compile(r"[0-9a-f]{32}\Z")

_KNOWN = re.compile(r"(?:xox[a-z]-|xapp-|whsec_|Bearer |Basic |bot|AC|SK|EAA)")  # public beginnings of secrets
_QUOTES = "\"'"


def outline(text: str) -> str:
    """What was found in the place of a secret: how long it is, and what is plainly wrong with it, but no secret."""
    told = [f"{len(text)} characters"]
    if text[:1] in _QUOTES and text[-1:] == text[:1]:
        told.append("in quotes, which count")
    elif "=" in text[:-2].rstrip("=") and text.partition("=")[0].isupper():
        told.append("with a name and = before them")
    elif any(each.isspace() for each in text):
        told.append("with blanks or line breaks among them")
    elif begins := _KNOWN.match(text):
        told.append(f"that begin with {begins[0].strip()}")
    return " ".join(told)


def misshapen(secrets: Secrets, secret: Secret, shape: re.Pattern[str], expected: str) -> Sequence[Problem]:
    """The problem of a secret that is there and has not this shape. Raises Misconfigured for an unreadable one."""
    found = secrets.find(secret)
    if not found or shape.match(found):
        return []
    return [Problem(secrets.position(secret), outline(found), expected, secret.origin)]


def shared(secrets: Secrets, of: Mapping[str, Secret], what: str) -> Sequence[Problem]:
    """The problems of accounts, by name, of which a later one has the secret of an earlier one."""
    first, problems = dict[str, str](), list[Problem]()
    for name, secret in of.items():
        found = secrets.find(secret)
        if found and (other := first.setdefault(found, name)) != name:
            remedy = f"each needs one of its own: {secret.origin}"
            problems.append(
                Problem(secrets.position(secret), f"{what} of {other}", f"another than {other} has", remedy)
            )
    return problems


def unusable_keys(secrets: Secrets, secret: Secret) -> Sequence[Problem]:
    """The problem of a secret that should be one or two signing secrets of Standard Webhooks."""
    from ..web.webhook_signing import keys_of  # noqa: PLC0415  (a card is light)

    try:
        if found := secrets.find(secret):
            keys_of(found)
    except Misconfigured as error:
        if "problems" in error.facts:
            raise
        return [Problem(secrets.position(secret), outline(found), error.detail, secret.origin)]
    return []


def demand(*problems: Iterable[Problem]) -> None:
    """Raise Misconfigured with all of them, if there are any."""
    if found := list(chain(*problems)):
        raise misconfigured(found)
