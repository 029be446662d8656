"""The face of a channel whose vendor posts to us: verify, split, store, answer. What differs is its `Contract`.

    forged, stale, garbage in a header                           401, nothing stored
    an account that is not ours                                  404 after the same work
    over `largest`                                               413
    the engine away or full, too many at once, `patience` over   503 with Retry-After; the vendor posts again
    all stored, or known before                                  200 with what the vendor wants to hear
    verified, and not to be split                                200: the body is stored whole, by its sha256, for
                                                                 `parse` to set it aside

Whatever a verifier raises beyond our own errors is Forged, because vendors' verifiers raise on garbage; whatever a
splitter raises makes the body one that cannot be split. Events of one lane are stored in their order, lanes side by
side. Another message under a known id is kept as well, under that id and its digest: of two that a vendor signed none
is dropped. Compressed bodies are refused.
"""

import asyncio
import hashlib
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from aiohttp import hdrs, web
from prometheus_client.core import CounterMetricFamily, Metric

from ..config.errors import Conflict, Forged, NotFound, Refused, Temporary, TrunklineError, Unreadable
from ..queue.intake import Intake
from ..web.body import read_body
from ..web.peers import Peers
from ..web.places import Places
from .vendor_post import Event, Post, another_id, safe_id

IN_FLIGHT = 1000
OUTCOMES = ("taken", "answered", "unreadable", "forged", "invalid", "refused")

_CROWDED = partial(Temporary, "too many posts are being stored at once", retry_after=1)
_LATE = partial(Temporary, "what was posted could not be stored in time", retry_after=1)
_REFUSALS = {Temporary: "refused", Forged: "forged", Refused: "invalid"}


async def _at_once(_: Post) -> None:
    """There is nothing to fetch."""


async def _as_they_are(_: Post, events: Sequence[Event]) -> Sequence[Event]:
    return events


@dataclass(frozen=True, kw_only=True)
class Contract:
    """What a vendor does and wants."""

    verify: Callable[[Post], None]
    """Raises Forged unless the post is the vendor's, over the bytes as they came."""
    split: Callable[[Post], Sequence[Event]]
    """The messages in a verified body, none perhaps. Pure."""
    prepare: Callable[[Post], Awaitable[None]] = _at_once
    """Fetches what a post has to be verified by, such as a certificate. Raises Forged, Temporary."""
    complete: Callable[[Post, Sequence[Event]], Awaitable[Sequence[Event]]] = _as_they_are
    """The messages with what the post only names, fetched; where the vendor asks for a visit, it is made. Raises
    Temporary; whatever else it raises makes the body one that cannot be split."""
    handshake: Callable[[Post], web.Response | None] = lambda _: None
    """The answer to a verified post without messages, such as a challenge; None, or Unreadable, goes on to `split`."""
    answer: bytes | Callable[[Post], bytes] = b"{}"
    """What the vendor hears when all is stored."""
    answer_type: str = "application/json"
    largest: int = 1024 * 1024
    patience: float = 10.0
    """Seconds to store in, before the vendor hears that nothing is promised."""
    methods: tuple[str, ...] = (hdrs.METH_POST,)


Told = Callable[[str, Sequence[Event]], Awaitable[Sequence[Event]]]
"""From an account and its events to the same with what is known of them before they are stored. Raises Temporary."""


def split_or_whole(split: Callable[[], Sequence[Event]], body: bytes) -> tuple[str, Sequence[Event]]:
    """How a body ends, and what is stored of it: its messages, or all of it where it cannot be split."""
    try:
        return "taken", split()
    except Exception:  # noqa: BLE001  (a message is not lost to whatever is wrong with a splitter)
        return whole(body)


def whole(body: bytes) -> tuple[str, Sequence[Event]]:
    """What is stored of a body that cannot be split: all of it."""
    digest = hashlib.sha256(body).hexdigest()
    return "unreadable", [Event(digest, "message", f"unreadable:{digest}", body)]


