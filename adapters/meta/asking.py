"""Meta is asked about its accounts: the access token, what it may do and until when, and what is posted where.

`/app` names the app of a token; with its id and the app secret `debug_token` and the app's webhooks are had, so that a
secret of another app is found out here and not by posts that are refused. A page and a WhatsApp Business Account are
asked which apps they post to. With Instagram Login only the account itself can be asked (graph.instagram.com).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from time import time
from typing import Any

from ...config.errors import CredentialsRefused, DeliveryFailed
from ...config.secret_store import Secrets
from ..address_asking import asked_for_files
from ..findings import Finding, findings_of
from .graph import Graph
from .settings import CHANNEL, MetaAccountSettings, MetaSettings, Product, access_token, app_secret

SOON_SECONDS = 14 * 86_400
MOST_ACCOUNTS = 20

_DASHBOARD = "the App Dashboard"
_OBJECTS: Mapping[Product, str] = {
    "messenger": "page",
    "instagram": "instagram",
    "whatsapp": "whatsapp_business_account",
}
_SCOPES: Mapping[Product, str] = {
    "messenger": "pages_messaging",
    "instagram": "instagram_manage_messages",
    "whatsapp": "whatsapp_business_messaging",
}
_FIELDS: Mapping[Product, Sequence[str]] = {
    "messenger": (
        *("messages", "messaging_postbacks", "message_edits", "message_reactions", "message_deliveries"),
        *("message_reads", "message_echoes", "standby"),
    ),
    "instagram": (
        *("messages", "messaging_postbacks", "message_edit", "message_reactions", "messaging_seen", "standby"),
    ),
    "whatsapp": ("messages",),
}


@dataclass(frozen=True, kw_only=True)
class _Asked:
    """One account, and what it is asked with."""

    name: str
    settings: MetaAccountSettings
    graph: Graph
    paths: Sequence[str]
    """Where the app may post to."""
    owner: str
    """The account whose app secret it is."""
    secret: str = field(repr=False)
    now: float

    def found(self, subject: str, wrong: str, remedy: str) -> Finding:
        """Something that is wrong."""
        return Finding(self.name, subject, "wrong", wrong, remedy)

    def good(self, subject: str, words: str) -> Finding:
        """Something that is right."""
        return Finding(self.name, subject, "good", words)

    def look(self, subject: str, words: str, remedy: str) -> Finding:
        """Something to look at."""
        return Finding(self.name, subject, "look", words, remedy)


async def ask(section: MetaSettings, secrets: Secrets, now: Callable[[], float] = time) -> Sequence[Finding]:
    """What Meta says of each account; `now` is in seconds since 1970."""
    found = list[Finding]()
    for name, settings in section.root.items():
        remedy = f"make a token at {_DASHBOARD}, and write it into the secret {access_token(name).name}"
        found += await findings_of(name, partial(_asked, name, section, secrets, now()), remedy=remedy)
        if not settings.takes_uploads:
            found.append(await asked_for_files(name, f"channels.{CHANNEL}.{name}.address", settings.address))
    return found


async def _asked(name: str, section: MetaSettings, secrets: Secrets, now: float) -> Sequence[Finding]:
    settings, owner = section.root[name], section.app_of(name)
    secret, token = secrets.get(app_secret(owner)), secrets.get(access_token(name))
    paths = [f"/v1/{CHANNEL}/{each}" for each in section.root if section.app_of(each) == owner]
    graph = Graph(settings, token, secret)
    account = _Asked(name=name, settings=settings, graph=graph, paths=paths, owner=owner, secret=secret, now=now)
    try:
        return await (_of_app(account, token) if settings.proves_secret else _of_instagram_login(account))
    finally:
        await graph.close()


async def _of_app(asked: _Asked, token: str) -> Sequence[Finding]:
    app = await asked.graph.get("app", fields="id,name")
    id_ = str(app.get("id") or "")
    by_app = Graph(asked.settings, f"{id_}|{asked.secret}", asked.secret)
    try:
        told = _mapping((await by_app.get("debug_token", input_token=token)).get("data"))
        posted = (await by_app.get(f"{id_}/subscriptions")).get("data")
    except CredentialsRefused as error:
        remedy = f"write the App secret of the app {app.get('name')} into the secret {app_secret(asked.owner).name}"
        return [asked.found("app secret", f"it is not that of the token's app: {error.detail}", remedy)]
    finally:
        await by_app.close()
    return [
        *_token(asked, str(app.get("name") or id_), told),
        *_webhook(asked, _mappings(posted)),
        *await _account(asked, id_, told),
    ]


def _token(asked: _Asked, app: str, told: Mapping[str, Any]) -> Sequence[Finding]:
    """What the token may do, and until when."""
    if told.get("is_valid") is False:
        why = _mapping(told.get("error")).get("message") or "Meta does not say why"
        return [asked.found("credentials", f"the access token is not good any more: {why}", _another(asked))]
    found = [asked.good("credentials", f"the access token is one of the app {app}")]
    scope, ends = _SCOPES[asked.settings.product], told.get("expires_at")
    if scope not in (scopes := [str(each) for each in told.get("scopes") or ()]):
        words = f"the access token has no {scope}, only {', '.join(scopes) or 'nothing'}"
        found.append(asked.found("permissions", words, f"add {scope} to the app, and make another token with it"))
    if isinstance(ends, int) and ends > 0:
        day = datetime.fromtimestamp(ends, UTC).date().isoformat()
        make = asked.found if ends - asked.now < SOON_SECONDS else asked.look
        found.append(make("token's end", f"the access token ends on {day}", _another(asked)))
    return found


def _another(asked: _Asked) -> str:
    kind = "a system user" if asked.settings.product == "whatsapp" else "the page"
    return f"make one of {kind} that does not expire, and write it into the secret {access_token(asked.name).name}"


def _webhook(asked: _Asked, posted: Iterable[Mapping[str, Any]]) -> Sequence[Finding]:
    """Where the app posts what happens on such accounts, and which of it."""
    wanted = _OBJECTS[asked.settings.product]
    told = next((each for each in posted if each.get("object") == wanted), None)
    where, own = f"{_DASHBOARD}, Webhooks, {wanted}", asked.paths[0]
    if told is None:
        remedy = f"at {where} enter the callback URL …{own} and the verify token"
        return [asked.found("webhook", f"Meta posts nothing about {wanted}", remedy)]
    url = str(told.get("callback_url") or "")
    if not url.endswith(tuple(asked.paths)):
        return [asked.found("webhook", f"Meta posts to {url}", f"at {where} it should end with {own}")]
    if told.get("active") is False:
        return [asked.found("webhook", f"Meta does not post to {url} for now", f"at {where} verify and save it again")]
    return [asked.good("webhook", f"Meta posts to {url}"), *_fields(asked, told.get("fields"), where)]


def _fields(asked: _Asked, given: Any, where: str) -> Sequence[Finding]:
    """Which fields are subscribed to; Meta names them as texts, or with their versions."""
    named = {str(each.get("name") if isinstance(each, dict) else each) for each in given or ()}
    lacking = [each for each in _FIELDS[asked.settings.product] if each not in named]
    if "messages" in lacking:
        return [asked.found("fields", "Meta does not post messages", f"at {where} subscribe to {', '.join(lacking)}")]
    if lacking:
        return [asked.look("fields", f"Meta does not post {', '.join(lacking)}", f"subscribe to them at {where}")]
    return []


async def _account(asked: _Asked, app: str, told: Mapping[str, Any]) -> Sequence[Finding]:
    if asked.settings.product == "whatsapp":
        return [*await _number(asked), *await _business(asked, app, told)]
    return await _page(asked, app)


async def _page(asked: _Asked, app: str) -> Sequence[Finding]:
    """Whether the token is of the page, or of the page of the Instagram account, and whether the page posts to us."""
    is_page = asked.settings.product == "messenger"
    about = await asked.graph.get("me", fields="id,name" if is_page else "id,name,instagram_business_account")
    owner = str((about if is_page else _mapping(about.get("instagram_business_account"))).get("id") or "")
    if owner != asked.settings.id:
        what = "page" if is_page else "Instagram account"
        words = f"the access token is that of the {what} {owner or 'none'} ({about.get('name')})"
        return [asked.found("id", words, f"make one of {asked.settings.id}, or correct the id here")]
    posted = _mappings((await asked.graph.get(f"{about.get('id')}/subscribed_apps")).get("data"))
    return [_subscribed(asked, f"the page {about.get('name')}", [str(each.get("id")) for each in posted], app)]


def _subscribed(asked: _Asked, what: str, apps: Sequence[str], app: str) -> Finding:
    if app in apps:
        return asked.good("subscribed", f"{what} posts to the app")
    where = f"{_DASHBOARD}, {asked.settings.product.title()}, or POST /<id>/subscribed_apps"
    return asked.found("subscribed", f"{what} posts nothing to the app", f"subscribe it: {where}")


async def _number(asked: _Asked) -> Sequence[Finding]:
    fields = "display_phone_number,verified_name,status,quality_rating"
    about = await asked.graph.get(asked.settings.id, fields=fields)
    named = f"{about.get('display_phone_number')} ({about.get('verified_name')})"
    if (status := about.get("status")) not in ("CONNECTED", None):
        remedy = "see WhatsApp Manager, Phone numbers; a number that is PENDING or OFFLINE has to be registered"
        return [asked.found("number", f"{named} is {status}", remedy)]
    if about.get("quality_rating") == "RED":
        return [asked.look("number", f"customers complain of {named} (quality RED)", "see WhatsApp Manager, Insights")]
    return [asked.good("number", f"{named} is connected")]


async def _business(asked: _Asked, app: str, told: Mapping[str, Any]) -> Sequence[Finding]:
    """Whether the WhatsApp Business Account of the number posts to the app; which one it is, the token's rights say."""
    for account in _accounts_in(told)[:MOST_ACCOUNTS]:
        try:
            numbers = _mappings((await asked.graph.get(f"{account}/phone_numbers", fields="id")).get("data"))
            if asked.settings.id not in [each.get("id") for each in numbers]:
                continue
            posted = _mappings((await asked.graph.get(f"{account}/subscribed_apps")).get("data"))
        except (DeliveryFailed, CredentialsRefused):
            continue
        apps = [str(_mapping(each.get("whatsapp_business_api_data")).get("id")) for each in posted]
        return [_subscribed(asked, f"the WhatsApp Business Account {account}", apps, app)]
    words = "the token does not let us see which WhatsApp Business Account the number is in"
    remedy = "see that the account is subscribed to the app, or give the token whatsapp_business_management"
    return [asked.look("subscribed", words, remedy)]


