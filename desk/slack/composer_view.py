"""The view in which an answer or a note is written. Pure.

It shows whom the answer reaches before anything else, the customer's last words, a menu of canned replies, the field,
what becomes of the ticket afterwards, and, when it is asked for, how the customer will see it. Where the channel's
window is shut it shows the templates that the channel still takes in place of the field. A text that was put in by
us (a canned reply, what was written before) needs another `edition`, since Slack keeps what stands in a field else.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..views.sending_words import OfferedTemplate
from . import block_limits as limits
from . import controls
from .blocks import Json, Moment, Styled, actions, context, divider, header, marked, plain, rich
from .elements import Option, button, labelled, menu, one_of, options_answer, search_menu, several, text_field
from .handles import Handle
from .plain_words import beginning, one_line
from .surfaces import modal
from .view_values import TEXT_FIELDS

AFTERWARDS = (("open", "Leave it open"), ("pending", "Pending: wait for the customer"), ("solved", "Solved"))
_COPIES = 10
PAGE_TEXT = 10_000  # of a long text that is read in a view


@dataclass(frozen=True, kw_only=True)
class Composer:
    """What is known when the view is drawn."""

    handle: Handle
    number: str
    is_note: bool = False
    recipient: str = ""  # the sentence of reply_target
    warning: str = ""
    reply_by: int | None = None  # when the window for free answers shuts
    said_last: str = ""  # by the customer
    text: str = ""
    edition: int = 0
    most: int = limits.INPUT_TEXT  # characters that the channel takes
    has_canned: bool = False
    shut: bool = False  # only templates are taken
    templates: Sequence[OfferedTemplate] = ()
    template: str = ""  # the chosen one
    modes: Sequence[tuple[str, str]] = ()
    mode: str = ""
    copied: Sequence[tuple[str, str]] = ()  # address and words of who gets it too
    offered: Sequence[tuple[str, str]] = ()  # of who can get it too
    files: str = ""  # what the channel says of files, such as that it takes none
    afterwards: str = "open"
    preview: str = ""
    plan: str = ""  # how much of what the channel takes it is: `2 SMS, 31 left in the last`


def composer_view(composer: Composer) -> Json:
    """The view."""
    what = "Note on" if composer.is_note else "Answer"
    return modal(
        f"{what} {composer.number}",
        list(_blocks(composer)),
        callback=controls.COMPOSER,
        submit="Add note" if composer.is_note else "Send",
        carries=composer.handle.with_(f"{'note' if composer.is_note else 'reply'}:{composer.edition}"),
        tells_closing=True,
    )


def canned_answer(canned: Sequence[tuple[str, str]], asked: str = "") -> Json:
    """The canned replies with these letters, by name and text, for the menu of the view."""
    words = asked.casefold()
    found = [each for each in canned if words in f"{each[0]} {each[1]}".casefold()]
    return options_answer([Option(name, name, text) for name, text in found])


def _blocks(composer: Composer) -> Iterator[Json]:
    yield from _head(composer)
    if composer.shut:
        yield from _templates(composer)
    else:
        yield from _fields(composer)
    if not composer.is_note:
        yield from _afterwards(composer)
    if composer.preview:
        yield divider()
        yield context(plain(f"So the customer sees it{f' · {composer.plan}' if composer.plan else ''}"))
        yield rich(composer.preview, quoted=True)
    elif composer.plan:
        yield context(plain(composer.plan))


def _head(composer: Composer) -> Iterator[Json]:
    if composer.is_note:
        yield context(plain("🔒 Only colleagues see it."))
        return
    yield rich("📤 ", Styled(one_line(composer.recipient), bold=True))
    told = [plain(f"⚠️ {composer.warning}")] if composer.warning else []
    told += [plain(composer.files)] if composer.files else []
    if composer.reply_by is not None and not composer.shut:
        told.append(marked("Free answers until ", Moment(composer.reply_by)))
    if told:
        yield context(*told)
    if composer.said_last:
        yield rich(one_line(composer.said_last, 300), quoted=True)


def _fields(composer: Composer) -> Iterator[Json]:
    tools = [search_menu("Canned reply…", controls.CANNED)] if composer.has_canned else []
    if not composer.is_note:
        tools.append(button("Preview", controls.PREVIEW, composer.handle))
    if tools:
        yield actions(*tools, block_id=f"tools-{composer.edition}")
    most = min(composer.most, limits.INPUT_TEXT)
    for place, (name, text) in enumerate(zip(TEXT_FIELDS, _shared_out(composer.text), strict=False)):
        yield labelled(
            ("Note" if composer.is_note else "Answer") if not place else "… and on",
            text_field(name, begin=text, lines=True, most=most, first=not place),
            block_id=f"text-{composer.edition}-{place}",
        )


def _shared_out(text: str) -> list[str]:
    """The text in pieces that a field takes, of which there is at least one."""
    pieces, rest = list[str](), text
    while rest or not pieces:
        piece = beginning(rest, limits.INPUT_TEXT) if rest else ""
        pieces, rest = [*pieces, piece], rest[len(piece) :]
        if len(pieces) == len(TEXT_FIELDS) or not piece:
            break
    return pieces


def _templates(composer: Composer) -> Iterator[Json]:
    if not composer.templates:
        yield context(plain("The channel takes no free answer any more, and no template is kept for it."))
        return
    yield context(plain("The channel takes no free answer any more, only a template that it has approved."))
    options = [Option(each.name, each.name, each.language) for each in composer.templates]
    chosen = next((each for each in composer.templates if each.name == composer.template), composer.templates[0])
    select = menu("Template", controls.TEMPLATE, options, chosen=chosen.name)
    yield labelled("Template", select, block_id="template", tells=True)
    yield rich(chosen.text, quoted=True)
    for place, (name, value) in enumerate(chosen.places):
        field = text_field(f"{controls.PLACE}{place}", begin=value, most=300)
        yield labelled(name, field, block_id=f"place-{composer.edition}-{place}")


def _afterwards(composer: Composer) -> Iterator[Json]:
    if composer.modes:
        modes = one_of(controls.MODE, [Option(words, name) for name, words in composer.modes], chosen=composer.mode)
        yield labelled("How it goes", modes, block_id="mode")
    others = [*composer.copied, *composer.offered][:_COPIES]
    if others:
        boxes = several(controls.COPIES, [Option(words, to) for to, words in others], chosen=dict(composer.copied))
        yield labelled("Copies to", boxes, block_id="copies", optional=True)
    choices = menu("Afterwards", controls.AFTERWARDS, [Option(said, name) for name, said in AFTERWARDS],
                   chosen=composer.afterwards)  # fmt: skip
    yield labelled("Afterwards", choices, block_id="afterwards")


def reading_view(number: str, author: str, text: str, page: int, handle: Handle) -> Json:
    """All of a long text, in pages of `PAGE_TEXT`; `page` counts from 1."""
    pages = -(-len(text) // PAGE_TEXT) or 1
    at = min(max(page, 1), pages)
    shown = text[(at - 1) * PAGE_TEXT : at * PAGE_TEXT]
    parts = [rich(shown[begin : begin + 2_500]) for begin in range(0, len(shown), 2_500)]
    turns = [(at - 1, "← Before")] * (at > 1) + [(at + 1, "Further →")] * (at < pages)
    turned = [button(words, f"{controls.FULL_TEXT}_{to}", handle.with_(f"{handle.about}:{to}")) for to, words in turns]
    blocks = [header(f"{author}{f', page {at} of {pages}' if pages > 1 else ''}"), *parts]
    return modal(number, [*blocks, *([actions(*turned)] if turned else [])], callback=controls.READING, close="Close")
