"""Twilio, stood in for: one account, its API on loopback, and the people who write by SMS and WhatsApp.

What they write is posted as a signed form. An answer is sent, delivered and, on WhatsApp, read, and each is posted to
where the answer's status is to go. Limits: it believes what it is told, as the strict one of the tests does not; its
list of messages has the last `KEPT` answers and none of what customers wrote, all of which is posted.
"""

import hashlib
import hmac
from base64 import b64encode
from collections import deque
from collections.abc import Callable, Mapping
from email.utils import formatdate
from urllib.parse import urlencode, urlsplit

from aiohttp import encode_basic_auth, web

from ..background_tasks import BackgroundTasks
from ..pace import Pace
from ..people import Person
from .gateway_door import GatewayDoor
from .phone_line import Heard, PhoneFile, PhoneLine

ON_THE_WAY = 0.8  # seconds of life
READING = 1.5
KEPT = 200
_WHATSAPP = "whatsapp:"
_FORM = "application/x-www-form-urlencoded; charset=UTF-8"


class NumberPlatform:
    """One account, known to Twilio as `sid`, whose posts go to `address`, as the public knows it."""

    def __init__(
        self,
        sid: str,
        token: str,
        address: str,
        api: str,
        door: GatewayDoor,
        pace: Pace,
        tasks: BackgroundTasks,
        *,
        now: Callable[[], int],
    ) -> None:
        """`api` is where this listens; `now` is in milliseconds, and keeps apart the ids of one demo and the next."""
        self._sid = sid
        self._token = token
        self._address = address
        self._base = f"{api}/2010-04-01/Accounts/{sid}"
        self._door = door
        self._pace = pace
        self._tasks = tasks
        self._now = now
        self._run = now()
        self._messages = 0
        self._lines: dict[str, NumberLine] = {}
        self._files: dict[str, PhoneFile] = {}
        self._sent = deque[Mapping[str, str]](maxlen=KEPT)
        self.application = web.Application()
        account = "/2010-04-01/Accounts/{sid}"
        self.application.router.add_post(f"{account}/Messages.json", self._create)
        self.application.router.add_get(f"{account}/Messages.json", self._list)
        self.application.router.add_get(f"{account}/Messages/{{message}}/Media/{{media}}", self._media)

    def line(self, person: Person, ours: str) -> PhoneLine:
        """This person's conversation with a sender of ours, by SMS or WhatsApp as that is written."""
        line = NumberLine(self, person, ours)
        self._lines[line.theirs] = line
        return line

    async def receive(self, theirs: str, ours: str, **more: str) -> str:
        """Post what a customer sent; its SID. Raises ConnectionError."""
        sid = self._next()
        fields = {
            "MessageSid": sid,
            "SmsSid": sid,
            "SmsMessageSid": sid,
            "AccountSid": self._sid,
            "From": theirs,
            "To": ours,
            "Body": "",
            "NumMedia": "0",
            "NumSegments": "1",
            "SmsStatus": "received",
            "ApiVersion": "2010-04-01",
            **more,
        }
        await self._post(self._address, fields)
        return sid

    def keep(self, file: PhoneFile) -> str:
        """The address at which a file is fetched."""
        media = f"ME{hashlib.sha256(file.name.encode()).hexdigest()[:32]}"
        self._files[media] = file
        return f"{self._base}/Messages/MM{self._run:032x}/Media/{media}"

    def _next(self) -> str:
        self._messages += 1
        return f"SM{self._run:016x}{self._messages:016x}"

    async def _post(self, url: str, fields: Mapping[str, str]) -> None:
        """Post a form, signed over its public address and its fields in their order."""
        parts = urlsplit(url)
        signed = url + "".join(f"{name}{value}" for name, value in sorted(fields.items()))
        signature = b64encode(hmac.digest(self._token.encode(), signed.encode(), "sha1")).decode()
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        headers = {"X-Twilio-Signature": signature, "Content-Type": _FORM}
        await self._door.post(target, urlencode(fields).encode(), headers)

    async def _create(self, request: web.Request) -> web.Response:
        if not self._knows(request):
            return _unauthorized()
        form = await request.post()
        asked = {name: value for name, value in form.items() if isinstance(value, str)}
        sid, files = self._next(), len(form.getall("MediaUrl", []))
        told = {"sid": sid, "status": "queued", "direction": "outbound-api", "num_media": str(files)}
        told |= {"to": asked["To"], "from": asked.get("From", ""), "body": asked.get("Body", "")}
        self._sent.append({**told, "status": "sent", "date_sent": formatdate(self._now() / 1000, usegmt=True)})
        self._tasks.run(self._deliver(sid, asked))
        return web.json_response(told, status=201)

    async def _deliver(self, sid: str, asked: Mapping[str, str]) -> None:
        """Bring an answer to the phone, where it is read."""
        to, callback = asked["To"], asked.get("StatusCallback", "")
        about = {"MessageSid": sid, "SmsSid": sid, "AccountSid": self._sid, "To": to, "From": asked.get("From", "")}

        async def became(status: str) -> None:
            if callback:
                await self._post(callback, {**about, "MessageStatus": status, "SmsStatus": status})

        for status in ("sent", "delivered"):
            await self._pace.wait(ON_THE_WAY)
            await became(status)
        await self._pace.wait(READING)
        if to.startswith(_WHATSAPP):
            await became("read")
        if (line := self._lines.get(to)) is not None:
            line.heard.put_nowait(Heard(id=sid, text=asked.get("Body", "")))

    async def _list(self, request: web.Request) -> web.Response:
        if not self._knows(request):
            return _unauthorized()
        to = request.query.get("To")
        found = [each for each in reversed(self._sent) if to in (None, each["to"])]
        return web.json_response({"messages": found, "next_page_uri": None})

    async def _media(self, request: web.Request) -> web.Response:
        file = self._files.get(request.match_info["media"])
        if not self._knows(request) or file is None:
            return _unauthorized()
        return web.Response(body=file.content, content_type=file.media_type)

    def _knows(self, request: web.Request) -> bool:
        shown = request.headers.get("Authorization", "")
        return request.match_info["sid"] == self._sid and shown == encode_basic_auth(self._sid, self._token)


class NumberLine(PhoneLine):
    """One person's conversation by SMS or WhatsApp."""

    def __init__(self, platform: NumberPlatform, person: Person, ours: str) -> None:
        super().__init__()
        self._platform = platform
        self._ours = ours
        is_whatsapp = ours.startswith(_WHATSAPP)
        self.theirs = f"{_WHATSAPP}{person.phone}" if is_whatsapp else person.phone
        self._shown = {"ProfileName": person.name, "WaId": person.phone.lstrip("+")} if is_whatsapp else {}

    async def say(self, text: str) -> str:
        """Write."""
        return await self._platform.receive(self.theirs, self._ours, Body=text, **self._shown)

    async def show(self, file: PhoneFile, text: str = "") -> None:
        """A file with what is said of it."""
        told = {"NumMedia": "1", "MediaContentType0": file.media_type, "MediaUrl0": self._platform.keep(file)}
        await self._platform.receive(self.theirs, self._ours, Body=text, **told, **self._shown)


def _unauthorized() -> web.Response:
    return web.json_response({"code": 20003, "message": "Authenticate", "status": 401}, status=401)
