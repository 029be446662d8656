"""What a message carries beside its text, in sentences that stand at its head. Pure functions."""

from collections.abc import Iterator

from ...normalizer.envelope import Original, Protection, SpamVerdict
from ...router.records import Article


def carried(article: Article) -> list[str]:
    """One sentence for each thing."""
    spam = [_spam(article.spam)] if article.spam and article.spam.verdict != "ham" else []
    return [*spam, *map(_protected, article.protection), *map(_passed_on, article.originals)]


def _spam(spam: SpamVerdict) -> str:
    score = f", score {spam.score:g}" if spam.score is not None else ""
    return f"{spam.by} says {'spam' if spam.verdict == 'spam' else 'perhaps spam'}{score}"


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
