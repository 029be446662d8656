"""Calls to one of Slack's teams within the budgets.

A call for which there is no room is not made, and one that Slack answers with 429 parks its bucket; both are a
DeliveryDeferred that says how long to wait, and not an AccountUnavailable, since the rest of the team can go on.
"""

from collections.abc import Mapping
from typing import Any

from ...config.errors import DeliveryDeferred
from ...web.slack_api import SlackApi
from ..stores.slack_call_budgets import CallBudgets, Urgency


class TeamCalls:
    """The calls of a team, by its id; `api` has its token and is the caller's to close."""

    def __init__(self, api: SlackApi, budgets: CallBudgets, team: str) -> None:
        self.team = team
        self._api = api
        self._budgets = budgets

    async def call(
        self, method: str, arguments: Mapping[str, Any], urgency: Urgency, *, repeatable: bool = False
    ) -> Mapping[str, Any]:
        """Slack's answer. `repeatable` says that a repeat does no harm.

        Raises DeliveryDeferred, with `retry_after` in seconds where it is a matter of rates, and all that SlackApi and
        CallBudgets raise.
        """
        channel = str(arguments.get("channel", ""))
        wait = await self._budgets.take(method, urgency, team=self.team, channel=channel)
        if wait:
            raise DeliveryDeferred(f"Slack takes no {method} now: the budget is used up", retry_after=-(-wait // 1000))
        try:
            return await self._api.call(method, arguments, repeatable=repeatable)
        except DeliveryDeferred as error:
            seconds = error.asked
            if not seconds:
                raise
            await self._budgets.park(method, seconds, team=self.team, channel=channel)
            raise DeliveryDeferred(f"Slack wants fewer {method}", retry_after=seconds) from error
