"""The real lookup: asks the DNS, remembers the answers, and never waits long.

Answers, also that there is none, are kept for as long as their zones allow, in at most `KEPT` octets of memory; the
same question asked by several at once goes out once. At most `AT_ONCE` questions are under way, `AT_ONCE_EACH` of them
about names of one organisation, so that a zone whose servers are silent holds up only itself. A question that gets no
place or no answer within its time raises `NameServiceUnavailable`.

When the names of `SILENT` organisations in a row got no answer, others are not even asked for a moment, so that an
outage of the DNS costs intake no time; what is kept is given all the same. One organisation counts once.

Servers are those of the machine (/etc/resolv.conf) unless some are named. What they say is taken as true: a resolver of
your own, near by and validating DNSSEC, is what makes that so.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from weakref import WeakValueDictionary

import dns.asyncresolver
import dns.exception
import dns.message
import dns.name
import dns.rdtypes.ANY.MX
import dns.rdtypes.ANY.TXT
import dns.resolver

from ....config.errors import NameServiceUnavailable
from ....config.quantities import HostPort
from .kept_answers import KeptAnswers, Question
from .lookup import RecordKind, is_name, same_name
from .organisation import organisation

KEPT = 16 * 1024 * 1024  # octets: some 20,000 usual answers, or 270 of the longest
AT_ONCE = 50
AT_ONCE_EACH = 5
SILENT = 5  # organisations
PAUSE = 5.0  # seconds
_DATAGRAM = 1232  # octets that pass everywhere unfragmented (DNS flag day 2020)


class Resolver:
    """Looks names up; `ask` is a `Lookup`."""

    def __init__(self, servers: Sequence[HostPort] = (), *, seconds: float = 3.0) -> None:
        self._seconds = seconds
        self._servers = servers
        self._stub: dns.asyncresolver.Resolver | None = None
        self._places = asyncio.Semaphore(AT_ONCE)
        self._kept = KeptAnswers(KEPT)
        self._asked: dict[Question, asyncio.Task[Sequence[str]]] = {}
        self._places_each: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()
        self._silent: set[str] = set()  # organisations asked about since the last answer
        self._paused_until = 0.0

    async def ask(self, name: str, kind: RecordKind) -> Sequence[str]:
        """The records; raises NameServiceUnavailable."""
        question = (same_name(name), kind)
        kept = self._kept.get(question, asyncio.get_running_loop().time())
        if kept is not None:
            return kept
        task = self._asked.get(question)
        if task is None:
            task = self._asked[question] = asyncio.create_task(self._answered(*question))
            task.add_done_callback(lambda done: self._finished(question, done))
        return await asyncio.shield(task)

    def _finished(self, question: Question, task: asyncio.Task[Sequence[str]]) -> None:
        del self._asked[question]
        if not task.cancelled():
            task.exception()  # whoever waited has got it; when nobody did any more, nobody needs it

    async def _answered(self, name: str, kind: RecordKind) -> Sequence[str]:
        if asyncio.get_running_loop().time() < self._paused_until:
            raise NameServiceUnavailable(f"the DNS does not answer; {name} was not asked for")
        if not is_name(name) or not name.isascii():
            return ()
        labels = dns.name.Name([*(label.encode() for label in name.split(".")), b""])
        try:
            async with self._place(name):
                answer = await self._resolver().resolve(
                    labels, kind, lifetime=self._seconds, raise_on_no_answer=False, search=False
                )
        except dns.resolver.NXDOMAIN as error:
            self._silent.clear()
            response: dns.message.QueryMessage = error.kwargs["responses"][labels]
            return self._keep((name, kind), (), response.resolve_chaining().minimum_ttl)
        except dns.resolver.YXDOMAIN:
            self._silent.clear()
            return ()
        except (dns.exception.DNSException, OSError) as error:
            if isinstance(error, dns.exception.Timeout):
                self._was_silent(organisation(name))
            else:
                self._silent.clear()
            raise NameServiceUnavailable(f"the DNS gave no answer about {name}: {type(error).__name__}") from error
        self._silent.clear()
        return self._keep((name, kind), _texts(answer), answer.chaining_result.minimum_ttl)

    @asynccontextmanager
    async def _place(self, name: str) -> AsyncIterator[None]:
        each = self._places_each.setdefault(organisation(name), asyncio.Semaphore(AT_ONCE_EACH))
        async with AsyncExitStack() as places:
            try:
                async with asyncio.timeout(self._seconds):
                    await places.enter_async_context(each)
                    await places.enter_async_context(self._places)
            except TimeoutError as error:
                raise NameServiceUnavailable(f"others wait for the DNS; {name} was not asked for") from error
            yield

    def _was_silent(self, party: str) -> None:
        self._silent.add(party)
        if len(self._silent) >= SILENT:
            self._paused_until = asyncio.get_running_loop().time() + PAUSE

    def _keep(self, question: Question, records: Sequence[str], seconds: float) -> Sequence[str]:
        self._kept.put(question, records, asyncio.get_running_loop().time() + seconds)
        return records

    def _resolver(self) -> dns.asyncresolver.Resolver:
        if self._stub is None:
            self._stub = _stub(self._servers)
        return self._stub


def _stub(servers: Sequence[HostPort]) -> dns.asyncresolver.Resolver:
    try:
        stub = dns.asyncresolver.Resolver(configure=not servers)
    except dns.resolver.NoResolverConfiguration as error:
        raise NameServiceUnavailable("no name server is known; name some in channels.mail.origin.resolvers") from error
    if servers:
        stub.nameservers = [server.host for server in servers]
        stub.nameserver_ports = {server.host: server.port for server in servers}
    stub.timeout = 1.0
    stub.use_edns(0, 0, _DATAGRAM)
    return stub


def _texts(answer: dns.resolver.Answer) -> Sequence[str]:
    records = list(answer.rrset or ())
    if all(isinstance(record, dns.rdtypes.ANY.MX.MX) for record in records):
        records.sort(key=lambda record: record.preference)
        return [record.exchange.to_text(omit_final_dot=True) for record in records]
    return [
        b"".join(record.strings).decode("latin-1")
        if isinstance(record, dns.rdtypes.ANY.TXT.TXT)
        else record.to_text().removesuffix(".")
        for record in records
    ]
