"""What router and desk know of a channel: facts, never its name.

Each channel tells them in its card (adapters/card.py), and gateway/ hands them on. A channel that nobody tells of (one
that is no longer there, an import) is called by its name and treated with care: hours rather than minutes, and an
address counts as its writer's own only where that is proven.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from .envelope import Assurance
from .joining import PROVEN
from .sending_limits import ANYTHING, Destination, Sends

MESSAGE = "message"
"""As what most messages come; other kinds of a channel are told in `ext["came_as"]`, such as `comment`."""


@dataclass(frozen=True, kw_only=True)
class Product:
    """What people know a channel by, or a part of one that is several: WhatsApp, not who carries it."""

    words: str
    way: str
    """How a reply goes: on WhatsApp."""
    anonymous: str = ""
    """What somebody is called whose address there says nothing to people; see `ChannelFacts.anonymous`."""


ANY_BYTES = ("application/octet-stream", "bin")


@dataclass(frozen=True, kw_only=True)
class ChannelFacts:
    """One channel."""

    words: str
    """What people call it: E-mail."""
    mark: str = ""
    """Its small picture: what stands in an SVG symbol of 16 by 16."""
    way: str = ""
    """How a reply goes, behind `Reply to maria@example.org`: by e-mail."""
    live: bool = False
    """Whether customers look on while they wait: what may take hours elsewhere may take minutes here."""
    undo: int = 10
    """Seconds for which a reply from the desk page can be taken back, unless the configuration says otherwise."""
    letters: bool = False
    """Whether messages are letters: each has a subject and an addressee, and perhaps formatted text, to be shown."""
    presence: bool = False
    """Whether its conversations are logs (queue/conversation_log.py), which tell who is there and what they read."""
    one_article: bool = False
    """Whether a message that came to several of our accounts is one: its id is its own in the whole world."""
    ids_by_account: bool = True
    """Whether its id of a message counts within an account of ours; else it is the same for all of them."""
    proven: Assurance = PROVEN
    """From where on a writer's address counts as theirs, so that something may be sent there unasked."""
    identities: Mapping[str, str] = field(default_factory=dict)
    """What its kinds of identities are called: {"phone": "Phone"}. Their values tell people apart."""
    anonymous: str = ""
    """What somebody is called whose identity says nothing to people, before its last four characters: Visitor."""
    nameless: Mapping[str, str] = field(default_factory=dict)
    """The same for kinds of identities that are not called as the channel: {"messenger": "Messenger user"}."""
    product: Callable[[Destination, str], Product | None] = field(default=lambda *_: None, compare=False)
    """Where it is several products: which it is, by where an answer goes and as what the message came (`came_as`,
    empty where nobody knows any more)."""
    sends: Callable[[Destination], Sends] = field(default=lambda _: ANYTHING, compare=False)
    """What it takes of our answers, by where they go: lengths, files, formatting."""
    queues: Mapping[str, str] = field(default_factory=dict)
    """Its own durable queues, and what an entry is called on the page of dead letters."""
    original: tuple[str, str] = ANY_BYTES
    """The media type of a message as it came, and the ending of its file."""

    def known_as(self, to: Destination, came_as: str) -> Product:
        """What people know it by."""
        own = Product(words=self.words, way=self.way or f"by {self.words}", anonymous=self.anonymous)
        return self.product(to, came_as) or own


class Channels(dict[str, ChannelFacts]):
    """The facts of channels by name; also of one that nobody has told of."""

    def __missing__(self, channel: str) -> ChannelFacts:
        return ChannelFacts(words=channel)

    @cached_property
    def live(self) -> tuple[str, ...]:
        """Those on which customers look on."""
        return tuple(name for name, facts in self.items() if facts.live)

    @cached_property
    def identities(self) -> Mapping[str, str]:
        """What the kinds of identities of all channels are called."""
        return {kind: words for facts in self.values() for kind, words in facts.identities.items()}

    @cached_property
    def nameless(self) -> Mapping[str, str]:
        """What somebody is called by the kinds of identities whose values say nothing to people."""
        own = {name: facts.anonymous for name, facts in self.items() if facts.anonymous}
        return own | {kind: words for facts in self.values() for kind, words in facts.nameless.items()}

    @cached_property
    def queues(self) -> Mapping[str, str]:
        """What an entry of each of their queues is called."""
        return {name: words for facts in self.values() for name, words in facts.queues.items()}
