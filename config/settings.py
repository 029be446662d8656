"""The settings: the whole configuration as one frozen record.

`loader.load` reads it from YAML and the environment. `version` is a short hash of what is in force; every decision
names it. `where` says in which line of the file a setting stands, for complaints that are found out later.

Channels declare their own sections. Their models are handed in, because this folder knows no channel; `settings_model`
makes the complete model, from which the published JSON Schema comes as well.
"""

import hashlib
from collections.abc import Mapping
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal, Self, cast

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    SerializeAsAny,
    create_model,
    model_validator,
)
from typing_extensions import TypedDict

from .calendars import CalendarSettings
from .canned_replies import CannedReplies
from .desk_settings import (
    AcknowledgementSettings,
    AgentSettings,
    AttachmentSettings,
    PresenceSettings,
    QueueSettings,
    SenderSettings,
)
from .engine_settings import DedupSettings, DurabilitySettings, EngineSettings, ListenSettings, RedisSettings
from .field_settings import FieldsByName, OwnFields
from .fields import Name
from .handling_settings import HandlingSettings
from .memberships import with_team_queues
from .positions import Positions
from .problems import Position
from .quantities import Duration, at_most
from .rule_settings import RuleSettings
from .rule_test_settings import RuleTestSettings
from .section import Section
from .sign_in_settings import SignInSettings
from .sla_settings import SlaSettings
from .slack_desk_settings import DeskSettings
from .stages import ByStage, flat_rules
from .team_settings import Teams
from .trigger_settings import Macros, TriggerSettings
from .webhook_settings import WebhookSettings

_HANDLING = HandlingSettings()
_CHANNELS = "The channels that are served, each with its own settings."


