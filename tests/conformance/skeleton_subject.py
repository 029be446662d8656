"""The template of a channel for the conformance tests: posts both ways."""

import hashlib
import hmac
import json
from typing import Any, Literal

from aiohttp import ClientSession, web

from trunkline.adapters.skeleton import SkeletonChannel, SkeletonSettings
from trunkline.web.service import WebService, new_application

from .subject import Answer, Sealed, Subject, url_of


class SkeletonSubject(Subject):
    """The template to copy: posts both ways."""

    account = "desk"
    sender_key = "skeleton:maria"
    has_vendor = False
    secret = b"a secret of the tests"
    gives_files = True

    async def open(self) -> None:
        self._far_end = "taken"
        self._arrived: list[bytes] = []
        self._content = b""
        vendor = web.Application()
        vendor.router.add_post("/", self._take)
        vendor.router.add_get("/files/{id}", self._give)
        self._vendor = WebService(vendor, "127.0.0.1", 0)
        await self._vendor.start()
        self._channel = self._made(url_of(self._vendor))
        self.adapter = self._channel
        ours = new_application()
        self._channel.routes(ours)
        self._service = WebService(ours, "127.0.0.1", 0)
        await self._service.start()

    def _made(self, endpoint: str) -> Any:
        settings = SkeletonSettings(endpoint=endpoint, allow_private=True)
        return SkeletonChannel(settings, intake=self.intake, secret=self.secret)  # type: ignore[arg-type]

    async def close(self) -> None:
        await self._channel.stop()
        await self._service.stop()
        await self._vendor.stop()

    async def deliver(self, identifier: str, text: str) -> Answer:
        return await self._post(identifier, {"from": "maria", "text": text})

    async def deliver_file(self, identifier: str, content: bytes) -> Answer:
        self._content = content
        file = {"id": "F/1", "name": "bill.pdf", "type": "application/pdf"}
        return await self._post(identifier, {"from": "maria", "text": "", "files": [file]})

    def sealed(self, body: bytes = b"", stamp: str | None = None) -> Sealed:  # noqa: ARG002
        body = body or json.dumps({"from": "maria", "text": "Hello"}).encode()
        id_ = hashlib.sha256(body).hexdigest()
        signature = hmac.new(self.secret, f"{id_}.".encode() + body, "sha256").hexdigest()
        headers = {"X-Skeleton-Id": id_, "X-Skeleton-Signature": signature}
        return Sealed(url_of(self._service, "v1/skeleton/desk"), headers, body, "X-Skeleton-Signature")

    async def _post(self, identifier: str, message: dict[str, Any]) -> Answer:
        body = json.dumps(message).encode()
        signature = hmac.new(self.secret, identifier.encode() + b"." + body, "sha256").hexdigest()
        headers = {"X-Skeleton-Id": identifier, "X-Skeleton-Signature": signature}
        async with (
            ClientSession() as session,
            session.post(url_of(self._service, "v1/skeleton/desk"), data=body, headers=headers) as response,
        ):
            return "taken" if response.status == 200 else "later" if response.status == 503 else "never"

    def set_far_end(self, answer: Answer | Literal["away", "silent"]) -> None:
        self._far_end = answer

    @property
    def arrived(self) -> list[bytes]:
        return self._arrived

    async def _give(self, request: web.Request) -> web.Response:
        if self._far_end == "taken" and request.match_info["id"] == "F/1":
            return web.Response(body=self._content, content_type="application/pdf")
        return await self._take(request)

    async def _take(self, request: web.Request) -> web.Response:
        if self._far_end in {"away", "silent"}:
            assert request.transport is not None
            request.transport.abort()
        if self._far_end == "taken":
            self._arrived.append(await request.read())
        return web.Response(status={"taken": 200, "later": 503, "never": 404}.get(self._far_end, 500))


SUBJECT = SkeletonSubject
