"""Twilio on loopback: the part of its REST API that is used, as strict as Twilio, and the platform that posts.

Errors have Twilio's shape. Switches: `refusals` are answers that the next requests get; `loses_answers` takes a
message and breaks off before it answers; `breaks_off` takes nothing and breaks off; after `busy_after` messages the
next request gets 429. It fetches the files of our messages, by HEAD and GET, where `reach` says what stands for a
public address. Posts are signed by Twilio's own package, over the public address, wherever they are posted to.
"""

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

from aiohttp import ClientSession, encode_basic_auth, web
from multidict import MultiDict
from twilio.request_validator import RequestValidator

from .vendor_service import VendorService, broken_off

SID = "AC" + "0a" * 16
OURS, MARIA = "+4930901820", "+4917612345678"
_E164 = re.compile(r"\+[1-9]\d{6,14}\Z")
_TAKEN = {
    *("To", "From", "MessagingServiceSid", "Body", "StatusCallback", "ContentSid", "ContentVariables", "MediaUrl"),
}


@dataclass(frozen=True)
class FetchedFile:
    """A file of ours as Twilio got it: what HEAD and GET were answered."""

    statuses: tuple[int, int]
    content: bytes
    media_type: str
    disposition: str


@dataclass
class FakeTwilio(VendorService):
    """`sent` are the messages that were taken, `asked` counts every request for one."""

    token: str
    sid: str = SID
    refusals: list[tuple[int, int, str, dict[str, str]]] = field(default_factory=list)
    loses_answers: bool = False
    breaks_off: bool = False
    busy_after: int | None = None
    opted_out: set[str] = field(default_factory=set)
    files: dict[str, tuple[bytes, str]] = field(default_factory=dict)
    reach: dict[str, str] = field(default_factory=dict)
    fetched: list[FetchedFile] = field(default_factory=list)
    messages: list[dict[str, Any]] = field(default_factory=list)
    """What its list of messages tells."""
    calls: list[dict[str, Any]] = field(default_factory=list)
    """What its list of calls tells, each with its recordings."""
    page: int = 2
    """The most that one page of it has."""
    sent: list[dict[str, str]] = field(default_factory=list)
    about: dict[str, Any] = field(default_factory=lambda: {"status": "active", "type": "Full"})
    """What is told of the account."""
    numbers: list[dict[str, Any]] = field(default_factory=list)
    """Its IncomingPhoneNumbers."""
    services: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Its Messaging Services, by SID; `numbers` are those in it."""
    senders: list[dict[str, Any]] = field(default_factory=list)
    """Its senders of WhatsApp and RCS."""
    arrival: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when a message was taken."""
    asked: int = 0
    posts: int = 0

    def __post_init__(self) -> None:
        application = web.Application()
        account = "/2010-04-01/Accounts/{sid}"
        application.router.add_post(f"{account}/Messages.json", self._create)
        application.router.add_get(f"{account}/Messages.json", self._list)
        application.router.add_get(f"{account}/Calls.json", self._calls)
        application.router.add_get(f"{account}/Calls/{{call}}/Recordings.json", self._recordings)
        application.router.add_get(f"{account}/Messages/{{message}}/Media.json", self._media_list)
        application.router.add_get(f"{account}/Messages/{{message}}/Media/{{media}}", self._media)
        application.router.add_get(f"{account}/Recordings/{{media}}", self._media)
        application.router.add_get("/cdn/{media}", self._cdn)
        application.router.add_get("/2010-04-01/Accounts/{sid}.json", self._account)
        application.router.add_get(f"{account}/IncomingPhoneNumbers.json", self._numbers)
        application.router.add_get("/v1/Services/{service}", self._one_service)
        application.router.add_get("/v1/Services/{service}/PhoneNumbers", self._in_service)
        application.router.add_get("/v2/Channels/Senders", self._senders)
        self.serve(application)

    # The platform

    def message(self, text: str = "", *, id_: str = "", **more: str) -> dict[str, str]:
        """What Twilio posts of an SMS."""
        self.posts += 1
        message = id_ or f"SM{self.posts:032x}"
        return {
            "ToCountry": "DE",
            "ToState": "",
            "SmsMessageSid": message,
            "NumMedia": "0",
            "ToCity": "",
            "FromZip": "",
            "SmsSid": message,
            "SmsStatus": "received",
            "Body": text,
            "FromCountry": "DE",
            "To": OURS,
            "NumSegments": "1",
            "MessageSid": message,
            "AccountSid": self.sid,
            "From": MARIA,
            "ApiVersion": "2010-04-01",
            **more,
        }

    def with_file(self, content: bytes, media_type: str, *, id_: str = "", **more: str) -> dict[str, str]:
        """What Twilio posts of an MMS with one file."""
        media = f"ME{len(self.files):032x}"
        self.files[media] = content, media_type
        told = self.message(id_=id_, NumMedia="1", MediaContentType0=media_type, **more)
        address = f"{self.base}/2010-04-01/Accounts/{self.sid}/Messages/{told['MessageSid']}/Media/{media}"
        return {**told, "MediaUrl0": address}

    def call(self, **more: str) -> dict[str, str]:
        """What Twilio posts when somebody calls."""
        self.posts += 1
        about = {"CallSid": f"CA{self.posts:032x}", "AccountSid": self.sid, "ApiVersion": "2010-04-01"}
        ends = {"From": MARIA, "To": OURS, "Caller": MARIA, "Called": OURS}
        return {**about, **ends, "CallStatus": "ringing", "Direction": "inbound", **more}

    def recording(self, call: Mapping[str, str], content: bytes) -> dict[str, str]:
        """What Twilio posts when the recording of a call is ready; it does not say who called."""
        recording = f"RE{len(self.files):032x}"
        self.files[f"{recording}.mp3"] = content, "audio/mpeg"
        return {
            "AccountSid": self.sid,
            "CallSid": call["CallSid"],
            "RecordingSid": recording,
            "RecordingUrl": f"{self.base}/2010-04-01/Accounts/{self.sid}/Recordings/{recording}",
            "RecordingStatus": "completed",
            "RecordingDuration": "23",
            "RecordingChannels": "1",
            "RecordingSource": "RecordVerb",
        }

    def transcript(self, recording: Mapping[str, str], text: str) -> dict[str, str]:
        """What Twilio posts when it has written down a recording."""
        names = ("AccountSid", "CallSid", "RecordingSid", "RecordingUrl")
        told = {"TranscriptionSid": "TR" + "e3" * 16, "TranscriptionText": text, "TranscriptionStatus": "completed"}
        return {**{name: recording[name] for name in names}, **told}

    def receipt(self, number: int, status: str, **more: str) -> dict[str, str]:
        """What Twilio posts of the message of ours with this index."""
        sent = self.sent[number]
        return {
            "SmsSid": sent["sid"],
            "SmsStatus": status,
            "MessageStatus": status,
            "To": sent["To"],
            "MessageSid": sent["sid"],
            "AccountSid": self.sid,
            "From": sent.get("From", OURS),
            "ApiVersion": "2010-04-01",
            **more,
        }

    def signature(self, url: str, fields: Mapping[str, str]) -> str:
        """As Twilio signs a form that it posts to a public address."""
        return str(RequestValidator(self.token).compute_signature(url, dict(fields)))

    async def post(self, url: str, fields: Mapping[str, str], *, public: str = "") -> tuple[int, str]:
        """Post to `url`, known to Twilio as `public`; status and body of the answer. Raises ClientError."""
        headers = {
            "X-Twilio-Signature": self.signature(public or url, fields),
            "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
        }
        body = urlencode(fields)
        async with ClientSession() as session, session.post(url, data=body, headers=headers) as response:
            return response.status, await response.text()

    # The API

    async def _create(self, request: web.Request) -> web.Response:
        self.asked += 1
        if self.busy_after == len(self.sent):
            self.busy_after, self.refusals = None, [(429, 20429, "Too Many Requests", {})]
        if (trouble := self._trouble(request) or self._unauthorized(request)) is not None:
            return trouble
        form = await request.post()
        asked, media = (
            {name: str(value) for name, value in form.items()},
            [str(each) for each in form.getall("MediaUrl", [])],
        )
        if (fault := _fault(request, asked, media) or self._opted_out(asked)) is not None:
            return _error(400, *fault)
        sid = f"SM{0xF000 + len(self.sent):032x}"
        self.sent.append({**asked, "sid": sid, "NumMedia": str(len(media))})
        for each in media:
            await self._fetch(each)
        self.arrival.set()
        if self.loses_answers:
            return broken_off(request)
        told = {
            "sid": sid,
            "status": "queued",
            "to": asked["To"],
            "from": asked.get("From"),
            "body": asked.get("Body", ""),
        }
        return web.json_response(told, status=201)

    async def _fetch(self, url: str) -> None:
        """As Twilio fetches a file, over HEAD and GET; only from where the tests say that it can reach."""
        public = next((each for each in self.reach if url.startswith(f"{each}/")), None)
        if public is None:
            return
        there = self.reach[public] + url.removeprefix(public)
        async with ClientSession() as session, session.head(there) as head, session.get(there) as got:
            content, disposition = await got.read(), got.headers.get("Content-Disposition", "")
            statuses = head.status, got.status
            self.fetched.append(FetchedFile(statuses, content, got.headers.get("Content-Type", ""), disposition))

    def _opted_out(self, asked: Mapping[str, str]) -> tuple[int, str] | None:
        return (21610, "Attempt to send to unsubscribed recipient") if asked["To"] in self.opted_out else None

    async def _list(self, request: web.Request) -> web.Response:
        return self._listed(request, "messages", self.messages, "date_sent", "DateSent>")

    async def _calls(self, request: web.Request) -> web.Response:
        return self._listed(request, "calls", self.calls, "start_time", "StartTime>")

    def _listed(
        self, request: web.Request, name: str, kept: list[dict[str, Any]], dated: str, begins: str
    ) -> web.Response:
        if (trouble := self._trouble(request) or self._unauthorized(request)) is not None:
            return trouble
        given = dict(request.query)
        page, size = int(given.pop("Page", 0)), min(int(given.pop("PageSize", 50)), self.page)
        day = given.pop(begins, "2000-01-01")
        unknown = given.keys() - {"To", "From", "PageToken"}
        if unknown or not re.fullmatch(r"\d{4}-\d\d-\d\d", day):
            return _error(400, 20001, f"Unknown parameter {unknown}")
        found = [
            each
            for each in kept
            if parsedate_to_datetime(each[dated]).date().isoformat() >= day
            and all(each[by.lower()] == value for by, value in given.items() if by != "PageToken")
        ]
        found.sort(key=lambda each: parsedate_to_datetime(each[dated]), reverse=True)
        more = len(found) > (page + 1) * size
        query = urlencode({**request.query, "Page": page + 1, "PageToken": "PASM1"} | {"PageSize": size})
        told = {name: found[page * size :][:size], "page": page, "page_size": size}
        return web.json_response({**told, "next_page_uri": f"{request.path}?{query}" if more else None})

    async def _media_list(self, request: web.Request) -> web.Response:
        if (trouble := self._trouble(request) or self._unauthorized(request)) is not None:
            return trouble
        told = [{"sid": sid, "content_type": kind} for sid, (_, kind) in self.files.items()]
        return web.json_response({"media_list": told})

    async def _recordings(self, request: web.Request) -> web.Response:
        if (trouble := self._trouble(request) or self._unauthorized(request)) is not None:
            return trouble
        posted = next(each["recordings"] for each in self.calls if each["sid"] == request.match_info["call"])
        told = [
            {
                "sid": each["RecordingSid"],
                "call_sid": each["CallSid"],
                "status": each["RecordingStatus"],
                "duration": each["RecordingDuration"],
            }
            for each in posted
        ]
        return web.json_response({"recordings": told})

    def called(
        self, call: Mapping[str, str], at: datetime, *recordings: Mapping[str, str], status: str = "completed"
    ) -> dict[str, Any]:
        """A call in Twilio's list, with its recordings."""
        names = {"sid": "CallSid", "account_sid": "AccountSid", "from": "From", "to": "To", "direction": "Direction"}
        told: dict[str, Any] = {name: call[posted] for name, posted in names.items()}
        told |= {"status": status, "start_time": format_datetime(at), "caller_name": None, "recordings": [*recordings]}
        self.calls.append(told)
        return told

    def kept(
        self, message: Mapping[str, str], at: datetime, *, direction: str = "inbound", status: str = ""
    ) -> dict[str, Any]:
        """A message in Twilio's list, from what it posts or was sent."""
        sid = message.get("MessageSid") or message["sid"]
        self.messages.append(
            {
                "sid": sid,
                "account_sid": self.sid,
                "direction": direction,
                "from": message.get("From"),
                "to": message["To"],
                "body": message.get("Body", ""),
                "num_media": message.get("NumMedia", "0"),
                "status": status or ("received" if direction == "inbound" else "sent"),
                "date_sent": format_datetime(at),
                "date_created": format_datetime(at),
            }
        )
        return self.messages[-1]

    async def _media(self, request: web.Request) -> web.Response:
        if (trouble := self._trouble(request) or self._unauthorized(request)) is not None:
            return trouble
        media = request.match_info["media"]
        if media not in self.files:
            return _error(404, 20404, f"The requested resource {request.path} was not found")
        return web.Response(status=307, headers={"Location": f"/cdn/{media}"})

    async def _account(self, request: web.Request) -> web.Response:
        refusal = self._trouble(request) or self._unauthorized(request)
        return refusal or web.json_response({"sid": self.sid, "friendly_name": "Example Ltd", **self.about})

    async def _numbers(self, request: web.Request) -> web.Response:
        if (refusal := self._trouble(request) or self._unauthorized(request)) is not None:
            return refusal
        if request.query.keys() - {"PhoneNumber", "PageSize"}:
            return _error(400, 20001, "Unknown parameter")
        wanted = request.query.get("PhoneNumber", "")
        found = [each for each in self.numbers if wanted in each["phone_number"]]  # as Twilio, by a part of it
        return web.json_response({"incoming_phone_numbers": found, "page": 0})

    async def _one_service(self, request: web.Request) -> web.Response:
        if (refusal := self._unauthorized(request)) is not None:
            return refusal
        found = self.services.get(request.match_info["service"])
        return web.json_response(found) if found else _error(404, 20404, f"{request.path} was not found")

    async def _in_service(self, request: web.Request) -> web.Response:
        if (refusal := self._unauthorized(request)) is not None:
            return refusal
        numbers = self.services[request.match_info["service"]]["numbers"]
        return web.json_response({"phone_numbers": [{"phone_number": each} for each in numbers]})

    async def _senders(self, request: web.Request) -> web.Response:
        if (refusal := self._unauthorized(request)) is not None:
            return refusal
        channel = request.query.get("Channel")
        if channel not in ("whatsapp", "rcs"):
            return _error(400, 63100, "Channel is required")
        return web.json_response({"senders": [each for each in self.senders if each["sender_id"].startswith(channel)]})

    async def _cdn(self, request: web.Request) -> web.Response:
        content, media_type = self.files[request.match_info["media"]]
        return web.Response(body=content, content_type=media_type)

    def _trouble(self, request: web.Request) -> web.Response | None:
        """What a switch makes of it."""
        if self.breaks_off:
            return broken_off(request)
        return _error(*self.refusals.pop(0)) if self.refusals else None

    def _unauthorized(self, request: web.Request) -> web.Response | None:
        if (
            request.headers.get("Authorization") != encode_basic_auth(self.sid, self.token)
            or request.match_info.get("sid", self.sid) != self.sid
        ):
            return _error(401, 20003, "Authenticate")
        return None


