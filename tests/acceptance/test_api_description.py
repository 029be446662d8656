"""The served description of the API holds: schemathesis tries every operation of a running gateway, from outside."""

import asyncio
import sys

import pytest

from .conftest import Running

pytestmark = pytest.mark.asyncio(loop_scope="module")

# RFC 6585 has a status of its own for a missing If-Match. A revision, an agent, a queue or a file drawn at random is
# not there, so a 404 may be about the agent and not about the ticket; and sizes drawn at random are too much together.
# tests/integration tries the same operations longer, on records that are there.
EXPECTATIONS = """
[[operations]]
include-method = "PATCH"
checks.positive_data_acceptance.expected-statuses = ["2xx", "404", "409", "412", "422"]
checks.missing_required_header.expected-statuses = ["404", "428"]

[[operations]]
include-path-regex = "/v1/tickets/[^/]*/(accept|decline|release|assign|messages)"
checks.ensure_resource_availability.enabled = false

[[operations]]
include-path = "/v1/tickets/{id}/messages"
checks.positive_data_acceptance.expected-statuses = ["2xx", "403", "404", "409", "410", "422"]
"""


@pytest.mark.timeout(400)
async def test_schemathesis_finds_nothing(running: Running) -> None:
    made = await running.gateway.run("token", "create", "everything", "--scope", "admin", "--agent", "ada")
    for number in range(5):
        new = {"text": f"case {number}", "email": f"customer{number}@example.org", "subject": f"Case {number}"}
        await running.api.do("POST", "/v1/tickets", new)
    (running.gateway.folder / "schemathesis.toml").write_text(EXPECTATIONS)
    words = ("run", f"{running.gateway.url}/v1/openapi.json", "-H", f"Authorization: Bearer {made.said[-1]}")
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "schemathesis.cli", *words, "-n", "5", "--seed", "1", "--no-shrink"),
        cwd=running.gateway.folder,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    assert process.returncode == 0, output.decode()
    assert len(await running.api.tickets()) > 5
