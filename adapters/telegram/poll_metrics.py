"""How asking for updates goes, as numbers of the process that asks."""

from collections.abc import Iterable, Sequence

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from .polling import Poller


def poll_metrics(pollers: Sequence[Poller]) -> Iterable[Metric]:
    """By bot, how many updates were asked for and stored, and whether something hinders it; nothing without pollers."""
    if not pollers:
        return
    stored = CounterMetricFamily(
        "trunkline_telegram_polled_updates", "Updates that were asked for and stored.", labels=["bot"]
    )
    hindered = GaugeMetricFamily(
        "trunkline_telegram_poll_hindered", "1 while updates of a bot cannot be asked for.", labels=["bot"]
    )
    for poller in pollers:
        stored.add_metric([poller.bot], poller.stored)
        hindered.add_metric([poller.bot], poller.is_hindered)
    yield from (stored, hindered)
