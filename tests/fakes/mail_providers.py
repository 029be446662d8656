"""Providers that take mail for us and post it, on loopback: Postmark, SendGrid, Mailgun, SES by way of SNS, Resend.

What they post has the shape of their documentation and proves itself as theirs does: SNS has a certificate of its own,
which only its own address gives; Resend has an API, from which a mail is fetched with the key that it knows.
"""

import base64
import hmac
import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.x509.oid import NameOID
from yarl import URL

from trunkline.config.errors import DeliveryDeferred, DeliveryFailed
from trunkline.web.webhook_signing import sign

SUPPORT, USER, KEY = "support@example.com", "us:secret", "a signing key"
TOPIC = "arn:aws:sns:eu-west-1:123456789012:inbound"
CERTIFICATE = "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-abc123.pem"
SVIX = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
MAIL = (
    b"From: Ann <ann@a.example>\r\nTo: support@example.com\r\nMessage-ID: <1@a.example>\r\n\r\nGr\xfc\xdfe\r\n--x\r\n"
)
SIGNING = generate_private_key(65537, 2048)


class Sns:
    """Amazon's side: signs messages, has a certificate, and knows who confirmed."""

    def __init__(self) -> None:
        self.key = SIGNING
        self.fetched: list[str] = []
        self.away = False

    async def fetch(self, url: URL) -> bytes:
        self.fetched.append(str(url))
        if self.away:
            raise DeliveryDeferred("SNS is not reached")
        if url.path.endswith(".pem") and str(url) != CERTIFICATE:
            raise DeliveryFailed("there is no such certificate")
        return _certificate(self.key) if url.path.endswith(".pem") else b"<ok/>"

    def message(self, told: Any, **given: str) -> bytes:
        message = {
            "Type": "Notification",
            "MessageId": "one",
            "TopicArn": TOPIC,
            "Subject": "Amazon SES Email Receipt Notification",
            "Message": told if isinstance(told, str) else json.dumps(told),
            "Timestamp": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "SignatureVersion": "2",
            "SigningCertURL": CERTIFICATE,
        } | given
        confirmation = message["Type"] != "Notification"
        names = ["Message", "MessageId", "SubscribeURL" if confirmation else "Subject", "Timestamp"]
        names += [*(["Token"] if confirmation else []), "TopicArn", "Type"]
        text = "".join(f"{name}\n{message[name]}\n" for name in names if name in message)
        algorithm = hashes.SHA1() if message["SignatureVersion"] == "1" else hashes.SHA256()
        signature = base64.b64encode(self.key.sign(text.encode(), PKCS1v15(), algorithm)).decode()
        return json.dumps({"Signature": signature} | message).encode()


def _certificate(key: RSAPrivateKey) -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
    made = made.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    return made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def ses(content: bytes = MAIL, **given: Any) -> dict[str, Any]:
    receipt: dict[str, Any] = {
        "recipients": [SUPPORT],
        "action": {"type": "SNS", "encoding": "BASE64"},
        "spamVerdict": {"status": "PASS"},
    }
    told = {"notificationType": "Received", "mail": {"source": "ann@a.example"}, "receipt": receipt}
    return told | {"content": base64.b64encode(content).decode()} | given


class Resend:
    """Resend's API, and where its mails lie; `mails` by their ids, any other is `MAIL`."""

    def __init__(self) -> None:
        self.mails: dict[str, bytes] = {}
        self.elsewhere = self.url = ""
        self.status = 200

    def application(self) -> web.Application:
        application = web.Application()
        application.router.add_get("/emails/receiving/{id}", self._mail)
        application.router.add_get("/files/{id}", self._raw)
        return application

    async def _mail(self, request: web.Request) -> web.Response:
        if request.headers.get("Authorization") != "Bearer re_key":
            return web.json_response({"name": "invalid_api_key"}, status=401)
        if self.status != 200:
            return web.json_response({"name": "trouble"}, status=self.status)
        url = self.elsewhere or str(request.url.origin() / "files" / request.match_info["id"]) + "?signature=x"
        return web.json_response({"object": "email", "id": request.match_info["id"], "raw": {"download_url": url}})

    async def _raw(self, request: web.Request) -> web.Response:
        assert request.query == {"signature": "x"}
        assert "Authorization" not in request.headers
        return web.Response(body=self.mails.get(request.match_info["id"], MAIL))


def basic(secret: str = USER) -> str:
    return "Basic " + base64.b64encode(secret.encode()).decode()


def postmark(**given: Any) -> bytes:
    told = {"OriginalRecipient": SUPPORT, "RawEmail": MAIL.decode("latin-1"), "Headers": [], "Attachments": []}
    return json.dumps(told | given).encode()


def mailgun(age: int = 0, key: str = KEY, **given: Any) -> dict[str, Any]:
    stamp, token = str(int(time.time()) - age), "t" * 50
    signature = hmac.digest(key.encode(), f"{stamp}{token}".encode(), "sha256").hex()
    fields = {"timestamp": stamp, "token": token, "signature": signature, "recipient": SUPPORT}
    return fields | {"sender": "ann@a.example", "X-Mailgun-Sflag": "Yes", "X-Mailgun-Sscore": "7.5"} | given


def form(fields: dict[str, Any]) -> tuple[bytes, dict[str, str]]:
    """A form as the providers post it, and the header that says so."""
    parts = []
    for name, value in fields.items():
        content = value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogateescape")
        head = f'--xYzZY\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'
        parts.append(head.encode() + content + b"\r\n")
    return b"".join([*parts, b"--xYzZY--\r\n"]), {"Content_Type": "multipart/form-data; boundary=xYzZY"}


def svix(body: bytes, stamp: int = 0) -> dict[str, str]:
    at = stamp or int(time.time())
    key = base64.b64decode(SVIX.removeprefix("whsec_"))
    return {"svix_id": "msg_1", "svix_timestamp": str(at), "svix_signature": sign(key, "msg_1", at, body)}


RECEIVED = json.dumps({"type": "email.received", "data": {"email_id": "37e4414c", "to": [SUPPORT]}}).encode()
