"""Articles over HTTP: read one, have its bytes as they came, decide about a delivery that went wrong; attachments."""

from functools import partial
from typing import Annotated

from aiohttp import web
from pydantic import Field

from ..config.errors import Conflict
from ..queue.blobs import Blobs
from ..router.actions import Actions
from ..router.policy import CurrentPolicy
from ..router.reader import Reader
from ..router.records import Article
from ..web.downloads import OCTETS, download, download_blob
from ..web.operations import Call, Operation
from .access.access import Access
from .acting_agent import actor_of
from .request_fields import RecordPath, RequestModel
from .ticket_models import DeliveryBody


class AttachmentPath(RequestModel):
    """Names an attachment."""

    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", description="The hash that its article gives.")]


class ArticlesApi:
    """The operations on articles."""

    def __init__(self, actions: Actions, reader: Reader, blobs: Blobs, policy: CurrentPolicy, access: Access) -> None:
        self._actions = actions
        self._reader = reader
        self._blobs = blobs
        self._policy = policy
        self._access = access

    def operations(self) -> list[Operation]:
        """What is offered at `/v1/articles` and `/v1/attachments`."""
        one, tag = "/v1/articles/{id}", "articles"
        return [
            Operation(
                method="GET", path=one, handler=self.get, scope="tickets:read", tag=tag, summary="Read an article"
            ),
            Operation(
                method="GET",
                path=f"{one}/original",
                handler=self.original,
                scope="tickets:read",
                tag=tag,
                summary="Download a message as it came",
                description="`message/rfc822` for mail, else `application/octet-stream`.",
                produces="*/*",
            ),
            Operation(
                method="POST",
                path=f"{one}/delivery",
                handler=self.deliver,
                scope="tickets:write",
                tag=tag,
                summary="Decide about a message that failed, or whose fate is unknown",
                idempotent=True,
                raises=(Conflict,),
                example={"action": "resend"},
            ),
            Operation(
                method="GET",
                path="/v1/attachments/{sha256}",
                handler=self.attachment,
                scope="tickets:read",
                tag=tag,
                summary="Download an attachment",
                description="Only what is attached to an article; its media type stands there.",
                produces=OCTETS,
            ),
        ]

    async def get(self, _: Call, path: RecordPath) -> Article:
        """One article with its HTML."""
        return await self._reader.article(path.id)

    async def original(self, _: Call, path: RecordPath) -> web.Response:
        """The bytes as the channel gave them."""
        article = await self._reader.article(path.id)
        media_type, suffix = self._policy().channels[article.channel].original
        return download(await self._reader.original(article.id), f"{article.id}.{suffix}", media_type)

    async def deliver(self, call: Call, path: RecordPath, body: DeliveryBody) -> Article:
        """Send again, there or elsewhere, or record that it has arrived."""
        await body.decide(self._actions, path.id, actor=actor_of(call.principal))
        return await self._reader.article(path.id)

    async def attachment(self, call: Call, path: AttachmentPath) -> web.StreamResponse:
        """The bytes of a file that came with a message."""
        found = await self._reader.attachment(path.sha256, partial(self._access.sees_article, call.principal))
        return await download_blob(call.request, self._blobs, found.sha256, found.name)
