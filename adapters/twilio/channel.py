"""The channel `twilio`: SMS, MMS, RCS, WhatsApp and calls through an account of Twilio.

Twilio posts messages, calls, and what became of our messages to `/v1/twilio/{account}`, and wants TwiML for an answer,
which says what to do with a call (voice.py). The face is the one of all vendors (vendor_webhook.py). Twilio waits 15
seconds and repeats hardly anything, so a second address should be set at Twilio, and what never came is looked for
(reconciling.py).
"""

from collections.abc import Callable, Collection, Iterable, Sequence

from aiohttp import web
from prometheus_client.core import Metric

from ...config.errors import Conflict
from ...config.secret_store import Secret
from ...normalizer.envelope import RawMessage
from ...normalizer.outgoing import Fetched, FileSink, Outgoing, Parsed, Sent
from ...normalizer.sending_limits import Destination
from ...queue.clock import Clock
from ...queue.connection import Engine
from ...queue.intake import Intake
from ...queue.service import Service
from ...queue.unread_sources import UnreadSources
from ...web.peers import Peers
from ..contract import Adapter
from ..poll_place import PollPlace
from ..public_files import FileAddresses
from ..sent_parts import Parts
from ..source_watch import Remedies, Sources, SourceWatch
from ..vendor_accounts import VendorAccounts
from ..vendor_post import Event, Post, safe_id
from ..vendor_webhook import Contract, VendorWebhook
from .ends import Ends
from .events import fields_of_form, split
from .fetching import TwilioFiles
from .looking_up import LookUp
from .message_api import MessageApi
from .parsing import SENT_AT, read
from .reconciling import Reconciler, Take
from .sending import TwilioSender
from .settings import CHANNEL, TwilioAccountSettings, TwilioSettings, auth_token, looked_for
from .sids import message_sid
from .signature import verify
from .voice import answer
from .wishes import Wishes, whose, wish_of

FOUND = "found"
"""The face of a message that was posted by nobody, and found in Twilio's list."""


class TwilioAccount:
    """One account: what it is asked by, and what it asks."""

    def __init__(
        self,
        name: str,
        settings: TwilioAccountSettings,
        token: str,
        *,
        parts: Parts[str],
        files: FileAddresses,
        wishes: Wishes,
    ) -> None:
        self._name = name
        self._wishes = wishes
        self._settings = settings
        self._token = token.encode()
        self._address = f"{settings.address}/v1/{CHANNEL}/{name}"
        self._api = MessageApi(settings.api, settings.sid, token)
        self._files = TwilioFiles(settings.api, self._api.headers)
        sender = TwilioSender(name, settings, self._api, parts=parts, files=files, wishes=wishes)
        self.send, self.look_up = sender.send, LookUp(sender, self._api, parts).look_up
        self.hindrance = sender.hindrance
        self.fetch = self._files.fetch

    def verify(self, post: Post) -> None:
        """Whether Twilio posted it. Raises Forged."""
        verify(post, self._settings.address, self._token)

    def reconciler(self, engine: Engine, clock: Clock, take: Take) -> Reconciler | None:
        """What looks for messages and calls that never came; None where no sender of ours is told."""
        ours = looked_for(self._settings)
        if not ours:
            return None
        place, watch = PollPlace(engine, clock, CHANNEL, self._name), self._watch(UnreadSources(engine, clock))
        voice = self._settings.voice
        longest = int(voice.longest.total_seconds() * 1000) if voice else None
        about = self._name, self._settings.sid, ours, self._api, place, clock, take, watch
        return Reconciler(*about, longest_call=longest)

    def _watch(self, sources: Sources) -> SourceWatch:
        remedies = Remedies(
            refused=f"write the Auth Token of the account into the secret {auth_token(self._name).name}, and restart",
            away="it is tried again by itself, and posts are taken meanwhile; may this machine reach Twilio's API?",
        )
        return SourceWatch(sources, CHANNEL, self._name, remedies)

    async def hear(self, event: Event) -> None:
        """Note what a message asks, to get no more of them or to get some again. Raises EngineUnavailable."""
        fields = fields_of_form(event.content)
        if event.kind == "message" and message_sid(fields) and (wish := wish_of(fields)) in ("STOP", "START"):
            ends = Ends(ours=fields.get("To", ""), theirs=fields.get("From", ""))
            who = whose(ends, self._settings.messaging_service)
            await self._wishes.note(self._name, who, wish, message_sid(fields), event.facts.get(SENT_AT))

    def answer(self, post: Post) -> bytes:
        """What Twilio hears when all is stored."""
        return answer(post, self._settings.voice, self._address)

    async def close(self) -> None:
        """Close connections."""
        await self._api.close()
        await self._files.close()


