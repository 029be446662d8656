"""The channel `slack`: customers in shared channels (Slack Connect), in communities, and in direct messages.

Events are posted to `/v1/slack/{workspace}`, or come over a connection that we open (socket_mode.py); both ways store
the same. They are judged in events.py, read in parsing.py, files are fetched in fetching.py and answers sent in
sending.py; this puts them together as the contract asks. Bolt is not used: it answers Slack before anything is
stored.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import structlog
from aiohttp import web
from prometheus_client.core import GaugeMetricFamily, Metric

from ...config.secret_store import Secret
from ...normalizer.envelope import RawMessage
from ...normalizer.outgoing import Fetched, FileSink, Outgoing, Parsed, Sent
from ...queue.intake import Intake
from ...queue.service import Service
from ...web.peers import Peers
from ...web.slack_api import SlackApi
from ..contract import Adapter
from ..slack_signature import verify
from ..source_watch import Remedies, Sources, SourceWatch
from ..vendor_accounts import VendorAccounts
from ..vendor_post import Event, Post, json_bytes, read_json
from ..vendor_webhook import Contract, VendorWebhook, split_or_whole
from .events import REVOKED, split, written_of
from .fetching import SlackFiles
from .marks import mentioned
from .parsing import read
from .people import People
from .sending import ReadBlob, SlackSender
from .settings import (
    CHANNEL,
    SlackSettings,
    SlackWorkspaceSettings,
    app_token,
    bot_token,
    elsewhere,
    signing_secret,
)
from .socket_mode import SocketMode
from .writers import Workspace

log = structlog.get_logger()

PATIENCE = 2.5
MOST_MENTIONED = 5


class SlackAccount:
    """One workspace: what its events are judged by, and what it is asked."""

    def __init__(self, settings: SlackWorkspaceSettings, token: str, read_blob: ReadBlob) -> None:
        self._api = SlackApi(settings.api, token)
        self._files = SlackFiles(self._api, settings.files, token)
        self._sender = SlackSender(self._api, read_blob, agent_names=settings.agent_names)
        self.people = People(self._api)
        self.fetch = self._files.fetch
        self.send = self._sender.send
        self.look_up = self._sender.look_up

    async def close(self) -> None:
        """Close connections."""
        await self.people.close()
        await self._sender.close()
        await self._files.close()
        await self._api.close()


class SlackChannel(Adapter):
    """Slack, both directions; `now` tells the time in milliseconds."""

    channel = CHANNEL

    def __init__(
        self,
        settings: SlackSettings,
        *,
        intake: Intake,
        secret_of: Callable[[Secret], str],
        read_blob: ReadBlob,
        sources: Sources,
        now: Callable[[], int],
        peers: Peers | None = None,
    ) -> None:
        """Raises Misconfigured when a secret is missing."""
        named = settings.root
        self._workspaces = {name: Workspace(each, elsewhere(named, name)) for name, each in named.items()}
        accounts = {name: SlackAccount(each, secret_of(bot_token(name)), read_blob) for name, each in named.items()}
        self._accounts = VendorAccounts("Slack workspace", accounts)
        posted = [name for name, each in named.items() if each.receive == "events"]
        self._secrets = {name: secret_of(signing_secret(name)).encode() for name in posted}
        self._sockets = {
            name: SlackApi(each.api, secret_of(app_token(name))) for name, each in named.items() if name not in posted
        }
        self._services: Sequence[SocketMode] = ()
        self._sources = sources
        self._now = now
        contract = Contract(verify=self._verify, split=self._split, handshake=self._answered, patience=PATIENCE)
        self._face = VendorWebhook(CHANNEL, posted, contract, intake, peers, told=self._told)

    def routes(self, application: web.Application) -> None:
        """Mount the face."""
        self._face.mount(application)

    def metrics(self) -> Iterable[Metric]:
        """How posts of Slack ended, and which workspaces this process is connected to."""
        yield from self._face.metrics()
        words = "Whether a connection of Socket Mode is open."
        family = GaugeMetricFamily("trunkline_slack_connected", words, labels=["account"])
        for service in self._services:
            family.add_metric([service.name], service.is_connected)
        yield family

    def workers(self) -> Sequence[Service]:
        """What holds the connections of Socket Mode."""
        self._services = [SocketMode(name, api, self._take, self._watch(name)) for name, api in self._sockets.items()]
        return self._services

    def _watch(self, name: str) -> SourceWatch:
        remedies = Remedies(
            refused=f"write an app-level token (connections:write) into the secret {app_token(name).name}, and restart",
            away="it is tried again by itself; if Slack is not reached from here, open the way to it",
        )
        return SourceWatch(self._sources, CHANNEL, name, remedies)

    def outgoing_id(self, article_id: str, account: str) -> str:  # noqa: ARG002
        """What stands in the metadata of a message."""
        return article_id

    async def parse(self, raw: RawMessage) -> Parsed:
        """Read a raw message; raises Unreadable."""
        return read(raw, self._workspaces.get(raw.account) or Workspace(SlackWorkspaceSettings()))

    async def send(self, outgoing: Outgoing) -> Sent:
        """Send an answer; raises DeliveryDeferred, CredentialsRefused, DeliveryFailed, DeliveryUnknown."""
        return await self._accounts.sending(outgoing.account).send(outgoing)

    async def look_up(self, outgoing: Outgoing) -> Sent | None:
        """Look into the thread; raises DeliveryDeferred, DeliveryUnknown."""
        return await self._accounts.sending(outgoing.account).look_up(outgoing)

    async def fetch(self, account: str, reference: str, into: FileSink) -> Fetched:
        """Fetch the file of a message; raises DeliveryDeferred, CredentialsRefused, DeliveryFailed."""
        return await self._accounts.fetching(account).fetch(reference, into)

    async def stop(self) -> None:
        """Close connections."""
        for account in self._accounts.values():
            await account.close()
        for api in self._sockets.values():
            await api.close()

    def _verify(self, post: Post) -> None:
        verify(post, self._secrets[post.account], self._now())

    def _answered(self, post: Post) -> web.Response | None:
        """The answer to Slack's question whether the address is ours."""
        body = read_json(post.body)
        if isinstance(body, dict) and body.get("type") == "url_verification":
            return web.json_response({"challenge": str(body.get("challenge") or "")})
        return None

    def _split(self, post: Post) -> Sequence[Event]:
        return self._events(post.account, post.body)

    def _events(self, workspace: str, content: bytes) -> Sequence[Event]:
        body = read_json(content)
        _tell(workspace, body)
        return split(body, self._workspaces[workspace])

    async def _take(self, workspace: str, payload: Mapping[str, Any]) -> None:
        content = json_bytes(payload)
        _, events = split_or_whole(partial(self._events, workspace, content), content)
        await self._face.store(workspace, events, {"face": "socket"})

    async def _told(self, workspace: str, events: Sequence[Event]) -> Sequence[Event]:
        """The events with what is known of those who wrote, and of those whom they name."""
        people = self._accounts[workspace].people
        return [replace(each, facts=await _facts(people, each)) for each in events]


async def _facts(people: People, event: Event) -> Mapping[str, Any]:
    try:
        told = json.loads(event.content)["event"]
        written = written_of(told)
        user, text = written.get("user"), written.get("text")
    except (AttributeError, KeyError, RecursionError, TypeError, ValueError):
        return {}
    if not isinstance(user, str):
        return {}
    others = mentioned(text)[:MOST_MENTIONED] if isinstance(text, str) else ()
    known = await people.of(list(dict.fromkeys((user, *others))))
    names = {each: known[each]["name"] for each in others if "name" in known.get(each, {})}
    return {**known.get(user, {}), **({"names": names} if names else {})}


def _tell(workspace: str, body: Any) -> None:
    """What an operator must know of."""
    match body:
        case {"event": {"type": str(kind)}} if kind in REVOKED:
            log.error("the app was removed from a Slack workspace, or its token revoked", action="slack_revoked",
                      workspace=workspace, kind=kind)  # fmt: skip
        case {"type": "app_rate_limited"}:
            log.error("Slack holds events back: there are more than 30,000 in an hour", action="slack_rate_limited",
                      workspace=workspace)  # fmt: skip
