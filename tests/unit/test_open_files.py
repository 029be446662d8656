"""Caps on connections are fitted to the files that a process may open, and the log says so."""

import resource
import subprocess
import sys

import pytest
from structlog.testing import capture_logs

from trunkline.gateway.open_files import RESERVE, WEB_SHARE, OpenFiles


@pytest.mark.parametrize("limit", [64, 256, 1024, 4096, 20_000])
def test_all_connections_together_leave_the_reserve(limit: int) -> None:
    files = OpenFiles(limit)
    with capture_logs() as lines:
        together = files.fit(20_000, "listen.connections", WEB_SHARE) + files.fit(
            9_000, "channels.mail.caps.connections"
        )
    assert 0 < together <= limit - min(RESERVE, limit // 2)
    assert [(line["action"], line["setting"]) for line in lines] == [
        ("connections_fitted", "listen.connections"),
        ("connections_fitted", "channels.mail.caps.connections"),
    ]


def test_the_remedy_that_is_named_is_enough() -> None:
    with capture_logs() as lines:
        OpenFiles(1024).fit(20_000, "listen.connections", WEB_SHARE)
    enough = int(lines[0]["remedy"].partition("LimitNOFILE=")[2].split()[0])
    with capture_logs() as lines:
        assert OpenFiles(enough).fit(20_000, "listen.connections", WEB_SHARE) == 20_000
        assert OpenFiles(resource.RLIM_INFINITY).fit(20_000, "listen.connections") == 20_000
    assert lines == []


def test_the_limit_is_first_raised_as_far_as_the_system_lets_us() -> None:
    program = (
        "import resource; from trunkline.gateway.open_files import take_all_files;"
        "resource.setrlimit(resource.RLIMIT_NOFILE, (100, 700)); take_all_files();"
        "print(resource.getrlimit(resource.RLIMIT_NOFILE))"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert said.strip() == "(700, 700)"