def _accounts_in(told: Mapping[str, Any]) -> Sequence[str]:
    """The WhatsApp Business Accounts that a token is for."""
    rights = (each for each in _mappings(told.get("granular_scopes")) if "whatsapp" in str(each.get("scope")))
    return list(dict.fromkeys(str(id_) for each in rights for id_ in each.get("target_ids") or ()))


async def _of_instagram_login(asked: _Asked) -> Sequence[Finding]:
    about = await asked.graph.get("me", fields="user_id,username")
    owner = str(about.get("user_id") or "")
    if owner != asked.settings.id:
        words = f"the access token is that of @{about.get('username')}, whose id is {owner}"
        return [asked.found("id", words, "make one of the right account, or correct the id here")]
    posted = _mappings((await asked.graph.get("me/subscribed_apps")).get("data"))
    fields = [field for each in posted for field in each.get("subscribed_fields") or ()]
    found = [asked.good("credentials", f"the access token is that of @{about.get('username')}")]
    if "messages" not in [str(each.get("name") if isinstance(each, dict) else each) for each in fields]:
        words = "the account posts no messages to the app"
        found.append(asked.found("subscribed", words, f"subscribe it at {_DASHBOARD}, Instagram, API setup"))
    words = "with Instagram Login the address that Meta posts to cannot be asked for"
    where = f"see {_DASHBOARD}, Instagram, API setup, Webhooks: it should end with {asked.paths[0]}"
    return [*found, asked.look("webhook", words, where)]


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _mappings(value: Any) -> Sequence[Mapping[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
