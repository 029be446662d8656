"""The served description of the API holds: schemathesis tries every operation of a running gateway, from outside.

tests/integration tries the same operations longer, on records that are there.
"""

import pytest

from ..api_trial import nothing_is_found
from .conftest import Running

pytestmark = [pytest.mark.long, pytest.mark.asyncio(loop_scope="session")]


@pytest.mark.timeout(400)
async def test_schemathesis_finds_nothing(running: Running) -> None:
    made = await running.gateway.run("token", "create", "everything", "--scope", "admin", "--agent", "ada")
    for number in range(5):
        new = {"text": f"case {number}", "email": f"customer{number}@example.org", "subject": f"Case {number}"}
        await running.api.do("POST", "/v1/tickets", new)
    await nothing_is_found(running.gateway.url, made.said[-1], running.gateway.folder, examples=5)
    assert len(await running.api.tickets()) > 5
