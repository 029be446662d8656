"""What a calendar invitation says, for mails that say it nowhere else (RFC 5545, RFC 5546).

`read_invitation` reads the first event of a calendar: what, when, where, and whether somebody accepted, declined or
cancelled. Its text stands in for the empty text of the mail. Times are told as they are written, in their own zone;
nothing is converted. Linear time; never raises.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ...normalizer.envelope import CalendarEvent
from ...normalizer.folding import fold
from .bodies import CALENDARS, part_text
from .mail_headers import one_line
from .mime import Part

_READ = 64 * 1024
_FOLD = re.compile(r"\n[ \t]")
_LINE = re.compile(r'(?P<name>[A-Za-z-]{1,40})(?P<parameters>(?:;(?:"[^"\n]{0,500}"|[^":\n]){0,500})*):(?P<value>.*)')
_STAMP = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)\d{0,2}(Z?))?\s*\Z")
_ESCAPE = re.compile(r"\\([nN]|.)")
_ZONE = re.compile(r'TZID="?([^";]{1,60})', re.IGNORECASE)
_ANSWER = re.compile(r"PARTSTAT=(ACCEPTED|DECLINED|TENTATIVE)", re.IGNORECASE)
_COMMON_NAME = re.compile(r';CN=(?:"([^"]{1,200})"|([^";:]{1,200}))', re.IGNORECASE)
_LONGEST = 4000
_MOST = 50  # attendees
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
    attendees: Sequence[str] = ()

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

    @property
    def event(self) -> CalendarEvent:
        """The same as a record."""
        cancelled = self.method == "CANCEL" or self.facts.get("STATUS", "").upper() == "CANCELLED"
        return CalendarEvent(
            method="answer" if self.is_answer else "cancellation" if cancelled else "invitation",
            answer=self.answer,
            title=one_line(self.facts.get("SUMMARY", ""))[:500],
            begin=self.facts.get("DTSTART", ""),
            end=self.facts.get("DTEND", ""),
            place=one_line(self.facts.get("LOCATION", ""))[:500],
            organizer=self.facts.get("ORGANIZER", ""),
            attendees=tuple(self.attendees),
        )

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
    attendees: list[str] = []
    answer, inside = "", False
    for match in filter(None, map(_LINE.match, text.split("\n"))):
        name, value, parameters = match["name"].upper(), match["value"].strip(), match["parameters"]
        if name in {"BEGIN", "END"} and value.upper() in {"VEVENT", "VTODO"}:
            if name == "END":
                break
            inside = True
        elif name == "METHOD":
            method = value
        elif inside and name == "ATTENDEE":
            attendees.append(_person(value, parameters))
            found = _ANSWER.search(parameters)
            answer = found[1].lower() if found else answer
        elif inside and name in _FACTS:
            facts.setdefault(name, _FACTS[name](value, parameters))
    method = method.strip().upper()
    return Invitation(method, answer if method == "REPLY" else "", facts, attendees[:_MOST])


def _person(value: str, parameters: str) -> str:
    """Who it is: their name (CN), else their address."""
    name = _COMMON_NAME.search(parameters)
    address = value[7:] if value[:7].lower() == "mailto:" else value
    return one_line(name[1] or name[2] if name else address)[:320]


def _moment(value: str, parameters: str) -> str:
    match = _STAMP.match(value)
    if match is None:
        return ""
    year, month, day, hour, minute, utc = match.groups()
    if hour is None:
        return f"{year}-{month}-{day}"
    zone = _ZONE.search(parameters)
    return " ".join(filter(None, (f"{year}-{month}-{day}", f"{hour}:{minute}", "UTC" if utc else zone and zone[1])))


def _unescaped(value: str, _: str = "") -> str:
    return _ESCAPE.sub(lambda match: "\n" if match[1] in "nN" else match[1], value).strip()


_FACTS: Mapping[str, Callable[[str, str], str]] = {
    "DTSTART": _moment,
    "DTEND": _moment,
    "ORGANIZER": _person,
    "SUMMARY": _unescaped,
    "LOCATION": _unescaped,
    "DESCRIPTION": _unescaped,
    "STATUS": _unescaped,
}
