"""`POST /v1/inbound/{source}`: signed messages of other systems.

Verify, check against the mapping, store, answer 202 with the raw id; a repeated `webhook-id` gets the first one's id,
and 409 when other bytes were signed under it, because 202 would lose them.
This is the one channel whose body is checked before it is stored, because its contract is ours: 422 means that nothing
was stored. Unsigned, stale and forged requests are 401, an unknown source is 404 after the same work, and our own
trouble is 503 with Retry-After. At most `IN_FLIGHT` requests wait for intake; a place among them is taken only behind
the signature, so that a stranger cannot take any.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from aiohttp import web

from ...config.errors import Conflict, Forged, NotFound, Refused, Temporary
from ...queue.clock import Clock
from ...queue.intake import Intake
from ...web.body import read_body
from ...web.peers import Peers
from ...web.places import Places
from ...web.webhook_signing import ID, SIGNATURE, TIMESTAMP, Stale, key_of, verify
from .field_mapping import read_content
from .source import CHANNEL, SIGNED, Source

PATH = "/v1/inbound/{source}"
IN_FLIGHT = 1000
_REFUSALS = {Temporary: "refused", Conflict: "conflict", Forged: "forged", Refused: "invalid"}
OUTCOMES = ("accepted", "duplicate", "conflict", "forged", "invalid", "refused")

_NOBODYS_KEYS = (key_of("whsec_" + "A" * 43),)
_LARGEST_UNKNOWN = 256 * 1024
_CROWDED = partial(Temporary, "too many messages are being stored at once", retry_after=1)


class Receiver:
    """Takes signed posts; `counts` tells how many ended how."""

    def __init__(self, sources: Mapping[str, Source], intake: Intake, clock: Clock, peers: Peers) -> None:
        self._sources = sources
        self._intake = intake
        self._clock = clock
        self._peers = peers
        self._in_flight = Places(IN_FLIGHT)
        self.counts: Counter[str] = Counter()

    async def receive(self, request: web.Request) -> web.StreamResponse:
        """The aiohttp handler."""
        try:
            return await self._received(request)
        except (Temporary, Refused) as error:
            self.counts[next(outcome for kind, outcome in _REFUSALS.items() if isinstance(error, kind))] += 1
            raise

    async def _received(self, request: web.Request) -> web.Response:
        source = self._sources.get(request.match_info["source"])
        body = await read_body(request, source.settings.max_body if source else _LARGEST_UNKNOWN)
        keys = source.keys if source else _NOBODYS_KEYS
        try:
            webhook_id = self._verified(request, body, keys)
        except Forged:
            if source is None:
                raise NotFound("there is no such source") from None
            raise
        if source is None:
            raise NotFound("there is no such source")
        fields = source.signed.read(read_content(body))
        with self._in_flight.held(refusal=_CROWDED):
            accepted = await self._intake.accept(
                channel=CHANNEL,
                account=source.name,
                external_id=webhook_id,
                kind="message",
                lane=source.lane(fields.lane_key, webhook_id),
                content=body,
                transport={"face": SIGNED, "peer": self._peers.peer(request)},
            )
        self.counts["duplicate" if accepted.duplicate else "accepted"] += 1
        return web.Response(status=202, body=b'{"id":"%s"}' % accepted.id.encode(), content_type="application/json")

    def _verified(self, request: web.Request, body: bytes, keys: Sequence[bytes]) -> str:
        """The webhook-id. Raises Forged; ClockAstray where it is our own time that cannot be trusted."""
        try:
            return verify(request.headers, body, keys, self._clock.true_now() / 1000)
        except Stale:
            self._clock.demand_agreement()
            raise


def path_item() -> dict[str, Any]:
    """The entry in the OpenAPI document."""
    problem = {"content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}}
    refusals = {
        401: "Unsigned, stale or forged",
        404: "There is no such source",
        408: "The body did not arrive in time; send it again",
        409: "Another body was stored under this webhook-id before; nothing of this one was",
        413: "The body is over the size that is taken",
        415: "Compressed bodies are not read",
        429: "Too many bodies of one sender are on their way; send it again after Retry-After seconds",
        422: "Not JSON, or mapped fields are missing or cannot be used; nothing was stored",
        503: "Our own trouble; send it again, with the same webhook-id, after Retry-After seconds",
        400: "The body is not framed as HTTP says",
    }
    answer = {"type": "object", "required": ["id"], "properties": {"id": {"type": "string", "format": "uuid"}}}
    return {
        "post": {
            "operationId": "post_inbound_source",
            "summary": "Take a message of another system, signed as Standard Webhooks says",
            "tags": ["inbound"],
            "security": [],
            "parameters": [
                {"name": "source", "in": "path", "required": True, "schema": {"type": "string"}},
                *(
                    {"name": name, "in": "header", "required": True, "schema": {"type": "string"}}
                    for name in (ID, TIMESTAMP, SIGNATURE)
                ),
            ],
            "requestBody": {"required": True, "content": {"application/json": {"schema": {"type": "object"}}}},
            "responses": {
                "202": {"description": "Stored", "content": {"application/json": {"schema": answer}}},
                **{str(status): {"description": words, **problem} for status, words in sorted(refusals.items())},
            },
        }
    }
