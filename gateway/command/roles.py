"""Commands that run until they are stopped: `serve`, `engine`, `web`, `smtp`, `worker`, `demo`; and `engine adopt`."""

import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, get_args

import typer

from .options import ConfigOption, LevelOption, configured, configured_for_engine, say, write

if TYPE_CHECKING:
    from ...config.quantities import HostPort
    from ..configuration import Configuration


commands = typer.Typer()
engine_or_adopt = typer.Typer(invoke_without_command=True)
commands.add_typer(engine_or_adopt, name="engine")


@commands.command()
def serve(config: ConfigOption = None, log_level: LevelOption = None) -> None:
    """Run everything in one process, with the embedded engine unless redis.url names another."""
    _run("serve", config, log_level)


@commands.command()
def web(config: ConfigOption = None, log_level: LevelOption = None) -> None:
    """Run only the HTTP side: API, signed posts, forms."""
    _run("web", config, log_level)


@commands.command()
def smtp(config: ConfigOption = None, log_level: LevelOption = None) -> None:
    """Run only the mail listener."""
    _run("smtp", config, log_level)


@commands.command()
def worker(config: ConfigOption = None, log_level: LevelOption = None) -> None:
    """Run only the work behind: filing, offers, clocks, outbox."""
    _run("worker", config, log_level)


@engine_or_adopt.callback()
def engine(context: typer.Context, config: ConfigOption = None, log_level: LevelOption = None) -> None:
    """Run only the embedded engine, for roles in processes of their own; or, with `adopt`, accept another engine."""
    from ..process import run_engine

    if context.invoked_subcommand is not None:
        if config is not None or log_level is not None:
            raise typer.BadParameter(f"write the options behind {context.invoked_subcommand}")
        return
    configuration = _started(config, log_level)
    run_engine(configuration, lambda url: say(f"Trunkline engine is ready on {url}."))


@engine_or_adopt.command("adopt")
def adopt_engine(
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False, config: ConfigOption = None
) -> None:
    """Accept the engine that is there for this data folder, though it is not the one that the folder belongs to.

    For an engine that was lost for good, or one that was restored without its folder. It says what that means and asks.
    """
    from .adopting import adopt, look, meaning

    configuration = configured_for_engine(config)
    found = asyncio.run(look(configuration))
    if found.fits:
        write(f"{found.kept}: engine and data folder belong together already; there is nothing to adopt")
        return
    for line in meaning(found, configuration):
        say(line)
    if not yes:
        typer.confirm("Go on?", abort=True, err=True)
    write(asyncio.run(adopt(found, configuration)))


@commands.command()
def demo(
    config: Annotated[
        Path | None,
        typer.Option("--config", "-c", help="The configuration; else TRUNKLINE_CONFIG or the demo's own."),
    ] = None,
    speed: Annotated[float, typer.Option(min=0.1, max=100, help="How much faster than life.")] = 1.0,
    duration: Annotated[float | None, typer.Option(min=1, help="Seconds; without end when left out.")] = None,
    seed: Annotated[int, typer.Option(help="The same seed gives the same customers, messages and decisions.")] = 1,
    customers: Annotated[
        float | None, typer.Option(min=0.1, max=600, help="Customers a minute at speed 1; else as many as agents bear.")
    ] = None,
    me: Annotated[str | None, typer.Option(help="The agent whom you can be; else ada, or the first there is.")] = None,
    hold: Annotated[
        bool, typer.Option("--hold", help="At the end everybody stands still, and the gateway goes on.")
    ] = False,
    log_level: LevelOption = None,
) -> None:
    """Serve, with simulated customers and agents, and everything that happens on the terminal.

    It writes into the data folder of the configuration (the demo's own: demo-data); name another with TRUNKLINE_DATA.
    Where there are tickets that no demo has made, it refuses, so that no simulated agent answers a customer.
    """
    import sys

    from ...demo.run_demo import CONFIGURATION, DemoOptions, run_demo
    from ..logs import level_named, start_logging

    named = config is not None or os.environ.get("TRUNKLINE_CONFIG")
    configuration = configured(config if named else CONFIGURATION)
    start_logging(level_named(log_level or os.environ.get("TRUNKLINE_LOG_LEVEL") or "error", {}), sys.stderr)
    options = DemoOptions(speed=speed, duration=duration, seed=seed, customers=customers, me=me, hold=hold)
    run_demo(configuration, options)


def _run(name: str, config: Path | None, log_level: str | None) -> None:
    from ..process import run
    from ..services import Role
    from .greeting import greeting, short_greeting

    role: Role = next(known for known in get_args(Role) if known == name)
    configuration = _started(config, log_level)

    def greet(http: "HostPort", smtp: "HostPort") -> None:
        say(greeting(configuration, http, smtp) if role == "serve" else short_greeting(role, http, smtp))

    run(role, configuration, greet)


def _started(config: Path | None, log_level: str | None) -> "Configuration":
    from ..logs import level_named, start_logging

    configuration = configured(config)
    start_logging(level_named(log_level, os.environ))
    return configuration
