"""Mails that Amazon SES publishes to a topic of SNS, which posts them to us.

A post is signed by a certificate that it names (SNS, "Verifying the signatures of messages"): the certificate is had
over HTTPS, only from a host of SNS itself, and kept. Signed or not, a message of another topic is refused: anybody can
have one. What asks us to confirm the subscription is answered by visiting the address in it, at such a host only.

SES publishes a mail of up to 150 KiB whole; of a larger one it tells only where it lies (S3), and that is set aside.
"""

import base64
import binascii
import json
import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any, Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509 import load_pem_x509_certificate
from yarl import URL

from ....config.errors import DeliveryDeferred, DeliveryFailed, Forged, Temporary, Unreadable
from ....web.vendor_api import VendorApi
from ...vendor_post import Post, read_json
from .arrived import Arrived

GOOD_FOR_SECONDS = 24 * 3600
AUTHSERV_ID = "amazonses.com"

_MOST_KEPT = 16
_HOST = re.compile(r"sns\.[a-z0-9-]{1,40}\.amazonaws\.com(?:\.cn)?\Z")
_CERTIFICATE = re.compile(r"/SimpleNotificationService-[A-Za-z0-9]{1,64}\.pem\Z")
_NOTIFICATION = ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type")
_CONFIRMATION = ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")
_HASHES: Mapping[str, hashes.HashAlgorithm] = {"1": hashes.SHA1(), "2": hashes.SHA256()}  # noqa: S303  (as SNS signs)

Get = Callable[[URL], Awaitable[bytes]]
"""What lies at an address. Raises DeliveryDeferred, DeliveryFailed."""


async def get(url: URL) -> bytes:
    """Over HTTPS, without redirects."""
    api = VendorApi("SNS", str(url.origin()), patience=5.0)
    try:
        return (await api.call("GET", url.raw_path_qs, repeatable=True, largest=64 * 1024)).content
    finally:
        await api.close()


class SnsPosts:
    """The posts of one topic."""

    def __init__(self, topic: str, fetch: Get = get) -> None:
        self._topic = topic
        self._get = fetch
        self._keys: dict[URL, RSAPublicKey] = {}

    async def prepare(self, post: Post) -> None:
        """Have the certificate that a post names. Raises Forged, Temporary."""
        told = _message(post)
        if told.get("TopicArn") != self._topic:
            raise Forged("the message is of another topic")
        url = _address(told.get("SigningCertURL"))
        if not _CERTIFICATE.fullmatch(url.raw_path) or url.raw_query_string:
            raise Forged("the certificate is none of SNS")
        if url not in self._keys:
            key = load_pem_x509_certificate(await self._had(url)).public_key()
            if not isinstance(key, RSAPublicKey):
                raise Forged("the certificate has no RSA key")
            if len(self._keys) >= _MOST_KEPT:
                self._keys.clear()
            self._keys[url] = key

    def verify(self, post: Post, now: float) -> None:
        """Raises Forged unless the certificate signed it, within a day of `now` (seconds)."""
        told = _message(post)
        names = _NOTIFICATION if told.get("Type") == "Notification" else _CONFIRMATION
        signed = "".join(f"{name}\n{told[name]}\n" for name in names if told.get(name) is not None)
        algorithm = _HASHES.get(str(told.get("SignatureVersion")))
        key = self._keys.get(_address(told.get("SigningCertURL")))
        if algorithm is None or key is None:
            raise Forged("the version of the signature is not known")
        try:
            signature = base64.b64decode(str(told.get("Signature")).encode("ascii"), validate=True)
            key.verify(signature, signed.encode(), PKCS1v15(), algorithm)
            moment = datetime.fromisoformat(str(told.get("Timestamp"))).timestamp()
        except (InvalidSignature, binascii.Error, ValueError) as error:
            raise Forged("the signature does not match") from error
        if abs(now - moment) > GOOD_FOR_SECONDS:
            raise Forged("the timestamp is more than a day from now")

    async def confirm(self, post: Post) -> None:
        """Confirm the subscription where that is asked for. Raises Forged, Temporary."""
        told = _message(post)
        if told.get("Type") == "SubscriptionConfirmation":
            await self._had(_address(told.get("SubscribeURL")))

    async def _had(self, url: URL) -> bytes:
        try:
            return await self._get(url)
        except DeliveryFailed as error:
            raise Forged(f"SNS does not give it: {error.detail}") from error
        except DeliveryDeferred as error:
            raise Temporary(error.detail) from error


def read_ses(post: Post) -> list[Arrived]:
    """The mail of a notification; none for what is about the subscription. Raises Unreadable."""
    message = _message(post)
    return ses_arrived(message) if message.get("Type") == "Notification" else []


def ses_arrived(message: Mapping[str, Any]) -> list[Arrived]:
    """The mail of SES in a message of SNS, or in what SES says alone. Raises Unreadable."""
    within = "notificationType" not in message
    told = read_json(str(message.get("Message") or "").encode("utf-8", "replace")) if within else message
    if not isinstance(told, dict) or told.get("notificationType") != "Received":
        raise Unreadable("it tells of no mail that was received")
    content, receipt = told.get("content"), _mapping(told.get("receipt"))
    if not isinstance(content, str) or not content:
        raise Unreadable("SES did not publish the mail itself: it is too large, or the action is not SNS")
    encoded = _mapping(receipt.get("action")).get("encoding") == "BASE64"
    to, path = receipt.get("recipients"), _mapping(told.get("mail")).get("source")
    return [
        Arrived(
            content=base64.b64decode(content) if encoded else content.encode("utf-8", "replace"),
            recipients=tuple(map(str, to))[:100] if isinstance(to, list) else (),
            reverse_path=path if isinstance(path, str) else None,
            spam=_judged(receipt),
            authserv_id=AUTHSERV_ID,
        )
    ]


def _judged(receipt: Mapping[str, Any]) -> Literal["spam", "unsure", "ham", ""]:
    said = [str(_mapping(receipt.get(name)).get("status")).upper() for name in ("spamVerdict", "virusVerdict")]
    return "spam" if "FAIL" in said else "unsure" if said[0] == "GRAY" else "ham" if said[0] == "PASS" else ""


def _message(post: Post) -> Mapping[str, Any]:
    """Raises Forged, because what cannot be read is not signed."""
    try:
        told = json.loads(post.body)
    except (ValueError, RecursionError) as error:
        raise Forged("the body is not JSON") from error
    return _mapping(told)


def _mapping(given: Any) -> Mapping[str, Any]:
    return given if isinstance(given, dict) else {}


def _address(given: Any) -> URL:
    """Raises Forged unless it is a host of SNS, over HTTPS."""
    try:
        url = URL(given) if isinstance(given, str) else URL()
        fine = url.scheme == "https" and url.explicit_port is None and url.user is None and _HOST.match(url.host or "")
    except ValueError:
        fine = None
    if not fine:
        raise Forged("an address that is none of SNS")
    return url
