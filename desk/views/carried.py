"""What a message carries beside its text, in sentences that stand at its head. Pure functions."""

from collections.abc import Iterator

from ...normalizer.envelope import Original
from ...router.records import Article


def carried(article: Article) -> list[str]:
    """One sentence for each thing."""
    return [*(_passed_on(each) for each in article.originals)]


def _passed_on(original: Original) -> str:
    who = " ".join(_known(original.name, original.address)) or "somebody"
    rest = ", ".join(_known(original.date, f"“{original.subject}”" if original.subject else ""))
    return f"{'Attached' if original.attached else 'Passed on'}: a message of {who}{f', {rest}' if rest else ''}"


def _known(*words: str) -> Iterator[str]:
    return filter(None, words)
