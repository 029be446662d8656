"""Twilio is asked about its accounts: the Auth Token, our numbers and WhatsApp senders, and where it posts to.

The resources Account and IncomingPhoneNumber of its API, and at its messaging API (another host) the Messaging Service
and the senders of WhatsApp and RCS. Twilio signs the address that it posts to, so one that differs from `address` here
in anything is one whose posts are refused. A number that is in the Messaging Service posts where that says, unless it
leaves it to the number.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any
from urllib.parse import quote, urlsplit

from ...config.secret_store import Secrets
from ...web.vendor_api import VendorApi
from ..findings import Finding, findings_of
from .message_api import VENDOR, VERSION, basic, judge, mapping
from .settings import CHANNEL, TwilioAccountSettings, TwilioSettings, auth_token, looked_for

_CONSOLE = "the Twilio Console"
_HOST = "api."
_MOST = 100
_CHANNELS = {"whatsapp": "WhatsApp", "rcs": "RCS"}


async def ask(section: TwilioSettings, secrets: Secrets) -> Sequence[Finding]:
    """What Twilio says of each account."""
    found = list[Finding]()
    for name, settings in section.root.items():
        remedy = f"sid and the secret {auth_token(name).name} have to be of one account: {_CONSOLE}, Account Info"
        found += await findings_of(name, partial(_asked, name, settings, secrets), remedy=remedy)
    return found


async def _asked(account: str, settings: TwilioAccountSettings, secrets: Secrets) -> Sequence[Finding]:
    twilio = _Twilio(settings, secrets.get(auth_token(account)))
    try:
        return await _found(twilio, account, settings)
    finally:
        await twilio.close()


class _Twilio:
    """Both of Twilio's APIs, with the credentials of one account."""

    def __init__(self, settings: TwilioAccountSettings, token: str) -> None:
        shown = basic(settings.sid, token)
        self._headers = {"Authorization": f"Basic {shown}"}
        self._secrets = (token, shown)
        self._account = f"{VERSION}/Accounts/{settings.sid}"
        self._api = VendorApi(VENDOR, settings.api, judge=judge)
        self._messaging = VendorApi(VENDOR, messaging_base(settings.api), judge=judge)

    async def account(self) -> Mapping[str, Any]:
        return await self._asked(self._api, f"{self._account}.json")

    async def number(self, number: str) -> Mapping[str, Any]:
        """What is set for a number; empty where the account has none such."""
        path = f"{self._account}/IncomingPhoneNumbers.json?PhoneNumber={quote(number, safe='')}"
        return _first((await self._asked(self._api, path)).get("incoming_phone_numbers"), "phone_number", number)

    async def service(self, sid: str) -> Mapping[str, Any]:
        return await self._asked(self._messaging, f"/v1/Services/{sid}")

    async def in_service(self, sid: str) -> frozenset[str]:
        """The numbers of a Messaging Service, up to a hundred."""
        told = await self._asked(self._messaging, f"/v1/Services/{sid}/PhoneNumbers?PageSize={_MOST}")
        return frozenset(str(mapping(each).get("phone_number")) for each in told.get("phone_numbers") or ())

    async def sender(self, sender: str) -> Mapping[str, Any]:
        """What is set for a sender of WhatsApp or RCS; empty where the account has none such."""
        path = f"/v2/Channels/Senders?Channel={sender.partition(':')[0]}&PageSize={_MOST}"
        return _first((await self._asked(self._messaging, path)).get("senders"), "sender_id", sender)

    async def close(self) -> None:
        await self._api.close()
        await self._messaging.close()

    async def _asked(self, api: VendorApi, path: str) -> Mapping[str, Any]:
        answer = await api.call("GET", path, headers=self._headers, repeatable=True, secrets=self._secrets, also=(404,))
        return mapping(answer.json()) if answer.status != 404 else {}


def messaging_base(api: str) -> str:
    """Where Twilio's messaging API is, beside `api`; a stand-in has both."""
    host = urlsplit(api).hostname or ""
    is_twilio = host.startswith(_HOST) and host.endswith(".twilio.com")
    return api.replace(f"//{_HOST}", "//messaging.", 1) if is_twilio else api


async def _found(twilio: _Twilio, account: str, settings: TwilioAccountSettings) -> Sequence[Finding]:
    about, ours = await twilio.account(), looked_for(settings)
    service, members = await _service(twilio, settings)
    found = [_credentials(account, about), *_reachable(account, settings)]
    if settings.messaging_service:
        found += _of_service(account, settings, service)
    for sender in ours:
        found += await _of_sender(twilio, account, settings, sender, in_service=sender in members)
    if not ours:
        words = "neither sender nor numbers are named here, so Twilio is not asked where they post to"
        found.append(Finding(account, "numbers", "look", words, f"name them in channels.{CHANNEL}.{account}.numbers"))
    return found


def _credentials(account: str, about: Mapping[str, Any]) -> Finding:
    name, status = about.get("friendly_name", ""), about.get("status")
    if status != "active":
        return Finding(account, "credentials", "wrong", f"the account {name} is {status}", f"see {_CONSOLE}, Billing")
    trial = "; a trial account, which reaches only numbers that were verified there" * (about.get("type") == "Trial")
    return Finding(account, "credentials", "good", f"the Auth Token is that of {name}{trial}")


def _reachable(account: str, settings: TwilioAccountSettings) -> Sequence[Finding]:
    if settings.address.startswith("https://"):
        return []
    remedy = f"write into channels.{CHANNEL}.{account}.address where the world reaches this gateway, by https"
    return [Finding(account, "address", "wrong", f"Twilio cannot post to {settings.address}", remedy)]


