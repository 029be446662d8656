"""Search in a view: the words, and what was found, a page at a time; and a new ticket by hand. Pure."""

from collections.abc import Sequence

from ..views.inbox_rows import Row, Section
from . import controls
from .blocks import Json, Styled, actions, context, plain, rich, section
from .elements import Option, button, labelled, text_field
from .handles import Handle
from .plain_words import name
from .surfaces import modal

PAGE = 15


def searching_view(words: str = "", found: Section | None = None, *, begin: int = 0) -> Json:
    """The field, and below it the tickets from the place `begin` on, once somebody has searched."""
    field = text_field(controls.WORDS, begin=words, most=200, first=True, placeholder="Number, name, address, words")
    blocks = [labelled("Find tickets with", field, block_id="words")]
    if found is not None:
        blocks += _found(found, begin)
    carries = Handle(about=str(begin))
    return modal("Search", blocks, callback=controls.SEARCHING, submit="Search", close="Close", carries=carries)


def result_options(rows: Sequence[Row]) -> list[Option]:
    """What was found as options of a menu, such as that of a merge."""
    return [Option(f"{row.number} {name(row.who)}", row.id, row.preview) for row in rows]


def opening_view(*, text: str = "", about: Handle | None = None) -> Json:
    """A ticket by hand, from a message of Slack with its text, or from nothing."""
    blocks = [
        labelled(
            "Customer's e-mail address",
            text_field(controls.ADDRESS, most=250, first=not text),
            block_id="address",
            optional=True,
            hint="Without one nobody can be answered; you may add it later.",
        ),
        labelled("Customer's name", text_field(controls.NOTE, most=200), block_id="name", optional=True),
        labelled("Subject", text_field(controls.SUBJECT, most=250), block_id="subject", optional=True),
        labelled("What it is about", text_field(controls.TEXT, begin=text, lines=True), block_id="text"),
    ]
    return modal("New ticket", blocks, callback=controls.OPENING, submit="Open it", carries=about or "")


def _found(found: Section, begin: int) -> list[Json]:
    rows = found.rows[begin : begin + PAGE]
    if not rows:
        return [context(plain(found.empty or "Nothing was found."))]
    more = "+" if found.goes_on else ""
    told = context(plain(f"{begin + 1}–{begin + len(rows)} of {found.total}{more}"))
    turns = [("← Before", begin - PAGE)] * (begin > 0)
    turns += [("Further →", begin + PAGE)] * (begin + PAGE < len(found.rows))
    turned = [button(words, f"{controls.PAGE}_{to}", Handle(about=str(to))) for words, to in turns]
    lines = [block for place, row in enumerate(rows) for block in _row(row, place)]
    return [told, *lines, *([actions(*turned)] if turned else [])]


def _row(row: Row, place: int) -> list[Json]:
    holder = f" · {name(row.holder)}" if row.holder else ""
    line = f"{row.number}  {name(row.who)} · {row.product} · {row.status}{holder}"
    opened = button("Open", f"{controls.OPEN}_{place}", Handle(row.id))
    where = [Styled(each.text, bold=each.marked) for each in row.found] or [Styled(row.preview)]
    return [section(plain(line), opened), rich(*where, quoted=True, most=300)]
