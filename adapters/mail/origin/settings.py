"""The section `channels.mail.origin` of the configuration."""

from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, WithJsonSchema
from pydantic_core import PydanticCustomError

from ....config.quantities import Duration, HostPort, at_most, parse_host_port
from ....config.section import Section, wrong
from ....normalizer.addresses import normalise_domain
from ....web.peers import address_of
from .authentication_results import is_server


def _domain(value: str) -> str:
    key = normalise_domain(value)
    if key is None or key.startswith("["):
        raise wrong("a domain such as lists.example.org")
    return key


def _authserv_id(value: str) -> str:
    if not is_server(value.strip()):
        raise wrong("the name that your server puts first in Authentication-Results, such as mx.example.com")
    return value.strip().lower()


def _resolver(value: object) -> HostPort:
    expected, alone = "a name server by its IP address and port, such as 127.0.0.1:53 or [::1]:53", str(value).strip()
    if not isinstance(value, HostPort) and address_of(alone) is not None:
        raise wrong(expected, f"add the port: {HostPort(alone.strip('[]'), 53)}")
    try:
        server = parse_host_port(value)
    except PydanticCustomError:
        raise wrong(expected) from None
    if address_of(server.host) is None:
        raise wrong(expected)
    return server


Domain = Annotated[str, AfterValidator(_domain)]
NameServer = Annotated[
    HostPort,
    BeforeValidator(_resolver),
    PlainSerializer(str, return_type=str),
    WithJsonSchema({"type": "string", "examples": ["127.0.0.1:53"]}),
]
AuthservId = Annotated[str, AfterValidator(_authserv_id)]


class OriginSettings(Section):
    """How it is proven that a mail comes from the address it names."""

    check: bool = Field(
        default=True,
        description="Check SPF, DKIM, DMARC and ARC ourselves; without it, only what trusted peers say counts.",
    )
    authserv_ids: tuple[AuthservId, ...] = Field(
        default=(),
        description="The names under which your own mail servers write Authentication-Results. With them, a mail from "
        "a trusted peer is believed as far as those fields go, and no longer as it is.",
    )
    forwarders: tuple[Domain, ...] = Field(
        default=(),
        description="Domains whose ARC seals are believed: lists and forwarders through which mail reaches you. Mail "
        "that they passed on counts as they found it.",
    )
    resolvers: tuple[NameServer, ...] = Field(
        default=(), description="Name servers to ask, as host:port with an IP address; left out, those of the machine."
    )
    patience: Annotated[Duration, at_most("10s")] = Field(
        default=timedelta(seconds=5),
        description="How long the checks of one mail may take; after it, it is filed and checked again later.",
    )
