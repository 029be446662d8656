"""The section `channels.meta` of the configuration: pages, Instagram accounts and WhatsApp numbers, by name.

    meta:
      shop: { product: messenger, id: "104211223344556" }
      shop_instagram: { product: instagram, id: "17841400000000001", app: shop }
      shop_whatsapp: { product: whatsapp, id: "106540352242922", app: shop }

Secrets are not among it: the app secret is `meta_<account>`, the verify token, which we choose,
`meta_<account>_verify`, and the access token `meta_<account>_token`. Accounts of one Meta app name in `app` the account
whose first two are theirs as well: an app has one address for what it posts, and Meta says in each event which account
it is about.
"""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, ConfigDict, Field, RootModel
from yarl import URL

from ...config.fields import Name
from ...config.secret_store import Secret
from ...config.section import Section, wrong
from ...config.vendor_settings import ApiUrl, GatewayUrl
from ...config.vendor_templates import Templates

CHANNEL = "meta"

Product = Literal["messenger", "instagram", "whatsapp"]

INSTAGRAM_LOGIN = "graph.instagram.com"

_TOKEN, _VERIFY = "_token", "_verify"
_DASHBOARD = "see the App Dashboard at developers.facebook.com"


class MetaAccountSettings(Section):
    """One page, Instagram account or WhatsApp number."""

    product: Product = Field(description="What of Meta it is: messenger, instagram or whatsapp.")
    id: str = Field(
        pattern=r"^[0-9]{1,30}$",
        description="Meta's id of it: of the page, of the Instagram professional account, or of the phone number "
        "(which is not the number itself).",
    )
    app: Name | None = Field(
        default=None,
        description="The account whose app secret and verify token it shares, when both belong to one Meta app; left "
        "out: it has its own.",
    )
    standby: Literal["suspend", "ignore"] = Field(
        default="suspend",
        description="What becomes of messages while another app has the conversation: they wait for somebody to "
        "release them, or are passed over.",
    )
    human_agent: bool = Field(
        default=False,
        description="The app has the permission Human Agent: agents may answer for seven days instead of 24 hours. Not "
        "on WhatsApp.",
    )
    templates: Templates = Field(
        default_factory=dict,
        description="Templates that WhatsApp has approved for the number, which reach customers when the window of 24 "
        "hours for free answers is shut; `vendor` is the template's name at Meta.",
    )
    mark_seen: bool = Field(default=True, description="An agent's answer marks as read what the customer wrote.")
    api: ApiUrl = Field(
        default="https://graph.facebook.com",
        description="Where the Graph API is; https://graph.instagram.com for an Instagram account that was connected "
        "with Instagram Login.",
    )
    address: GatewayUrl | None = Field(
        default=None,
        description="Where the world reaches this gateway, such as https://desk.example.com. Needed only for files "
        "from an account that was connected with Instagram Login, which Meta fetches there.",
    )
    version: str = Field(
        default="v24.0",
        pattern=r"^v[1-9][0-9]{0,2}\.[0-9]$",
        description="The version of the Graph API; Meta drops each after about two years.",
    )

    @property
    def proves_secret(self) -> bool:
        """Whether requests show `appsecret_proof`, which Instagram Login does not know."""
        return URL(self.api).host != INSTAGRAM_LOGIN

    @property
    def takes_uploads(self) -> bool:
        """Whether files can be left at Meta; with Instagram Login Meta fetches them from an address."""
        return self.proves_secret


def _checked(accounts: Mapping[str, MetaAccountSettings]) -> Mapping[str, MetaAccountSettings]:
    for name, account in accounts.items():
        for end in (_TOKEN, _VERIFY):
            if name.endswith(end) and name.removesuffix(end) in accounts:
                raise wrong(f"another name than {name}", "its secret would be one of the other account")
        owner = accounts.get(account.app) if account.app else account
        if owner is None or (owner is not account and owner.app):
            told = f"an account that has an app of its own, instead of {account.app}, as the app of {name}"
            raise wrong(told, "name the one whose app secret and verify token it shares")
        if account.human_agent and account.product == "whatsapp":
            raise wrong(f"{name} without human_agent", "WhatsApp knows no such permission; use templates")
        if account.templates and account.product != "whatsapp":
            raise wrong(f"{name} without templates", "only WhatsApp has such")
    ids = [(account.product, account.id) for account in accounts.values()]
    if twice := next((each for each in ids if ids.count(each) > 1), None):
        raise wrong(f"the id {twice[1]} once", "two accounts cannot be the same one of Meta")
    return accounts


class MetaSettings(RootModel[Mapping[Name, MetaAccountSettings]]):
    """Messenger, Instagram and WhatsApp: accounts by name."""

    model_config = ConfigDict(frozen=True)

    root: Annotated[Mapping[Name, MetaAccountSettings], AfterValidator(_checked)] = Field(
        description="The accounts, by name."
    )

    def app_of(self, account: str) -> str:
        """The account whose app secret and verify token it shares: its own, where it names none."""
        return self.root[account].app or account

    def account_of(self, product: Product, id_: str) -> str:
        """The account that has this id; empty where none has."""
        return next((name for name, each in self.root.items() if (each.product, each.id) == (product, id_)), "")


def app_secret(account: str) -> Secret:
    """What Meta signs its posts with."""
    return Secret(f"meta_{account}", make=None, origin=f"{_DASHBOARD}, App settings, Basic, App secret")


def verify_token(account: str) -> Secret:
    """What Meta shows when the webhook is set up there."""
    return Secret(f"meta_{account}{_VERIFY}", loss="it has to be entered at Meta, beside the callback URL")


def access_token(account: str) -> Secret:
    """What our requests to Meta show."""
    return Secret(
        f"meta_{account}{_TOKEN}",
        make=None,
        origin=f"{_DASHBOARD}: a token of the page, or of a system user for WhatsApp, that does not expire",
    )
