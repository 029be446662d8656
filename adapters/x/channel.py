"""The channel `x`: accounts of X, their direct messages and what is written to them in public.

X posts to `/v1/x/{account}`, which may be any account of the app, and sends a challenge there now and then. It wants an
answer within seconds and posts again a few times. Posts, events, messages and sending are parts of their own; this puts
them together as the contract asks.
"""

from collections.abc import Callable, Iterable, Sequence

from aiohttp import hdrs, web
from prometheus_client.core import Metric

from ...config.secret_store import Secret
from ...normalizer.envelope import RawMessage
from ...normalizer.outgoing import Fetched, FileSink, Outgoing, Parsed, Sent
from ...queue.intake import Intake
from ...web.peers import Peers
from ..contract import Adapter
from ..sent_parts import Parts
from ..vendor_accounts import VendorAccounts
from ..vendor_post import Event, Post
from ..vendor_webhook import Contract, VendorWebhook
from .api import XApi
from .asking import credentials_of
from .events import split
from .files import XFiles
from .parsing import Accounts, read
from .posts import challenge, verify
from .sending import ReadBlob, XSender
from .settings import CHANNEL, XSettings

PATIENCE = 2.5


class XAccount:
    """One account: what it is asked by, and what it asks."""

    def __init__(
        self, settings: XSettings, name: str, secret_of: Callable[[Secret], str], read_blob: ReadBlob, parts: Parts[str]
    ) -> None:
        account, app = settings.root[name], settings.root[settings.app_of(name)]
        self.secret = secret_of(settings.signing_secret(name)).encode()
        self.by_client = app.signed_by == "client"
        self._api = XApi(account.api, credentials_of(settings, name, secret_of))
        self._files = XFiles(account.api, self._api)
        self.send = XSender(account.id, self._api, read_blob, parts).send
        self.fetch = self._files.fetch

    async def close(self) -> None:
        """Close connections."""
        await self._files.close()
        await self._api.close()


class XChannel(Adapter):
    """X, both directions."""

    channel = CHANNEL

    def __init__(
        self,
        settings: XSettings,
        *,
        intake: Intake,
        secret_of: Callable[[Secret], str],
        read_blob: ReadBlob,
        parts: Parts[str],
        peers: Peers | None = None,
    ) -> None:
        """Raises Misconfigured when a secret is missing."""
        self._settings = settings
        accounts = {name: XAccount(settings, name, secret_of, read_blob, parts) for name in settings.root}
        self._accounts = VendorAccounts("X account", accounts)
        contract = Contract(
            verify=self._verify,
            split=_split,
            handshake=self._challenge,
            patience=PATIENCE,
            methods=(hdrs.METH_GET, hdrs.METH_POST),
        )
        self._face = VendorWebhook(CHANNEL, self._accounts, contract, intake, peers)

    def routes(self, application: web.Application) -> None:
        """Mount the face."""
        self._face.mount(application)

    def metrics(self) -> Iterable[Metric]:
        """How posts of X ended."""
        return self._face.metrics()

    def outgoing_id(self, article_id: str, account: str) -> str:  # noqa: ARG002
        """Ours alone: X takes no id of ours, and tells of a message by its own."""
        return article_id

    async def parse(self, raw: RawMessage) -> Parsed:
        """Read a raw message; raises Unreadable."""
        return read(raw, Accounts(self._settings, raw.account))

    async def send(self, outgoing: Outgoing) -> Sent:
        """Send an answer; raises DeliveryDeferred, CredentialsRefused, DeliveryFailed, DeliveryUnknown."""
        return await self._accounts.sending(outgoing.account).send(outgoing)

    async def fetch(self, account: str, reference: str, into: FileSink) -> Fetched:
        """Fetch the file of a message; raises DeliveryDeferred, DeliveryFailed."""
        return await self._accounts.fetching(account).fetch(reference, into)

    async def stop(self) -> None:
        """Close connections."""
        for account in self._accounts.values():
            await account.close()

    def _verify(self, post: Post) -> None:
        account = self._accounts[post.account]
        verify(post, account.secret, by_client=account.by_client)

    def _challenge(self, post: Post) -> web.Response | None:
        return challenge(post, self._accounts[post.account].secret)


def _split(post: Post) -> Sequence[Event]:
    return split(post)
