"""What lies in the engine, read key by key and without any code of the router or the queue.

The picture is plain data: hashes, sets and lists with their members taken apart, so that a checker can count again what
the scripts keep equal, and a test can put a fault into it. Take it while nobody writes.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from redis import Redis

from ..recount import HASHES, SETS, Kept

Fields = dict[str, Any]

COUNTS = ("in", "done", "receipts", "dead", "dropped", "received", "suspended", "released", "discarded")


@dataclass(kw_only=True)
class Queue:
    """One work queue; entries are named by their sequence, as in queue/work.lua."""

    entries: dict[int, bytes] = field(default_factory=dict)
    lined_up: dict[int, str] = field(default_factory=dict)  # sequence → lane
    later: dict[int, str] = field(default_factory=dict)
    ready: dict[str, int] = field(default_factory=dict)  # lane → its head
    held: set[str] = field(default_factory=set)  # lanes that have a holder
    leased: set[str] = field(default_factory=set)  # lanes that have a lease
    dead: dict[int, str] = field(default_factory=dict)  # sequence → cause
    counts: dict[str, int] = field(default_factory=dict)  # what was counted, over all kinds of lanes

    @property
    def unfinished(self) -> set[int]:
        """Entries that somebody still has to work on."""
        return set(self.entries) - set(self.dead)


@dataclass(frozen=True, kw_only=True)
class Raw:
    """One raw message that is not filed."""

    id: str
    digest: str


@dataclass(kw_only=True)
class Log:
    """The log of one conversation."""

    lines: list[Fields] = field(default_factory=list)  # the first is at position 1
    keys: dict[str, int] = field(default_factory=dict)  # key of a line of ours → its position


@dataclass(kw_only=True)
class Picture:
    """Everything of one workspace that the checker asks for."""

    tickets: dict[str, Fields] = field(default_factory=dict)
    articles: dict[str, Fields] = field(default_factory=dict)
    lists: dict[str, list[str]] = field(default_factory=dict)  # ticket → ids of its articles as they are listed
    originals: dict[str, str] = field(default_factory=dict)  # article → sha256 of the bytes that came, "" when missing
    decisions: dict[str, list[Fields]] = field(default_factory=dict)
    customers: dict[str, Fields] = field(default_factory=dict)
    identities: dict[str, str] = field(default_factory=dict)
    agents: dict[str, str] = field(default_factory=dict)
    index: set[str] = field(default_factory=set)
    waiting: set[str] = field(default_factory=set)
    kept: Kept = field(default_factory=Kept)  # what the router chooses from
    unsent: set[str] = field(default_factory=set)
    held: dict[str, Fields] = field(default_factory=dict)  # replies that can still be taken back
    held_by_ticket: set[str] = field(default_factory=set)
    threads: dict[str, str] = field(default_factory=dict)
    counters: dict[str, str] = field(default_factory=dict)
    logs: dict[str, Log] = field(default_factory=dict)  # conversation → its log
    feed: list[Fields] = field(default_factory=list)
    feed_position: int = 0
    queues: dict[str, Queue] = field(default_factory=dict)
    suspended: dict[str, Raw] = field(default_factory=dict)
    dead: dict[str, Raw] = field(default_factory=dict)
    accepted: dict[str, str] = field(default_factory=dict)  # raw id → digest of its dedup key
    filed: dict[str, tuple[str, str]] = field(default_factory=dict)  # digest of a filing key → ticket, article


def take(engine: Redis, workspace: str, blobs: Path) -> Picture:
    """The picture of a workspace; `blobs` is its folder of blobs."""
    return _Reader(engine, f"tl:{{{workspace}}}:", blobs).picture()


class _Reader:
    def __init__(self, engine: Any, prefix: str, blobs: Path) -> None:
        self._engine = engine
        self._prefix = prefix
        self._blobs = blobs
        pattern = prefix.replace("[", "\\[") + "*"
        self._names = sorted(key.decode().removeprefix(prefix) for key in engine.scan_iter(pattern, count=5000))

    def picture(self) -> Picture:
        records = self._records()
        queues = {name: self._queue(name) for name in ("intake", "offers", "clocks", "alerts", "held", "outbox")}
        articles = records("article", 2)
        return Picture(
            tickets=records("ticket", 2),
            articles=articles,
            lists={id_: [m[-36:] for m in self._zset(f"ticket:{id_}:articles")] for id_ in self._of("ticket", 2)},
            originals={id_: self._original(each) for id_, each in articles.items() if "_raw" in each},
            decisions={id_: self._decisions(id_) for id_ in self._of("ticket", 2)},
            customers=records("customer", 2),
            identities=self._hash("identities"),
            agents=self._hash("agents"),
            index=set(self._zset("index")),
            waiting=set(self._zset("waiting")),
            kept=self._kept(),
            unsent=set(self._zset("unsent")),
            held={id_: json.loads(reply) for id_, reply in self._hash("held:replies").items()},
            held_by_ticket=set(self._zset("held:by_ticket")),
            threads=self._hash("threads"),
            counters=self._hash("counters"),
            logs={name.removeprefix("log:"): self._log(name) for name in self._names if _is_log(name)},
            feed=[_line(*entry) for entry in self._engine.xrange(self._key("feed"))],
            feed_position=int(self._engine.get(self._key("feed:position")) or 0),
            queues=queues,
            suspended=self._raws(self._payloads("suspended:raw").values()),
            dead=self._raws(filter(None, map(queues["intake"].entries.get, queues["intake"].dead))),
            accepted={value[:36].decode(): key.hex() for key, value in self._payloads("dedup:raw").items()},
            filed={key.hex(): _pair(value.decode()) for key, value in self._payloads("dedup:filed").items()},
        )

    def _key(self, name: str) -> str:
        return self._prefix + name

    def _of(self, kind: str, parts: int) -> list[str]:
        split = (name.split(":") for name in self._names)
        return [parts_[1] for parts_ in split if parts_[0] == kind and len(parts_) == parts]

    def _records(self) -> Callable[[str, int], dict[str, Fields]]:
        def records(kind: str, parts: int) -> dict[str, Fields]:
            ids = self._of(kind, parts)
            pipe = self._engine.pipeline(transaction=False)
            for id_ in ids:
                pipe.hgetall(self._key(f"{kind}:{id_}"))
            return {id_: _record(stored) for id_, stored in zip(ids, pipe.execute(), strict=True)}

        return records

    def _payloads(self, name: str) -> Mapping[bytes, bytes]:
        payloads: Mapping[bytes, bytes] = self._engine.hgetall(self._key(name))
        return payloads

    def _hash(self, name: str) -> dict[str, str]:
        return {key.decode(): value.decode() for key, value in self._payloads(name).items()}

    def _zset(self, name: str) -> list[str]:
        return [member.decode() for member in self._engine.zrange(self._key(name), 0, -1)]

    def _kept(self) -> Kept:
        return Kept(
            **{name: set(self._zset(f"{part}:{name}")) for name, part in SETS.items()},
            **{name: self._hash(f"{part}:{name}") for name, part in HASHES.items()},
        )

    def _decisions(self, ticket: str) -> list[Fields]:
        return [json.loads(each) for each in self._engine.lrange(self._key(f"ticket:{ticket}:decisions"), 0, -1)]

    def _queue(self, name: str) -> Queue:
        def key(part: str) -> str:
            return f"work:{name}:{part}"

        causes = {int(seq): json.loads(cause)["cause"] for seq, cause in self._payloads(key("causes")).items()}
        return Queue(
            entries={int(sequence): payload for sequence, payload in self._payloads(key("entries")).items()},
            lined_up={int(seq): lane for lane, _, seq in (m.rpartition("\0") for m in self._zset(key("order")))},
            later={int(seq): lane for seq, _, lane in (m.partition("\0") for m in self._zset(key("later")))},
            ready={
                lane.decode(): int(head)
                for lane, head in self._engine.zrange(self._key(key("ready")), 0, -1, withscores=True)
            },
            held={name[2:] for name in self._hash(key("state")) if name.startswith("l:")},
            counts=_counts(self._hash(key("state"))),
            leased=set(self._zset(key("leases"))),
            dead={int(sequence): causes.get(int(sequence), "") for sequence in self._zset(key("dead"))},
        )

    def _log(self, name: str) -> Log:
        return Log(
            lines=[json.loads(line) for line in self._engine.lrange(self._key(name), 0, -1)],
            keys={key: int(at) for key, at in self._hash(f"{name}:keys").items()},
        )

    def _raws(self, payloads: Iterable[bytes]) -> dict[str, Raw]:
        raws = [self._raw(payload) for payload in payloads]
        return {raw.id: raw for raw in raws}

    def _raw(self, payload: bytes) -> Raw:
        line, _, content = payload.partition(b"\n")
        header = json.loads(line)
        digest = self._blob(header["blob"]) if header["blob"] else hashlib.sha256(content).hexdigest()
        return Raw(id=header["id"], digest=digest)

    def _original(self, article: Fields) -> str:
        if "_raw_blob" in article:
            return self._blob(article["_raw_blob"])
        if "_raw_content" in article:
            return hashlib.sha256(article["_raw_content"].encode("latin-1")).hexdigest()
        return ""

    def _blob(self, name: str) -> str:
        """The sha256 of what really lies there, or '' when nothing does; a part of a pack says where it lies."""
        sha, *part = name.split(".")
        path = self._blobs / sha[0] / sha[1] / sha
        if not path.is_file():
            return ""
        content = path.read_bytes()
        if part:
            content = content[int(part[0]) : int(part[0]) + int(part[1])]
        return hashlib.sha256(content).hexdigest()


def _is_log(name: str) -> bool:
    return name.startswith("log:") and not name.endswith((":state", ":keys"))


def _record(stored: Mapping[bytes, bytes]) -> Fields:
    return {name.decode(): json.loads(piece) for name, piece in stored.items()}


def _counts(state: Mapping[str, str]) -> dict[str, int]:
    counted = dict.fromkeys(COUNTS, 0)
    for name, value in state.items():
        what, _, _ = name.partition(":")
        if what in counted:
            counted[what] += int(value)
    return counted


def _pair(value: str) -> tuple[str, str]:
    ticket, _, article = value.partition(":")
    return ticket, article


def _line(entry: bytes, fields: Mapping[bytes, bytes]) -> Fields:
    return {
        "position": int(entry.split(b"-")[0]),
        "type": fields[b"type"].decode(),
        "subject": fields[b"subject"].decode(),
        "sequence": int(fields[b"sequence"]),
        "data": json.loads(fields[b"data"]),
    }
