"""What each role runs, in the order in which it starts; it stops in the reverse order.

    serve    everything
    web      HTTP: the API, signed posts, forms, health and metrics
    smtp     the mail listener
    worker   filing, offers, held replies, the outbox, what channels fetch, and all that happens by the clock

Listeners come last, so nothing is accepted before everything behind them is ready, and they stop first: messages under
way get their answer, the workers settle what they have claimed, and only then is the engine let go. What no worker has
claimed stays in its queue for the next one.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Literal

from ..adapters.contract import Adapter
from ..desk.board.board_service import KEEP_SECONDS
from ..queue.blob_collector import BlobCollector
from ..queue.dedup import DedupSweeper
from ..queue.fullness import CHECK_SECONDS as FULLNESS_SECONDS
from ..queue.recognition import CHECK_SECONDS as RECOGNITION_SECONDS
from ..queue.service import Periodic, Service
from ..queue.work import WorkQueue
from ..queue.worker import Worker
from ..router.rule_times import SECONDS as RULE_SECONDS
from ..router.signs_of_life import FACES_SECONDS
from ..router.stored_format import convert_records
from .assembly import Assembly
from .channels import configured
from .garbage import SECONDS as GARBAGE_SECONDS
from .garbage import Garbage
from .listener import Listener
from .reloading import Reloading
from .service_order import Steps
from .workspace_counters import FLUSH_SECONDS as COUNTERS_SECONDS

Role = Literal["serve", "web", "smtp", "worker"]

CLOCK_SECONDS = 1.0
DEDUP_SWEEP_SECONDS = 300.0
OFFERS_SWEEP_SECONDS = 60.0
COLLECTOR_SECONDS = 300.0
CLOSING_SECONDS = 30.0

FILING_LANES = 64
OFFER_LANES = 32
OUTBOX_LANES = 16
CLOCK_LANES = 16
ALERT_LANES = 4
HELD_LANES = 8
CODE_LANES = 4
MEDIA_LANES = 12
RULE_LANES = 8


def services_of(role: Role, assembly: Assembly) -> Sequence[Service]:
    """The services of a role. Raises Misconfigured when a channel cannot be put together."""
    chosen = _foundation(assembly)
    if role in ("serve", "worker"):
        chosen += _work(assembly)
    if role in ("serve", "web"):
        signs = Periodic("faces", assembly.signs.faces_are_there, FACES_SECONDS)
        chosen += [assembly.log_tail, assembly.signals, *_adapters(assembly, "web"), signs, _web(assembly)]
    if role in ("serve", "smtp"):
        chosen += [_listener(assembly, adapter) for adapter in _adapters(assembly, "smtp")]
    return [*chosen, *_garbage(), assembly.readiness, _reloading(role, assembly)]


def _garbage() -> list[Service]:
    """From here on the garbage collector does as we say, to the end of the process."""
    garbage = Garbage()
    return [Steps(start=garbage.set_aside), Periodic("garbage", garbage.run_once, GARBAGE_SECONDS)]


def _foundation(assembly: Assembly) -> list[Service]:
    """What every role stands on; from here on intake is refused while the engine is strange, unsafe or full."""
    fullness, counters = assembly.fullness, assembly.counters
    return [
        Steps(stop=assembly.engine.close),
        Steps(start=assembly.recognition.start),
        Steps(start=lambda: convert_records(assembly.engine, assembly.blobs)),
        Periodic("recognition", assembly.recognition.run_once, RECOGNITION_SECONDS),
        Steps(start=assembly.clock.start),
        Periodic("clock", assembly.latency.run_once, CLOCK_SECONDS),
        assembly.blobs,
        assembly.safety,
        Steps(start=fullness.run_once),
        Periodic("fullness", fullness.run_once, FULLNESS_SECONDS),
        Steps(start=assembly.erase_again),
        Steps(stop=counters.hand_over),
        Periodic("counters", counters.run_once, COUNTERS_SECONDS),
        Steps(stop=assembly.close_channels),
    ]


def _work(assembly: Assembly) -> list[Service]:
    engine, clock = assembly.engine, assembly.clock
    intake, offers, outbox = (WorkQueue(engine, name) for name in ("intake", "offers", "outbox"))
    sweeper = DedupSweeper(
        engine,
        clock,
        keep_ms=assembly.settings.dedup.keep // timedelta(milliseconds=1),
        intake_state=intake.keys["state"],
    )
    return [
        Steps(start=assembly.register_agents),
        Steps(start=assembly.begin_to_warm_up),
        Steps(start=assembly.delivery.parking.try_again),
        Worker(outbox, clock, assembly.delivery.handle, width=OUTBOX_LANES),
        Worker(assembly.erasing.queue, clock, assembly.erasing.handle, width=1),
        Worker(assembly.held_replies.queue, clock, assembly.held_replies.handle, width=HELD_LANES),
        Worker(assembly.proof_mails.queue, clock, assembly.proof_mails.handle, width=CODE_LANES),
        Worker(assembly.rule_runner.queue, clock, assembly.rule_runner.handle, width=RULE_LANES),
        Periodic("rules", assembly.rule_times.run_once, RULE_SECONDS),
        Worker(offers, clock, assembly.router_events.handle, width=OFFER_LANES),
        Worker(assembly.alerts.queue, clock, assembly.alerts.handle, width=ALERT_LANES),
        Worker(assembly.clock_events.queue, clock, assembly.clock_events.handle, width=CLOCK_LANES),
        *(worker for adapter in assembly.channels.values() for worker in adapter.workers()),
        *_adapters(assembly, "worker"),
        Worker(assembly.file_fetching.queue, clock, assembly.file_fetching.handle, width=MEDIA_LANES),
        assembly.file_fetching,
        Worker(intake, clock, assembly.intake_handler.handle, width=FILING_LANES),
        Periodic("dedup sweep", sweeper.run_once, DEDUP_SWEEP_SECONDS),
        Periodic("offers sweep", assembly.sweep_offers, OFFERS_SWEEP_SECONDS),
        Periodic("closing", assembly.close_solved, CLOSING_SECONDS),
        Periodic("board", assembly.board.run_once, KEEP_SECONDS),
        Periodic("blob collector", BlobCollector(assembly.blobs, clock).run_once, COLLECTOR_SECONDS),
    ]


def _adapters(assembly: Assembly, role: str) -> list[Adapter]:
    """Those that are started in this role."""
    return [assembly.channels[card.name] for card, _ in configured(assembly.settings) if card.role == role]


def _reloading(role: Role, assembly: Assembly) -> Service:
    """Agents are made known to the engine by those who work with them."""
    works = role in ("serve", "worker")
    make_known = assembly.register_agents if works else None
    return Reloading(assembly.configuration, assembly.policy, assembly.put_in_force, make_known)


def _web(assembly: Assembly) -> Service:
    from .http_face import http_service

    assembly.web = http_service(assembly)
    return Listener(assembly.web, assembly.settings, assembly.settings.listen.http, "listen", "http")


def _listener(assembly: Assembly, adapter: Adapter) -> Service:
    return Listener(adapter, assembly.settings, assembly.settings.listen.smtp, "listen", "smtp")
