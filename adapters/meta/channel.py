"""The channel `meta`: Messenger, Instagram and WhatsApp, by the Graph API.

Meta posts to `/v1/meta/{account}`, which may be any account of the Meta app, and asks there once whether the address is
ours. It wants an answer within seconds and posts again for days. Posts, events, messages and sending are parts of their
own; this puts them together as the contract asks.
"""

from collections.abc import Callable, Iterable, Sequence

from aiohttp import hdrs, web
from prometheus_client.core import Metric

from ...config.secret_store import Secret
from ...normalizer.envelope import RawMessage
from ...normalizer.outgoing import Fetched, FileSink, Outgoing, Parsed, Sent
from ...normalizer.sending_limits import Destination
from ...queue.intake import Intake
from ...web.peers import Peers
from ..contract import Adapter
from ..public_files import FileAddresses
from ..sent_parts import Parts
from ..vendor_accounts import VendorAccounts
from ..vendor_post import Event, Post
from ..vendor_webhook import Contract, VendorWebhook
from .events import split
from .files import MetaFiles
from .graph import Graph
from .limits import COMMENT
from .parsing import Accounts, read
from .posts import challenge, verify
from .scoped_sending import PATH, ScopedSender
from .sending import ReadBlob
from .settings import CHANNEL, MetaAccountSettings, MetaSettings, access_token, app_secret, verify_token
from .typing_signs import TypingSigns
from .whatsapp_sending import WhatsAppSender

PATIENCE = 4.0
LARGEST = 4 * 1024 * 1024


class MetaAccount:
    """One account: what it is asked by, and what it asks."""

    def __init__(
        self,
        settings: MetaAccountSettings,
        *,
        secret: str,
        verify: str,
        token: str,
        read_blob: ReadBlob,
        parts: Parts[str],
        files: FileAddresses,
    ) -> None:
        self.secret = secret.encode()
        self.verify_token = verify
        self._graph = Graph(settings, token, secret)
        self._files = MetaFiles(settings, self._graph)
        self._typing = TypingSigns(self._graph, PATH) if settings.product == "messenger" else None
        self.send = (
            WhatsAppSender(settings, self._graph, read_blob, parts)
            if settings.product == "whatsapp"
            else ScopedSender(settings, self._graph, read_blob, parts, files)
        ).send
        self.fetch = self._files.fetch

    def typing(self, person: str) -> None:
        """Somebody writes an answer to them."""
        if self._typing is not None:
            self._typing.tell(person)

    async def close(self) -> None:
        """Close connections."""
        if self._typing is not None:
            await self._typing.stop()
        await self._files.close()
        await self._graph.close()


class MetaChannel(Adapter):
    """Messenger, Instagram and WhatsApp, both directions."""

    channel = CHANNEL

    def __init__(
        self,
        settings: MetaSettings,
        *,
        intake: Intake,
        secret_of: Callable[[Secret], str],
        read_blob: ReadBlob,
        parts: Parts[str],
        files: FileAddresses,
        peers: Peers | None = None,
    ) -> None:
        """Raises Misconfigured when a secret is missing."""
        self._settings = settings
        accounts = {
            name: MetaAccount(
                account,
                secret=secret_of(app_secret(settings.app_of(name))),
                verify=secret_of(verify_token(settings.app_of(name))),
                token=secret_of(access_token(name)),
                read_blob=read_blob,
                parts=parts,
                files=files,
            )
            for name, account in settings.root.items()
        }
        self._accounts = VendorAccounts("Meta account", accounts)
        contract = Contract(
            verify=self._verify,
            split=_split,
            handshake=challenge,
            patience=PATIENCE,
            largest=LARGEST,
            methods=(hdrs.METH_GET, hdrs.METH_POST),
        )
        self._face = VendorWebhook(CHANNEL, self._accounts, contract, intake, peers)

    def routes(self, application: web.Application) -> None:
        """Mount the face."""
        self._face.mount(application)

    def metrics(self) -> Iterable[Metric]:
        """How posts of Meta ended."""
        return self._face.metrics()

    def outgoing_id(self, article_id: str, account: str) -> str:  # noqa: ARG002
        """What the mark of a message names, by which Meta's receipts find the article."""
        return article_id

    async def parse(self, raw: RawMessage) -> Parsed:
        """Read a raw message; raises Unreadable."""
        return read(raw, Accounts(self._settings, raw.account))

    async def send(self, outgoing: Outgoing) -> Sent:
        """Send an answer; raises DeliveryDeferred, CredentialsRefused, DeliveryFailed, DeliveryUnknown."""
        return await self._accounts.sending(outgoing.account).send(outgoing)

    def typing(self, to: Destination) -> None:
        """The customer sees on Messenger that somebody writes."""
        account = self._accounts.get(to.account)
        if account is not None and not to.conversation.startswith(COMMENT):
            account.typing(to.to.rpartition(":")[2])

    async def fetch(self, account: str, reference: str, into: FileSink) -> Fetched:
        """Fetch the file of a message; raises DeliveryDeferred, DeliveryFailed."""
        return await self._accounts.fetching(account).fetch(reference, into)

    async def stop(self) -> None:
        """Close connections."""
        for account in self._accounts.values():
            await account.close()

    def _verify(self, post: Post) -> None:
        account = self._accounts[post.account]
        verify(post, account.secret, account.verify_token)


def _split(post: Post) -> Sequence[Event]:
    return split(post)
