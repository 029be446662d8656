"""The channel `twilio`: SMS, MMS, RCS, WhatsApp and calls through an account of Twilio.

Twilio posts messages, calls, and what became of our messages to `/v1/twilio/{account}`, and wants TwiML for an answer,
which says what to do with a call (voice.py). The face is the one of all vendors (vendor_webhook.py). Twilio waits 15
seconds and repeats hardly anything, so a second address should be set at Twilio.
"""

from collections.abc import Callable, Iterable

from aiohttp import web
from prometheus_client.core import Metric

from ...config.errors import DeliveryDeferred, DeliveryFailed
from ...config.secret_store import Secret
from ...normalizer.envelope import RawMessage
from ...normalizer.outgoing import Fetched, FileSink, Outgoing, Parsed, Sent
from ...queue.intake import Intake
from ...web.peers import Peers
from ..contract import Adapter
from ..vendor_post import Post
from ..vendor_webhook import Contract, VendorWebhook
from .events import split
from .fetching import TwilioFiles
from .message_api import MessageApi
from .parsing import read
from .sending import Parts, TwilioSender
from .settings import CHANNEL, TwilioAccountSettings, TwilioSettings, auth_token
from .signature import verify
from .voice import answer


class TwilioAccount:
    """One account: what it is asked by, and what it asks."""

    def __init__(self, name: str, settings: TwilioAccountSettings, token: str, parts: Parts) -> None:
        self._settings = settings
        self._token = token.encode()
        self._address = f"{settings.address}/v1/{CHANNEL}/{name}"
        self._api = MessageApi(settings.api, settings.sid, token)
        self._files = TwilioFiles(settings.api, self._api.headers)
        self.send = TwilioSender(name, settings, self._api, parts).send
        self.fetch = self._files.fetch

    def verify(self, post: Post) -> None:
        """Whether Twilio posted it. Raises Forged."""
        verify(post, self._settings.address, self._token)

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
        intake: Intake,
        secret_of: Callable[[Secret], str],
        parts: Parts,
        peers: Peers | None = None,
    ) -> None:
        """Raises Misconfigured when a secret is missing."""
        self._accounts = {
            name: TwilioAccount(name, account, secret_of(auth_token(name)), parts)
            for name, account in settings.root.items()
        }
        contract = Contract(verify=self._verify, split=split, answer=self._answer, answer_type="text/xml")
        self._face = VendorWebhook(CHANNEL, self._accounts, contract, intake, peers)

    def routes(self, application: web.Application) -> None:
        """Mount the face."""
        self._face.mount(application)

    def metrics(self) -> Iterable[Metric]:
        """How posts of Twilio ended."""
        return self._face.metrics()

    def outgoing_id(self, article_id: str, account: str) -> str:  # noqa: ARG002
        """What the address for receipts holds."""
        return article_id

    async def parse(self, raw: RawMessage) -> Parsed:
        """Read a raw message; raises Unreadable."""
        return read(raw)

    async def send(self, outgoing: Outgoing) -> Sent:
        """Send a reply; raises DeliveryDeferred, CredentialsRefused, DeliveryFailed, DeliveryUnknown."""
        account = self._accounts.get(outgoing.account)
        if account is None:
            raise DeliveryDeferred(f"no account {outgoing.account!r} of Twilio is configured")
        return await account.send(outgoing)

    async def fetch(self, account: str, reference: str, into: FileSink) -> Fetched:
        """Fetch the file of a message; raises DeliveryDeferred, DeliveryFailed."""
        known = self._accounts.get(account)
        if known is None:
            raise DeliveryFailed(f"the account {account} of Twilio is not configured any more")
        return await known.fetch(reference, into)

    async def stop(self) -> None:
        """Close connections."""
        for account in self._accounts.values():
            await account.close()

    def _verify(self, post: Post) -> None:
        self._accounts[post.account].verify(post)

    def _answer(self, post: Post) -> bytes:
        return self._accounts[post.account].answer(post)
