"""The checker: compares what customers and agents were told with what the API and the raw engine show.

It is asked after quiescence: faults are over, senders have repeated what was refused, the backlog is worked off. Every
rule is a function from the evidence to violations; an empty answer means that all of them hold.
"""

from .chat_rules import (
    a_conversation_has_one_log,
    lines_are_articles,
    lines_keep_their_order,
    one_open_ticket,
    receipts_are_true,
    replies_are_lines,
    stored_lines_stay,
    tickets_list_as_logs,
    windows_show_the_log,
)
from .desk_rules import (
    every_article_was_told,
    feed_is_whole,
    loads_are_true,
    never_beyond_capacity,
    one_acknowledgement,
    one_owner,
    one_sending,
)
from .evidence import Evidence, Violation
from .message_rules import (
    agents_are_heard,
    conversations_stay_together,
    honest_refusals,
    lists_agree,
    no_doubles,
    no_invention,
    no_loss,
    nothing_accepted_vanishes,
    order_is_kept,
)
from .router_rules import nobody_waits_in_vain
from .structure_rules import (
    choices_agree,
    counts_balance,
    filings_are_remembered,
    held_replies_leave,
    indexes_agree,
    numbers_are_given_once,
    people_are_found,
    queues_are_sound,
    unsent_is_the_outbox,
)
from .surface_rules import api_shows_everything, api_tells_the_state

RULES = (
    no_loss,
    nothing_accepted_vanishes,
    lists_agree,
    no_doubles,
    honest_refusals,
    no_invention,
    conversations_stay_together,
    order_is_kept,
    agents_are_heard,
    stored_lines_stay,
    lines_keep_their_order,
    a_conversation_has_one_log,
    windows_show_the_log,
    lines_are_articles,
    tickets_list_as_logs,
    one_open_ticket,
    replies_are_lines,
    receipts_are_true,
    one_owner,
    loads_are_true,
    never_beyond_capacity,
    nobody_waits_in_vain,
    one_acknowledgement,
    one_sending,
    feed_is_whole,
    every_article_was_told,
    indexes_agree,
    choices_agree,
    numbers_are_given_once,
    people_are_found,
    filings_are_remembered,
    counts_balance,
    queues_are_sound,
    unsent_is_the_outbox,
    held_replies_leave,
    api_shows_everything,
    api_tells_the_state,
)


def check(evidence: Evidence) -> list[Violation]:
    """Everything that does not hold."""
    return [violation for rule in RULES for violation in rule(evidence.afresh())]
