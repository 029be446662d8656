"""What customers and agents say, by language: the files in languages/, each a language.

    topics:
      delivery:                             what it is about
        words: [parcel]                     by which the topic of a stranger's message is guessed
        scenarios:
          - subject: Where is my parcel?    what somebody writes first, by mail and form …
            mail: …
            chat: [one line, another]       … and in the chat, a few lines one after the other
            answer: …                       what the agent answers
            then:                           how the customer can go on, and so on
              - { say: …, answer: … }

`{order}` and `{amount}` are numbers of the case; the agents fill in those that the customer has named.
"""

from functools import lru_cache
from pathlib import Path

import yaml

from .people import FromFile

FOLDER = Path(__file__).with_name("languages")
ENGLISH = "en"


class Turn(FromFile):
    """What the customer says next, and what is answered to it."""

    say: str
    answer: str
    then: tuple["Turn", ...] = ()


class Scenario(FromFile):
    """A reason to write, and the conversation that can come of it."""

    subject: str
    mail: str
    chat: tuple[str, ...]
    answer: str
    then: tuple[Turn, ...] = ()


class Topic(FromFile):
    """What a conversation is about."""

    words: tuple[str, ...]
    scenarios: tuple[Scenario, ...]


class MailManners(FromFile):
    """How mails begin and end in this language."""

    greetings: tuple[str, ...]
    closings: tuple[str, ...]
    attribution: str
    phone: str


class ChatManners(FromFile):
    """What is said in every chat."""

    greetings: tuple[str, ...]
    waiting: tuple[str, ...]
    leaving: tuple[str, ...]
    address: str
    file: str


class AgentManners(FromFile):
    """What every agent says."""

    mail: str
    hello: str
    welcome: tuple[str, ...]
    sorry: str
    generic: tuple[str, ...]


class Talk(FromFile):
    """Everything that is said in one language."""

    mail: MailManners
    chat: ChatManners
    thanks: tuple[str, ...]
    angry: tuple[str, ...]
    agent: AgentManners
    topics: dict[str, Topic]


def languages() -> tuple[str, ...]:
    """The languages of the demo."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.yaml")))


@lru_cache(maxsize=32)
def talk_in(language: str) -> Talk:
    """What is said in this language; in English where there is nothing in it. Read once."""
    path = FOLDER / f"{language if language in languages() else ENGLISH}.yaml"
    return Talk.model_validate(yaml.safe_load(path.read_text("utf-8")))
