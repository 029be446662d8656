"""Rules on what customers and agents were told: no loss, no doubles, honest refusals, no invention, order."""

from collections import Counter, defaultdict
from collections.abc import Iterable

from .evidence import Evidence, Violation, Violations
from .history import Message

SLOWEST_REFUSAL = 15.0  # seconds; the shortest time that a sender of Standard Webhooks waits for an answer


def no_loss(evidence: Evidence) -> Violations:
    """G1: what was answered ok is in exactly one ticket, or suspended, or dead."""
    for message in evidence.messages:
        taken = evidence.taken(message)
        for copy, raw in taken:
            places = _places(evidence, message, raw)
            if len(places) > 1:
                yield Violation("G1", message, f"{raw} is in {' and '.join(places)}")
            elif not places and not (len(taken) > 1 and evidence.filed.get(message)):
                yield Violation("G1", message, f"was acknowledged as {raw} ({copy or 'all recipients'}) and is nowhere")


def _places(evidence: Evidence, message: str, raw: str) -> list[str]:
    """Where the message is; a line of a chat was not told under which id, so it is looked for by its bytes."""
    picture, filed = evidence.picture, evidence.filed.get(message, ())
    digests = evidence.messages[message].digests
    raws = {each.id for each in (*picture.suspended.values(), *picture.dead.values()) if each.digest in digests}
    if evidence.messages[message].channel == "chat":
        raws |= {evidence.raw_of[article] for article in filed}
    else:
        raws = {raw}
    places = [f"article {article}" for article in filed if evidence.raw_of[article] in raws]
    places += ["the suspended list"] if raws & picture.suspended.keys() else []
    return places + (["the dead letters"] if raws & picture.dead.keys() else [])


def nothing_accepted_vanishes(evidence: Evidence) -> Violations:
    """G1 by the engine's own counts: every message that intake remembers is somewhere, told or not; receipts end."""
    picture = evidence.picture
    somewhere = {*evidence.raw_of.values(), *picture.suspended, *picture.dead}
    spare = sum(max(0, len(_copies(evidence, message)) - 1) for message in evidence.messages)
    accepted = {raw for raw, key in picture.accepted.items() if key not in evidence.receipts}
    vanished = sorted(accepted - somewhere)
    if len(vanished) > spare:
        yield Violation("G1", vanished[0], f"{len(vanished)} accepted raw messages are nowhere, {spare} are copies")


def _copies(evidence: Evidence, message: str) -> set[str]:
    return {attempt.copy for attempt in evidence.attempts.get(message, ())}


def lists_agree(evidence: Evidence) -> Violations:
    """G1: an article is listed in its own ticket, once, and nowhere else."""
    listed = Counter(article for articles in evidence.picture.lists.values() for article in articles)
    owners = {article: ticket for ticket, articles in evidence.picture.lists.items() for article in articles}
    for article, fields in evidence.picture.articles.items():
        if listed[article] != 1 or owners[article] != fields["ticket"]:
            yield Violation("G1", article, f"is listed {listed[article]} times, by {owners.get(article)}")
    for article in set(listed) - set(evidence.picture.articles):
        yield Violation("G1", article, f"is listed by {owners[article]} and does not exist")


def no_doubles(evidence: Evidence) -> Violations:
    """G2: one message, one article; the same copy is always given the same raw id, which nobody else is given."""
    for message, articles in evidence.filed.items():
        if len(articles) > 1:
            yield Violation("G2", message, f"is {len(articles)} articles: {', '.join(articles)}")
    owners: dict[str, set[str]] = defaultdict(set)
    for message in evidence.messages:
        taken = evidence.taken(message)
        if len({copy for copy, _ in taken}) < len(taken):
            yield Violation("G2", message, f"was acknowledged under several ids: {sorted(raw for _, raw in taken)}")
        for _, raw in taken:
            owners[raw].add(message)
    for raw, messages in owners.items():
        if len(messages) > 1:
            yield Violation("G2", raw, f"was given to several messages: {sorted(messages)}")


