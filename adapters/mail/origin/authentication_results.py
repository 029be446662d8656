"""The header Authentication-Results: what another server found out about a mail (RFC 8601).

Only reading; who is believed is decided elsewhere. A field that is not written as the standard says gives None, so that
nothing can be smuggled past by being half readable. Narrower than the standard where servers that take forged fields
off may not look: the name of the server begins the field, plain, neither quoted nor behind a comment.

Linear in its input.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

_BLANKS = " \t\r\n"
_QUOTED = r'"(?:[^"\\]|\\.)*+"'
_PLAIN = r'[^\s";\\@=]++'
_WORD = r"[A-Za-z0-9!#$%&'*+.^_`{|}~-]++"  # RFC 2045 section 5.1
_NAME = "[A-Za-z0-9_-]++"
_PIECE = re.compile(rf'(?:{_QUOTED}|[^;"])*+', re.DOTALL)
_SERVER = re.compile(rf"\s*({_WORD})(?:\s+1)?\s*", re.ASCII)
_RESULT = re.compile(rf"\s*+({_NAME})(?:/1)?\s*+=\s*+({_NAME})(?=\s|\Z)", re.ASCII)
_PAIR = re.compile(rf"\s*+({_NAME}(?:\.[\w.-]++)?)\s*+=\s*+({_QUOTED}|{_PLAIN})(?=\s|\Z)", re.ASCII | re.DOTALL)
# Only what stands before the @ of an address may hold a bare `=`, as return paths that were rewritten do.
_ADDRESS = re.compile(
    rf'\s*+({_NAME}\.[\w.-]++)\s*+=\s*+((?:{_QUOTED}|[^\s";\\@]++)?+@{_PLAIN})(?=\s|\Z)', re.ASCII | re.DOTALL
)
_ESCAPED = re.compile(r"\\(.)|\"", re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class MethodResult:
    """One result, with its properties: `header.from`, `smtp.mailfrom`, …"""

    method: str
    result: str
    properties: Mapping[str, str] = field(default_factory=dict)

    def domain(self, *names: str) -> str:
        """The domain in the first of these properties that is there, in lower case."""
        value = next((self.properties[name] for name in names if name in self.properties), "")
        return value.rpartition("@")[2].removesuffix(".").lower()


@dataclass(frozen=True, kw_only=True)
class AuthenticationResults:
    """One field: who says it, in lower case (empty where it begins with a result, as Microsoft's do), and what."""

    authserv_id: str
    results: tuple[MethodResult, ...] = ()

    def of(self, method: str) -> tuple[MethodResult, ...]:
        """The results of one method."""
        return tuple(each for each in self.results if each.method == method)


def read_results(value: bytes) -> AuthenticationResults | None:
    """The field behind its colon; None when it cannot be read."""
    written = value.decode("latin-1").strip(_BLANKS)
    text = _without_comments(written)
    pieces = _pieces(text)
    server = _SERVER.fullmatch(pieces[0])
    if sum(map(len, pieces)) + len(pieces) - 1 != len(text):
        return None
    found = [
        _result(piece) for piece in pieces[server is not None :] if piece.strip(_BLANKS).lower() not in ("", "none")
    ]
    results = tuple(each for each in found if each is not None)
    if len(results) != len(found) or (server is None and not pieces[0].strip(_BLANKS)) or written.startswith("("):
        return None
    return AuthenticationResults(authserv_id=server[1].lower() if server else "", results=results)


def is_server(name: str) -> bool:
    """Whether this can be the name of a server here."""
    return re.fullmatch(_WORD, name) is not None


def _pieces(text: str) -> list[str]:
    """What stands between semicolons; less than the whole text when a quotation is never closed."""
    pieces, at = [], 0
    while True:
        piece = _PIECE.match(text, at)
        assert piece is not None  # it also matches nothing
        pieces.append(piece[0])
        at = piece.end() + 1
        if not text.startswith(";", piece.end()):
            return pieces


def _plain(value: str) -> str:
    return _ESCAPED.sub(lambda found: found[1] or "", value)


def _without_comments(text: str) -> str:
    """Comments may be nested, and quoted strings may hold brackets; a bracket that is never closed stays."""
    kept: list[str] = []
    depth, quoted = 0, False
    characters = iter(text)
    for character in characters:
        if character == "\\":
            follower = next(characters, "")
            kept.append("" if depth else character + follower)
        elif character == '"' and not depth:
            quoted = not quoted
            kept.append(character)
        elif character == "(" and not quoted:
            depth += 1
        elif character == ")" and depth:
            depth -= 1
            kept.append(" ")
        elif not depth:
            kept.append(character)
    return "".join(kept) if not depth and not quoted else text + "("


def _result(piece: str) -> MethodResult | None:
    """`method[/version] = result {name = value}`, no name twice."""
    rest = piece.rstrip(_BLANKS)
    result = _RESULT.match(rest)
    if result is None:
        return None
    properties: dict[str, str] = {}
    at = result.end()
    while at < len(rest):
        pair = _PAIR.match(rest, at) or _ADDRESS.match(rest, at)
        if pair is None or pair[1].lower() in properties:
            return None
        properties[pair[1].lower()] = _plain(pair[2])
        at = pair.end()
    return MethodResult(method=result[1].lower(), result=result[2].lower(), properties=properties)
