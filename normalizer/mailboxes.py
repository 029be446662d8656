"""Lists of mail addresses as headers carry them (RFC 5322 section 3.4), read leniently.

`parse_addresses` never raises and takes linear time, whatever it is given. It reads groups, comments, quoted names,
encoded words, obsolete routes, and what software really writes: names with a bare comma (`Doe, John <j@x.org>`),
missing quotes and brackets, semicolons between addresses, `mailto:` in front, quotes around a whole address. An encoded
word is one piece, whatever commas and brackets stand in it (RFC 2047 section 5 wants them encoded). When a header could
be read as one author or as two, it is read as two, so that whoever asks *who wrote this* sees the doubt.
"""

import re
from dataclasses import dataclass, field, replace

from .encoded_words import decode_escapes, decode_words

_TOKEN = re.compile(
    r'=\?[^?\s=]{1,60}\?[bBqQ]\?(?:[^?\r\n"]|\r?\n[ \t]){0,500}\?=|'
    r'(?:[^"(),:;<>@=]++|=(?!\?))++|@\[[^\]\s<>,;]{0,80}\]|[\s\S]'
)
_BLANKS = re.compile("[^\\S\u3000]+")  # but for the wide blank of Chinese and Japanese print
_QUOTATION_MARKS = "'\"`´‘’‚“”„«»"
_QUOTED = re.compile(r'"((?:[^"\\]|\\[\s\S])*+)"')
_ANGLE = re.compile(r'<(\s*(?:"(?:[^"\\]|\\[\s\S])*+")?+[^<>]*+)>')
_OPEN_ANGLE = re.compile(r"<([^<>,;]*+)")
_PARENTHESIS = re.compile(r"[()]|\\[\s\S]")
_ESCAPED = re.compile(r"\\([\s\S])")
_NEXT_FIELD = re.compile(r"\r?\n(?![ \t])")
_WORD = re.compile(r'(?:"(?:[^"\\]|\\[\s\S])*+"|[^\s"])++')
_OUTSIDE_QUOTES = re.compile(r'("(?:[^"\\]|\\[\s\S])*+")|\s+')
_SPACED_AT = re.compile(r" ?@ ?")
_SPACED_DOT = re.compile(r"(@[^ @]+) ?\. ?(?=[^ @]+(?: |$))")
_SCHEMES = frozenset({"mailto", "http", "https", "smtp", "sip", "news"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailbox:
    """One address of a list, as given but for comments and blanks; the address is empty when there is only a name."""

    name: str = ""
    address: str = ""
    group: str = ""


def parse_addresses(header_value: str) -> list[Mailbox]:
    """The addresses of the header, in order; an empty group gives none."""
    following = _NEXT_FIELD.search(header_value)
    if following:
        header_value = header_value[: following.start()]
    if not header_value.isascii():
        header_value = decode_escapes(header_value)
    return _Reader(header_value).read()


@dataclass(slots=True)
class _Reader:
    text: str
    position: int = 0
    found: list[Mailbox] = field(default_factory=list)
    group: str = ""
    group_start: int = 0
    surname: Mailbox | None = None
    shown: list[str] = field(default_factory=list)
    given: list[str] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    angles: list[str] = field(default_factory=list)
    quotes_close: bool = True
    comments_close: bool = True

    def read(self) -> list[Mailbox]:
        while self.position < len(self.text):
            match = _TOKEN.match(self.text, self.position)
            token = match[0] if match else ""
            handler = _HANDLERS.get(token)
            if handler:
                handler(self)
            else:
                self.position += len(token)
                self._add(token, token)
        self._finish(at_comma=False)
        if self.group and len(self.found) - self.group_start == 1 and self.found[-1].name:
            # A colon in a name that nobody quoted: `Support: Europe <help@x.org>`.
            self.found[-1] = replace(self.found[-1], name=f"{self.group}: {self.found[-1].name}", group="")
        return self.found

    def _add(self, shown: str, given: str) -> None:
        self.shown.append(shown)
        self.given.append(given)

    def quote(self) -> None:
        match = _QUOTED.match(self.text, self.position) if self.quotes_close else None
        if match is None:
            self.quotes_close = False
            self.blank()
            return
        self.position = match.end()
        self._add(_ESCAPED.sub(r"\1", match[1]) if "\\" in match[1] else match[1], match[0])

    def comment(self) -> None:
        end = _comment_end(self.text, self.position) if self.comments_close else -1
        if end < 0:
            self.comments_close = False
            self.position += 1
            self._add("(", "")
            return
        self.comments.append(self.text[self.position + 1 : end - 1])
        self.position = end
        self._add(" ", "")

    def angle(self) -> None:
        match = _ANGLE.match(self.text, self.position) or _OPEN_ANGLE.match(self.text, self.position)
        self.position = match.end() if match else self.position + 1
        address = _inside_angle(match[1], self.comments) if match else ""
        if address:
            self.angles.append(address)
            self._add(" ", " ")

    def colon(self) -> None:
        self.position += 1
        phrase = "".join(self.shown).strip()
        if self.angles or "@" in phrase or phrase.lower() in _SCHEMES:
            if phrase.lower() == "mailto":
                self._clear()
            else:
                self._add(":", ":")
            return
        self._flush_surname()
        self.group = _name(phrase, self.comments)
        self.group_start = len(self.found)
        self._clear()

    def comma(self) -> None:
        self.position += 1
        self._finish(at_comma=True)

    def semicolon(self) -> None:
        self.position += 1
        self._finish(at_comma=False)
        self.group = ""

    def blank(self) -> None:
        """A stray mark parts words: left out, it would glue two texts into an address that nobody wrote."""
        self.position += 1
        self._add(" ", " ")

    def _finish(self, *, at_comma: bool) -> None:
        read = self._mailboxes()
        if self.surname and self.angles and read:
            read[0] = replace(
                read[0], name=f"{self.surname.name}, {read[0].name}" if read[0].name else self.surname.name
            )
            self.surname = None
        self._flush_surname()
        if at_comma and len(read) == 1 and "@" not in read[0].address and not self.angles and not self.comments:
            self.surname = replace(read[0], name=read[0].name or _readable(read[0].address))
        else:
            self.found.extend(read)
        self._clear()

    def _flush_surname(self) -> None:
        if self.surname:
            self.found.append(self.surname)
            self.surname = None

    def _mailboxes(self) -> list[Mailbox]:
        if not (self.angles or self.shown or self.comments):
            return []
        if self.angles:
            names = [_name("".join(self.shown), self.comments)] + [""] * (len(self.angles) - 1)
            pairs = list(zip(names, self.angles, strict=True))
        else:
            pairs = _bare("".join(self.shown), "".join(self.given), self.comments)
        return [Mailbox(name=name, address=address, group=self.group) for name, address in pairs if name or address]

    def _clear(self) -> None:
        self.shown, self.given, self.comments, self.angles = [], [], [], []


_HANDLERS = {
    '"': _Reader.quote,
    "(": _Reader.comment,
    "<": _Reader.angle,
    ">": _Reader.blank,
    ":": _Reader.colon,
    ",": _Reader.comma,
    ";": _Reader.semicolon,
}


def _bare(shown: str, given: str, comments: list[str]) -> list[tuple[str, str]]:
    """Name and address pairs of a piece without angle brackets."""
    if "@" not in given:
        local = given.strip()
        is_word = local == shown.strip() and len(local.split()) == 1
        return [(_name("", comments), local) if is_word else (_name(shown, comments), "")]
    if given.strip()[-1:] == '"' and len(given.split()) == 1 and given.count('"') == 2:
        return [(_name("", comments), _bared(given.strip()))]
    spaced = _SPACED_DOT.sub(r"\1.", _SPACED_AT.sub("@", " ".join(given.split())))
    words = _WORD.findall(spaced)
    addresses = [word for word in words if "@" in _QUOTED.sub("", word)]
    rest = " ".join(word.strip('"') for word in words if word not in addresses)
    return [(_name(rest, comments) if index == 0 else "", _bared(address)) for index, address in enumerate(addresses)]


def _bared(address: str) -> str:
    """Without quotation marks around all of it, as Outlook writes addresses that it does not know."""
    if address[-1:] not in _QUOTATION_MARKS or "@" not in address:
        return address
    return address[:-1].removeprefix(address[0] if address[0] in _QUOTATION_MARKS else "")


def _inside_angle(content: str, comments: list[str]) -> str:
    if "(" in content:
        content = _without_comments(content, comments)
    content = _OUTSIDE_QUOTES.sub(r"\1", content.strip()) if not content.isalnum() else content
    if content.startswith("@") and ":" in content:
        # RFC 5322 section 4.4: the route in front of an obsolete address is ignored.
        content = content.partition(":")[2]
    return _bared(content)


def _without_comments(content: str, comments: list[str]) -> str:
    kept: list[str] = []
    position = 0
    while (start := content.find("(", position)) >= 0 and (end := _comment_end(content, start)) >= 0:
        kept.append(content[position:start])
        comments.append(content[start + 1 : end - 1])
        position = end
    return "".join(kept) + content[position:]


def _comment_end(text: str, start: int) -> int:
    depth = 0
    for match in _PARENTHESIS.finditer(text, start):
        if match[0] == "(":
            depth += 1
        elif match[0] == ")":
            depth -= 1
            if depth == 0:
                return match.end()
    return -1


def _name(phrase: str, comments: list[str]) -> str:
    name = _readable(phrase)
    if len(name) > 2 and name[0] == name[-1] == "'":
        name = name[1:-1]
    remark = _readable(" ".join(_ESCAPED.sub(r"\1", comment) for comment in comments)) if comments else ""
    if name and remark:
        return f"{name} ({remark})"
    return name or remark


def _readable(text: str) -> str:
    if "=?" in text:
        text = decode_words(text)
    return _BLANKS.sub(" ", text.replace("\x00", "")).strip()
