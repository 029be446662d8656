"""Faults in what became of what customers and agents were told."""

from dataclasses import replace

from .evidence import Evidence
from .history import Action, Message, Outcome
from .picture import Raw
from .seeded_fault import STRANGE, an_attempt, found_as, tell, the_article, the_ticket


@found_as("G1", "is nowhere")
def an_article_is_lost(evidence: Evidence) -> None:
    article = the_article(evidence, "word3")
    ticket = evidence.picture.articles.pop(article)["ticket"]
    evidence.picture.lists[ticket].remove(article)
    del evidence.picture.originals[article]


@found_as("G1", "is nowhere")
def a_suspended_message_is_lost(evidence: Evidence) -> None:
    evidence.picture.suspended.clear()


@found_as("G1", "is nowhere")
def a_dead_letter_is_lost(evidence: Evidence) -> None:
    evidence.picture.dead.clear()


@found_as("G1", "and the dead letters")
def a_filed_message_is_dead_as_well(evidence: Evidence) -> None:
    raw = evidence.raw_of[the_article(evidence, "word3")]
    evidence.picture.dead[raw] = Raw(id=raw, digest="")


@found_as("G1", "accepted raw messages are nowhere")
def a_message_that_nobody_was_told_of_vanishes(evidence: Evidence) -> None:
    evidence.picture.accepted |= {STRANGE: "one", STRANGE[:-1] + "1": "two"}


@found_as("G1", "is listed 2 times")
def an_article_is_listed_by_two_tickets(evidence: Evidence) -> None:
    evidence.picture.lists[the_ticket(evidence, "T-3")["id"]].append(the_article(evidence, "word1"))


@found_as("G1", "does not exist")
def a_listed_article_does_not_exist(evidence: Evidence) -> None:
    evidence.picture.lists[the_ticket(evidence, "T-3")["id"]].append(STRANGE)


@found_as("G2", "is 2 articles")
def a_message_is_filed_twice(evidence: Evidence) -> None:
    picture, article = evidence.picture, the_article(evidence, "word3")
    picture.articles[STRANGE] = picture.articles[article] | {"id": STRANGE}
    picture.originals[STRANGE] = picture.originals[article]
    picture.lists[picture.articles[article]["ticket"]].append(STRANGE)


@found_as("G2", "under several ids")
def a_repeat_is_given_another_id(evidence: Evidence) -> None:
    first = evidence.attempts["word3"][0]
    tell(evidence, replace(first, raw_id=STRANGE))


@found_as("G2", "was given to several messages")
def two_messages_are_given_one_id(evidence: Evidence) -> None:
    first = evidence.attempts["word3"][0]
    tell(evidence, replace(first, message="word7", copy="another"))


@found_as("G3", "was refused for good")
def a_message_is_refused_for_good(evidence: Evidence) -> None:
    tell(evidence, an_attempt("word1", "permanent", answer="554 no"))


@found_as("G3", "was refused after")
def a_refusal_comes_late(evidence: Evidence) -> None:
    tell(evidence, an_attempt("word1", "temporary", seconds=40))


@found_as("G3", "without an id")
def an_answer_names_no_id(evidence: Evidence) -> None:
    tell(evidence, an_attempt("word1", "ok"))


@found_as("G3", "was never taken")
def a_message_is_never_taken(evidence: Evidence) -> None:
    tell(
        evidence, Message(id="word9", channel="mail", external_id="word9", digests=()), an_attempt("word9", "temporary")
    )


@found_as("invention", "nobody sent")
def bytes_are_stored_that_nobody_sent(evidence: Evidence) -> None:
    evidence.picture.originals[the_article(evidence, "word3")] = "0" * 64


@found_as("invention", "has lost its bytes")
def a_blob_is_gone(evidence: Evidence) -> None:
    evidence.picture.originals[the_article(evidence, "word4")] = ""


@found_as("joining", "know nothing of each other")
def a_conversation_is_torn_apart(evidence: Evidence) -> None:
    article, ticket = the_article(evidence, "word2"), the_ticket(evidence, "T-3")["id"]
    evidence.picture.articles[article]["ticket"] = ticket


@found_as("G4", "stands in another order")
def a_conversation_is_turned_round(evidence: Evidence) -> None:
    evidence.picture.lists[the_ticket(evidence, "T-1")["id"]].reverse()


@found_as("G4", "not in the order of intake")
def articles_are_not_in_their_order(evidence: Evidence) -> None:
    evidence.picture.articles[the_article(evidence, "word1")]["order"] = "9"


def _reply(evidence: Evidence, outcome: Outcome, text: str) -> Action:
    return replace(evidence.history.actions()[0], outcome=outcome, text=text)


@found_as("G1", "was taken and is nowhere")
def a_reply_is_lost(evidence: Evidence) -> None:
    tell(evidence, _reply(evidence, "ok", "another answer"))


@found_as("G2", "the reply is 2 articles")
def a_reply_is_written_twice(evidence: Evidence) -> None:
    text = evidence.history.actions()[0].text
    article = next(each for each in evidence.picture.articles.values() if each.get("text") == text)
    evidence.picture.articles[STRANGE] = article | {"id": STRANGE}


@found_as("G3", "was refused")
def a_reply_is_refused_for_our_own_fault(evidence: Evidence) -> None:
    tell(evidence, _reply(evidence, "permanent", ""))
