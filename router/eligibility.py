"""Who may have a ticket by what the configuration says: membership of the queue, required skills, language."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import Field

from ..config.desk_settings import AgentSettings
from ..config.settings import Settings
from ..normalizer.envelope import Record
from .records import json_bytes

KINDS = 10_000  # of tickets whose candidates are remembered

_SKILL = re.compile(r"(?P<name>.+?)(?:@(?P<level>[1-5]))?\Z", re.DOTALL)


class Candidate(Record):
    """An agent who may have a ticket."""

    agent: str
    speaks: bool = Field(description="Whether they answer in the ticket's language; true when it is not known.")
    preferred: int = Field(default=0, description="Levels of the preferred skills, added up.")


def has_skill(agent: AgentSettings, wanted: str) -> int:
    """The agent's level of a skill, 0 when it is below what is asked: `billing@3` asks for level 3."""
    match = _SKILL.match(wanted)
    assert match is not None
    level = agent.skills.get(match["name"], 0)
    return level if level >= int(match["level"] or 1) else 0


def tokens(agent: AgentSettings) -> list[str]:
    """What tickets can ask of an agent, in order: queues, languages, and skills at each level up to theirs."""
    levels = ((name, level) for name, most in agent.skills.items() for level in range(1, most + 1))
    return sorted(
        {f"queue:{queue}" for queue in agent.queues}
        | {f"language:{language}" for language in agent.languages}
        | {f"skill:{name}@{level}" for name, level in levels}
    )


def is_eligible(agent: AgentSettings, queue: str, required: Sequence[str]) -> bool:
    """A member of the queue with all required skills."""
    return queue in agent.queues and all(has_skill(agent, skill) for skill in required)


@dataclass(frozen=True)
class Candidates:
    """Everybody who may have a ticket, and the same as the scripts take it."""

    json: bytes
    agents: frozenset[str]
    mixed: bool  # speakers of the ticket's language and others: only then waiting for a speaker means something


class CandidateLists:
    """The candidates of one configuration, worked out once for each kind of ticket."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._known: dict[tuple[object, ...], Candidates] = {}

    def of(self, queue: str, language: str, required: Sequence[str], preferred: Sequence[str]) -> Candidates:
        """Who may have a ticket of this kind."""
        kind = (queue, language, tuple(required), tuple(preferred))
        if kind not in self._known:
            if len(self._known) >= KINDS:
                self._known.clear()
            able = candidates(self._settings, queue, language=language, required=required, preferred=preferred)
            self._known[kind] = Candidates(
                json_bytes(able), frozenset(each.agent for each in able), len({each.speaks for each in able}) > 1
            )
        return self._known[kind]


def candidates(
    settings: Settings, queue: str, *, language: str, required: Sequence[str], preferred: Sequence[str]
) -> list[Candidate]:
    """Everybody who may have a ticket of this queue, by id."""
    agents: Mapping[str, AgentSettings] = settings.agents
    return [
        Candidate(
            agent=id_,
            speaks=language == "unknown" or language in agent.languages,
            preferred=sum(has_skill(agent, skill) for skill in preferred),
        )
        for id_, agent in sorted(agents.items())
        if is_eligible(agent, queue, required)
    ]
