"""What a message carries beside its text, in sentences that stand at its head. Pure functions."""

from collections.abc import Iterator

from ...normalizer.envelope import CalendarEvent, Contact, Original, Protection, SpamVerdict
from ...router.records import Article


def carried(article: Article) -> list[str]:
    """One sentence for each thing."""
    spam = [_spam(article.spam)] if article.spam and article.spam.verdict != "ham" else []
    event = [_event(article.event)] if article.event else []
    contacts = map(_contact, article.contacts)
    return [*spam, *event, *contacts, *map(_protected, article.protection), *map(_passed_on, article.originals)]


def _spam(spam: SpamVerdict) -> str:
    score = f", score {spam.score:g}" if spam.score is not None else ""
    return f"{spam.by} says {'spam' if spam.verdict == 'spam' else 'perhaps spam'}{score}"


def _event(event: CalendarEvent) -> str:
    """`Invitation: Visit, 2026-12-01 09:00 UTC – 10:30 UTC, Lyon, by Ann, with Ben, Cid, Dan and 3 more`."""
    time = " – ".join(_known(event.begin, event.end if event.end != event.begin else ""))
    people = [each for each in event.attendees if each != event.organizer]
    more = f" and {len(people) - 3} more" if len(people) > 3 else ""
    who = f"with {', '.join(people[:3])}{more}" if people else ""
    by = f"by {event.organizer}" if event.organizer else ""
    facts = ", ".join(_known(f"“{event.title}”" if event.title else "", time, event.place, by, who))
    return f"{(event.answer or event.method).capitalize()}: {facts}" if facts else event.method.capitalize()


def _contact(contact: Contact) -> str:
    facts = ", ".join(_known(contact.name, contact.organisation, *contact.phones, *contact.emails))
    return f"Contact card: {facts}"


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
