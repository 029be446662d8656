"""The channel wechat for the conformance tests: the platform that posts, encrypted, and the API that takes answers."""

import json
from collections.abc import Mapping
from typing import Any, Literal
from urllib.parse import urlencode

from aiohttp import ClientSession

from tests.fakes.wechat import MOST, FakeWechat, encrypted, xml_of
from tests.memory_parts import MemoryParts
from trunkline.adapters.wechat.channel import WechatChannel
from trunkline.adapters.wechat.settings import WechatSettings
from trunkline.config.secret_store import Secret
from trunkline.normalizer.envelope import Assurance
from trunkline.web.service import WebService, new_application

from .subject import Alter, Answer, Sealed, Subject, hand_in, url_of

APP_ID, MARIA = "wxba5fad812f8e6fb9", "o" + "a1" * 13 + "a"
SECRET, TOKEN, KEY = "5ec2e7" * 5 + "00", "aTokenOfTheTests", "anEncodingKeyOfTheTests" + "A" * 20
NOW = 1_796_000_000


class MemoryEngine:
    """Keeps keys as the engine does, as far as an access token and parts of replies need it."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def keys(self, *parts: str) -> str:
        return ":".join(parts)

    async def call(self, command: str, key: str, *given: Any) -> Any:
        if command == "GET":
            return self.kept.get(key)
        if command == "DEL":
            return int(self.kept.pop(key, None) is not None)
        assert command == "SET"
        if "NX" in given and key in self.kept:
            return None
        self.kept[key] = str(given[0]).encode()
        return b"OK"


class WechatSubject(Subject):
    """One official account and one person who writes to it."""

    account = "shop"
    sender_key = f"wechat:{MARIA}"
    believed = Assurance.CHANNEL
    gives_files = True
    secrets = (SECRET, TOKEN, KEY, "an-access-token-of-the-tests")
    encrypted = True
    stamp = str(NOW)

    async def open(self) -> None:
        self._messages: dict[str, dict[str, Any]] = {}
        self.engine, self.parts, self.blobs = MemoryEngine(), MemoryParts(), dict[str, bytes]()
        self.wechat = FakeWechat(APP_ID, SECRET, TOKEN, KEY, now=NOW, encrypts=self.encrypted)
        await self.wechat.__aenter__()
        self.wechat.left[MARIA] = MOST
        given = {"app_id": APP_ID, "api": self.wechat.base, "encrypted": self.encrypted}
        self._channel = WechatChannel(
            WechatSettings.model_validate({self.account: given}),
            engine=self.engine,  # type: ignore[arg-type]
            intake=self.intake,  # type: ignore[arg-type]
            now=lambda: NOW * 1000,
            secret_of=self._secret,
            read_blob=self._blob,
            parts=self.parts,
        )
        self.adapter = self._channel
        ours = new_application()
        self._channel.routes(ours)
        self._service = WebService(ours, "127.0.0.1", 0)
        await self._service.start()
        self.url = url_of(self._service, "v1/wechat/shop")

    def _secret(self, secret: Secret) -> str:
        return {"wechat_shop": SECRET, "wechat_shop_token": TOKEN, "wechat_shop_key": KEY}[secret.name]

    async def _blob(self, sha256: str) -> bytes:
        return self.blobs[sha256]

    async def close(self) -> None:
        await self._channel.stop()
        await self._service.stop()
        await self.wechat.__aexit__()

    async def deliver(self, identifier: str, text: str) -> Answer:
        first = self._messages.setdefault(identifier, self.wechat.message(MARIA, "text", Content=text))
        return await self._post(first | {"Content": text, "CreateTime": NOW + int(identifier)})

    async def deliver_file(self, identifier: str, content: bytes) -> Answer:
        self.wechat.files = {identifier: (content, "image/jpeg")}
        return await self._post(self.wechat.message(MARIA, "image", PicUrl="http://p.example/1", MediaId=identifier))

    def sealed(self, body: bytes = b"", stamp: str | None = None) -> Sealed:
        return self._sealed(body, stamp)

    async def post_as(self, alter: Alter, body: bytes = b"") -> int:
        async with ClientSession() as session:
            return await hand_in(session, self._sealed(body, None, alter))

    def _sealed(self, body: bytes, stamp: str | None, alter: Alter = str) -> Sealed:
        """With nothing in its body that is not signed; the proof stands in the query."""
        content = body or xml_of(self.wechat.message(MARIA, "text", Content="Hello"))
        cipher = encrypted(KEY, content, APP_ID) if self.encrypted else ""
        query, signs = self.wechat.query(cipher, stamp), "msg_signature" if cipher else "signature"
        signature = alter(query.pop(signs))
        query |= {} if signature is None else {signs: signature}
        posted = f"<xml><Encrypt><![CDATA[{cipher}]]></Encrypt></xml>".encode() if cipher else content
        return Sealed(f"{self.url}?{urlencode(query, errors='surrogateescape')}", {}, posted, "")

    def refuse_credentials(self) -> None:
        self.wechat.secret = "another secret"

    async def _post(self, message: Mapping[str, Any]) -> Answer:
        status = await self.wechat.post(self.url, message)
        return "taken" if status == 200 else "later" if status == 503 else "never"

    def set_far_end(self, answer: Answer | Literal["away", "silent"]) -> None:
        self.wechat.breaks_off = answer == "away"
        self.wechat.loses_answers = answer == "silent"
        self.wechat.refusals = {"later": [-1], "never": [45015]}.get(answer, [])
        if answer == "never":
            self.wechat.files = {}

    @property
    def arrived(self) -> list[bytes]:
        sent = [] if self.wechat.loses_answers else self.wechat.sent
        return [json.dumps(each, ensure_ascii=False).encode() for each in sent]


SUBJECT = WechatSubject
