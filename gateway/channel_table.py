"""What the channels can do, in words: a row for each property, a cell for each channel. Pure.

`trunkline channels` prints it, docs/channels/index.md has it with the test that proves each row (`PROOFS`). What a card
does not tell is *not told*, which the conformance suite does not let through.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping

from ..adapters.capability import Answers, Capability, FileKind, Handing, Incoming
from ..adapters.card import Card
from ..normalizer.sending_limits import Destination, FileLimits, Sends, TextLimit

NOT_TOLD = "not told"

_UNITS = {
    "characters": "characters",
    "utf16": "characters (UTF-16)",
    "bytes": "bytes",
    "weighted": "weighted characters",
    "sms": "places of the SMS alphabet",
}
_DIALECTS = {
    "plain": "plain text",
    "html": "HTML and plain text",
    "telegram_html": "bold, italic, code, links",
    "whatsapp_marks": "WhatsApp's marks",
    "mrkdwn": "Slack's marks",
}
_PROOFS = {
    "signature": "a signature over its bytes",
    "token": "a secret token",
    "login": "the login of its connection",
    "origin": "what is proven of its origin",
}
_GAPS = {
    "sender": "the sender tries again",
    "cursor": "we go on where we were",
    "reconciler": "we list what is missing",
}

_ADAPTERS = "tests/conformance/test_adapters.py::"
_LATER = "tests/conformance/test_later_files.py::"
_CARDS = "tests/conformance/test_cards.py::"
_CHANGES = f"{_CARDS}test_a_change_names_the_message_that_it_is_of"
_FILES_OUT = f"{_CARDS}test_a_file_that_the_card_does_not_allow_is_refused_before_anything_is_sent"

PROOFS: Mapping[str, str] = {
    "a message is proven by": f"{_CARDS}test_what_the_channel_did_not_send_is_401_and_nothing_is_stored",
    "wants an answer within": f"{_ADAPTERS}test_a_sender_hears_that_it_is_taken_only_when_it_is_stored",
    "while we are away": f"{_ADAPTERS}test_our_own_trouble_is_never_the_senders_and_a_repeat_succeeds",
    "what was missed": f"{_ADAPTERS}test_a_repeat_is_taken_and_is_one_message",
    "order": f"{_ADAPTERS}test_a_later_message_sorts_behind_an_earlier_one",
    "files that come": f"{_LATER}test_a_file_is_named_without_asking_for_it_and_fetched_whole",
    "edits": _CHANGES,
    "deletes": _CHANGES,
    "reactions": _CHANGES,
    "text that goes": f"{_CARDS}test_a_text_as_long_as_the_card_allows_is_taken_whole",
    "files that go": _FILES_OUT,
    "window for answers": f"{_CARDS}test_the_end_of_the_window_for_answers_is_told",
    "a send that broke off": f"{_ADAPTERS}test_the_fate_of_what_is_sent_is_told",
}
"""The test that proves a row, for every channel that it is true of; rows without one are proven by the tests of
each channel."""


def rows(card: Card) -> Iterator[tuple[str, str]]:
    """Each property of a channel with its words."""
    for name, told in _ROWS.items():
        yield name, told(card)


def properties() -> Iterable[str]:
    """The names of the rows, in their order."""
    return _ROWS.keys()


def _in(told: Callable[[Incoming], str]) -> Callable[[Card], str]:
    return lambda card: told(card.capability.incoming) if card.capability.incoming else NOT_TOLD


def _handed(told: Callable[[Handing], str]) -> Callable[[Card], str]:
    return lambda card: told(card.capability.handing) if card.capability.handing else NOT_TOLD


def _out(told: Callable[[Answers], str]) -> Callable[[Card], str]:
    return lambda card: told(card.capability.answers)


def _yes(fact: bool) -> str:
    return "yes" if fact else "no"


def _files_in(told: Incoming) -> str:
    if not told.files:
        return "none"
    size = f", up to {_bytes(told.largest)}" if told.largest else ""
    return f"{_listed(told.files)}{size}{', fetched afterwards' if told.fetched else ''}"


def _listed(kinds: Iterable[FileKind]) -> str:
    return ", ".join(kinds)


def _gap(told: Handing) -> str:
    return "; ".join(_GAPS[each] for each in told.gap) or "nothing"


def _window(told: Answers) -> str:
    if told.window is None:
        return "always open"
    more = f", for a person {_span(told.extended)}" if told.extended else ""
    return f"{_span(told.window)}{more}{f' ({told.window_of})' if told.window_of else ''}"


def _receipts(told: Answers) -> str:
    return ", ".join(told.receipts) or "none"


def _each_way(told: Callable[[Sends], str]) -> Callable[[Card], str]:
    """What is the same on all ways once, else by way."""

    def words(card: Card) -> str:
        ways = card.capability.ways or {"": Destination()}
        said = {name: told(card.facts.sends(to)) for name, to in ways.items()}
        if len(set(said.values())) == 1:
            return next(iter(said.values()))
        return "; ".join(f"{name}: {each}" for name, each in said.items())

    return words


def _text(sends: Sends) -> str:
    return _length(sends.text) if sends.text else "any length"


def _length(limit: TextLimit) -> str:
    parts = f", in up to {limit.parts} messages" if limit.parts > 1 else ""
    return f"{limit.most:,} {_UNITS[limit.unit]}{parts}"


def _files_out(sends: Sends) -> str:
    return _limits(sends.files)


def _limits(files: FileLimits) -> str:
    if files.count == 0:
        return "none"
    count = f"{files.count} of them" if files.count else ""
    size = f"up to {_bytes(files.size)}" if files.size else ""
    total = f"{_bytes(files.total)} together" if files.total else ""
    kinds = ", ".join(f"{kind} up to {_bytes(most)}" for kind, most in _kinds(files))
    others = "no others" if kinds and not files.others else ""
    return "; ".join(filter(None, (count, kinds, others, size, total))) or "as configured"


def _kinds(files: FileLimits) -> Iterator[tuple[str, int]]:
    """Kinds with their size; several below one type are only counted, and the page of the channel lists them."""
    alike: dict[tuple[str, int], list[str]] = {}
    for kind, most in files.kinds.items():
        alike.setdefault((kind.partition("/")[0], most), []).append(kind)
    for (above, most), kinds in alike.items():
        yield (f"{above} ({len(kinds)} kinds)" if len(kinds) > 1 else kinds[0].rstrip("/")), most


def _bytes(size: int) -> str:
    mebibyte = 1024 * 1024
    return f"{size / mebibyte:g} MiB" if size >= mebibyte else f"{size / 1024:g} KiB"


def _span(seconds: float) -> str:
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * length and seconds % length == 0:
            return f"{seconds / length:g} {unit}"
    return f"{seconds:g} s"


def _deadline(told: Handing) -> str:
    return _span(told.deadline) if told.deadline else "none"


def _repeat(capability: Capability) -> str:
    if capability.idempotent_send:
        return "recognised, so it is repeated"
    if capability.looks_up:
        return "looked up, and sent again only if it did not arrive"
    return "never repeated by itself; a person decides"


_ROWS: Mapping[str, Callable[[Card], str]] = {
    "a message is proven by": _handed(lambda told: _PROOFS[told.proof]),
    "wants an answer within": _handed(_deadline),
    "while we are away": _handed(lambda told: told.retries),
    "what was missed": _handed(_gap),
    "order": _handed(lambda told: "the channel's" if told.ordered else "as they come"),
    "files that come": _in(_files_in),
    "edits": _in(lambda told: _yes(told.edits)),
    "deletes": _in(lambda told: _yes(told.deletes)),
    "reactions": _in(lambda told: _yes(told.reactions)),
    "text that goes": _each_way(_text),
    "formatting": _each_way(lambda sends: _DIALECTS[sends.dialect]),
    "files that go": _each_way(_files_out),
    "receipts": _out(_receipts),
    "typing": _out(lambda told: f"{_yes(told.typing)}{f' ({told.typing_of})' if told.typing_of else ''}"),
    "window for answers": _out(_window),
    "templates": _out(lambda told: _yes(told.templates)),
    "a send that broke off": lambda card: _repeat(card.capability),
}
