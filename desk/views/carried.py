"""What a message carries beside its text, in sentences that stand at its head. Pure functions."""

from collections.abc import Iterator

from ...normalizer.envelope import Original, Protection
from ...router.records import Article


def carried(article: Article) -> list[str]:
    """One sentence for each thing."""
    return [*(_protected(each) for each in article.protection), *(_passed_on(each) for each in article.originals)]


def _protected(protection: Protection) -> str:
    return {
        "signed": f"Signed with {protection.scheme}, not checked",
        "encrypted": f"Encrypted with {protection.scheme}; there is no key for it here",
        "key": f"With their public {protection.scheme} key",
    }[protection.kind]


def _passed_on(original: Original) -> str:
    who = " ".join(_known(original.name, original.address)) or "somebody"
    rest = ", ".join(_known(original.date, f"“{original.subject}”" if original.subject else ""))
    return f"{'Attached' if original.attached else 'Passed on'}: a message of {who}{f', {rest}' if rest else ''}"


def _known(*words: str) -> Iterator[str]:
    return filter(None, words)
