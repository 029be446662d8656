"""How this program was started, for commands that people are told to type.

It is `trunkline` when PATH leads to this very program, else the path by which it was started, such as
`.venv/bin/trunkline` after `make run`. A command that would not find the configuration by itself gets `--config`, and
one that would look into another data folder gets that.
"""

import shlex
import shutil
import sys
from pathlib import Path

from ..configuration import Configuration, place_of

NAME = "trunkline"


def program() -> str:
    """What to type to start it again."""
    started = Path(sys.argv[0])
    if started.name != NAME or not started.exists():
        return NAME
    found = shutil.which(NAME)
    return NAME if found and started.samefile(found) else shlex.quote(near(started))


def command(words: str, configuration: Configuration) -> str:
    """A whole command, for another terminal in the same folder."""
    read = configuration.path
    option = "" if read.absolute() == place_of(None, {}).absolute() else f" --config {shlex.quote(near(read))}"
    data = configuration.environ.get("TRUNKLINE_DATA")
    return f"{f'TRUNKLINE_DATA={shlex.quote(data)} ' if data else ''}{program()} {words}{option}"


def near(path: Path) -> str:
    """The path from here, if it lies below."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)
