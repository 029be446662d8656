"""The adapters that keep the contract of `adapters/contract.py`, each with the other end of its channel.

Every channel of gateway/channels.py is tried, and the template. A channel joins with a file `<its name>_subject.py`
beside this one, in which `SUBJECT` is a class like `MailSubject`; further ones of a channel, for its vendor's other
products, are `<its name>__<which>_subject.py`. The cases are the same for all.
"""

import logging
import tempfile
from collections.abc import AsyncIterator, Iterator
from importlib import import_module
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from trunkline.adapters.skeleton import CARD
from trunkline.gateway.channels import CARDS

from ..dovecot import Dovecot
from .subject import Subject

ENDING = "_subject"
ALL = CARDS | {CARD.name: CARD}
SUBJECTS: dict[str, type[Subject]] = {
    path.stem.removesuffix(ENDING): import_module(f".{path.stem}", __package__).SUBJECT
    for path in Path(__file__).parent.glob(f"*{ENDING}.py")
}


def made_of(request: pytest.FixtureRequest) -> Subject:
    """The adapter of this name, not yet open."""
    made = SUBJECTS[request.param]()
    made.card = ALL[request.param.partition("__")[0]]
    made.given = {name: request.getfixturevalue(name) for name in made.needs}
    return made


@pytest.fixture(scope="session")
def dovecot() -> Iterator[Dovecot]:
    """A server with an empty mailbox; whoever has it empties it first."""
    with tempfile.TemporaryDirectory(prefix="dovecot", ignore_cleanup_errors=True) as folder:
        server = Dovecot(Path(folder))
        server.start()
        yield server
        server.kill()


@pytest.fixture(params=sorted({*ALL, *SUBJECTS}))
async def subject(request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture) -> AsyncIterator[Subject]:
    """Each adapter in turn, not yet started. Whatever is tried, no log has a secret of its or what was said."""
    made = made_of(request)
    caplog.set_level(logging.DEBUG)
    with capture_logs() as lines:
        await made.open()
        yield made
        await made.close()
    logs = f"{lines!r}{caplog.text}"
    assert [each for each in (*made.secrets, "It does not work.", "It works again.") if each in logs] == []
