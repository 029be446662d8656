"""Meta on loopback: the Graph API as strict as Meta for one account, and the platform that posts events.

Errors have the Graph API's shape ("Handle errors"). Switches: `refusals` are the answers that the next sends get;
`loses_answers` takes a message and breaks off before it answers; `breaks_off` takes nothing and breaks off;
`gives_files` is the status of files. What is not right about a request is Meta's own 400, so whoever sends it hears of
it.
"""

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from aiohttp import ClientSession, web

from .vendor_service import VendorService, broken_off

PAGE, INSTAGRAM, NUMBER, BUSINESS = "104211223344556", "17841400000000001", "106540352242922", "102290129340398"
OBJECTS = {"messenger": "page", "instagram": "instagram", "whatsapp": "whatsapp_business_account"}
VERSION = "v24.0"

Refusal = tuple[int, dict[str, Any], dict[str, str]]


@dataclass
class FakeMeta(VendorService):
    """`sent` are the messages that were taken, `actions` what was only shown, `asked` counts every request to send."""

    token: str
    secret: str
    product: Literal["messenger", "instagram", "whatsapp"] = "messenger"
    strangers: set[str] = field(default_factory=set)
    refusals: list[Refusal] = field(default_factory=list)
    loses_answers: bool = False
    breaks_off: bool = False
    answered_comments: set[str] = field(default_factory=set)
    shut: bool = False
    gives_files: int = 200
    files: dict[str, tuple[bytes, str]] = field(default_factory=dict)
    uploads: dict[str, dict[str, Any]] = field(default_factory=dict)
    sent: list[dict[str, Any]] = field(default_factory=list)
    actions: list[dict[str, Any]] = field(default_factory=list)
    asked: int = 0
    events: int = 0

    def __post_init__(self) -> None:
        application = web.Application(client_max_size=200 * 1024 * 1024)
        application.router.add_post(f"/{VERSION}/me/messages", self._message)
        application.router.add_post(f"/{VERSION}/me/message_attachments", self._attachment)
        application.router.add_post(f"/{VERSION}/{NUMBER}/messages", self._whatsapp_message)
        application.router.add_post(f"/{VERSION}/{NUMBER}/media", self._media)
        application.router.add_post(f"/{VERSION}/{{comment:[0-9_]+}}/{{edge:replies|comments}}", self._comment)
        application.router.add_get(f"/{VERSION}/{{media}}", self._about)
        application.router.add_get("/files/{media}", self._file)
        self.serve(application)

    @property
    def owner(self) -> str:
        """The id of the account."""
        return {"messenger": PAGE, "instagram": INSTAGRAM, "whatsapp": NUMBER}[self.product]

    # The platform

    def text(self, person: str, text: str, *, id_: str = "") -> dict[str, Any]:
        """An entry in which somebody writes, each later than the one before."""
        self.events += 1
        at = 1_796_000_000 + self.events
        if self.product == "whatsapp":
            message = {"from": person, "id": id_ or f"wamid.{self.events:06d}", "timestamp": str(at), "type": "text"}
            return self.change("messages", messages=[message | {"text": {"body": text}}], contacts=[_contact(person)])
        mid = id_ or f"m_{self.events:06d}"
        return self.event(person, message={"mid": mid, "text": text}, timestamp=at * 1000)

    def event(self, person: str, **said: Any) -> dict[str, Any]:
        """An entry of Messenger or Instagram with one event of a person."""
        told = {"sender": {"id": person}, "recipient": {"id": self.owner}, "timestamp": 1_796_000_900_000, **said}
        return {"id": self.owner, "time": 1_796_000_900_001, "messaging": [told]}

    def change(self, field_name: str, **value: Any) -> dict[str, Any]:
        """An entry of WhatsApp with one change."""
        about = {
            "messaging_product": "whatsapp",
            "metadata": {"display_phone_number": "15550783881", "phone_number_id": NUMBER},
        }
        return {"id": BUSINESS, "changes": [{"field": field_name, "value": {**about, **value}}]}

    def signed(self, body: bytes) -> dict[str, str]:
        """The headers that Meta gives a post."""
        signature = hmac.digest(self.secret.encode(), body, "sha256").hex()
        return {"Content-Type": "application/json", "X-Hub-Signature-256": f"sha256={signature}"}

    async def post(self, url: str, *entries: Mapping[str, Any]) -> int:
        """Post entries to a webhook as Meta writes JSON, escaped; its status. Raises ClientError."""
        body = json.dumps({"object": OBJECTS[self.product], "entry": entries}).replace("/", "\\/").encode()
        async with ClientSession() as session, session.post(url, data=body, headers=self.signed(body)) as response:
            return response.status

    # The API

    def _refused(self, request: web.Request) -> web.Response | None:
        """Why the credentials are refused."""
        if request.headers.get("Authorization") != f"Bearer {self.token}":
            return _error(401, 190, "Invalid OAuth access token - Cannot parse access token", "OAuthException")
        proof = hmac.digest(self.secret.encode(), self.token.encode(), "sha256").hex()
        if request.query.get("appsecret_proof") != proof:
            return _error(400, 100, "Invalid appsecret_proof provided in the API argument", "GraphMethodException")
        return None

    def _switched(self, request: web.Request) -> web.Response | None:
        self.asked += 1
        if self.breaks_off:
            return broken_off(request)
        if self.refusals:
            status, error, headers = self.refusals.pop(0)
            return web.json_response(
                {"error": {"type": "OAuthException", "fbtrace_id": "A", **error}}, status=status, headers=headers
            )
        return self._refused(request)

    async def _message(self, request: web.Request) -> web.Response:
        if refusal := self._switched(request):
            return refusal
        content = await _json(request)
        if fault := self._fault(content):
            return fault
        if "sender_action" in content:
            self.actions.append(content)
            return web.json_response({"recipient_id": content["recipient"].get("id")})
        mid = f"m_sent_{len(self.sent):04d}"
        self.sent.append({**content, "mid": mid})
        self.answered_comments.update(map(content["recipient"].get, ("comment_id", "post_id"), ("", "")))
        return (
            broken_off(request) if self.loses_answers else web.json_response({"recipient_id": "1", "message_id": mid})
        )

    def _fault(self, content: Any) -> web.Response | None:  # noqa: PLR0911
        """What is wrong with a message of Messenger or Instagram, as Meta says it."""
        known = {"recipient", "message", "sender_action", "messaging_type", "tag"}
        if not isinstance(content, dict) or content.keys() - known or not isinstance(content.get("recipient"), dict):
            return _error(400, 100, "(#100) The parameter recipient is required")
        recipient = content["recipient"]
        if set(recipient) not in ({"id"}, {"comment_id"}, {"post_id"}) or not all(
            isinstance(each, str) for each in recipient.values()
        ):
            return _error(400, 100, "(#100) Param recipient must be an object with one of id, comment_id, post_id")
        if recipient.get("id") in self.strangers:
            return _error(400, 100, "(#100) No matching user found", subcode=2018001)
        if recipient.get("comment_id", recipient.get("post_id")) in self.answered_comments:
            return _error(400, 10900, "(#10900) Activity already replied to")
        if "sender_action" in content:
            fine = content["sender_action"] in ("typing_on", "typing_off", "mark_seen") and "message" not in content
            return None if fine else _error(400, 100, "(#100) Param sender_action is not right")
        if content.get("messaging_type", "RESPONSE") not in ("RESPONSE", "UPDATE", "MESSAGE_TAG"):
            return _error(400, 100, "(#100) Param messaging_type must be one of {RESPONSE, UPDATE, MESSAGE_TAG}")
        if self.shut and content.get("tag") != "HUMAN_AGENT":
            return _error(400, 10, "(#10) This message is sent outside of allowed window.", subcode=2018278)
        return self._message_fault(content.get("message"))

    def _message_fault(self, message: Any) -> web.Response | None:
        known = {"text", "attachment", *(() if self.product == "instagram" else ("metadata",))}
        if not isinstance(message, dict) or message.keys() - known:
            return _error(400, 100, "(#100) param message must be an object with known keys")
        if ("text" in message) == ("attachment" in message):
            return _error(400, 100, "(#100) param message must have either text or attachment")
        text = message.get("text", "x")
        long = len(text.encode()) > 1000 if self.product == "instagram" else len(text) > 2000
        if not text or long:
            return _error(
                400, 100, "(#100) Length of param message[text] must be less than or equal to 2000", subcode=2018164
            )
        if "attachment" in message:
            left = message["attachment"].get("payload", {}).get("attachment_id")
            if self.uploads.get(str(left), {}).get("type") != message["attachment"].get("type"):
                return _error(400, 100, "(#100) The attachment id is invalid", subcode=2018008)
        return None

    async def _comment(self, request: web.Request) -> web.Response:
        if refusal := self._switched(request):
            return refusal
        content, edge = await _json(request), request.match_info["edge"]
        wanted = "replies" if self.product == "instagram" else "comments"
        if edge != wanted or not isinstance(content, dict) or set(content) != {"message"} or not content["message"]:
            return _error(400, 100, "(#100) The parameter message is required")
        self.sent.append({"below": request.match_info["comment"], **content, "mid": f"{len(self.sent)}_55"})
        return web.json_response({"id": self.sent[-1]["mid"]})

    async def _attachment(self, request: web.Request) -> web.Response:
        if refusal := self._switched(request):
            return refusal
        form = await request.post()
        try:
            attachment = json.loads(str(form["message"]))["attachment"]
            kind, file = attachment["type"], form["filedata"]
            assert kind in ("image", "video", "audio", "file")
            assert isinstance(file, web.FileField)
            assert (form.get("platform") == "instagram") == (self.product == "instagram")
        except (AssertionError, KeyError, TypeError, ValueError):
            return _error(400, 100, "(#100) Upload attachment failure.", subcode=2018047)
        return self._kept(kind, file, "attachment_id")

    async def _whatsapp_message(self, request: web.Request) -> web.Response:
        if refusal := self._switched(request):
            return refusal
        content = await _json(request)
        if fault := self._whatsapp_fault(content):
            return fault
        id_ = f"wamid.sent{len(self.sent):04d}"
        self.sent.append({**content, "mid": id_})
        if self.loses_answers:
            return broken_off(request)
        to = content.get("to") or content.get("recipient")
        contacts = [{"input": to, "wa_id": to}]
        return web.json_response({"messaging_product": "whatsapp", "contacts": contacts, "messages": [{"id": id_}]})

    def _whatsapp_fault(self, content: Any) -> web.Response | None:
        """What is wrong with a message of WhatsApp, as Meta says it."""
        known = {
            "messaging_product",
            "recipient_type",
            "to",
            "recipient",
            "type",
            "biz_opaque_callback_data",
            "context",
        }
        kind = content.get("type") if isinstance(content, dict) else None
        if kind not in ("text", "image", "video", "audio", "document", "template"):
            return _error(400, 100, "(#100) Param type must be one of {TEXT, IMAGE, …}")
        if content.get("messaging_product") != "whatsapp" or content.keys() - known - {kind}:
            return _error(400, 100, "(#100) Unexpected key, or messaging_product is not whatsapp")
        to = content.get("to")
        if not isinstance(to or content.get("recipient"), str) or (
            to and content["recipient_type"] == "individual" and not to.isdigit()
        ):
            return _error(400, 131009, "(#131009) Parameter value is not valid")
        if to in self.strangers:
            return _error(400, 131026, "(#131026) Message undeliverable")
        if self.shut and kind != "template":
            return _error(400, 131047, "(#131047) Re-engagement message")
        return self._whatsapp_content_fault(kind, content.get(kind))

    def _whatsapp_content_fault(self, kind: str, item: Any) -> web.Response | None:
        if not isinstance(item, dict):
            return _error(400, 131008, "(#131008) Required parameter is missing")
        if kind == "text":
            body = item.get("body")
            fine = isinstance(body, str) and 0 < len(body) <= 4096 and not item.keys() - {"body", "preview_url"}
        elif kind == "template":
            fine = bool(item.get("name")) and "code" in item.get("language", {})
        else:
            captioned = {"id", "caption"} if kind != "audio" else {"id"}
            fine = item.get("id") in self.uploads and not item.keys() - captioned - (
                {"filename"} if kind == "document" else set()
            )
            fine = fine and len(item.get("caption", "")) <= 1024
        return None if fine else _error(400, 131009, "(#131009) Parameter value is not valid")

    async def _media(self, request: web.Request) -> web.Response:
        if refusal := self._switched(request):
            return refusal
        form = await request.post()
        file = form.get("file")
        if form.get("messaging_product") != "whatsapp" or not form.get("type") or not isinstance(file, web.FileField):
            return _error(400, 100, "(#100) The parameter messaging_product is required.")
        return self._kept(str(form["type"]), file, "id")

    def _kept(self, kind: str, file: web.FileField, name: str) -> web.Response:
        id_ = f"{9000 + len(self.uploads)}"
        self.uploads[id_] = {
            "type": kind,
            "name": file.filename,
            "media_type": file.content_type,
            "content": file.file.read(),
        }
        return web.json_response({name: id_})

    async def _about(self, request: web.Request) -> web.Response:
        if refusal := self._refused(request):
            return refusal
        media = request.match_info["media"]
        if media not in self.files or request.query.get("phone_number_id", NUMBER) != NUMBER:
            return _error(
                400, 100, "Unsupported get request. Object does not exist", "GraphMethodException", subcode=33
            )
        facts = {"url": f"{self.base}/files/{media}", "mime_type": self.files[media][1], "id": media}
        return web.json_response({**facts, "messaging_product": "whatsapp"})

    async def _file(self, request: web.Request) -> web.Response:
        if self.breaks_off:
            return broken_off(request)
        if self.gives_files != 200:
            return web.Response(status=self.gives_files)
        found = self.files.get(request.match_info["media"])
        if self.product == "whatsapp" and request.headers.get("Authorization") != f"Bearer {self.token}":
            return web.Response(status=401)
        if found is None:
            return web.Response(status=404)
        return web.Response(body=found[0], content_type=found[1])


def _contact(person: str) -> dict[str, Any]:
    return {"profile": {"name": "Maria"}, "wa_id": person}


async def _json(request: web.Request) -> Any:
    try:
        return await request.json()
    except ValueError:
        return None


def _error(status: int, code: int, words: str, kind: str = "OAuthException", *, subcode: int = 0) -> web.Response:
    error: dict[str, Any] = {"message": words, "type": kind, "code": code, "fbtrace_id": "AbCdEf"}
    return web.json_response({"error": error | ({"error_subcode": subcode} if subcode else {})}, status=status)
