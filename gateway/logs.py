"""The log: one JSON object a line, with a time, a level, a sentence (`event`), a name for machines (`action`) and ids.

Long-running roles write it to the standard output and keep the error output for people; commands write it to the error
output, because their results stand on the standard output. Whatever other libraries log takes the same way. No line
carries personal text (redaction.py). When nobody takes the lines any more (a closed pipe, a full disk), the gateway
goes on without a log rather than ending. The level is `--log-level`, else TRUNKLINE_LOG_LEVEL, else info.
"""

import logging
import sys
from collections.abc import Mapping
from contextlib import suppress
from typing import TextIO, cast

import structlog
from structlog.typing import Processor

from ..config.errors import Misconfigured
from .redaction import redact, trace_exceptions

LEVEL_VARIABLE = "TRUNKLINE_LOG_LEVEL"
LEVELS = ("debug", "info", "warning", "error", "critical")

# Libraries say at INFO what concerns nobody here, some of it with people's addresses in it.
_LIBRARIES_LEVEL = logging.WARNING


def level_named(asked: str | None, environ: Mapping[str, str]) -> str:
    """The level to log at. Raises Misconfigured."""
    level = (asked or environ.get(LEVEL_VARIABLE, "") or "info").lower()
    if level not in LEVELS:
        raise Misconfigured(f"{LEVEL_VARIABLE}: found {level!r}, expected one of {', '.join(LEVELS)}")
    return level


def start_logging(level: str, stream: TextIO | None = None) -> None:
    """From now on everything is logged as JSON to this stream; the standard output when none is named."""
    number = logging.getLevelNamesMapping()[level.upper()]
    target = cast("TextIO", _Unbreakable(stream or sys.stdout))
    own: list[Processor] = [structlog.contextvars.merge_contextvars, structlog.stdlib.add_log_level, _time()]
    ending: list[Processor] = [trace_exceptions, redact, structlog.processors.JSONRenderer(ensure_ascii=False)]
    structlog.configure(
        processors=[*own, *ending],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.WriteLoggerFactory(file=target),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(target)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*own, structlog.stdlib.add_logger_name],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *ending],
        )
    )
    logging.root.handlers[:] = [handler]
    logging.root.setLevel(max(number, _LIBRARIES_LEVEL))


class _Unbreakable:
    """A stream that loses what it cannot write."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        with suppress(OSError, ValueError):  # ValueError: the stream is closed
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        with suppress(OSError, ValueError):
            self._stream.flush()


def _time() -> Processor:
    return structlog.processors.TimeStamper(fmt="iso", utc=True, key="time")
