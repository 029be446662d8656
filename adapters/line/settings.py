"""The section `channels.line` of the configuration: LINE official accounts by name.

    line:
      shop: { address: https://desk.example.com }
      support: { groups: mentioned }

Secrets are not among it: what LINE calls the channel secret is the secret `line_<account>`, its channel access token
(long-lived) is `line_<account>_token`.
"""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, ConfigDict, Field, RootModel

from ...config.fields import Name
from ...config.secret_store import Secret
from ...config.section import Section, wrong
from ...config.vendor_settings import ApiUrl, GatewayUrl

Groups = Literal["all", "mentioned", "none"]

_TOKEN = "_token"  # noqa: S105  (the end of its name)
_CONSOLE = "see the LINE Developers Console, the channel of the account"


class LineAccountSettings(Section):
    """One official account."""

    groups: Groups = Field(
        default="all",
        description="What becomes a ticket of what is written in groups and rooms that the account was invited to: all "
        "of it, what mentions the account, or none.",
    )
    address: GatewayUrl | None = Field(
        default=None,
        description="Where the world reaches this gateway, such as https://desk.example.com. LINE fetches pictures, "
        "films and sounds of answers there; without it none can be sent.",
    )
    api: ApiUrl = Field(default="https://api.line.me", description="Where LINE's API is.")
    data_api: ApiUrl = Field(default="https://api-data.line.me", description="Where LINE gives out files.")


def _named(accounts: Mapping[str, LineAccountSettings]) -> Mapping[str, LineAccountSettings]:
    if taken := [name for name in accounts if name.endswith(_TOKEN) and name.removesuffix(_TOKEN) in accounts]:
        raise wrong(f"another name than {taken[0]}", "its secret would be the access token of the other account")
    return accounts


class LineSettings(RootModel[Mapping[Name, LineAccountSettings]]):
    """LINE: official accounts by name."""

    model_config = ConfigDict(frozen=True)

    root: Annotated[Mapping[Name, LineAccountSettings], AfterValidator(_named)] = Field(
        description="The accounts, by name."
    )


def channel_secret(account: str) -> Secret:
    """What LINE signs its posts with."""
    return Secret(f"line_{account}", make=None, origin=f"{_CONSOLE}, Basic settings, Channel secret")


def access_token(account: str) -> Secret:
    """What our requests to LINE show."""
    return Secret(
        f"line_{account}{_TOKEN}", make=None, origin=f"{_CONSOLE}, Messaging API, Channel access token (long-lived)"
    )
