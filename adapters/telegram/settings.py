"""The section `channels.telegram` of the configuration: bots by name.

    telegram:
      support:
        receive: webhook
        address: https://desk.example.com
        username: ExampleSupportBot
        groups: mentions

Secrets are not among it. `telegram_<bot>` is the token that @BotFather gave; `telegram_<bot>_webhook` is ours: Telegram
sends it back with every update, and it is what makes a post Telegram's.
"""

import re
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, ConfigDict, Field, RootModel, model_validator

from ...config.fields import FieldName, Name, matching
from ...config.secret_store import Secret
from ...config.section import Section, wrong
from ...config.vendor_settings import ApiUrl, before_our_paths
from ...config.vendor_templates import ChoiceTemplates

CHANNEL = "telegram"
_WEBHOOK = "_webhook"
_BASE = re.compile(r"https://[A-Za-z0-9.\[\]:-]+(/[A-Za-z0-9._~/-]*)?\Z")
TOKEN = re.compile(r"[0-9]{1,20}:[A-Za-z0-9_-]{3,200}\Z")
"""Its id, a colon, and what only its owner knows."""
SECRET_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,256}\Z")
"""What Telegram takes as such (Bot API, setWebhook)."""
# As they stand in the documentation of the Bot API and of BotFather.
_EXAMPLES = ("123456:ABC-DEF", "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw", "4839574812:AAFD39kkdpWt3yw")


def _public(value: str) -> str:
    if not _BASE.match(value):
        raise wrong("an address such as https://desk.example.com", "Telegram posts to nothing but https")
    return value.rstrip("/")


Public = Annotated[str, AfterValidator(_public), AfterValidator(before_our_paths)]
Username = Annotated[
    str, AfterValidator(matching("[A-Za-z][A-Za-z0-9_]{3,31}", "the name of the bot without @, such as ExampleBot"))
]


class BotSettings(Section):
    """One bot."""

    receive: Literal["webhook", "poll"] = Field(
        default="webhook",
        description="Whether Telegram posts to us, by HTTPS, or we ask it for what there is.",
    )
    address: Public | None = Field(
        default=None,
        description="Where the world reaches this gateway; Telegram is told to post there when we start. Left out, "
        "somebody else tells it.",
    )
    username: Username | None = Field(
        default=None, description="The bot's name without @; with it a message in a group that mentions it is known."
    )
    groups: Literal["mentions", "all", "off"] = Field(
        default="mentions",
        description="What is taken of groups: messages that mention the bot, command it or reply to it; all; none.",
    )
    channel_posts: bool = Field(default=True, description="Whether posts in channels that the bot is in are taken.")
    start_field: FieldName | None = Field(
        default=None,
        description="The field of the ticket or the customer that gets what a link such as t.me/ExampleBot?start=ad7 "
        "brings along.",
    )
    templates: ChoiceTemplates = Field(
        default_factory=dict,
        description="Texts that are kept ready for the customers of the bot, with buttons that answer them.",
    )
    api: ApiUrl = Field(
        default="https://api.telegram.org", description="Where the Bot API is; another one for a server of your own."
    )

    @model_validator(mode="after")
    def _consistent(self) -> "BotSettings":
        if self.receive == "poll" and self.address is not None:
            raise wrong("no address where receive is poll", "one of the two is meant")
        return self


def _named(bots: Mapping[str, BotSettings]) -> Mapping[str, BotSettings]:
    for name in bots:
        if name.endswith(_WEBHOOK):
            raise wrong(f"a name that does not end with {_WEBHOOK}", "its token would be another bot's secret")
    return bots


class TelegramSettings(RootModel[Mapping[Name, BotSettings]]):
    """Telegram: bots by name."""

    model_config = ConfigDict(frozen=True)

    root: Annotated[Mapping[Name, BotSettings], AfterValidator(_named)] = Field(description="The bots, by name.")


def bot_token(bot: str) -> Secret:
    """The token of a bot."""
    return Secret(f"{CHANNEL}_{bot}", make=None, origin="@BotFather gives it with /newbot, and again with /token")


def webhook_secret(bot: str) -> Secret:
    """What Telegram sends along with every update of a bot that is posted to us."""
    loss = "Telegram is told of the new one at the next start where `address` is set; else tell it with setWebhook"
    return Secret(f"{CHANNEL}_{bot}{_WEBHOOK}", loss=loss)


def is_example(text: str) -> bool:
    """Whether it is a token that stands in documentation."""
    return text.startswith(_EXAMPLES)


def bot_id(token: str) -> int:
    """The id of the bot, which its token begins with; 0 where it is none."""
    head = token.partition(":")[0]
    return int(head) if head.isascii() and head.isdigit() else 0