def _fault(request: web.Request, asked: Mapping[str, str], media: Sequence[str]) -> tuple[int, str] | None:
    """What is wrong with a message, as Twilio says it."""
    from_, to, body = (asked.get(name, "") for name in ("From", "To", "Body"))
    callback = urlsplit(asked.get("StatusCallback", "https://desk.example"))
    host = callback.hostname if callback.scheme in ("http", "https") else ""
    unknown = sorted(asked.keys() - _TAKEN)
    wrong = [
        (request.content_type != "application/x-www-form-urlencoded", 21602, "Message body is required."),
        (bool(unknown), 20001, f"Unknown parameter {unknown}"),
        (not to, 21604, "A 'To' phone number is required."),
        (not _E164.match(to.removeprefix("whatsapp:").removeprefix("rcs:")), 21211, f"Invalid 'To' Phone Number: {to}"),
        (not from_ and "MessagingServiceSid" not in asked, 21603, "A 'From' phone number is required."),
        (
            bool(from_) and from_.startswith("whatsapp:") != to.startswith("whatsapp:"),
            63007,
            "Twilio could not find a Channel with the specified From address",
        ),
        (not body and not media and "ContentSid" not in asked, 21602, "Message body is required."),
        (not all(each.startswith("https://") for each in media), 21620, "Invalid media URL(s)"),
        (
            len(media) > (1 if to.startswith(("whatsapp:", "rcs:")) else 10),
            21623,
            "Number of media files exceeds limit",
        ),
        (len(body) > 1600, 21617, "The concatenated message body exceeds the 1600 character limit"),
        (not host or "_" in host, 21609, "The 'StatusCallback' URL is not a valid URL."),
    ]
    return next(((code, words) for is_wrong, code, words in wrong if is_wrong), None)


def _error(status: int, code: int, words: str, headers: Mapping[str, Any] | None = None) -> web.Response:
    told = {"code": code, "message": words, "more_info": f"https://www.twilio.com/docs/errors/{code}", "status": status}
    return web.json_response(told, status=status, headers=MultiDict(headers or {}))
