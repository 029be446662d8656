"""Why a mail came back, in words and with what to do, from the codes and sentences of the servers on the way.

The enhanced status code (RFC 3463) tells most; where a server gives none, its words are shown as they are. A free-form
notice that says it will try again is no failure.
"""

import re
from collections.abc import Mapping

_CODE = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
_ANSWER = re.compile(r"(?:^|\D)([45]\d\d[ -][^\n]{5,300})")
_WAITS = re.compile(
    r"still (?:being|be) (?:re)?tri|will (?:keep|continue) trying|will be (?:re)?tried|has been delayed|delayed mail|"
    r"delivery (?:status notification )?\(?delay|could not send message for past|no action is required on your part|"
    r"verzögert|en attente de livraison|retras",
    re.IGNORECASE,
)
# RFC 3463 section 3, and what an agent can do about it.
_MEANINGS: tuple[tuple[str, str], ...] = (
    ("1.1", "there is no such mailbox; ask for another address"),
    ("1.2", "the domain does not exist; ask for another address"),
    ("1.3", "the address is not one; ask for another"),
    ("1.6", "the mailbox has moved; ask for the new address"),
    ("1.10", "the domain takes no mail; ask for another address"),
    ("2.1", "the mailbox is switched off; ask for another address"),
    ("2.2", "the mailbox is full; try again later"),
    ("2.3", "the mail is too large for the mailbox; send less"),
    ("3.4", "the mail is too large for the server; send less"),
    ("4.1", "the server did not answer; try again later"),
    ("4.4", "no server was found for the domain; look at the address"),
    ("4.7", "it was tried for too long; try again later"),
    ("7.", "the server refuses it by its rules; have the sending domain checked"),
)


def failure_words(facts: Mapping[str, str], text: str) -> str:
    """Why it was not delivered; `facts` are the fields of a report, `text` the rest. Empty when nothing says it."""
    said = facts.get("diagnostic-code", "").partition(";")[2].strip() or facts.get("diagnostic-code", "")
    if not said and (answer := _ANSWER.search(text)):
        said = answer[1].strip()
    code = _CODE.search(facts.get("status", "")) or _CODE.search(said)
    detail = f"{code[2]}.{code[3]}" if code else ""
    meant = next((words for begin, words in _MEANINGS if detail == begin or begin == "7." == detail[:2]), "")
    whom = facts.get("final-recipient", "").partition(";")[2].strip()
    told = " ".join(filter(None, (code[0] if code and code[0] not in said else "", said)))
    words = f"{meant} ({told})" if meant and told else meant or told
    return f"{whom}: {words}"[:500] if whom and words else words[:500]


def says_that_it_waits(text: str) -> bool:
    """Whether a notice in free form tells of a delay only."""
    return _WAITS.search(text) is not None
