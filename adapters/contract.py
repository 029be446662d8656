"""What a channel must offer: the contract that every adapter keeps and the conformance tests try.

An adapter verifies and stores before it answers (`intake.accept`), parses later as a pure function, and sends what the
outbox hands it. It knows `queue`, `web` and `normalizer`, never tickets or agents. Vendor types stay inside it. What is
known of a channel before it is built stands in its card (card.py).

    verify     is the sender who the channel says? Forged → 401, stored nothing
    accept     raw bytes and transport facts, durable, under the channel's own id; only then 250/2xx
    parse      raw → envelopes; pure: the same bytes, the same envelopes; Unreadable sets the message aside whole;
               what the vendor tells that is for nobody has no envelopes and says in `nothing` what it was
               An external id is one of the account: a vendor's id that counts within a chat gets the chat in front.
               A change of an earlier message is an envelope of its own that names it in `amends`, by that id:
                 edit      with the text as it is now; files that it has are added; its sender is the author
                 addition  more of a message that the channel sends in pieces: files, and text that goes below
                 delete    its sender is the author; without identities the channel does not say who; a moderator's
                           of somebody else's message says so by `ext["moderator"]`
                 reaction  with `reaction`; its sender is who put it there or took it away
               An answer of ours that was written elsewhere has the direction `out` and no identities; that it is one
               of those we sent is found out by the house, by the ids that `send` gave, or where its answer was lost by
               the very words (router/echoes.py).
               The house applies them in the sense of `order`, once each, also when they come before their message.
               Answers go into `ext["conversation"]` of the message that opened the ticket; one with
               `ext["reply_there"]` takes them over into its own: below the newest of several posts, for instance.
               To the writer of one with `ext["public"]`, which everybody sees, nothing is sent by itself.
    fetch      a file that a message only names → its bytes, later and by a worker; parse touches no network
    send       Outgoing → Sent, with the ids of all messages that it became, or DeliveryDeferred / DeliveryFailed /
               DeliveryUnknown. AccountUnavailable and CredentialsRefused say that nothing else of the account can
               leave either: all of it waits
    look_up    what became of a send that broke off: Sent, None (it did not arrive), or DeliveryUnknown
    hindrance  what keeps every answer to somebody from arriving, told to the agent before they write
    start/stop services: both idempotent; start returns when ready, stop waits for what is under way
"""

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from aiohttp import web
from prometheus_client.core import Metric

from ..config.errors import DeliveryFailed, DeliveryUnknown
from ..normalizer.envelope import RawMessage
from ..normalizer.outgoing import Fetched, FileSink, Outgoing, Parsed, Sent
from ..normalizer.sending_limits import Destination
from ..queue.service import Service


class Adapter(ABC):
    """One channel, both directions. What a channel has no need of, it leaves as it is here: nothing."""

    channel: str

    @property
    def looks_up(self) -> bool:
        """Whether it can be asked what became of a message."""
        return type(self).look_up is not Adapter.look_up

    @abstractmethod
    def outgoing_id(self, article_id: str, account: str) -> str:
        """Our id of an outgoing article on the channel, known before it is sent."""

    @abstractmethod
    async def parse(self, raw: RawMessage) -> Parsed:
        """Read a raw message; raises Unreadable."""

    @abstractmethod
    async def send(self, outgoing: Outgoing) -> Sent:
        """Hand a message to the channel; raises DeliveryDeferred, DeliveryFailed, DeliveryUnknown."""

    async def look_up(self, outgoing: Outgoing) -> Sent | None:  # noqa: ARG002
        """Whether a message whose send broke off has arrived; None says that it has not, and it is sent again.

        Asked once, some seconds later, before a person is asked. Raises DeliveryUnknown when the channel cannot tell,
        and DeliveryDeferred when it can be asked again later.
        """
        raise DeliveryUnknown("the channel cannot tell")

    def typing(self, to: Destination) -> None:
        """An agent writes an answer that goes there; shown to the customer where the channel can, and to nobody else.

        Called in the role `web`, every few seconds for as long as they write. Returns at once and raises nothing.
        """

    async def hindrance(self, to: Destination) -> str:  # noqa: ARG002
        """Why no answer that goes there arrives, in a sentence without its full stop; empty: nothing is known.

        Asked whenever an agent opens the conversation, so only for what is known here. Raises EngineUnavailable.
        """
        return ""

    async def fetch(self, account: str, reference: str, into: FileSink) -> Fetched:  # noqa: ARG002
        """Pour the bytes of a file into the sink, by what `parse` wrote into `Attachment.fetch`.

        May be called again for the same file. Raises DeliveryDeferred (not now: it is tried again, not before its
        `retry_after` seconds) and DeliveryFailed (never: the file is missing, and its sentence is shown to the agent).
        What the sink raises is passed on.
        """
        raise DeliveryFailed("the channel fetches no files")

    def reconfigure(self, section: Any) -> None:
        """Go on with this section, in which nothing differs but what the card calls changeable."""

    def routes(self, application: web.Application) -> None:
        """Mount into the web service, which turns the errors of `config/errors.py` into answers."""

    async def start(self) -> None:
        """Begin to serve, in the role that the card names; returns when ready. Idempotent."""

    async def stop(self) -> None:
        """Stop taking new work and wait for what is under way. Idempotent, and called in every role."""

    def workers(self) -> Sequence[Service]:
        """What works off its own queues, in the role `worker`."""
        return ()

    async def warm_up(self) -> None:
        """Load what the first message would have to wait for."""

    async def forget(self, names: Collection[str]) -> None:
        """Forget what only the channel keeps of people by these names: addresses, identities, conversations."""

    def metrics(self) -> Iterable[Metric]:
        """The numbers of this process that are the channel's own, named `trunkline_<channel>_…`."""
        return ()
