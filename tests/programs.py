"""What some tests need of the machine beside Python: found, or the test is skipped and says what is missing.

`.ci/run` installs everything, so where CI=true nothing may be missing: there the test fails. Programs are looked for on
PATH only: a PATH without one, or a FONTCONFIG_FILE without fonts, shows how the tests do on a machine that lacks it.
"""

import os
import shutil
from typing import NoReturn

import pytest


def program(*names: str) -> str:
    """The path of the first of these programs that is installed."""
    found = next(filter(None, map(shutil.which, names)), None)
    return found or missing(f"{' or '.join(names)} is not installed")


def missing(reason: str) -> NoReturn:
    """This cannot be tried here."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{reason}; .ci/run installs it")
    pytest.skip(reason)
