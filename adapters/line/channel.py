"""The channel `line`: official accounts of LINE, by its Messaging API.

LINE posts events to `/v1/line/{account}`, answers are pushed, files are fetched, from LINE and by LINE. The face is the
one of all vendors (vendor_webhook.py); LINE wants an answer within two seconds. Events, reading and sending are parts
of their own; this puts them together as the contract asks.
"""

from collections.abc import Callable, Iterable, Sequence
from urllib.parse import quote

from aiohttp import web
from prometheus_client.core import Metric
from yarl import URL

from ...config.secret_store import Secret
from ...normalizer.envelope import RawMessage
from ...normalizer.outgoing import Fetched, FileSink, Outgoing, Parsed, Sent
from ...normalizer.sending_limits import Destination
from ...queue.intake import Intake
from ...web.downloads import Files
from ...web.peers import Peers
from ...web.vendor_api import VendorApi
from ..contract import Adapter
from ..public_files import FileAddresses
from ..vendor_accounts import VendorAccounts
from ..vendor_files import VendorFiles
from ..vendor_post import Event, Post
from ..vendor_webhook import Contract, VendorWebhook
from .events import CHANNEL, split, verify
from .limits import sends
from .messages import LineMessages
from .parsing import read
from .preview import PREVIEW
from .pushes import Pushes
from .sending import LineSender, judge
from .settings import LineAccountSettings, LineSettings, access_token, channel_secret

PATIENCE = 1.5
PREVIEW_PATH = "/files/line/preview.png"


class LineAccount:
    """One official account: what it is asked by, and what it asks."""

    def __init__(
        self,
        settings: LineAccountSettings,
        secret: str,
        token: str,
        messages: LineMessages,
        pushes: Pushes,
        now: Callable[[], int],
    ) -> None:
        self.groups = settings.groups
        self.secret = secret.encode()
        self._headers = {"Authorization": f"Bearer {token}"}
        self._data_api = settings.data_api
        self._api = VendorApi("LINE", settings.api, judge=judge)
        there = URL(settings.data_api)
        self._files = VendorFiles([there.host or ""], allow_private=there.scheme == "http")
        self.send = LineSender(self._api, token, messages, pushes, now).send

    async def fetch(self, message: str, into: FileSink) -> Fetched:
        """Pour out the file of a message; see `Adapter.fetch`."""
        url = f"{self._data_api}/v2/bot/message/{quote(message, safe='')}/content"
        return await self._files.get(url, into, headers=self._headers)

    async def close(self) -> None:
        """Close connections."""
        await self._api.close()
        await self._files.close()


class LineChannel(Adapter):
    """LINE, both directions."""

    channel = CHANNEL

    def __init__(
        self,
        settings: LineSettings,
        *,
        intake: Intake,
        secret_of: Callable[[Secret], str],
        files: FileAddresses,
        blobs: Files,
        pushes: Pushes,
        now: Callable[[], int],
        peers: Peers | None = None,
    ) -> None:
        """Raises Misconfigured when a secret is missing."""
        accounts = {}
        for name, account in settings.root.items():
            address = account.address or ""
            taken = sends(settings, Destination(account=name))
            messages = LineMessages(address, f"{address}{PREVIEW_PATH}", taken, files, blobs)
            secret, token = secret_of(channel_secret(name)), secret_of(access_token(name))
            accounts[name] = LineAccount(account, secret, token, messages, pushes, now)
        self._accounts = VendorAccounts("LINE account", accounts)
        contract = Contract(verify=self._verify, split=self._split, patience=PATIENCE)
        self._face = VendorWebhook(CHANNEL, self._accounts, contract, intake, peers)

    def routes(self, application: web.Application) -> None:
        """Mount the face, and the preview that LINE fetches."""
        self._face.mount(application)
        application.router.add_get(PREVIEW_PATH, _preview)

    def metrics(self) -> Iterable[Metric]:
        """How posts of LINE ended."""
        return self._face.metrics()

    def outgoing_id(self, article_id: str, account: str) -> str:  # noqa: ARG002
        """The retry key of a push, which has to be a UUID, as ids of articles are."""
        return article_id

    async def parse(self, raw: RawMessage) -> Parsed:
        """Read a raw message; raises Unreadable."""
        return read(raw)

    async def send(self, outgoing: Outgoing) -> Sent:
        """Push an answer; raises DeliveryDeferred, CredentialsRefused, DeliveryFailed, DeliveryUnknown."""
        return await self._accounts.sending(outgoing.account).send(outgoing)

    async def fetch(self, account: str, reference: str, into: FileSink) -> Fetched:
        """Fetch the file of a message; raises DeliveryDeferred, DeliveryFailed."""
        return await self._accounts.fetching(account).fetch(reference, into)

    async def stop(self) -> None:
        """Close connections."""
        for account in self._accounts.values():
            await account.close()

    def _verify(self, post: Post) -> None:
        verify(post, self._accounts[post.account].secret)

    def _split(self, post: Post) -> Sequence[Event]:
        return split(post, self._accounts[post.account].groups)


async def _preview(_: web.Request) -> web.Response:
    return web.Response(body=PREVIEW, content_type="image/png")
