"""`trunkline token`: make, list and withdraw the tokens of the API."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from .options import ConfigOption, configured_for_engine, say, with_parts, write

if TYPE_CHECKING:
    from ...desk.stores.token_store import TokenStore

Result = TypeVar("Result")

Name = Annotated[str, typer.Argument(help="The token's name; it stands in the feed for whoever uses it.")]

_HELP = "Tokens for the API. The admin token is not among them: it is a secret of the gateway."
commands = typer.Typer(no_args_is_help=True, help=_HELP)


@commands.command()
def create(
    name: Name,
    scope: Annotated[
        list[str] | None,
        typer.Option(help="What it may do; may be repeated. An agent's token has all that agents need."),
    ] = None,
    agent: Annotated[str | None, typer.Option(help="The agent it acts for, and for nobody else.")] = None,
    config: ConfigOption = None,
) -> None:
    """Make a token and print it; it is not shown again."""
    from ...config.errors import Conflict, Misconfigured
    from ...desk.stores.token_store import AGENT_SCOPES
    from .program import command

    configuration = configured_for_engine(config)
    agents = configuration.settings.agents
    if agent is not None and agent not in agents:
        raise Misconfigured(f"there is no agent {agent!r}; there are {', '.join(sorted(agents))}")
    scopes = scope or (AGENT_SCOPES if agent else [])
    try:
        write(_with_store(config, lambda store: store.create(name, scopes=scopes, agent=agent)))
    except Conflict as error:
        raise Conflict(f"{error.detail}: {command(f'token revoke {name}', configuration)}") from error


@commands.command("list")
def show(config: ConfigOption = None) -> None:
    """List the tokens: name, agent, scopes."""
    for record in _with_store(config, lambda store: store.all()):
        acts = f"as {record.agent}" if record.agent else "as itself"
        write(f"{record.name}  {acts}  {' '.join(record.scopes)}")


@commands.command()
def revoke(name: Name, config: ConfigOption = None) -> None:
    """Withdraw a token; it is refused from now on."""
    _with_store(config, lambda store: store.revoke(name))
    say(f"{name} is withdrawn")


def _with_store(config: Path | None, work: "Callable[[TokenStore], Awaitable[Result]]") -> Result:
    from ...desk.stores.token_store import TokenStore

    return with_parts(config, lambda parts: work(TokenStore(parts.engine, parts.clock)))