def honest_refusals(evidence: Evidence) -> Violations:
    """G3: every message was one that must be taken, so each refusal is temporary, prompt, and over in the end."""
    for message, attempts in evidence.attempts.items():
        for attempt in attempts:
            if attempt.outcome == "permanent":
                yield Violation("G3", message, f"was refused for good: {attempt.answer}")
            if attempt.outcome == "temporary" and attempt.ended - attempt.began > SLOWEST_REFUSAL:
                yield Violation("G3", message, f"was refused after {attempt.ended - attempt.began:.1f} s")
            if attempt.outcome == "ok" and not attempt.raw_id:
                yield Violation("G3", message, f"was acknowledged without an id: {attempt.answer}")
    for message in evidence.messages:
        if not evidence.taken(message):
            last = evidence.attempts.get(message, [])[-1:]
            yield Violation("G3", message, f"was never taken; at last: {last[0].answer if last else 'not tried'}")


def no_invention(evidence: Evidence) -> Violations:
    """Everything that is stored was sent by somebody, byte for byte."""
    picture = evidence.picture
    stored = [(article, digest) for article, digest in picture.originals.items()]
    stored += [(raw.id, raw.digest) for raw in (*picture.suspended.values(), *picture.dead.values())]
    for subject, digest in stored:
        if digest not in evidence.sent:
            yield Violation("invention", subject, "holds bytes that nobody sent" if digest else "has lost its bytes")


def conversations_stay_together(evidence: Evidence) -> Violations:
    """Messages of one conversation are in one ticket, or in those that follow it up."""
    for conversation, messages in _conversations(evidence).items():
        tickets = {evidence.picture.articles[evidence.filed[each.id][0]]["ticket"] for each in messages}
        apart = [ticket for ticket in tickets if evidence.picture.tickets[ticket]["follow_up_of"] not in tickets]
        if len(apart) > 1:
            yield Violation("joining", conversation, f"is in tickets that know nothing of each other: {sorted(apart)}")


def order_is_kept(evidence: Evidence) -> Violations:
    """G4: who wrote the second message after the answer to the first finds them in that order."""
    picture = evidence.picture
    place = {article: (listing.index(article)) for listing in picture.lists.values() for article in listing}
    for conversation, messages in _conversations(evidence).items():
        for ticket, articles in _by_ticket(evidence, messages).items():
            places = [place[article] for article in articles if article in place]
            if places != sorted(places):
                yield Violation("G4", conversation, f"stands in another order in {ticket}: places {places}")
    for ticket, listing in picture.lists.items():
        known = [picture.articles[article] for article in listing if article in evidence.raw_of]
        orders = [fields["order"] for fields in known if fields["order"]]
        if orders != sorted(orders):
            yield Violation("G4", ticket, f"its articles are not in the order of intake: {orders}")


def _conversations(evidence: Evidence) -> dict[str, list[Message]]:
    """The filed messages of each conversation, in the order in which they were taken; of a chat, were sent."""
    found: dict[str, list[Message]] = defaultdict(list)
    for message in evidence.messages.values():
        if message.conversation and evidence.filed.get(message.id):
            found[message.conversation].append(message)
    for messages in found.values():
        if messages[0].channel != "chat":
            messages.sort(key=lambda message: _first_ok(evidence, message.id))
    return found


def _first_ok(evidence: Evidence, message: str) -> float:
    return min(
        (each.ended for each in evidence.attempts.get(message, ()) if each.outcome == "ok"), default=float("inf")
    )


def _by_ticket(evidence: Evidence, messages: Iterable[Message]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for message in messages:
        article = evidence.filed[message.id][0]
        found[evidence.picture.articles[article]["ticket"]].append(article)
    return found


def agents_are_heard(evidence: Evidence) -> Violations:
    """G1 and G2 for agents: a reply that was taken is one article; none is refused for a fault of ours."""
    texts = Counter(
        fields.get("text", "") for fields in evidence.picture.articles.values() if fields["author"]["kind"] == "agent"
    )
    for action in evidence.history.actions():
        if action.outcome == "permanent":
            yield Violation("G3", action.key, f"{action.what} of {action.agent} was refused: {action.answer}")
        if action.text and texts[action.text] > 1:
            yield Violation("G2", action.key, f"the reply is {texts[action.text]} articles")
        if action.text and action.outcome == "ok" and not texts[action.text]:
            yield Violation("G1", action.key, f"the reply to {action.ticket} was taken and is nowhere")
