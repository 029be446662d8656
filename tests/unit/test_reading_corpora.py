"""Small mails whose right reading is known are read rightly, by kind of trait.

`LEFT` names the kinds that are not right yet; all others must be right in every row.
"""

from collections.abc import Mapping

import pytest

from ..corpora.files import has
from ..corpora.traits import scores

LEFT: Mapping[str, frozenset[str]] = {
    "mail_kinds": frozenset({"language-near-relatives"}),
    "field_cases": frozenset(),
}


@pytest.mark.parametrize("name", ["mail_kinds", "field_cases"])
def test_every_kind_is_read_rightly(name: str) -> None:
    if not has(name):
        pytest.skip(f"the corpus {name}.jsonl is not here")
    right, total = scores(name)
    wrong = {kind: f"{right[kind]} of {count}" for kind, count in total.items() if right[kind] < count}
    assert wrong.keys() <= LEFT[name], (wrong, f"{right.total()} of {total.total()} right")
