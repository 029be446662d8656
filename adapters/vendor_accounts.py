"""The accounts of a channel by name, and what becomes of what is for one that the configuration does not name any more.

An answer waits until the account is back, a file that was not fetched yet is missing.
"""

from collections.abc import Mapping
from typing import TypeVar

from ..config.errors import DeliveryDeferred, DeliveryFailed

Account = TypeVar("Account")


class VendorAccounts(dict[str, Account]):
    """Accounts; `called` is what people call one: LINE account."""

    def __init__(self, called: str, accounts: Mapping[str, Account]) -> None:
        super().__init__(accounts)
        self._called = called

    def sending(self, name: str) -> Account:
        """The one from which an answer leaves, or is looked for. Raises DeliveryDeferred."""
        if name not in self:
            raise DeliveryDeferred(f"no {self._called} {name!r} is configured")
        return self[name]

    def fetching(self, name: str) -> Account:
        """The one whose file is fetched. Raises DeliveryFailed."""
        if name not in self:
            raise DeliveryFailed(f"the {self._called} {name} is not configured any more")
        return self[name]
