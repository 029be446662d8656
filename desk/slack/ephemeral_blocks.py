"""What only the one who typed or clicked is told: a hold, a note in place of an answer, a lost race, a refusal. Pure.

Each says in one sentence what is so, and has the next step as a button. They go by chat.postEphemeral or a
response_url, so they are in nobody's way.
"""

from ..views.times import brief
from . import block_limits as limits
from . import controls
from .blocks import Bold, Json, Moment, actions, context, marked, plain, rich, section
from .elements import button
from .handles import Handle
from .plain_words import name, one_line
from .surfaces import Message


def hold_message(recipient: str, due: int, held: Handle, *, text: str = "") -> Message:
    """An answer is held: to whom it goes and when, with what stops it; `recipient` is the sentence of reply_target."""
    shown = [rich(one_line(text, 200), quoted=True)] if text else []
    return _told(
        f"{one_line(recipient)}, in a moment",
        section(plain(f"📤 {one_line(recipient, 400)}")),
        *shown,
        context(marked("It leaves at ", Moment(due, "clock"), ". Edit your message to change it, delete it to stop.")),
        actions(
            button("Undo", controls.UNDO, held, look="danger"),
            button("Make it a note", controls.MAKE_NOTE, held),
            button("Send now", controls.SEND_NOW, held),
        ),
    )


def kept_as_note_message(holder: str, recipient: str, note: Handle) -> Message:
    """What was typed by somebody who does not have the ticket is a note; `holder` is empty when nobody has it."""
    why = f"{name(holder)} has this ticket" if holder else "Nobody has this ticket yet"
    send = [] if not holder else [button("Send to customer", controls.SEND_TO_CUSTOMER, note)]
    return _told(
        f"Kept as a note: {why}",
        section(plain(f"🔒 {why}, so this is a note that only colleagues see.")),
        context(plain(f"Sent, it would go so: {one_line(recipient, 300)}")),
        actions(button("Take & send", controls.TAKE_AND_SEND, note, look="" if holder else "primary"), *send),
    )


def marked_as_note_message(why: str) -> Message:
    """What was typed is a note because of a prefix or a mention."""
    return _told("Kept as a note", context(plain(f"🔒 A note, because {one_line(why)}. The customer does not see it.")))


def stopped_message(*, as_note: bool) -> Message:
    """An answer was taken back in time."""
    words = "🔒 It is a note now. Nothing was sent." if as_note else "↩️ Taken back. Nothing was sent."
    return _told(words, context(plain(words)))


def too_late_message(what: str, at: int) -> Message:
    """A message was edited or deleted after it had left."""
    words = f"This was already sent; what you {what} changes nothing for the customer and stands in the record."
    return _told(words, section(plain(f"📤 {words}")), context(marked("It left ", Moment(at))))


def lost_race_message(number: str, holder: str, ago: int) -> Message:
    """Somebody else was quicker; `ago` in milliseconds."""
    words = f"{name(holder)} took {number} {brief(ago)} ago."
    return _told(words, context(plain(f"🏁 {words}")))


def changed_message(number: str, what: str, by: str) -> Message:
    """The card was old: what changed since, and by whom; nothing was done."""
    words = f"{number} changed since this card was drawn: {one_line(what, 300)}{f', by {name(by)}' if by else ''}."
    return _told(words, section(plain(f"🔄 {words}")), context(plain("Nothing was done. The card is up to date now.")))


def cannot_message(what: str, remedy: str = "", *, again: Handle | None = None) -> Message:
    """What was wanted cannot be; `again` opens the composer with what was written."""
    blocks = [section(plain(f"⚠️ {one_line(what, 600)}")), *([context(plain(remedy))] if remedy else [])]
    if again is not None:
        blocks.append(actions(button("Write it again…", controls.WRITE_AGAIN, again, look="primary")))
    return _told(what, *blocks)


def warning_message(what: str, held: Handle, *, remedy: str = "") -> Message:
    """Before it is sent: somebody else answered meanwhile, or the channel will take it only in part."""
    return _told(
        what,
        section(plain(f"⚠️ {one_line(what, 600)}")),
        *([context(plain(remedy))] if remedy else []),
        actions(
            button("Send it all the same", controls.SEND_NOW, held, look="danger"),
            button("Make it a note", controls.MAKE_NOTE, held),
            button("Write it again…", controls.WRITE_AGAIN, held),
        ),
    )


def stranger_message(workspace: str = "") -> Message:
    """Whoever clicked is no agent here; nothing of the ticket is told."""
    words = "You are not an agent of this desk, so nothing was done."
    remedy = "Ask whoever runs it to add you, with the e-mail address that Slack knows you by."
    return _told(words, section(plain(words)), context(plain(f"{remedy} {workspace}".strip(), limits.CONTEXT_TEXT)))


def done_message(words: str) -> Message:
    """It was done."""
    return _told(words, context(marked("✅ ", Bold(one_line(words, 200)))))


def _told(words: str, *blocks: Json) -> Message:
    return Message(words=one_line(words, 300), blocks=blocks)
