"""Makes docs/channels/index.md: what each channel can do, from the cards, with the test that proves each row.

python docs/channel_index.py > docs/channels/index.md        (or: make channels)
"""

import sys
from collections.abc import Iterator

from trunkline.adapters.card import Card
from trunkline.gateway.channel_table import PROOFS, properties, rows
from trunkline.gateway.channels import CARDS

HEAD = """\
# What each channel can do

Made from the cards of the channels by `make channels`; `trunkline channels` prints the same of those that are configured. Each row is proven by the
test named beside it, which runs for every channel of which the row is true; what no single test can show is proven by the tests of each channel.
Limits that are not here are those of the configuration.
"""


def page(cards: Iterator[Card] | None = None) -> str:
    """The page."""
    return "\n".join([HEAD, *_table(list(cards or CARDS.values())), ""])


def _table(cards: list[Card]) -> Iterator[str]:
    told = [dict(rows(card)) for card in cards]
    links = [f"[{card.facts.words}]({card.capability.page or f'{card.name}.md'})" for card in cards]
    yield _row(["", *links, "proven by"])
    yield _row(["---"] * (len(cards) + 2))
    for name in properties():
        yield _row([f"**{name}**", *(each[name] for each in told), _proof(PROOFS.get(name, ""))])


def _proof(test: str) -> str:
    path, _, name = test.partition("::")
    return f"[`{name}`](../../{path})" if test else ""


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    sys.stdout.write(page())
