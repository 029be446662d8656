"""The channel `wechat`: WeChat official accounts.

WeChat posts to `/v1/wechat/{account}`, and asks there with GET whether the address is ours; answers leave as customer
service messages, files are fetched. The face is the one of all vendors (vendor_webhook.py); WeChat wants an answer
within five seconds, and tries three times. What it posts encrypted is stored decrypted; where our key does not open it,
it is stored as it came and opened when it is read, so that a key that was entered wrongly loses nothing.
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import lru_cache

from aiohttp import web
from prometheus_client.core import Metric

from ...config.errors import Unreadable
from ...config.secret_store import Secret
from ...normalizer.envelope import RawMessage
from ...normalizer.outgoing import Fetched, FileSink, Outgoing, Parsed, Sent
from ...queue.connection import Engine
from ...queue.intake import Intake
from ...web.peers import Peers
from ...web.vendor_api import VendorApi
from ..contract import Adapter
from ..sent_parts import Parts
from ..vendor_accounts import VendorAccounts
from ..vendor_post import Event, Post
from ..vendor_webhook import Contract, VendorWebhook
from .access_token import AskedToken, KeptToken
from .encryption import Letters
from .events import split
from .fetching import WechatFiles
from .official_api import VENDOR, OfficialApi
from .parsing import read
from .sending import ReadBlob, WechatSender
from .settings import CHANNEL, WechatAccountSettings, WechatSettings, app_secret, encoding_key, signing_token
from .signature import cipher_of, parameter, verify

PATIENCE = 3.5
KNOWN = 8
"""Bodies of which is known what is in them, from judging them until they are split."""
SUCCESS = b"success"


class WechatAccount:
    """One account: what its posts are judged and opened by, and what it asks."""

    def __init__(
        self,
        settings: WechatAccountSettings,
        token: str,
        key: str,
        api: OfficialApi,
        read_blob: ReadBlob,
        parts: Parts[str],
    ) -> None:
        self._settings = settings
        self._token = token
        self.letters = Letters(key, settings.app_id) if settings.encrypted else None
        self._cipher = lru_cache(KNOWN)(cipher_of)
        self._opened = lru_cache(KNOWN)(self.letters.opened) if self.letters else None
        self._api = api
        self._files = WechatFiles(settings.api, api)
        self.send, self.fetch = WechatSender(api, read_blob, parts).send, self._files.fetch

    def verify(self, post: Post, now: int) -> None:
        """Whether WeChat posted it, and for this account. Raises Forged."""
        if self._opened is None or post.method != "POST":
            return verify(post, self._token, now)
        cipher = self._cipher(post.body)
        verify(post, self._token, now, cipher)
        with suppress(Unreadable):  # ours to mend: it is kept until it can be opened
            self._opened(cipher)
        return None

    def split(self, post: Post) -> Sequence[Event]:
        """The message in a post. Raises Unreadable when it cannot be opened."""
        content = post.body if self._opened is None else self._opened(self._cipher(post.body))
        return split(content, self._settings.clicks)

    async def close(self) -> None:
        """Close connections."""
        await self._files.close()
        await self._api.close()


class WechatChannel(Adapter):
    """WeChat, both directions; `now` tells the time in milliseconds."""

    channel = CHANNEL

    def __init__(
        self,
        settings: WechatSettings,
        *,
        engine: Engine,
        intake: Intake,
        now: Callable[[], int],
        secret_of: Callable[[Secret], str],
        read_blob: ReadBlob,
        parts: Parts[str],
        peers: Peers | None = None,
    ) -> None:
        """Raises Misconfigured when a secret is missing."""
        self._now = now
        accounts = {
            name: WechatAccount(
                account,
                secret_of(signing_token(name)),
                secret_of(encoding_key(name)) if account.encrypted else "",
                _api(engine, name, account, secret_of(app_secret(name))),
                read_blob,
                parts,
            )
            for name, account in settings.root.items()
        }
        self._accounts = VendorAccounts("WeChat account", accounts)
        contract = Contract(
            verify=self._verify,
            split=self._split,
            handshake=_echo,
            answer=SUCCESS,
            answer_type="text/plain",
            patience=PATIENCE,
            methods=("GET", "POST"),
        )
        self._face = VendorWebhook(CHANNEL, self._accounts, contract, intake, peers)

    def routes(self, application: web.Application) -> None:
        """Mount the face."""
        self._face.mount(application)

    def metrics(self) -> Iterable[Metric]:
        """How posts of WeChat ended."""
        return self._face.metrics()

    def outgoing_id(self, article_id: str, account: str) -> str:  # noqa: ARG002
        """WeChat names no message of ours."""
        return article_id

    async def parse(self, raw: RawMessage) -> Parsed:
        """Read a raw message; raises Unreadable."""
        account = self._accounts.get(raw.account)
        return read(raw, account.letters if account else None)

    async def send(self, outgoing: Outgoing) -> Sent:
        """Send a reply; raises DeliveryDeferred, CredentialsRefused, DeliveryFailed, DeliveryUnknown."""
        return await self._accounts.sending(outgoing.account).send(outgoing)

    async def fetch(self, account: str, reference: str, into: FileSink) -> Fetched:
        """Fetch the file of a message; raises DeliveryDeferred, DeliveryFailed."""
        return await self._accounts.fetching(account).fetch(reference, into)

    async def stop(self) -> None:
        """Close connections."""
        for account in self._accounts.values():
            await account.close()

    def _verify(self, post: Post) -> None:
        self._accounts[post.account].verify(post, self._now())

    def _split(self, post: Post) -> Sequence[Event]:
        return self._accounts[post.account].split(post)


def _api(engine: Engine, name: str, settings: WechatAccountSettings, secret: str) -> OfficialApi:
    api = VendorApi(VENDOR, settings.api)
    return OfficialApi(api, KeptToken(engine, name, AskedToken(api, settings.app_id, secret), secret))


def _echo(post: Post) -> web.Response | None:
    """WeChat asks whether the address is ours, and wants its own text back."""
    return web.Response(text=parameter(post, "echostr")) if post.method == "GET" else None