class Settings(Section):
    """The configuration of one gateway."""

    workspace: Name = Field(default="main", description="Names all keys in the engine; one engine can hold several.")
    data: Path = Field(
        default=Path("data"), description="The folder for everything that is kept; relative to the working directory."
    )
    erasure_ledger: Path | None = Field(
        default=None,
        description="The folder in which it is written who was erased, so that restoring a backup brings nobody back; "
        "left out, `erased` in the data folder. Name another disk to have it survive the data folder.",
    )
    listen: ListenSettings = Field(default=ListenSettings(), description="The addresses that are listened on.")
    redis: RedisSettings = Field(
        default=RedisSettings(), description="An engine of your own; left out, an embedded one."
    )
    durability: DurabilitySettings = Field(
        default=DurabilitySettings(), description="What the engine must promise before anything is acknowledged."
    )
    engine: EngineSettings = Field(default=EngineSettings(), description="The embedded engine, and when it is full.")
    dedup: DedupSettings = Field(default=DedupSettings(), description="How repeated deliveries are recognised.")
    channels: Mapping[str, SerializeAsAny[BaseModel]] = Field(default_factory=dict, description=_CHANNELS)
    queues: Mapping[Name, QueueSettings] = Field(min_length=1, description="The queues, by name; one is the fallback.")
    agents: Mapping[Name, AgentSettings] = Field(default_factory=dict, description="The agents, by id.")
    sign_in: SignInSettings | None = Field(
        default=None, description="Signing in to the desk's pages by OpenID Connect, beside tokens."
    )
    desk: DeskSettings = Field(
        default=DeskSettings(), description="Where agents work besides the desk's pages and the API."
    )
    teams: Teams = Field(
        default_factory=dict, description="Who works in which queues together, and who leads there, by name."
    )
    handling: Mapping[str, HandlingSettings] = Field(
        default_factory=dict, description="What a ticket takes of the agent who has it in hand, by channel."
    )
    calendars: Mapping[Name, CalendarSettings] = Field(default_factory=dict, description="Business hours, by name.")
    sla: tuple[SlaSettings, ...] = Field(
        default=(), description="What customers are promised: policies, of which the first that fits a ticket holds."
    )
    webhooks: Mapping[Name, WebhookSettings] = Field(
        default_factory=dict, description="Addresses of other systems that are told things, signed, by name."
    )
    customer_fields: FieldsByName = Field(
        default_factory=dict, description="Fields of your own that every customer's record has, by name."
    )
    ticket_fields: FieldsByName = Field(
        default_factory=dict, description="Fields of your own that every ticket has, by name."
    )
    rules: Annotated[tuple[RuleSettings, ...], BeforeValidator(flat_rules), ByStage] = Field(
        default=(),
        description="Tried in this order; the first that matches decides. A mapping names stages, each with its rules: "
        "a match ends its stage, and the next stage begins.",
    )
    rule_tests: tuple[RuleTestSettings, ...] = Field(
        default=(), description="Messages and what the rules together must decide for them."
    )
    triggers: tuple[TriggerSettings, ...] = Field(
        default=(), description="What is done with tickets when something happens to them, or when time goes by."
    )
    macros: Macros = Field(default_factory=dict, description="Steps that agents take with one click, by name.")
    senders: SenderSettings = Field(default=SenderSettings(), description="How much one sender may cause by mail.")
    acknowledgement: AcknowledgementSettings = Field(
        default=AcknowledgementSettings(), description="The automatic answer with the case number."
    )
    attachments: AttachmentSettings = Field(
        default=AttachmentSettings(), description="The files that come and go with messages."
    )
    deleted_messages: Literal["keep", "erase"] = Field(
        default="keep",
        description="What becomes of a message that its writer deletes where they wrote it: it is marked as deleted "
        "and agents still see the text (keep), or text and files go (erase).",
    )
    undo: Mapping[str, Annotated[Duration, at_most("10min")]] = Field(
        default_factory=dict,
        description="How long a reply from the desk page can be taken back before it leaves, by channel; left out, 2s "
        "for chat and calls and 10s otherwise.",
    )
    presence: PresenceSettings = Field(
        default=PresenceSettings(), description="When an agent who is not heard of is taken for offline."
    )
    canned_replies: CannedReplies = Field(
        default_factory=dict, description="Texts that agents call up by name while they write, by language."
    )
    templates: Path | None = Field(
        default=None,
        description="A folder with message templates of your own, which replace the built-in ones of the same name; "
        "relative to the working directory.",
    )

    @model_validator(mode="after")
    def _through_teams(self) -> Self:
        """Members of teams serve the teams' queues, wherever it is asked who serves a queue."""
        self.__dict__["agents"] = with_team_queues(self.agents, self.teams)
        return self

    _positions: Positions = PrivateAttr(default_factory=lambda: Positions("settings"))

    @cached_property
    def version(self) -> str:
        """A short hash of what is in force."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:12]

    @property
    def kept(self) -> str:
        """What differs from the defaults as JSON, from which `model_validate_json` makes the same again."""
        return self.model_dump_json(by_alias=True, exclude_defaults=True)

    @cached_property
    def agent_names(self) -> Mapping[str, str]:
        """What each agent is called, by id."""
        return {id_: agent.name for id_, agent in self.agents.items()}

    @property
    def is_governed(self) -> bool:
        """Whether roles hold: somebody has one, or there is a team. Else every agent does everything."""
        groups = self.sign_in is not None and bool(self.sign_in.groups)
        return groups or bool(self.teams) or any(agent.role for agent in self.agents.values())

    @property
    def own_fields(self) -> OwnFields:
        """The fields that customers and tickets have besides those of every desk."""
        return OwnFields(self.customer_fields, self.ticket_fields)

    @property
    def fallback_queue(self) -> str:
        """The queue that takes what no rule has placed."""
        return next(name for name, queue in self.queues.items() if queue.fallback)

    def home_of(self, queue: str) -> str:
        """Where the tickets of a queue stand: there, or in the one that had its name before, or in the fallback."""
        if queue in self.queues:
            return queue
        return next((name for name, each in self.queues.items() if queue in each.formerly), self.fallback_queue)

    def weight(self, channel: str) -> int:
        """How much capacity one ticket of this channel takes."""
        return self.handled(channel).weight

    def handled(self, channel: str) -> HandlingSettings:
        """What a ticket of this channel takes of its agent."""
        return self.handling.get(channel, _HANDLING)

    def where(self, *path: str | int) -> Position:
        """Where this setting stands in the file; where it would stand, if it is not there."""
        return self._positions.of(path)

    def located(self, positions: Positions) -> "Settings":
        """The same settings, knowing where they stand."""
        self._positions = positions
        return self


def settings_model(channels: Mapping[str, type[BaseModel]]) -> type[Settings]:
    """The complete model, with the sections of these channels."""
    return _model(tuple(channels.items()))


@lru_cache(maxsize=8)
def _model(channels: tuple[tuple[str, type[BaseModel]], ...]) -> type[Settings]:
    sections = cast("Any", TypedDict)("Channels", dict(channels), total=False)
    sections.__pydantic_config__ = ConfigDict(extra="forbid")
    section: Any = (sections, Field(default_factory=dict, description=_CHANNELS))
    return create_model("Settings", __base__=Settings, __doc__=Settings.__doc__, channels=section)
