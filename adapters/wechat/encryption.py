"""What WeChat encrypts, opened. Pure.

After "Message encryption and decryption" (developers.weixin.qq.com): AES-256-CBC under the EncodingAESKey, whose first
half is the initialisation vector; padded by PKCS #7 to 32 bytes; within are 16 random bytes, the length of the message
in four, the message, and the AppID of the account that it is for. That it was not changed is proven by the signature,
and not here.
"""

import base64
import binascii

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

from ...config.errors import Forged, Misconfigured, Unreadable

BLOCK = 32
_RANDOM, _LENGTH = 16, 4


class Letters:
    """Opens what is for one account; `key` is its EncodingAESKey."""

    def __init__(self, key: str, app_id: str) -> None:
        """Raises Misconfigured for a key that is none."""
        try:
            raw = base64.b64decode(f"{key}=")
            self._cipher = Cipher(AES(raw), CBC(raw[:16]))
        except ValueError:
            raise Misconfigured("an EncodingAESKey of WeChat has 43 letters and digits, and this one has not") from None
        self._app_id = app_id.encode()

    def opened(self, cipher: str) -> bytes:
        """The message. Raises Unreadable when the key is another one, Forged when it is for another account."""
        inner = _unpadded(self._decrypted(cipher))
        begin = _RANDOM + _LENGTH
        end = begin + int.from_bytes(inner[_RANDOM:begin], "big")
        if len(inner) < begin or end > len(inner):
            raise _not_ours()
        if inner[end:] != self._app_id:
            raise Forged("it is encrypted for another app_id")
        return inner[begin:end]

    def _decrypted(self, cipher: str) -> bytes:
        try:
            content = base64.b64decode(cipher, validate=True)
        except (binascii.Error, ValueError):
            raise Unreadable("what is encrypted is not base64") from None
        if not content or len(content) % 16:
            raise Unreadable("what is encrypted is cut off")
        decryptor = self._cipher.decryptor()
        return decryptor.update(content) + decryptor.finalize()


def _unpadded(content: bytes) -> bytes:
    count = content[-1]
    if not 1 <= count <= BLOCK or content[-count:] != bytes([count]) * count:
        raise _not_ours()
    return content[:-count]


def _not_ours() -> Unreadable:
    return Unreadable("it cannot be decrypted: the EncodingAESKey at WeChat is another one than ours")
