"""Instants as people read them: UTC, to the second."""

from datetime import UTC, datetime


def moment(milliseconds: int | None) -> str:
    """`2026-11-22 06:31:24`; empty for none."""
    if milliseconds is None:
        return ""
    return f"{datetime.fromtimestamp(milliseconds / 1000, UTC):%Y-%m-%d %H:%M:%S}"


def hour(milliseconds: int) -> str:
    """`06:31:24`."""
    return f"{datetime.fromtimestamp(milliseconds / 1000, UTC):%H:%M:%S}"
