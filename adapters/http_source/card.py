"""The card of the channel `http`."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ...config.secret_store import Secret, Secrets
from ...normalizer.channel_facts import ChannelFacts
from ...normalizer.envelope import Assurance
from ...normalizer.outgoing import Parsed
from ..capability import ALL_KINDS, Capability, Handing, Incoming
from ..card import Card, ChannelParts, Page
from ..secret_shapes import demand, unusable_keys
from .settings import HttpSettings, signing_secret

if TYPE_CHECKING:
    from ..findings import Finding
    from .channel import HttpChannel


def _build(section: HttpSettings, parts: ChannelParts) -> "HttpChannel":
    from .channel import HttpChannel

    return HttpChannel(
        section,
        intake=parts.intake,
        secret_of=lambda source: parts.secrets.get(signing_secret(source)),
        clock=parts.clock,
        declared=parts.own_fields,
        peers=parts.peers,
    )


def _secrets(section: HttpSettings) -> list[Secret]:
    return [signing_secret(source) for source in section.root]


def _check_secrets(section: HttpSettings, secrets: Secrets) -> None:
    """Signing secrets from which keys can be made. Raises Misconfigured."""
    demand(*(unusable_keys(secrets, signing_secret(name)) for name in section.root))


def _answered_by_mail(section: HttpSettings) -> list[str]:
    return [name for name, source in section.root.items() if source.reply == "mail"]


def _mapped(section: HttpSettings) -> list[tuple[tuple[str, ...], str]]:
    return [((name, "fields", each), each) for name, source in section.root.items() for each in source.own_fields]


def _read_file(content: bytes, section: HttpSettings, source: str) -> Parsed:
    from .parsing import read_file

    return read_file(content, section, source=source)


def _pages(section: HttpSettings) -> list[Page]:
    forms = [name for name, source in section.root.items() if source.form is not None and source.form.enabled]
    return [Page(f"/forms/{name}", "a form for customers") for name in forms]


def _paths() -> Mapping[str, Mapping[str, Any]]:
    from . import receiving

    return {receiving.PATH: receiving.path_item()}


async def _ask(section: HttpSettings, _: Secrets) -> "Sequence[Finding]":
    from ..findings import Finding

    words = "it has no vendor; a system of yours posts to /v1/inbound/{}"
    remedy = "post a signed message, as the README does in A first message; its answer names what is wrong"
    return [Finding(name, "source", "look", words.format(name), remedy) for name in section.root]


CARD = Card(
    name="http",
    settings=HttpSettings,
    capability=Capability(
        idempotent_send=True,
        joins=True,
        attachments=True,
        receipts=False,
        offer_time=300,
        incoming=Incoming(files=ALL_KINDS),
        handing=Handing(
            proof="signature", retries="as the source does; a form tells its writer", gap=("sender",), ordered=False
        ),
        page="../../README.md#a-first-message",
    ),
    facts=ChannelFacts(
        words="Web form",
        mark='<rect x="2" y="2.25" width="12" height="11.5" rx="1.5"/><path d="M4.75 5.5h6.5M4.75 8h6.5M8.75 11h2.5"/>',
        way="through its source",
        proven=Assurance.CHANNEL,
        identities={"phone": "Phone"},
    ),
    build=_build,
    secrets=_secrets,
    check_secrets=_check_secrets,
    answered_by_mail=_answered_by_mail,
    ask=_ask,
    read_file=_read_file,
    assumed=None,
    mapped=_mapped,
    pages=_pages,
    paths=_paths,
)
