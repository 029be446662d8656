"""`trunkline mail`: the keys that sign what we send, mailboxes, and whether providers and DNS let mail work."""

import asyncio
import ipaddress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from .options import ConfigOption, configured, say, write

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...adapters.card import DomainFact, Domains, Mailboxes
    from ...config.secret_store import Secrets

Domain = Annotated[str, typer.Argument(help="A domain of ours, such as example.com.")]

commands = typer.Typer(no_args_is_help=True, help="Mail: keys that sign it, mailboxes, and whether all lets it work.")


@commands.command()
def key(
    domain: Domain,
    selector: Annotated[str, typer.Argument(help="A name for the key, such as desk2026.")],
    kind: Annotated[Literal["rsa", "ed25519"], typer.Option(help="RSA with 2048 bits, or Ed25519.")] = "rsa",
    config: ConfigOption = None,
) -> None:
    """Make a key that signs our mails, unless it is there, and print its line for the DNS."""
    domains, section, secrets = _domains(config)
    made = domains.key(section, secrets, domain, selector, kind)
    if made.made:
        say(f"made {made.place}")
    write(made.record)
    if made.setting:
        say(f"When that stands in the DNS, add to {made.setting}")


@commands.command()
def connect(
    name: Annotated[str, typer.Argument(help="A mailbox, by its name in channels.mail.mailboxes.")],
    config: ConfigOption = None,
) -> None:
    """Have the owner of a mailbox let us in, and try whether it can be read and sent from.

    Status 1 when it cannot.
    """
    mailboxes, section, secrets = _mailboxes(config)
    asyncio.run(mailboxes.connect(section, secrets, name, say, lambda words: str(typer.prompt(words, err=True))))
    _show(asyncio.run(mailboxes.facts(section, secrets, name)))


@commands.command()
def check(
    domain: Annotated[
        str | None, typer.Argument(help="A domain of ours, such as example.com; left out, the mailboxes are tried.")
    ] = None,
    sender: Annotated[
        list[str] | None,
        typer.Option("--from", help="An IP address by which our mails reach the world; may be repeated."),
    ] = None,
    config: ConfigOption = None,
) -> None:
    """Tell in words whether MX, SPF, DKIM and DMARC of a domain let mail work, and what to write into the DNS.

    Without a domain, whether the providers of our mailboxes let us in. Status 1 when something is wrong, or could not
    be found out.
    """
    from ...normalizer.addresses import normalise_domain

    if domain is None:
        mailboxes, section, secrets = _mailboxes(config)
        _show(asyncio.run(mailboxes.facts(section, secrets)))
        return
    name = normalise_domain(domain)
    if name is None or name.startswith("["):
        raise typer.BadParameter(f"{domain!r} is no domain")
    domains, section, secrets = _domains(config)
    facts = asyncio.run(domains.facts(section, secrets, name, [_address(each) for each in sender or ()]))
    _show(facts)


def _show(facts: "Sequence[DomainFact]") -> None:
    for fact in facts:
        write(f"{fact.level:<8}{fact.subject:<10}{fact.words}")
        if fact.write:
            write(f"{'':<18}write: {fact.write}")
    if any(fact.level in ("wrong", "unknown") for fact in facts):
        raise typer.Exit(1)


def _domains(config: Path | None) -> "tuple[Domains, Any, Secrets]":
    """The channel that goes by domains, its section, and the secrets. Raises Misconfigured."""
    from ...config.errors import Misconfigured
    from ..channels import configured as configured_channels

    configuration = configured(config)
    for card, section in configured_channels(configuration.settings):
        if card.domains is not None:
            return card.domains(), section, configuration.secrets
    raise Misconfigured(f"{configuration.path} configures no channel that goes by domains")


def _mailboxes(config: Path | None) -> "tuple[Mailboxes, Any, Secrets]":
    """The channel that reads mailboxes, its section, and the secrets. Raises Misconfigured."""
    from ...config.errors import Misconfigured
    from ..channels import configured as configured_channels

    configuration = configured(config)
    for card, section in configured_channels(configuration.settings):
        if card.mailboxes is not None:
            return card.mailboxes(), section, configuration.secrets
    raise Misconfigured(f"{configuration.path} configures no channel that reads mailboxes")


def _address(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no IP address") from None
