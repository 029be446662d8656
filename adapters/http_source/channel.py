"""The channel `http`: signed posts and form pages in, replies by callback out.

Receiving, forms, reading and sending are parts of their own; this puts them together as the contract asks. It listens
on nothing itself: `routes` mounts its faces into the web service. Where a source's replies go by mail, `gateway/` hands
them to the channel `mail`, and they never come here.
"""

from collections.abc import Iterable

from aiohttp import hdrs, web
from aiohttp.abc import AbstractResolver
from prometheus_client.core import CounterMetricFamily, Metric

from ...config.field_settings import CurrentFields, OwnFields
from ...normalizer.envelope import RawMessage
from ...normalizer.outgoing import Outgoing, Parsed, Sent
from ...queue.clock import Clock
from ...queue.intake import Intake
from ...web.operations import expect
from ...web.peers import Peers
from ..contract import Adapter
from . import forms, receiving
from .parsing import HttpReader
from .sending import Callbacks
from .settings import HttpSettings
from .source import CHANNEL, SecretOf, sources_of


class HttpChannel(Adapter):
    """HTTP, both directions."""

    channel = CHANNEL

    def __init__(
        self,
        settings: HttpSettings,
        *,
        intake: Intake,
        secret_of: SecretOf,
        clock: Clock,
        declared: CurrentFields = OwnFields,
        peers: Peers | None = None,
        resolver: AbstractResolver | None = None,
    ) -> None:
        """Raises Misconfigured when a secret is none."""
        self.settings = settings
        sources = sources_of(settings, secret_of, declared)
        known_peers = peers or Peers()
        self._receiver = receiving.Receiver(sources, intake, clock, known_peers)
        self._forms = forms.Forms(sources, intake, clock.now, known_peers)
        self._reader = HttpReader(settings)
        self._callbacks = Callbacks(sources, clock.true_now, resolver)

    def metrics(self) -> Iterable[Metric]:
        """How many signed posts were accepted, duplicate, in conflict, forged, invalid, refused."""
        family = CounterMetricFamily("trunkline_http_posts", "Signed posts by how they ended.", labels=["outcome"])
        for outcome in receiving.OUTCOMES:
            family.add_metric([outcome], self._receiver.counts[outcome])
        yield family

    def routes(self, application: web.Application) -> None:
        """Mount the faces."""
        router = application.router
        router.add_route(hdrs.METH_POST, receiving.PATH, self._receiver.receive, expect_handler=expect)
        router.add_get(forms.PATH, self._forms.show)
        router.add_route(hdrs.METH_POST, forms.PATH, self._forms.take, expect_handler=expect)

    def outgoing_id(self, article_id: str, account: str) -> str:  # noqa: ARG002
        """The `webhook-id` of a reply."""
        return article_id

    async def parse(self, raw: RawMessage) -> Parsed:
        """Read a raw message; raises Unreadable."""
        return self._reader.read(raw)

    async def send(self, outgoing: Outgoing) -> Sent:
        """Post a reply; raises DeliveryDeferred, DeliveryFailed."""
        return await self._callbacks.send(outgoing)

    async def stop(self) -> None:
        """Close the connections of callbacks."""
        await self._callbacks.close()
