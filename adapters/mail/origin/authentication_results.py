"""The header Authentication-Results: what another server found out about a mail (RFC 8601).

Only reading; who is believed is decided elsewhere. A field that is not written as the standard says gives None, so that
nothing can be smuggled past by being half readable. Linear in its input.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

_QUOTED = r'"(?:[^"\\]|\\.)*+"'
_PIECE = re.compile(rf'(?:{_QUOTED}|[^;"])*+', re.DOTALL)
_SERVER = re.compile(rf"\s*({_QUOTED}|[^\s;=\"]+)(?:\s+1)?\s*", re.DOTALL)
# A value may hold a bare `=`, as return paths that were rewritten do, although the standard wants it quoted then.
_PAIR = re.compile(rf"\s*([A-Za-z0-9._/-]+)\s*=\s*((?:{_QUOTED}|[^\s\";]++)++)(?=\s|\Z)", re.DOTALL)
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
    text = _without_comments(value.decode("latin-1"))
    pieces = _pieces(text)
    server = _SERVER.fullmatch(pieces[0])
    if sum(map(len, pieces)) + len(pieces) - 1 != len(text):
        return None
    found = [_result(piece) for piece in pieces[server is not None :] if piece.strip().lower() not in ("", "none")]
    results = tuple(each for each in found if each is not None)
    if len(results) != len(found) or (server is None and not pieces[0].strip()):
        return None
    return AuthenticationResults(authserv_id=_plain(server[1]).lower() if server else "", results=results)


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
    """`method[/version] = result {name = value}`."""
    pairs: list[tuple[str, str]] = []
    rest = piece.rstrip()
    at = 0
    while at < len(rest):
        pair = _PAIR.match(rest, at)
        if pair is None:
            return None
        pairs.append((pair[1].lower(), _plain(pair[2])))
        at = pair.end()
    method, result = pairs[0]
    return MethodResult(method=method.partition("/")[0], result=result.lower(), properties=dict(pairs[1:]))
