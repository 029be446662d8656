"""The section `channels.wechat` of the configuration: WeChat official accounts by name.

    wechat:
      shop: { app_id: wxba5fad812f8e6fb9 }
      school: { app_id: wx2c2769f8efd9abc2, encrypted: false }

Secrets are not among it: the AppSecret is `wechat_<account>`; the Token, which we choose, `wechat_<account>_token`; the
EncodingAESKey, which we choose too, `wechat_<account>_key`.
"""

import re
import secrets
import string
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, ConfigDict, Field, RootModel

from ...config.fields import Name
from ...config.secret_store import Secret
from ...config.section import Section, wrong
from ...config.vendor_settings import ApiUrl

CHANNEL = "wechat"

Clicks = Literal["all", "none"]

TOKEN_LETTERS, KEY_LETTERS = 32, 43
TOKEN_SHAPE = re.compile(r"[0-9A-Za-z]{3,32}\Z")
KEY_SHAPE = re.compile(r"[0-9A-Za-z]{43}\Z")

_TOKEN, _KEY = "_token", "_key"  # the ends of their names
_PLATFORM = "the WeChat developer platform (developers.weixin.qq.com/platform), the account"
_ENTERED = "it has to be entered at WeChat, beside the server address"
_LETTERS = string.ascii_letters + string.digits


class WechatAccountSettings(Section):
    """One official account."""

    app_id: str = Field(
        pattern=r"^wx[0-9A-Za-z]{4,30}$", description="The AppID of the account, such as wxba5fad812f8e6fb9."
    )
    encrypted: bool = Field(
        default=True,
        description="WeChat encrypts what it posts: its safe mode, or its compatible mode, of which only the encrypted "
        "half is read. False is for its plain mode, in which what is posted is not signed, only the address of it is.",
    )
    clicks: Clicks = Field(
        default="all",
        description="Whether buttons of the account's menu that send their key, and codes that are scanned from it, "
        "become messages: all of them or none.",
    )
    api: ApiUrl = Field(default="https://api.weixin.qq.com", description="Where WeChat's API is.")


def _named(accounts: Mapping[str, WechatAccountSettings]) -> Mapping[str, WechatAccountSettings]:
    for name in accounts:
        for end in (_TOKEN, _KEY):
            if name.endswith(end) and name.removesuffix(end) in accounts:
                raise wrong(f"another name than {name}", "its secret would be one of the other account")
    ids = [account.app_id for account in accounts.values()]
    if twice := next((each for each in ids if ids.count(each) > 1), None):
        raise wrong(f"the app_id {twice} once", "WeChat posts what an account gets to one address")
    return accounts


class WechatSettings(RootModel[Mapping[Name, WechatAccountSettings]]):
    """WeChat: official accounts by name."""

    model_config = ConfigDict(frozen=True)

    root: Annotated[Mapping[Name, WechatAccountSettings], AfterValidator(_named)] = Field(
        description="The accounts, by name."
    )


def app_secret(account: str) -> Secret:
    """What access tokens are had by."""
    return Secret(f"{CHANNEL}_{account}", make=None, origin=f"see {_PLATFORM}, AppSecret")


def signing_token(account: str) -> Secret:
    """What WeChat signs its posts with."""
    return Secret(f"{CHANNEL}_{account}{_TOKEN}", make=_new_token, loss=_ENTERED)


def encoding_key(account: str) -> Secret:
    """What WeChat encrypts its posts with."""
    return Secret(f"{CHANNEL}_{account}{_KEY}", make=_new_key, loss=_ENTERED)


def _new_token() -> str:
    return _made(TOKEN_LETTERS)


def _new_key() -> str:
    return _made(KEY_LETTERS)


def _made(length: int) -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(length))
