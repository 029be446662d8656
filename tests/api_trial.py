"""Schemathesis tries every operation that an API describes, and finds nothing that differs from the description."""

import asyncio
import sys
from pathlib import Path

# RFC 6585 has a status of its own for a missing If-Match. A revision, an agent, a queue, a field or a file drawn at
# random is not there, so a 404 may be about the agent and not about the ticket; and sizes drawn at random are too much
# together.
EXPECTATIONS = """
[[operations]]
include-method = "PATCH"
checks.positive_data_acceptance.expected-statuses = ["2xx", "404", "409", "412", "422"]
checks.missing_required_header.expected-statuses = ["404", "428"]

[[operations]]
include-path-regex = "/v1/tickets/[^/]*/(merge|unmerge|split)"
checks.positive_data_acceptance.expected-statuses = ["2xx", "404", "409", "412", "422"]
checks.missing_required_header.expected-statuses = ["404", "428"]

[[operations]]
include-path-regex = "/v1/(customers|tickets)/[^/]*/(merge|part|keep-apart|reopen)"
checks.ensure_resource_availability.enabled = false  # the other one of the body need not be there

[[operations]]
include-name = "POST /v1/customers/{id}/erase"
checks.positive_data_acceptance.expected-statuses = ["2xx", "404", "409", "422"]

[[operations]]
include-name = "POST /v1/customers"
checks.positive_data_acceptance.expected-statuses = ["2xx", "409", "422"]

[[operations]]
include-path-regex = "/v1/tickets/[^/]*/(accept|decline|release|assign|messages|proof)"
checks.ensure_resource_availability.enabled = false

[[operations]]
include-path = "/v1/tickets/{id}/messages"
checks.positive_data_acceptance.expected-statuses = ["2xx", "403", "404", "409", "410", "412", "422"]
"""


async def nothing_is_found(base: str, token: str, folder: Path, *, examples: int, known: str = "") -> None:
    """Try so many examples of each operation; `known` names records that are there, as further expectations."""
    (folder / "schemathesis.toml").write_text(EXPECTATIONS + known)
    words = ("run", f"{base}/v1/openapi.json", "-H", f"Authorization: Bearer {token}", "-n", str(examples))
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "schemathesis.cli", *words, "--seed", "1", "--no-shrink"),
        cwd=folder,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    assert process.returncode == 0, output.decode()
