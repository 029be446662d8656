"""The subject of an answer: the customer's own behind one `Re:`, and the case number.

Mail programs keep a conversation together by References and by the subject without its prefixes (RFC 5256 section 2.1
is the rule of servers; Gmail begins a new one when a word of it changes). So an answer changes nothing else in it: the
prefixes of answers, in whatever language and however often, become one `Re:`; prefixes of forwarded mails stay. The
number stands behind it, once, where a person reads it out; numbers of other tickets go.
"""

import re

_PREFIXES = (
    "re|aw|antw|antwoord|antwort|sv|svar|vs|rif|res|resp|odp|odg|ynt|yan|cevap|vá|atb|bls|balas|ats|hal|απ|σχετ|"
    "ответ|отв|відп|відповідь|адказ|отг|回复|回覆|答复|答覆|回信|返信|답장|회신|תגובה|השב|רד|رد|الرد|ตอบ|ตอบกลับ|trả lời"
)
_COUNT = r"(?:\[\d{1,3}\]|\(\d{1,3}\)|[\^*]\d{1,3})?"
_ANSWERS = re.compile(rf"(?:(?:{_PREFIXES})\s?{_COUNT}\s?[:：]\s*)+", re.IGNORECASE)
_NUMBER = re.compile(r"(?<!\s)\s*\[T-\d{1,12}\]")
LONGEST = 200  # characters of the customer's; with the number it fits the 255 that Exchange keeps


def without_numbers(subject: str) -> str:
    """The subject without case numbers."""
    return _NUMBER.sub("", subject).strip()


def bare_subject(subject: str) -> str:
    """The subject without the prefixes of answers, too."""
    rest = without_numbers(subject)
    prefixes = _ANSWERS.match(rest)
    return rest[prefixes.end() :] if prefixes else rest


def answer_subject(subject: str, number: str = "") -> str:
    """`Re: Lamp [T-1042]`; the number alone where there is no subject, and none of it where there is no number."""
    bare, mark = bare_subject(subject)[:LONGEST].strip(), f"[{number}]" if number else ""
    return f"Re: {bare} {mark}".strip() if bare else mark
