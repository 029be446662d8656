"""Articles over HTTP: read one, have its bytes as they came, decide about a delivery that went wrong; attachments."""

import json
from typing import Annotated

from aiohttp import web
from pydantic import Field

from ..config.errors import Conflict, NotFound
from ..normalizer.envelope import Attachment
from ..queue.blobs import Blobs
from ..queue.connection import Engine
from ..router.actions import Actions
from ..router.policy import CurrentPolicy
from ..router.reader import Reader
from ..router.records import Article
from ..router.ticket_keys import TicketKeys
from ..web.downloads import OCTETS, download, download_blob
from ..web.operations import Call, Operation
from .acting_agent import actor_of
from .request_fields import RecordPath, RequestModel
from .ticket_models import DeliveryBody

MOST_OWNERS = 100  # articles looked at for an attachment; more would only repeat the same file


class AttachmentPath(RequestModel):
    """Names an attachment."""

    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", description="The hash that its article gives.")]


class ArticlesApi:
    """The operations on articles."""

    def __init__(self, actions: Actions, reader: Reader, blobs: Blobs, engine: Engine, policy: CurrentPolicy) -> None:
        self._actions = actions
        self._reader = reader
        self._blobs = blobs
        self._engine = engine
        self._keys = TicketKeys(engine)
        self._policy = policy

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
        """Send again, or record that it has arrived."""
        decide = self._actions.resend if body.action == "resend" else self._actions.mark_sent
        await decide(path.id, actor=actor_of(call.principal))
        return await self._reader.article(path.id)

    async def attachment(self, call: Call, path: AttachmentPath) -> web.StreamResponse:
        """The bytes of a file that came with a message."""
        found = await self._attached(path.sha256)
        return await download_blob(call.request, self._blobs, found.sha256, found.name)

    async def _attached(self, sha: str) -> Attachment:
        """The attachment as an article names it. Other blobs (raw messages, long texts) are nobody's attachments."""
        prefix = f"b:{sha}:"
        owners = await self._engine.call(
            "ZRANGE", self._keys.blobs["references"], f"[{prefix}", f"(b:{sha};", "BYLEX", "LIMIT", 0, MOST_OWNERS
        )
        for owner in owners:
            key = self._keys.article(owner.decode().removeprefix(prefix))
            stored = await self._engine.call("HGET", key, "attachments")
            for attachment in json.loads(stored or b"[]"):
                if attachment["sha256"] == sha:
                    return Attachment.model_validate(attachment)
        raise NotFound("no article has this attachment")
