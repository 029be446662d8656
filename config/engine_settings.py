"""Where it listens, which engine it uses, and how careful that engine must be."""

import re
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import parse_qs, urlsplit

from pydantic import AfterValidator, Field, GetJsonSchemaHandler, model_validator
from pydantic_core import CoreSchema

from .networks import TrustedNetwork
from .quantities import Address, Duration, HostPort, Size, parse_duration, parse_size
from .section import Section, wrong

SCHEMES = ("redis", "rediss", "redis+cluster", "rediss+cluster", "unix")
OPTIONS = frozenset({"ssl_ca_certs", "ssl_certfile", "ssl_keyfile", "ssl_check_hostname", "db"})
_DATABASE = re.compile(r"/?|/[0-9]{1,3}")


def _engine_url(url: str) -> str:
    parts = urlsplit(url)
    complete = parts.path if parts.scheme == "unix" else parts.hostname
    if url and (parts.scheme not in SCHEMES or not complete):
        raise wrong("an engine's URL such as redis://host:6379, rediss://…, redis+cluster://… or unix:///path/to.sock")
    if strange := sorted(parse_qs(parts.query, keep_blank_values=True).keys() - OPTIONS):
        raise wrong(f"an engine's URL with no options but {', '.join(sorted(OPTIONS))}; {strange[0]} is ours to choose")
    if parts.scheme != "unix" and _DATABASE.fullmatch(parts.path) is None:
        raise wrong("a database as a number behind the host, such as redis://host:6379/1")
    if parts.scheme.endswith("+cluster") and (parts.path.strip("/0") or "db=" in parts.query):
        raise wrong("an engine's URL without a database: a cluster has only database 0")
    return url


class ListenSettings(Section):
    """The addresses that are listened on. Secrets are made up by themselves only while all of them are loopback."""

    http: Address = Field(default=HostPort("127.0.0.1", 8080), description="Host and port for HTTP: API, forms, hooks.")
    smtp: Address = Field(default=HostPort("127.0.0.1", 2525), description="Host and port for incoming mail.")
    connections: int = Field(default=20_000, ge=10, description="Open HTTP connections in total, chats included.")
    connections_per_peer: int = Field(
        default=2_000, ge=1, description="Open HTTP connections of one address that is no trusted proxy."
    )
    trusted_proxies: tuple[TrustedNetwork, ...] = Field(
        default=(), description="Our own proxies, whose X-Forwarded-For says who is at the other end."
    )

    @property
    def loopback(self) -> bool:
        """Nothing of it can be reached from another machine."""
        return self.http.loopback and self.smtp.loopback


class RedisSettings(Section):
    """An engine of your own. Left out, an embedded one is started in the data folder."""

    url: Annotated[str, AfterValidator(_engine_url)] = Field(
        default="",
        repr=False,
        description="redis://host:6379, rediss:// with TLS, redis+cluster:// or unix:///path; with a password only as "
        "TRUNKLINE_REDIS__URL in the environment.",
    )


class DurabilitySettings(Section):
    """What the engine must promise before anything is acknowledged; `durability: relaxed` is short for the mode."""

    mode: Literal["strict", "relaxed"] = Field(
        default="strict",
        description="strict: refuse an engine that could lose what it acknowledged; relaxed: only warn of it.",
    )
    replicas: int = Field(
        default=0, ge=0, le=5, description="Replicas that must hold a message before it is acknowledged."
    )

    @model_validator(mode="before")
    @classmethod
    def _from_word(cls, value: Any) -> Any:
        return {"mode": value} if isinstance(value, str) else value

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """A word or a mapping."""
        mapping = handler.resolve_ref_schema(handler(core))
        return {"anyOf": [{"enum": ["strict", "relaxed"]}, mapping]}


class EngineSettings(Section):
    """The embedded engine, and the marks at which intake is refused until there is room again."""

    binary: Path | None = Field(
        default=None, description="The server to run; left out, redis-server or valkey-server is looked for."
    )
    maxmemory: Size = Field(default=parse_size("1GiB"), description="The most memory the embedded engine may take.")
    memory_mark: int = Field(
        default=75, ge=10, le=90, description="Percent of maxmemory, backlog included, at which intake is refused."
    )
    disk_mark: int = Field(default=90, ge=10, le=99, description="Percent of the disk at which intake is refused.")


class DedupSettings(Section):
    """How repeated deliveries are recognised."""

    keep: Duration = Field(
        default=parse_duration("35d"),
        description="How long a message's id is remembered; longer than any sender retries.",
    )
