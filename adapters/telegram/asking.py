"""Telegram is asked about its bots by getMe and getWebhookInfo: the token, where it posts to, and what failed there."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from ...config.secret_store import Secrets
from ..findings import Finding, findings_of
from .bot_api import BotApi
from .settings import CHANNEL, BotSettings, TelegramSettings, bot_token


async def ask(section: TelegramSettings, secrets: Secrets) -> Sequence[Finding]:
    """What Telegram says of each bot."""
    found = list[Finding]()
    for name, settings in section.root.items():
        remedy = f"take the token from @BotFather (/token), and write it into the secret {bot_token(name).name}"
        found += await findings_of(name, partial(_asked, name, settings, secrets), remedy=remedy)
    return found


async def _asked(bot: str, settings: BotSettings, secrets: Secrets) -> Sequence[Finding]:
    api = BotApi(settings.api, secrets.get(bot_token(bot)), patience=15)
    try:
        return await _found(api, bot, settings)
    finally:
        await api.close()


async def _found(api: BotApi, bot: str, settings: BotSettings) -> Sequence[Finding]:
    about = _mapping(await api.raw("getMe", {}))
    named = str(about.get("username") or "")
    found = [Finding(bot, "credentials", "good", f"the token is that of @{named}")]
    if settings.username and settings.username.lower() != named.lower():
        found.append(Finding(bot, "username", "wrong", f"the bot is @{named}", f"write username: {named}"))
    if settings.groups == "all" and about.get("can_read_all_group_messages") is False:
        words, remedy = "in groups it sees only what is meant for it", "disable its privacy at @BotFather (/setprivacy)"
        found.append(Finding(bot, "groups", "wrong", words, remedy))
    return [*found, *_placed(bot, settings, _mapping(await api.raw("getWebhookInfo", {})))]


def _placed(bot: str, settings: BotSettings, told: Mapping[str, Any]) -> Sequence[Finding]:
    """Where Telegram posts to, and what went wrong there."""
    url, path = str(told.get("url") or ""), f"/v1/{CHANNEL}/{bot}"
    if settings.receive == "poll":
        words = f"Telegram posts to {url}, so it cannot be asked" if url else "it is asked for its messages"
        return [Finding(bot, "webhook", "wrong" if url else "good", words, "restart the gateway" if url else "")]
    if not url:
        remedy = "set its address, and restart the gateway, which tells Telegram"
        return [Finding(bot, "webhook", "wrong", "Telegram posts nowhere", remedy)]
    if not url.endswith(path):
        return [Finding(bot, "webhook", "wrong", f"Telegram posts to {url}", f"it should end with {path}")]
    waits = told.get("pending_update_count") or 0
    found = Finding(bot, "webhook", "good", f"Telegram posts to {url}; {waits} updates wait")
    if error := told.get("last_error_message"):
        remedy = "is the gateway reached from there, with a certificate that Telegram knows?"
        words, is_over = str(error)[:200], not waits
        return [found, Finding(bot, "last trouble", "good" if is_over else "wrong", words, "" if is_over else remedy)]
    return [found]


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
