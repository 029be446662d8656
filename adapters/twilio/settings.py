"""The section `channels.twilio` of the configuration: accounts of Twilio by name.

    twilio:
      support:
        sid: AC0123456789abcdef0123456789abcdef
        address: https://desk.example.com
        sender: "+15551234567"

One account of Twilio can have several numbers and WhatsApp senders; all of them may post to one account here, and an
answer leaves from the one that the customer wrote to. The secret `twilio_<account>` is the Auth Token, with which
Twilio signs what it posts, and which our requests show.
"""

import re
from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, ConfigDict, Field, RootModel

from ...config.fields import Name, matching
from ...config.secret_store import Secret
from ...config.section import Section, wrong
from ...config.vendor_settings import ApiUrl, GatewayUrl
from ...config.vendor_templates import Templates
from .voice_settings import VoiceSettings

CHANNEL = "twilio"
NOBODY = "AC" + 32 * "0"
"""The SID of an account that is assumed where a recorded post is read and none is configured."""
ADDRESS = re.compile(r"(?:(?P<way>whatsapp|rcs):)?(?P<who>[A-Za-z0-9+_ .-]{1,64})\Z", re.ASCII)
"""How Twilio writes one end of a message: `+15551234567`, `whatsapp:+15551234567`, `rcs:brand_agent`, `ACME`."""

Sid = Annotated[str, AfterValidator(matching("AC[0-9a-f]{32}", "an Account SID: AC and 32 hexadecimal digits"))]
Service = Annotated[
    str, AfterValidator(matching("MG[0-9a-f]{32}", "the SID of a Messaging Service: MG and 32 hexadecimal digits"))
]


_SENDERS = re.compile(
    r"\+[1-9]\d{6,14}\Z"  # E.164
    r"|\d{3,8}\Z"  # a short code
    r"|(?=[^A-Za-z]*[A-Za-z])[A-Za-z0-9 +&_-]{1,11}\Z"  # a name ("Alphanumeric Sender ID")
    r"|whatsapp:\+[1-9]\d{6,14}\Z"
    r"|rcs:[A-Za-z0-9_.-]{1,64}\Z",
    re.ASCII,
)


def _sender(value: str) -> str:
    if not _SENDERS.match(value):
        remedy = "a number begins with + and its country, without blanks, brackets and hyphens"
        raise wrong('a sender as Twilio writes it: "+15551234567", "whatsapp:+15551234567", "rcs:brand_agent"', remedy)
    return value


CALL = "call"
"""As what a call comes (`came_as`)."""


class TwilioAccountSettings(Section):
    """One account of Twilio."""

    sid: Sid = Field(description="The Account SID.")
    address: GatewayUrl = Field(
        description="Where the world reaches this gateway, such as https://desk.example.com. Twilio signs the address "
        "that it posts to, so this has to be what is written at Twilio, whatever a proxy makes of it."
    )
    sender: Annotated[str, AfterValidator(_sender)] = Field(
        default="",
        description="Who speaks where no earlier message says it; an answer leaves from what the customer wrote to.",
    )
    numbers: tuple[Annotated[str, AfterValidator(_sender)], ...] = Field(
        default=(),
        description="Further senders of ours that post here. Every few minutes Twilio is asked for what was written to "
        "these and to `sender`, and what never came is taken then.",
    )
    messaging_service: Service | None = Field(
        default=None, description="The Messaging Service that answers go through, if you use one."
    )
    templates: Templates = Field(
        default_factory=dict,
        description="WhatsApp templates (Twilio calls them content templates) that reach customers when the window of "
        "24 hours for free answers is shut; `vendor` is the SID, HX and 32 hexadecimal digits.",
    )
    voice: VoiceSettings | None = Field(
        default=None,
        description="What callers hear, who can leave a message then. Without it a call is not answered; it becomes a "
        "ticket all the same.",
    )
    api: ApiUrl = Field(
        default="https://api.twilio.com", description="Where Twilio's API is; https://api.ie1.twilio.com for Ireland."
    )


def _apart(accounts: Mapping[str, TwilioAccountSettings]) -> Mapping[str, TwilioAccountSettings]:
    """What was written to a sender is looked for by one account, or it would be filed twice."""
    first = dict[tuple[str, str], str]()
    for name, account in accounts.items():
        for each in looked_for(account):
            if (other := first.setdefault((account.sid, each), name)) != name:
                raise wrong(f"{each} in one account", f"{other} has it already", (name,))
    return accounts


class TwilioSettings(RootModel[Mapping[Name, TwilioAccountSettings]]):
    """Twilio: accounts by name."""

    model_config = ConfigDict(frozen=True)

    root: Annotated[Mapping[Name, TwilioAccountSettings], AfterValidator(_apart)] = Field(
        description="The accounts, by name."
    )


def auth_token(account: str) -> Secret:
    """What Twilio signs with, and what our requests show."""
    return Secret(
        f"{CHANNEL}_{account}",
        make=None,
        origin="see the Twilio Console, Account Info, Auth Token (of the subaccount, if it is one)",
    )


def looked_for(account: TwilioAccountSettings) -> tuple[str, ...]:
    """The senders of ours for whose messages Twilio is asked."""
    return tuple(dict.fromkeys(filter(None, (account.sender, *account.numbers))))
