"""What a vendor says of an account when it is asked whether all is as it should be: `trunkline channels check`.

Each channel that has a vendor asks it in a module of its own (`asking.py`), with the client by which it sends. Nothing
is changed at the vendor by asking, and no finding has a secret in it.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Literal, NamedTuple

from ..config.errors import CredentialsRefused, Misconfigured, TrunklineError

Level = Literal["good", "wrong", "unknown", "look"]


class Finding(NamedTuple):
    """One thing that was looked at; `remedy` says what to do.

    *unknown*: the vendor gave no answer; *look*: it cannot be asked, or need not be so, and a person looks there.
    """

    account: str
    subject: str
    level: Level
    words: str
    remedy: str = ""


async def findings_of(
    account: str, ask: Callable[[], Awaitable[Sequence[Finding]]], *, remedy: str
) -> Sequence[Finding]:
    """What `ask` finds; what keeps it from asking is a finding too. `remedy` is for credentials that are refused."""
    try:
        return await ask()
    except CredentialsRefused as error:
        return [Finding(account, "credentials", "wrong", error.detail, remedy)]
    except Misconfigured as error:
        return [Finding(account, "secret", "wrong", error.detail)]
    except TrunklineError as error:
        return [Finding(account, "reached", "unknown", error.detail, "try again; is the setting `api` right?")]
