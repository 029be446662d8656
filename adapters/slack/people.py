"""Who the members are that wrote: name, e-mail address and workspace, asked of Slack (`users.info`) and remembered.

It is asked before a message is stored, because reading one asks nobody, and never long: Slack waits three seconds for
our answer. Who is not known in time, or at all, is filed without a name; the answer is remembered all the same, and
the next message has it. While Slack asks for a pause nobody is looked up. What is known is asked again after a day.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ...config.errors import Temporary, TrunklineError
from ...web.slack_api import SlackApi

PATIENCE_SECONDS = 1.0
KEPT_SECONDS = 86_400.0
MOST_KEPT = 20_000
MOST_AT_ONCE = 20
PAUSE_SECONDS = 30.0

_Facts = Mapping[str, str]


@dataclass(frozen=True)
class _Known:
    facts: _Facts
    until: float


class People:
    """The members whom one app can see."""

    def __init__(
        self, api: SlackApi, *, patience: float = PATIENCE_SECONDS, clock: Callable[[], float] | None = None
    ) -> None:
        self._api = api
        self._patience = patience
        self._clock = clock
        self._known: OrderedDict[str, _Known] = OrderedDict()
        self._asked: dict[str, asyncio.Task[_Facts]] = {}
        self._silent_until = 0.0

    async def of(self, users: list[str]) -> Mapping[str, _Facts]:
        """What is known of them by now, by id: `name`, `email`, `team` as far as Slack tells. Never raises."""
        waits: list[Awaitable[_Facts]] = [task for each in users if (task := self._task(each)) is not None]
        if waits:
            await asyncio.wait(waits, timeout=self._patience)  # type: ignore[type-var]
        return {each: self._known[each].facts for each in users if each in self._known}

    async def close(self) -> None:
        """Break off."""
        for task in [*self._asked.values()]:
            task.cancel()
        await asyncio.gather(*self._asked.values(), return_exceptions=True)

    def _now(self) -> float:
        return self._clock() if self._clock is not None else asyncio.get_running_loop().time()

    def _task(self, user: str) -> "asyncio.Task[_Facts] | None":
        known, now = self._known.get(user), self._now()
        if known is not None and known.until > now:
            return None
        task = self._asked.get(user)
        if task is None and now >= self._silent_until and len(self._asked) < MOST_AT_ONCE:
            task = self._asked[user] = asyncio.create_task(self._ask(user))
            task.add_done_callback(lambda _: self._asked.pop(user, None))
        return task

    async def _ask(self, user: str) -> _Facts:
        try:
            answer = await self._api.call("users.info", {"user": user}, repeatable=True)
        except Temporary as error:
            self._silent_until = self._now() + max(error.retry_after, PAUSE_SECONDS)
            return {}
        except TrunklineError:
            return self._keep(user, {})
        return self._keep(user, _facts(answer.get("user")))

    def _keep(self, user: str, facts: _Facts) -> _Facts:
        self._known[user] = _Known(facts, self._now() + KEPT_SECONDS)
        self._known.move_to_end(user)
        while len(self._known) > MOST_KEPT:
            self._known.popitem(last=False)
        return facts


def _facts(user: Any) -> _Facts:
    if not isinstance(user, dict):
        return {}
    profile = user.get("profile")
    profile = profile if isinstance(profile, dict) else {}
    name = profile.get("display_name") or profile.get("real_name") or user.get("real_name") or user.get("name")
    told = {"name": name, "email": profile.get("email"), "team": user.get("team_id")}
    return {what: value[:200] for what, value in told.items() if isinstance(value, str) and value}
