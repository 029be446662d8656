"""What a calendar invitation says, for mails that say it nowhere else (RFC 5545, RFC 5546).

`read_invitation` reads the first event of a calendar: what, when, where, and whether somebody accepted, declined or
cancelled. Its text stands in for the empty text of the mail. Times are told as they are written, in their own zone;
nothing is converted. Linear time; never raises.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ...normalizer.folding import fold
from .bodies import CALENDARS, part_text
from .mime import Part

_READ = 64 * 1024
_FOLD = re.compile(r"\n[ \t]")
_LINE = re.compile(r'(?P<name>[A-Za-z-]{1,40})(?P<parameters>(?:;(?:"[^"\n]{0,500}"|[^":\n]){0,500})*):(?P<value>.*)')
_STAMP = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)\d{0,2}(Z?))?\s*\Z")
_ESCAPE = re.compile(r"\\([nN]|.)")
_ZONE = re.compile(r'TZID="?([^";]{1,60})', re.IGNORECASE)
_ANSWER = re.compile(r"PARTSTAT=(ACCEPTED|DECLINED|TENTATIVE)", re.IGNORECASE)
_LONGEST = 4000
_ANSWERED = re.compile(
    r"accept|declin|tentativ|angenommen|abgelehnt|zugesagt|abgesagt|vorbehalt|refus|provisoire|acept|rechaz|aceit|recus|"
    r"accett|rifiut|geaccepteerd|afgewezen|geweigerd|afvis|avboj|tackat|hyvaks|hylat|zaakcept|odrzuc|prijat|odmit|принят|"
    r"отклон|прийнят|відхил|kabul|redded|elfogad|承諾|辞退|接受|拒绝|수락|거절"
)


@dataclass(frozen=True, slots=True)
class Invitation:
    """One event, as much as it tells."""

    method: str = ""
    answer: str = ""  # accepted, declined, tentative
    facts: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_answer(self) -> bool:
        """Somebody's calendar answers an invitation."""
        return self.method == "REPLY"

    @property
    def text(self) -> str:
        """What it says: the title, the time, the place, the description."""
        cancelled = self.method == "CANCEL" or self.facts.get("STATUS", "").upper() == "CANCELLED"
        state = self.answer or ("cancelled" if cancelled else "")
        title = " ".join(filter(None, (self.facts.get("SUMMARY", ""), f"({state})" if state else "")))
        head = "\n".join(filter(None, (title, self._time(), self.facts.get("LOCATION", ""))))
        return "\n\n".join(filter(None, (head, self.facts.get("DESCRIPTION", ""))))[:_LONGEST].strip()

    def _time(self) -> str:
        begin, end = self.facts.get("DTSTART", ""), self.facts.get("DTEND", "")
        if not end or end == begin:
            return begin
        same_day = begin[:10] == end[:10] and len(end) > 10
        return f"{begin} – {end[11:] if same_day else end}"


def read_invitation(parts: Iterable[Part]) -> Invitation | None:
    """The first event of the calendars among these parts."""
    for part in parts:
        if part.content.value in CALENDARS:
            return _event(_FOLD.sub("", part_text(part)[:_READ]), part.content.parameters.get("method", ""))
    return None


def says_only_that(text: str) -> bool:
    """Whether the text is what a calendar program writes beside its answer."""
    return not text.strip() or (len(text) <= 200 and _ANSWERED.search(fold(text)) is not None)


def _event(text: str, method: str) -> Invitation:
    facts: dict[str, str] = {}
    answer, inside = "", False
    for line in text.split("\n"):
        match = _LINE.match(line)
        if match is None:
            continue
        name, value = match["name"].upper(), match["value"].strip()
        if name in {"BEGIN", "END"} and value.upper() in {"VEVENT", "VTODO"}:
            if name == "END":
                break
            inside = True
        elif name == "METHOD":
            method = value
        elif inside and name in {"DTSTART", "DTEND"}:
            facts.setdefault(name, _moment(value, match["parameters"]))
        elif inside and name in {"SUMMARY", "LOCATION", "DESCRIPTION", "STATUS"}:
            facts.setdefault(name, _unescaped(value))
        elif inside and name == "ATTENDEE" and (found := _ANSWER.search(match["parameters"])):
            answer = found[1].lower()
    return Invitation(method.strip().upper(), answer if method.strip().upper() == "REPLY" else "", facts)


def _moment(value: str, parameters: str) -> str:
    match = _STAMP.match(value)
    if match is None:
        return ""
    year, month, day, hour, minute, utc = match.groups()
    if hour is None:
        return f"{year}-{month}-{day}"
    zone = _ZONE.search(parameters)
    return " ".join(filter(None, (f"{year}-{month}-{day}", f"{hour}:{minute}", "UTC" if utc else zone and zone[1])))


def _unescaped(value: str) -> str:
    return _ESCAPE.sub(lambda match: "\n" if match[1] in "nN" else match[1], value).strip()
