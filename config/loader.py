"""Reads the configuration: YAML, overridden from the environment, checked as a whole.

Everything that is wrong is told at once, in one `Misconfigured`, a line each:

    trunkline.yaml:14:17: found "5 minuts", expected a duration such as 30s, 5min, 1h30min or 35d; …
    TRUNKLINE_LISTEN__HTTP: found "8080", expected host:port such as 127.0.0.1:8080 or [::1]:8080; …

Only a file that is not YAML at all is told by its first mistake. Message templates of the operator's own are checked
along. Secrets in the file are refused; they come from the environment or from files of their own (`secret_store.py`).
Loading has no effect but reading; on a reload the running settings stay when the new ones are wrong.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from pydantic import BaseModel, ValidationError

from . import environment, message_templates
from .error_messages import complaints, nothings, secret_problem
from .positions import Document, everything, read
from .problems import Position, Problem, misconfigured
from .references import dangling
from .schema import SchemaGuide
from .schema import guide as schema_guide
from .settings import Settings, settings_model
from .sla_checks import impossible_promises
from .stages import flatten

_SECRET_VALUE = re.compile(r"\A(whsec_|whpk_|xox[abeprs]-|xapp-)\S{8}|://[^/@\s]*:[^/@\s]+@")


def load(path: Path | str, channels: Mapping[str, type[BaseModel]], environ: Mapping[str, str]) -> Settings:
    """The settings in this file and environment. Raises Misconfigured with everything that is wrong."""
    return loads(_text(Path(path)), str(path), channels, environ)


def loads(text: str, source: str, channels: Mapping[str, type[BaseModel]], environ: Mapping[str, str]) -> Settings:
    """The same for a text that has been read; `source` names it in complaints."""
    guide = schema_guide(channels)
    document = read(text, source)
    if document.problems and not document.positions.keys:
        raise misconfigured(document.problems)
    flatten(document)
    secrets = list(_secrets(document))
    environment.apply(document, environ, guide)
    settings, problems = _validated(document, channels, guide)
    problems = [*document.problems, *secrets, *nothings(document, guide), *dangling(document, channels), *problems]
    if settings is not None and settings.templates is not None:
        problems += message_templates.check(settings.templates)
    if settings is not None:
        problems += impossible_promises(settings, document)
    if settings is None or problems:
        raise misconfigured(_first_at_each_place(problems))
    return settings.located(document.positions)


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = error.object[: error.start]
        line = before.count(b"\n") + 1
        column = len(before) - before.rfind(b"\n")
        at = Position(str(path), line, column)
        problem = Problem(at, "bytes that are not UTF-8", "UTF-8", "save the file as UTF-8")
    except OSError as error:
        found = (error.strerror or "nothing that can be read").lower()
        remedy = "name one with --config or TRUNKLINE_CONFIG"
        problem = Problem(Position(str(path)), found, "a configuration file", remedy)
    raise misconfigured([problem])


def _validated(
    document: Document, channels: Mapping[str, type[BaseModel]], guide: SchemaGuide
) -> tuple[Settings | None, list[Problem]]:
    try:
        return settings_model(channels).model_validate(document.data), []
    except ValidationError as error:
        return None, list(complaints(error, document, guide))


def _secrets(document: Document) -> Iterator[Problem]:
    for path, value in everything(document.data):
        if isinstance(value, str) and _SECRET_VALUE.search(value):
            yield secret_problem(path, document)


def _first_at_each_place(problems: list[Problem]) -> Iterator[Problem]:
    """One complaint for one place: the first, which is the most telling."""
    seen: set[tuple[Position, str]] = set()
    for problem in problems:
        about = problem.found if problem.found.startswith("no ") else ""
        if (problem.position, about) not in seen:
            seen.add((problem.position, about))
            yield problem
