"""Was a mail written by a person, or by which kind of machine?

    bounce       a delivery status notification, or what a mailer daemon sends instead of one
    auto_reply   an answer without a person: out of office, receipt, acknowledgement
    bulk         a list, a newsletter, a notification of some system

Automatic mail is never acknowledged (RFC 3834 section 2), and wakes no ticket. When in doubt a mail counts as automatic
only by what it says of itself in its headers, never by its words alone.

Gateways and add-ons put the marks of bulk mail on the letters of people. What answers an article of ours, whose id or
address nobody can guess, is therefore a person's unless it says that a machine *answered*: no list and no newsletter
answers us.
"""

import re

from ...normalizer.encoded_words import decode_words
from ...normalizer.envelope import Automation
from ...normalizer.folding import fold
from .mime import Headers, Part

_DAEMONS = re.compile(r"(?:mailer-?daemon|mail-daemon|postmaster|microsoftexchange\w*)\Z", re.IGNORECASE)
_NOBODY = re.compile(
    r"(?:no[._-]?reply|do[._-]?not[._-]?reply|donotreply|noreply|notifications?|alerts?|bounces?)(?:[+._-].*)?\Z",
    re.IGNORECASE,
)
_ANSWERERS = ("x-autoreply", "x-autorespond", "x-autoresponder", "x-auto-reply", "x-autoreply-from")
_LISTS = frozenset(
    {"list-id", "list-post", "list-unsubscribe", "list-help", "list-owner", "feedback-id", "x-mailing-list"}
)
_BULK = frozenset({"bulk", "junk", "list"})
_AWAY = re.compile(
    "|".join(
        (
            r"\A(?:(?:re|aw)\s?:\s*)?(?:auto(?:matic|mated)?[- ]?(?:reply|response)|out of (?:the )?office|ooo\b",
            "automatische (?:antwort|antwoord)|automatisch antwoord|abwesen|afwezig|reponse automatique|absence",
            "respuesta automatica|fuera de (?:la )?oficina|resposta automatica|ausencia|risposta automatica|fuori ",
            "autosvar|automatiskt? svar|franvar|fravaer|automaattinen|poissa|automatyczna odp|odpowiedz autom|nieobecn",
            "automaticka odp|nepritom|automatikus valasz|tavollet|raspuns automat|автоответ|автоматич|вне офиса",
            "otomatik (?:yan|cev)|αυτοματη|自動|不在|自动|자동|부재|رد تلقائي|מענה אוטומטי|תשובה אוטומטית|vacation)",
        )
    )
)


def classify(mail: Part, local: str, reverse_path: str | None, *, personal: bool, answerable: bool) -> Automation:
    """What wrote the mail, given the author's local part.

    The reverse path is empty for the null sender, and None where there was no SMTP. In a `personal` mail, such as an
    answer to us, the marks of bulk mail mean nothing; `answerable` is one whose Reply-To names somebody.
    """
    headers = mail.headers
    # RFC 3464 section 2: a notification is sent with the null sender; some senders use their own name instead.
    if report_type(mail) == "delivery-status" or (reverse_path in {"", None} and _DAEMONS.match(local)):
        return "bounce"
    if _is_auto_reply(headers, reverse_path) or report_type(mail) == "disposition-notification":
        return "auto_reply"
    if personal:
        return "none"
    if _is_bulk(headers) or (_NOBODY.match(local) and not answerable):
        return "bulk"
    if reverse_path == "" or (_word(headers, "auto-submitted") == "auto-generated" and _follows(headers)):
        return "auto_reply"
    return "bulk" if _suppresses_answers(headers) else "none"


def is_nobody(author: str) -> bool:
    """The address says that nobody reads what is sent to it."""
    local = author.rpartition("@")[0]
    return _NOBODY.match(local) is not None or _DAEMONS.match(local) is not None


def report_type(mail: Part) -> str:
    """`delivery-status`, `disposition-notification` …, when the mail is a report (RFC 6522)."""
    if mail.content.value == "multipart/report":
        named = mail.content.parameters.get("report-type", "").lower()
        return named or next((p.content.sub for p in mail.parts if p.content.sub in _REPORTS), "")
    return mail.content.sub if mail.content.sub in _REPORTS else ""


_REPORTS = frozenset({"delivery-status", "global-delivery-status", "disposition-notification"})


def _is_auto_reply(headers: Headers, reverse_path: str | None) -> bool:
    # RFC 3834 section 5: every value but `no` means automatic. Auto-generated mails are notifications, see below.
    submitted = _word(headers, "auto-submitted")
    if submitted not in {"", "no", "auto-generated", "auto-notified"}:
        return True
    if any(_word(headers, name) not in {"", "no"} for name in _ANSWERERS):
        return True
    if _word(headers, "precedence") in {"auto_reply", "auto-reply"}:
        return True
    # Exchange calls an out-of-office note auto-generated, or says only that nobody should answer.
    suppressed = _suppressed(headers)
    ruled = "x-ms-exchange-inbox-rules-loop" in headers or "x-ms-exchange-generated-message-source" in headers
    if suppressed and (ruled or ("all" in suppressed and submitted == "auto-generated" and _follows(headers))):
        return True
    marked = ruled or bool(suppressed) or submitted == "auto-generated" or reverse_path == "" or _is_bulk(headers)
    return marked and _AWAY.search(fold(decode_words(headers.get("subject")[:400])).strip()) is not None


def _follows(headers: Headers) -> bool:
    return bool(headers.get("in-reply-to") or headers.get("references"))


def _is_bulk(headers: Headers) -> bool:
    # X-Loop: procmail, list managers and responders mark what they sent.
    listed = any(name in _LISTS or name.startswith("x-loop") for name, _ in headers.fields)
    return listed or _word(headers, "precedence") in _BULK


def _suppressed(headers: Headers) -> set[str]:
    words = {word.strip() for word in headers.get("x-auto-response-suppress").lower().split(",")}
    return words & {"all", "oof", "autoreply"}


def _suppresses_answers(headers: Headers) -> bool:
    return _word(headers, "auto-submitted") not in {"", "no"} or bool(_suppressed(headers))


def _word(headers: Headers, name: str) -> str:
    return headers.get(name).partition(";")[0].partition("(")[0].strip().lower()
