"""Headers are read as another parser reads them, but for matters of taste."""

import pytest

from ..corpora.files import has
from ..corpora.headers import CORPUS, READ, missed


@pytest.mark.parametrize(
    ("field", "floor"),
    [
        ("address", 56 / 66),
        ("content_type", 101 / 103),
        ("date", 38 / 40),
        ("id", 10 / 11),
        ("received", 176 / 180),
        ("unstructured", 29 / 31),
    ],
)
def test_score_of(field: str, floor: float) -> None:
    if not has(CORPUS):
        pytest.skip("the public corpora are not here")
    wrong, count = missed(field, READ[field])
    score = 1 - len(wrong) / count
    assert score >= floor, f"{score:.3f} of {count}\n" + "\n".join(wrong)
