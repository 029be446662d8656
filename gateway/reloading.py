"""Reloading on SIGHUP: the configuration is read again and takes effect as a whole, or not at all.

What `trunkline check` finds wrong is refused, by the same function: every mistake goes to the log, and the running one
stays. What decisions are made by can change while running: queues, agents, teams, handling, calendars, promises, rules,
triggers, macros, canned replies, templates, the acknowledgement, how long a reply can be taken back. What the process
itself is made of (listeners, engine, data folder, channels) needs a restart, but for what a channel's card calls
changeable, such as the addresses of mail; a configuration that changes it is refused, naming every such setting, so
that nobody believes in a half.
"""

import asyncio
import signal
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import structlog

from ..config.errors import Misconfigured, Temporary
from ..config.settings import Settings
from ..router.policy import CurrentPolicy, Policy
from .channels import CARDS, policy_of
from .checking import check_settings
from .configuration import Configuration
from .shutdown import nothing_to_reload

log = structlog.get_logger()

AGAIN_SECONDS = 2.0  # what the engine has not heard of is told again

CHANGEABLE = frozenset(
    {
        "queues",
        "agents",
        "teams",
        "handling",
        "calendars",
        "sla",
        "rules",
        "rule_tests",
        "triggers",
        "macros",
        "canned_replies",
        "templates",
        "acknowledgement",
        "undo",
        "presence",
    }
)


class Reloading:
    """A service that reads the configuration again when it is told to; one reload at a time.

    `put_in_force` swaps the policy; `make_known` then tells the engine of it, where that is this role's task, and is
    repeated until the engine has heard.
    """

    def __init__(
        self,
        configuration: Configuration,
        policy: CurrentPolicy,
        put_in_force: Callable[[Policy], None],
        make_known: Callable[[], Awaitable[None]] | None,
        *,
        again_seconds: float = AGAIN_SECONDS,
    ) -> None:
        self._configuration = configuration
        self._policy = policy
        self._put_in_force = put_in_force
        self._make_known = make_known
        self._again_seconds = again_seconds
        self._asked = asyncio.Event()
        self._unheard = False
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """From now on SIGHUP means this."""
        if self._task is None:
            loop = asyncio.get_running_loop()
            loop.add_signal_handler(signal.SIGHUP, self._asked.set)
            self._task = loop.create_task(self._reload_when_asked(), name="reload")

    async def stop(self) -> None:
        """SIGHUP means nothing any more."""
        if self._task is not None:
            asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, nothing_to_reload)
            self._task.cancel()
            await asyncio.wait({self._task})
            self._task = None

    async def reload(self) -> bool:
        """Whether the new configuration was taken."""
        before = self._policy().settings.version
        try:
            policy = self._read()
        except Misconfigured as error:
            log.error(
                "the new configuration is refused; the running one stays",
                action="reload_refused",
                config=before,
                problems=error.detail.splitlines(),
            )
            return False
        self._put_in_force(policy)
        log.warning("the new configuration is in force", action="reloaded", config=policy.settings.version, was=before)
        await self._publish()
        return True

    async def _reload_when_asked(self) -> None:
        while True:
            try:
                if await self._is_asked():
                    await self.reload()
                else:
                    await self._publish()
            except Exception:
                log.exception("reloading failed; the running configuration stays", action="reload_failed")

    async def _is_asked(self) -> bool:
        """Waits until it is; False when it is time to publish again."""
        try:
            async with asyncio.timeout(self._again_seconds if self._unheard else None):
                await self._asked.wait()
        except TimeoutError:
            return False
        self._asked.clear()
        return True

    async def _publish(self) -> None:
        if self._make_known is None:
            return
        self._unheard = True
        try:
            await self._make_known()
        except Temporary as error:
            log.error("capacities are not published yet; trying again", action="reload_half", error=error.detail)
        else:
            self._unheard = False

    def _read(self) -> Policy:
        settings = self._configuration.again().settings
        fixed = changed_for_good(self._configuration.settings, settings)
        if fixed:
            raise Misconfigured(f"{', '.join(fixed)}: a change of this needs a restart")
        checked = check_settings(settings)
        if checked.wrong:
            raise Misconfigured("\n".join(map(str, checked.errors)))
        return policy_of(settings)


def changed_for_good(before: Settings, after: Settings) -> list[str]:
    """The settings that differ and that only a restart can change, by their paths: `channels.mail.name`."""
    old, new = (
        settings.model_dump(mode="json", by_alias=True, exclude=set(CHANGEABLE)) for settings in (before, after)
    )
    for name, card in CARDS.items():
        for sections in (old["channels"], new["channels"]):
            for taken in card.changeable & set(sections.get(name) or ()):
                sections[name].pop(taken)
    return list(_differences(old, new, ()))


def _differences(old: Any, new: Any, path: tuple[str, ...]) -> Iterator[str]:
    if isinstance(old, dict) and isinstance(new, dict):
        for name in dict.fromkeys([*old, *new]):
            yield from _differences(old.get(name), new.get(name), (*path, name))
    elif old != new:
        yield ".".join(path)