class VendorWebhook:
    """`/v1/<channel>/{account}`; `counts` tells how many posts ended how."""

    def __init__(
        self,
        channel: str,
        accounts: Collection[str],
        contract: Contract,
        intake: Intake,
        peers: Peers | None = None,
        *,
        told: Told | None = None,
    ) -> None:
        self.path = f"/v1/{channel}/{{account}}"
        self.counts: Counter[str] = Counter()
        self._channel = channel
        self._accounts = tuple(accounts)
        self._contract = contract
        self._intake = intake
        self._peers = peers or Peers()
        self._told = told
        self._in_flight = Places(IN_FLIGHT)

    def mount(self, application: web.Application) -> None:
        """Mount into the web service, which turns our errors into answers."""
        for method in self._contract.methods:
            application.router.add_route(method, self.path, self.receive)

    def metrics(self) -> Iterable[Metric]:
        """How many posts were taken, only answered, stored whole because they could not be split, or refused how."""
        name, words = f"trunkline_{self._channel}_posts", "Posts of the vendor by how they ended."
        family = CounterMetricFamily(name, words, labels=["outcome"])
        for outcome in OUTCOMES:
            family.add_metric([outcome], self.counts[outcome])
        yield family

    async def receive(self, request: web.Request) -> web.StreamResponse:
        """The aiohttp handler."""
        try:
            return await self._received(request)
        except (Temporary, Refused) as error:
            self.counts[next(outcome for kind, outcome in _REFUSALS.items() if isinstance(error, kind))] += 1
            raise

    async def _received(self, request: web.Request) -> web.Response:
        post = await self._verified(request)
        if (answer := self._handshaken(post)) is not None:
            self.counts["answered"] += 1
            return answer
        outcome, events = await self._split(post)
        with self._in_flight.held(refusal=_CROWDED):
            await self.store(post.account, events, {"peer": self._peers.peer(request)})
        self.counts[outcome] += 1
        said = self._contract.answer
        body = said if isinstance(said, bytes) else said(post)
        return web.Response(body=body, content_type=self._contract.answer_type)

    async def _verified(self, request: web.Request) -> Post:
        """Raises Forged; NotFound for an account that is not ours, after the work that one of ours would cost."""
        account = request.match_info["account"]
        known = account in self._accounts
        body = await read_body(request, self._contract.largest)
        asked = account if known else next(iter(self._accounts), "")
        post = Post(asked, request.method, request.raw_path, request.query, request.headers, body)
        try:
            await self._contract.prepare(post)
            self._contract.verify(post)
        except Exception as error:
            if known and isinstance(error, TrunklineError):
                raise
            if known:
                raise Forged(f"the signature cannot be checked ({type(error).__name__})") from error
        if not known:
            raise NotFound("there is no such account")
        return post

    def _handshaken(self, post: Post) -> web.Response | None:
        try:
            return self._contract.handshake(post)
        except Unreadable:
            return None

    async def _split(self, post: Post) -> tuple[str, Sequence[Event]]:
        outcome, events = split_or_whole(partial(self._contract.split, post), post.body)
        try:
            return outcome, await self._contract.complete(post, events) if outcome == "taken" else events
        except Temporary:
            raise
        except Exception:  # noqa: BLE001  (as above)
            return whole(post.body)

    async def store(self, account: str, events: Sequence[Event], facts: Mapping[str, Any]) -> None:
        """Returns when all are durable. Raises what intake raises; what was stored until then is known at the next."""
        try:
            async with asyncio.timeout(self._contract.patience):
                ends = await self._stored(account, await self._known(account, events), facts)
        except TimeoutError:
            raise _LATE() from None
        for end in ends:
            if end is not None:
                raise end

    async def _known(self, account: str, events: Sequence[Event]) -> Sequence[Event]:
        """The events with what is known of them besides; as they are, where that breaks over what is in them."""
        if self._told is None:
            return events
        try:
            return await self._told(account, events)
        except Temporary:
            raise
        except Exception:  # noqa: BLE001  (as above)
            return events

    async def _stored(
        self, account: str, events: Sequence[Event], facts: Mapping[str, Any]
    ) -> Sequence[BaseException | None]:
        """How each lane ended."""
        lanes: dict[str, list[Event]] = {}
        for event in events:
            lanes.setdefault(event.lane, []).append(event)
        tries = [self._in_order(account, each, facts) for each in lanes.values()]
        return await asyncio.gather(*tries, return_exceptions=True)

    async def _in_order(self, account: str, events: Sequence[Event], facts: Mapping[str, Any]) -> None:
        for event in events:
            try:
                await self._accept(account, event, event.external_id, facts)
            except Conflict:
                said = event.content if event.says is None else event.says
                await self._accept(account, event, another_id(event.external_id, said), facts)

    async def _accept(self, account: str, event: Event, external_id: str, facts: Mapping[str, Any]) -> None:
        await self._intake.accept(
            channel=self._channel,
            account=account,
            external_id=safe_id(external_id),
            kind=event.kind,
            lane=f"{self._channel}:{account}:{safe_id(event.lane)}",
            content=event.content,
            transport={**event.facts, **facts},
            says=event.says,
        )