async def _service(twilio: _Twilio, settings: TwilioAccountSettings) -> tuple[Mapping[str, Any], frozenset[str]]:
    """The Messaging Service, and the numbers that post where it says."""
    if settings.messaging_service is None:
        return {}, frozenset()
    told = await twilio.service(settings.messaging_service)
    leaves = not told or told.get("use_inbound_webhook_on_number") is True
    return told, frozenset() if leaves else await twilio.in_service(settings.messaging_service)


def _of_service(account: str, settings: TwilioAccountSettings, told: Mapping[str, Any]) -> Sequence[Finding]:
    sid = settings.messaging_service or ""
    if not told:
        return [
            Finding(account, sid, "wrong", "the account has no such Messaging Service", f"see {_CONSOLE}, Services")
        ]
    if told.get("use_inbound_webhook_on_number") is True:
        return [Finding(account, sid, "good", "the Messaging Service leaves it to the numbers where they post to")]
    where = f"{_CONSOLE}, the Messaging Service, Integration, Send a webhook"
    return [_placed(account, settings, sid, told, ("inbound_request_url", "inbound_method"), where)]


async def _of_sender(
    twilio: _Twilio, account: str, settings: TwilioAccountSettings, sender: str, *, in_service: bool
) -> Sequence[Finding]:
    channel = sender.partition(":")[0] if ":" in sender else ""
    if channel in _CHANNELS:
        return _of_channel(account, settings, sender, await twilio.sender(sender))
    if not sender.startswith("+"):
        words = "short codes and names are not asked for"
        return [
            Finding(account, sender, "look", words, f"see at {_CONSOLE} whether it posts to {_own(account, settings)}")
        ]
    told = await twilio.number(sender)
    if not told:
        remedy = (
            "correct it here, or see whether the number is one of a subaccount, which is an account of its own here"
        )
        return [Finding(account, sender, "wrong", "the account has no such number", remedy)]
    found = [] if in_service else [_messages(account, settings, sender, told)]
    return [*found, *_calls(account, settings, sender, told)]


def _of_channel(
    account: str, settings: TwilioAccountSettings, sender: str, told: Mapping[str, Any]
) -> Sequence[Finding]:
    words = _CHANNELS[sender.partition(":")[0]]
    where = f"{_CONSOLE}, Messaging, Senders, {words} senders"
    if not told:
        return [Finding(account, sender, "wrong", f"the account has no such {words} sender", f"see {where}")]
    if not str(status := told.get("status")).startswith("ONLINE"):
        return [Finding(account, sender, "wrong", f"the sender is {status}", f"see {where}; only ONLINE ones work")]
    return [
        _placed(account, settings, sender, mapping(told.get("webhook")), ("callback_url", "callback_method"), where)
    ]


def _messages(account: str, settings: TwilioAccountSettings, number: str, told: Mapping[str, Any]) -> Finding:
    where = f"{_CONSOLE}, Phone Numbers, {number}, Messaging, A message comes in"
    if mapping(told.get("capabilities")).get("sms") is False:
        return Finding(account, number, "look", "the number takes no SMS", "nothing, if it is for calls only")
    if app := told.get("sms_application_sid"):
        words = f"a TwiML App ({app}) says where messages go"
        return Finding(account, number, "look", words, f"see there whether it is {_own(account, settings)}")
    return _placed(account, settings, number, told, ("sms_url", "sms_method"), where)


def _calls(account: str, settings: TwilioAccountSettings, number: str, told: Mapping[str, Any]) -> Sequence[Finding]:
    """Calls are looked at where the desk is meant to answer them, or does."""
    url = str(told.get("voice_url") or "")
    if settings.voice is None and _path(account) not in url:
        return []
    where = f"{_CONSOLE}, Phone Numbers, {number}, Voice, A call comes in"
    found = _placed(account, settings, number, told, ("voice_url", "voice_method"), where)
    return [found._replace(words=f"calls: {found.words}")]


def _placed(
    account: str,
    settings: TwilioAccountSettings,
    subject: str,
    told: Mapping[str, Any],
    names: tuple[str, str],
    where: str,
) -> Finding:
    """Whether Twilio posts to the address of the account."""
    own, url, method = _own(account, settings), str(told.get(names[0]) or ""), told.get(names[1])
    base = url.partition("#")[0]  # behind it stand connection overrides
    if not url:
        return Finding(account, subject, "wrong", "Twilio posts nowhere", f"at {where}: Webhook, {own}, HTTP POST")
    if base != own and urlsplit(base).path == _path(account):
        words = f"Twilio posts to {base} and signs that, so {own} is not what it signs"
        return Finding(account, subject, "wrong", words, f"write the same here (address) and at {where}")
    if base != own:
        return Finding(account, subject, "wrong", f"Twilio posts to {base}", f"at {where} it should be {own}")
    if method not in (None, "POST"):
        return Finding(account, subject, "wrong", f"Twilio asks by {method}", f"at {where} choose HTTP POST")
    return Finding(account, subject, "good", f"Twilio posts to {own}")


def _path(account: str) -> str:
    return f"/v1/{CHANNEL}/{account}"


def _own(account: str, settings: TwilioAccountSettings) -> str:
    return f"{settings.address}{_path(account)}"


def _first(told: Any, name: str, wanted: str) -> Mapping[str, Any]:
    found = (mapping(each) for each in told or () if mapping(each).get(name) == wanted)
    return next(found, {})
