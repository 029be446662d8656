"""Answers on LINE: pushes of up to five messages, each under a retry key by which LINE knows a repeat.

The key of the first is the id of the article, of a further one it is made from that; LINE keeps it for a day, and
answers a repeat with 409 and the ids of the first ("Retry failed API requests"). A push that LINE may have taken is
not repeated after that (pushes.py): its fate is unknown, and a person decides. Limits: a push to somebody who has
blocked the account is taken by LINE and shown to nobody, and nothing tells.
"""

from collections.abc import Callable, Mapping, Sequence
from uuid import UUID, uuid5

import structlog

from ...config.errors import (
    AccountUnavailable,
    DeliveryDeferred,
    DeliveryFailed,
    DeliveryUnknown,
    Temporary,
    TrunklineError,
)
from ...normalizer.outgoing import Outgoing, Sent
from ...web.vendor_api import ApiAnswer, VendorApi
from .limits import MOST_AT_ONCE
from .messages import LineMessages, Message
from .pushes import Progress, Pushes

log = structlog.get_logger()

PATH = "/v2/bot/message/push"

_ACCEPTED_BEFORE = 409
_UNTIL_LOOKED_AGAIN = 3600


class LineSender:
    """Sends from one account."""

    def __init__(
        self, api: VendorApi, token: str, messages: LineMessages, pushes: Pushes, now: Callable[[], int]
    ) -> None:
        """`now` tells milliseconds by the clock that queues answers."""
        self._api = api
        self._token = token
        self._messages = messages
        self._pushes = pushes
        self._now = now

    async def send(self, outgoing: Outgoing) -> Sent:
        """Push one answer. Raises AccountUnavailable, CredentialsRefused, DeliveryFailed, DeliveryUnknown."""
        to = outgoing.conversation or outgoing.to
        if not outgoing.to or not to:
            raise DeliveryFailed("there is nobody to send it to")
        messages = await self._messages.of(outgoing)
        pushes = [messages[at : at + MOST_AT_ONCE] for at in range(0, len(messages), MOST_AT_ONCE)]
        progress, before = await self._pushes.read(outgoing.article_id), ""
        for at in range(len(progress.taken), len(pushes)):
            answer = await self._one(outgoing, progress, to, pushes[at])
            progress = progress.with_taken(tuple(_ids(answer)))
            before = " (it had been taken before)" if answer.status == _ACCEPTED_BEFORE else before
        await self._forget(outgoing.article_id)
        reference, *also = progress.ids or [""]
        return Sent(reference=reference, also=tuple(also), detail=f"LINE took it{before}")

    async def _one(self, outgoing: Outgoing, progress: Progress, to: str, messages: Sequence[Message]) -> ApiAnswer:
        """The next push, written down before LINE is asked."""
        article, at = outgoing.article_id, len(progress.taken)
        await self._pushes.write(article, progress.trying(self._now(), outgoing.queued_at))
        try:
            return await self._push(to, messages, _key(outgoing, at))
        except DeliveryUnknown as error:  # LINE knows the key for now
            raise AccountUnavailable(error.detail, arrived=progress.ids) from None
        except DeliveryFailed as error:
            await self._forget(article)
            if at == 0:
                raise
            told = f"the first {at * MOST_AT_ONCE} messages have arrived; then: {error.detail}"
            raise DeliveryFailed(told, arrived=progress.ids) from None
        except DeliveryDeferred as error:
            await self._not_taken(article, progress)
            error.facts["arrived"] = progress.ids
            raise

    async def _not_taken(self, article: str, before: Progress) -> None:
        """LINE said no to this try, which says nothing of those before it."""
        try:
            await self._pushes.write(article, before)
        except Temporary as error:  # it counts as a try that LINE may have taken
            log.warning("a refused push stays open", action="push_kept", article=article, cause=error.detail)

    async def _forget(self, article: str) -> None:
        """What is not forgotten ends by itself."""
        try:
            await self._pushes.forget(article)
        except Temporary as error:
            log.warning("pushes of an answer are kept", action="pushes_kept", article=article, cause=error.detail)

    async def _push(self, to: str, messages: Sequence[Message], key: str) -> ApiAnswer:
        return await self._api.call(
            "POST",
            PATH,
            headers={"Authorization": f"Bearer {self._token}", "X-Line-Retry-Key": key},
            content={"to": to, "messages": messages},
            also=(_ACCEPTED_BEFORE,),
            secrets=(self._token,),
        )


def _key(outgoing: Outgoing, at: int) -> str:
    return outgoing.external_id if at == 0 else str(uuid5(UUID(outgoing.external_id), str(at)))


def judge(answer: ApiAnswer) -> TrunklineError | None:
    """What LINE means where a status alone does not say it (reference, "Error messages")."""
    words = str(_mapping(answer.json()).get("message", ""))
    if answer.status == 429 and "monthly limit" in words:
        told = "the monthly limit of messages of the LINE account is reached; it goes on when the plan allows more"
        return AccountUnavailable(told, retry_after=_UNTIL_LOOKED_AGAIN)
    if answer.status == 400 and words.startswith("Failed to send"):
        return DeliveryFailed("LINE knows nobody by this id any more, or the account is not in the group any more")
    return None


def _ids(answer: ApiAnswer) -> list[str]:
    """LINE's ids of the messages, which quotes of them name; none when the answer does not tell."""
    told = _mapping(answer.json()).get("sentMessages")
    ids = (_mapping(each).get("id") for each in told) if isinstance(told, list) else ()
    return [each for each in ids if isinstance(each, str) and each]


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}
