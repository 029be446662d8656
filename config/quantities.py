"""Durations, sizes and listeners as a person writes them: `5min`, `35d`, `25MiB`, `127.0.0.1:2525`.

A number without a unit is refused, because seconds and milliseconds, kB and MiB are easily taken for each other.
Durations become `timedelta`, sizes become bytes.
"""

import ipaddress
import re
from dataclasses import dataclass
from datetime import timedelta
from itertools import product
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, PlainSerializer, WithJsonSchema

from .section import wrong

_DURATION_UNITS = {
    "ms": timedelta(milliseconds=1),
    "s": timedelta(seconds=1),
    "min": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
}
_SIZE_UNITS = {
    "B": 1,
    "kB": 1000,
    "MB": 1000**2,
    "GB": 1000**3,
    "KiB": 1024,
    "MiB": 1024**2,
    "GiB": 1024**3,
}
_DURATION = r"(?:[0-9]{1,13} ?(?:ms|min|[shdw]) ?)+"
_SIZE = r"[0-9]{1,13} ?(?:[kMG]B|[KMG]iB|B)"
_LONGEST = timedelta(days=100 * 365)
_HOST_PORT = re.compile(r"(?:\[(?P<six>[0-9A-Fa-f:.]+)\]|(?P<name>[A-Za-z0-9._-]+)):(?P<port>[0-9]{1,5})\Z")


def parse_duration(value: object) -> timedelta:
    """`1h30min` as a timedelta."""
    if isinstance(value, timedelta):
        return value
    text = str(value).strip()
    if not re.fullmatch(_DURATION, text):
        remedy = f"give the unit: {text}s or {text}min?" if text.isdigit() else ""
        raise wrong("a duration such as 30s, 5min, 1h30min or 35d", remedy)
    parts = re.findall(r"([0-9]+) ?(ms|min|[shdw])", text)
    milliseconds = sum(int(number) * (_DURATION_UNITS[unit] // _DURATION_UNITS["ms"]) for number, unit in parts)
    if milliseconds > _LONGEST // _DURATION_UNITS["ms"]:
        raise wrong("a duration of at most 100 years")
    return timedelta(milliseconds=milliseconds)


def format_duration(value: timedelta) -> str:
    """The shortest exact way to write it: `90min`, `35d`."""
    for unit in ("d", "h", "min", "s"):
        if value and not value % _DURATION_UNITS[unit]:
            return f"{value // _DURATION_UNITS[unit]}{unit}"
    return f"{value // _DURATION_UNITS['ms']}ms"


def at_least(shortest: str) -> AfterValidator:
    """A duration that must not be shorter than this one."""
    limit = parse_duration(shortest)

    def checked(value: timedelta) -> timedelta:
        if value < limit:
            raise wrong(f"a duration of at least {shortest}")
        return value

    return AfterValidator(checked)


def milliseconds(duration: timedelta) -> int:
    """A duration of the configuration in the unit of the scripts."""
    return duration // timedelta(milliseconds=1)


def at_most(longest: str) -> AfterValidator:
    """A duration that must not be longer than this one."""
    limit = parse_duration(longest)

    def checked(value: timedelta) -> timedelta:
        if value > limit:
            raise wrong(f"a duration of at most {longest}")
        return value

    return AfterValidator(checked)


def parse_size(value: object) -> int:
    """`25MiB` in bytes."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    text = str(value).strip()
    if not re.fullmatch(_SIZE, text):
        remedy = f"give the unit: {text}MiB or {text}kB?" if text.isdigit() else ""
        raise wrong("a size such as 64KiB, 25MiB or 2GB", remedy)
    number, unit = re.findall(r"([0-9]+) ?([A-Za-z]+)", text)[0]
    return int(number) * _SIZE_UNITS[unit]


def format_size(size: int) -> str:
    """The shortest exact way to write it: `25MiB`, `1500B`."""
    units = sorted(_SIZE_UNITS, key=_SIZE_UNITS.__getitem__, reverse=True)
    unit = next(unit for unit in units if size % _SIZE_UNITS[unit] == 0) if size else "B"
    return f"{size // _SIZE_UNITS[unit]}{unit}"


@dataclass(frozen=True)
class HostPort:
    """A host and a TCP port; port 0 lets the system choose when listening."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def loopback(self) -> bool:
        """Reachable from this machine only."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    def excludes(self, other: "HostPort") -> bool:
        """Whether nobody can listen on both at once: one port, and an address in common as far as the names tell."""
        pairs = product(self._hosts(), other._hosts())
        return self.port == other.port != 0 and any(_meet(*pair) for pair in pairs)

    def _hosts(self) -> tuple[str, ...]:
        return ("127.0.0.1", "::1") if self.host == "localhost" else (self.host.lower(),)


def _meet(one: str, other: str) -> bool:
    all_addresses = {"0.0.0.0", "::"}  # noqa: S104
    return one == other or ((":" in one) == (":" in other) and not all_addresses.isdisjoint({one, other}))


def parse_host_port(value: object) -> HostPort:
    """`127.0.0.1:8080`, `[::1]:8080` or `name:8080`."""
    if isinstance(value, HostPort):
        return value
    found = _HOST_PORT.match(str(value).strip())
    if not found or int(found["port"]) > 65535:
        raise wrong("host:port such as 127.0.0.1:8080 or [::1]:8080")
    return HostPort(found["six"] or found["name"], int(found["port"]))


def _text_schema(pattern: str, *examples: str) -> WithJsonSchema:
    schema: dict[str, Any] = {"type": "string", "examples": list(examples)}
    return WithJsonSchema(schema | ({"pattern": f"^{pattern}$"} if pattern else {}))


Duration = Annotated[
    timedelta,
    BeforeValidator(parse_duration),
    PlainSerializer(format_duration, return_type=str),
    _text_schema(_DURATION, "30s", "5min", "35d"),
]
Size = Annotated[
    int,
    BeforeValidator(parse_size),
    PlainSerializer(format_size, return_type=str),
    _text_schema(_SIZE, "64KiB", "25MiB"),
]
Address = Annotated[
    HostPort,
    BeforeValidator(parse_host_port),
    PlainSerializer(str, return_type=str),
    _text_schema("", "127.0.0.1:8080"),
]
