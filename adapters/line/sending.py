"""Answers on LINE: one push of up to five text messages, under a retry key by which LINE knows a repeat.

The key is the id of the article; LINE keeps it for a day, and answers a repeat with 409 and the ids of the first
("Retry failed API requests"). LINE counts a text in UTF-16 code units ("Character counting in a text"). Limits: a push
to somebody who has blocked the account is taken by LINE and shown to nobody, and nothing tells; files cannot be sent.
"""

from collections.abc import Mapping, Sequence

from ...config.errors import AccountUnavailable, DeliveryFailed, TrunklineError
from ...normalizer.outgoing import Outgoing, Sent
from ...normalizer.splitting import pieces_of, utf16_units
from ..vendor_api import ApiAnswer, VendorApi

LONGEST_TEXT = 5000
MOST_MESSAGES = 5
PATH = "/v2/bot/message/push"

_ACCEPTED_BEFORE = 409
_UNTIL_LOOKED_AGAIN = 3600


class LineSender:
    """Sends from one account."""

    def __init__(self, api: VendorApi, token: str) -> None:
        self._api = api
        self._token = token

    async def send(self, outgoing: Outgoing) -> Sent:
        """Push one answer. Raises AccountUnavailable, CredentialsRefused, DeliveryFailed."""
        to = outgoing.conversation or outgoing.to
        if not outgoing.to or not to:
            raise DeliveryFailed("there is nobody to send it to")
        if outgoing.attachments:
            raise DeliveryFailed("LINE takes no files from the desk; send a link to them instead")
        answer = await self._api.call(
            "POST",
            PATH,
            headers={"Authorization": f"Bearer {self._token}", "X-Line-Retry-Key": outgoing.external_id},
            content={"to": to, "messages": [{"type": "text", "text": part} for part in _parts(outgoing.text)]},
            repeatable=True,
            also=(_ACCEPTED_BEFORE,),
            secrets=(self._token,),
        )
        before = " (it had been taken before)" if answer.status == _ACCEPTED_BEFORE else ""
        reference, *also = _ids(answer) or [""]
        return Sent(reference=reference, also=tuple(also), detail=f"LINE took it{before}")


def judge(answer: ApiAnswer) -> TrunklineError | None:
    """What LINE means where a status alone does not say it (reference, "Error messages")."""
    words = str(_mapping(answer.json()).get("message", ""))
    if answer.status == 429 and "monthly limit" in words:
        told = "the monthly limit of messages of the LINE account is reached; it goes on when the plan allows more"
        return AccountUnavailable(told, retry_after=_UNTIL_LOOKED_AGAIN)
    if answer.status == 400 and words.startswith("Failed to send"):
        return DeliveryFailed("LINE knows nobody by this id any more, or the account is not in the group any more")
    return None


def _parts(text: str) -> Sequence[str]:
    parts = pieces_of(text, LONGEST_TEXT, utf16_units)
    if not parts:
        raise DeliveryFailed("there is nothing to send")
    if len(parts) > MOST_MESSAGES:
        raise DeliveryFailed(f"it is longer than LINE takes at once ({MOST_MESSAGES} × {LONGEST_TEXT} characters)")
    return parts


def _ids(answer: ApiAnswer) -> list[str]:
    """LINE's ids of the messages, which quotes of them name; none when the answer does not tell."""
    told = _mapping(answer.json()).get("sentMessages")
    ids = (_mapping(each).get("id") for each in told) if isinstance(told, list) else ()
    return [each for each in ids if isinstance(each, str) and each]


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}