class TwilioChannel(Adapter):
    """Twilio, both directions."""

    channel = CHANNEL

    def __init__(
        self,
        settings: TwilioSettings,
        *,
        engine: Engine,
        clock: Clock,
        intake: Intake,
        secret_of: Callable[[Secret], str],
        parts: Parts[str],
        files: FileAddresses,
        wishes: Wishes,
        peers: Peers | None = None,
    ) -> None:
        """Raises Misconfigured when a secret is missing."""
        accounts = {
            name: TwilioAccount(name, account, secret_of(auth_token(name)), parts=parts, files=files, wishes=wishes)
            for name, account in settings.root.items()
        }
        self._accounts = VendorAccounts("Twilio account", accounts)
        self._sids = {name: account.sid for name, account in settings.root.items()}
        self._engine, self._clock, self._intake, self._wishes = engine, clock, intake, wishes
        contract = Contract(
            verify=self._verify, split=split, complete=self._heard, answer=self._answer, answer_type="text/xml"
        )
        self._face = VendorWebhook(CHANNEL, self._accounts, contract, intake, peers)

    def routes(self, application: web.Application) -> None:
        """Mount the face."""
        self._face.mount(application)

    def metrics(self) -> Iterable[Metric]:
        """How posts of Twilio ended."""
        return self._face.metrics()

    def workers(self) -> Sequence[Service]:
        """What looks for messages that Twilio could not post."""
        made = (account.reconciler(self._engine, self._clock, self._take) for account in self._accounts.values())
        return [each for each in made if each is not None]

    def outgoing_id(self, article_id: str, account: str) -> str:  # noqa: ARG002
        """What the address for receipts holds."""
        return article_id

    async def parse(self, raw: RawMessage) -> Parsed:
        """Read a raw message; raises Unreadable."""
        return read(raw, self._sids.get(raw.account, ""))

    async def send(self, outgoing: Outgoing) -> Sent:
        """Send a reply; raises DeliveryDeferred, CredentialsRefused, DeliveryFailed, DeliveryUnknown."""
        return await self._accounts.sending(outgoing.account).send(outgoing)

    async def hindrance(self, to: Destination) -> str:
        """That they have opted out; nothing of an account that is no longer there. Raises EngineUnavailable."""
        return await self._accounts[to.account].hindrance(to) if to.account in self._accounts else ""

    async def look_up(self, outgoing: Outgoing) -> Sent | None:
        """Whether a reply has arrived whose request broke off; raises DeliveryDeferred, DeliveryUnknown."""
        return await self._accounts.sending(outgoing.account).look_up(outgoing)

    async def fetch(self, account: str, reference: str, into: FileSink) -> Fetched:
        """Fetch the file of a message; raises DeliveryDeferred, DeliveryFailed."""
        return await self._accounts.fetching(account).fetch(reference, into)

    async def forget(self, names: Collection[str]) -> None:
        """What these people asked by STOP or START."""
        await self._wishes.forget(names)

    async def stop(self) -> None:
        """Close connections."""
        for account in self._accounts.values():
            await account.close()

    def _verify(self, post: Post) -> None:
        self._accounts[post.account].verify(post)

    async def _heard(self, post: Post, events: Sequence[Event]) -> Sequence[Event]:
        """The events as they are, and what they ask is known before they are stored."""
        for event in events:
            await self._accounts[post.account].hear(event)
        return events

    async def _take(self, account: str, event: Event) -> bool:
        """Whether a message that was found was missing; what came under its id before is it."""
        await self._accounts[account].hear(event)
        try:
            accepted = await self._intake.accept(
                channel=CHANNEL,
                account=account,
                external_id=event.external_id,
                kind=event.kind,
                lane=f"{CHANNEL}:{account}:{safe_id(event.lane)}",
                content=event.content,
                transport={**event.facts, "face": FOUND},
                says=event.says,
            )
        except Conflict:
            return False
        return not accepted.duplicate

    def _answer(self, post: Post) -> bytes:
        return self._accounts[post.account].answer(post)
