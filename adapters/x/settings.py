"""The section `channels.x` of the configuration: accounts of X, by name.

    x:
      shop: { id: "1720665183188922368" }
      shop_jobs: { id: "1590231456789012345", app: shop, posts: none }

Secrets are not among it. Of the app there are its API key, the secret `x_<account>_key`, and its API key secret,
`x_<account>`; of the account its access token, `x_<account>_token`, and what goes with it, `x_<account>_token_secret`.
Accounts that gave access to one app name in `app` the account whose first two are theirs as well: an app has few
addresses for what it posts, and X says in each event which account it is about.
"""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, ConfigDict, Field, RootModel

from ...config.fields import Name
from ...config.secret_store import Secret
from ...config.section import Section, wrong
from ...config.vendor_settings import ApiUrl

CHANNEL = "x"

Posts = Literal["all", "addressed", "none"]

_KEY, _TOKEN, _TOKEN_SECRET, _CLIENT = "_key", "_token", "_token_secret", "_client"
_CONSOLE = "see the developer console of X, Keys and tokens of the app"


class XAccountSettings(Section):
    """One account of X."""

    id: str = Field(
        pattern=r"^[0-9]{1,20}$",
        description="X's id of the account, a number, which stays when its @name changes; the access token begins "
        "with it.",
    )
    app: Name | None = Field(
        default=None,
        description="The account whose API key and secret it shares, when both gave access to one app; left out: it "
        "has its own.",
    )
    posts: Posts = Field(
        default="all",
        description="Which public posts become tickets: all that mention the account, answer or quote it; only those "
        "`addressed` to it, without what somebody answers somebody else in a thread that names it; or none.",
    )
    signed_by: Literal["api_key", "client"] = Field(
        default="api_key",
        description="With which secret of the app X signs what it posts: the API key secret, or the OAuth 2.0 client "
        "secret, where the app has one and X wants it (then it is the secret x_<account>_client).",
    )
    api: ApiUrl = Field(default="https://api.x.com", description="Where the API of X is.")


def _checked(accounts: Mapping[str, XAccountSettings]) -> Mapping[str, XAccountSettings]:
    for name, account in accounts.items():
        for end in (_KEY, _TOKEN, _TOKEN_SECRET, _CLIENT):
            if name.endswith(end) and name.removesuffix(end) in accounts:
                raise wrong(f"another name than {name}", "its secret would be one of the other account")
        owner = accounts.get(account.app) if account.app else account
        if owner is None or (owner is not account and owner.app):
            told = f"an account that has an app of its own, instead of {account.app}, as the app of {name}"
            raise wrong(told, "name the one whose API key and secret it shares")
        if account.app and account.signed_by != "api_key":
            raise wrong(f"{name} without signed_by", f"it is the app of {account.app} that X signs for")
    ids = [account.id for account in accounts.values()]
    if twice := next((each for each in ids if ids.count(each) > 1), None):
        raise wrong(f"the id {twice} once", "two accounts cannot be the same one of X")
    return accounts


class XSettings(RootModel[Mapping[Name, XAccountSettings]]):
    """X: accounts by name."""

    model_config = ConfigDict(frozen=True)

    root: Annotated[Mapping[Name, XAccountSettings], AfterValidator(_checked)] = Field(
        description="The accounts, by name."
    )

    def app_of(self, account: str) -> str:
        """The account whose API key and secret it shares: its own, where it names none."""
        return self.root[account].app or account

    def account_of(self, id_: str) -> str:
        """The account that has this id; empty where none has."""
        return next((name for name, each in self.root.items() if each.id == id_), "")

    def signing_secret(self, account: str) -> Secret:
        """What X signs with what it posts for the app of an account."""
        app = self.app_of(account)
        return client_secret(app) if self.root[app].signed_by == "client" else api_key_secret(app)


def api_key(app: str) -> Secret:
    """By what X knows the app."""
    return Secret(f"x_{app}{_KEY}", make=None, origin=f"{_CONSOLE}: API key (consumer key)")


def api_key_secret(app: str) -> Secret:
    """What goes with the API key."""
    return Secret(f"x_{app}", make=None, origin=f"{_CONSOLE}: API key secret (consumer secret)")


def client_secret(app: str) -> Secret:
    """The app's secret for OAuth 2.0."""
    return Secret(f"x_{app}{_CLIENT}", make=None, origin=f"{_CONSOLE}: OAuth 2.0 client secret")


def access_token(account: str) -> Secret:
    """By what X knows that the account lets the app in."""
    return Secret(f"x_{account}{_TOKEN}", make=None, origin=f"{_CONSOLE}: access token, with direct messages")


def token_secret(account: str) -> Secret:
    """What goes with the access token."""
    return Secret(f"x_{account}{_TOKEN_SECRET}", make=None, origin=f"{_CONSOLE}: access token secret")
