"""Methods of Slack's Web API, and what its errors mean for what is sent.

Slack answers 200 with `ok: false` and an error by name. Credentials that do not hold, and rights that the app was not
given, are CredentialsRefused, with the scope that is missing; what Slack cannot do now is DeliveryDeferred, and a
failure in the midst of it DeliveryUnknown, unless a repeat does no harm; all else is DeliveryFailed, in words where
we have some. Arguments go as a form, which every method takes. 429 names in Retry-After how long to wait.
"""

import json
from collections.abc import Mapping
from typing import Any

from ..config.errors import CredentialsRefused, DeliveryDeferred, DeliveryFailed, DeliveryUnknown, TrunklineError
from .vendor_api import ApiAnswer, VendorApi

_CREDENTIALS = frozenset(
    {
        *("not_authed", "invalid_auth", "account_inactive", "token_revoked", "token_expired", "no_permission"),
        *("missing_scope", "not_allowed_token_type", "org_login_required", "ekm_access_denied", "access_denied"),
        *("team_access_not_granted", "two_factor_setup_required", "invalid_app", "app_missing_action_url"),
    }
)
_LATER = frozenset({"ratelimited", "rate_limited", "service_unavailable", "team_added_to_org", "request_timeout"})
_UNKNOWN = frozenset({"internal_error", "fatal_error"})
_WORDS = {
    "channel_not_found": "Slack knows no such channel any more, or the app cannot see it; invite the app to it",
    "not_in_channel": "the app is not in the channel; invite it with /invite",
    "is_archived": "the channel is archived",
    "thread_not_found": "the thread is gone",
    "message_not_found": "the message is gone",
    "restricted_action": "the workspace does not let the app write there",
    "restricted_action_read_only_channel": "the channel is read-only",
    "restricted_action_thread_only_channel": "only answers in threads are allowed in the channel",
    "msg_too_long": "it is longer than Slack takes",
    "no_text": "there is nothing to send",
    "user_not_found": "Slack knows nobody by this id",
    "cannot_dm_bot": "it is a bot, which nobody can write to",
    "user_disabled": "their Slack account is switched off",
    "file_not_found": "the file was deleted",
    "file_deleted": "the file was deleted",
    "posting_to_general_channel_denied": "the workspace does not let the app write there",
    "slack_connect_file_upload_sharing_blocked": "the workspace does not let files be shared in this channel",
    "file_uploads_except_images_blocked": "the other workspace takes only pictures",
}


class SlackApi:
    """The methods, with one token of a workspace or an app. `base` is `https://slack.com/api`."""

    def __init__(self, base: str, token: str, *, patience: float = 15.0) -> None:
        self._api = VendorApi("Slack", base, patience=patience)
        self._token = token

    async def call(
        self, method: str, arguments: Mapping[str, Any] | None = None, *, repeatable: bool = False
    ) -> Mapping[str, Any]:
        """Call a method; arguments that are None are left out, structures go as JSON.

        Raises DeliveryDeferred, CredentialsRefused, DeliveryFailed, DeliveryUnknown.
        """
        return (await self._called(method, arguments, repeatable=repeatable))[0]

    async def identity(self) -> tuple[Mapping[str, Any], frozenset[str]]:
        """Whose token it is (`auth.test`), and its scopes, none where Slack does not tell. Raises as `call`."""
        told, answer = await self._called("auth.test", None, repeatable=True)
        scopes = answer.headers.get("X-OAuth-Scopes", "").split(",")
        return told, frozenset(filter(None, map(str.strip, scopes)))

    async def _called(
        self, method: str, arguments: Mapping[str, Any] | None, *, repeatable: bool
    ) -> tuple[Mapping[str, Any], ApiAnswer]:
        given = {name: _told(value) for name, value in (arguments or {}).items() if value is not None}
        answer = await self._api.call(
            "POST",
            f"/{method}",
            headers={"Authorization": f"Bearer {self._token}"},
            form=given,
            repeatable=repeatable,
            secrets=(self._token,),
        )
        content = answer.json()
        if not isinstance(content, dict) or not isinstance(content.get("ok"), bool):
            words = "Slack's answer cannot be read"
            raise DeliveryDeferred(words) if repeatable else DeliveryUnknown(words)
        if not content["ok"]:
            raise _refusal(content, answer.retry_after, repeatable=repeatable)
        return content, answer

    async def close(self) -> None:
        """Close connections."""
        await self._api.close()


def _told(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))


def _refusal(content: Mapping[str, Any], wait: int | None, *, repeatable: bool) -> TrunklineError:
    error = str(content.get("error", ""))[:100]
    if error in _CREDENTIALS:
        needed = f"; the app needs the scope {str(content['needed'])[:100]}" if content.get("needed") else ""
        return CredentialsRefused(f"Slack does not let the app do it ({error}){needed}")
    if error in _LATER or (error in _UNKNOWN and repeatable):
        return DeliveryDeferred(f"Slack puts it off ({error})", retry_after=wait)
    if error in _UNKNOWN:
        return DeliveryUnknown(f"Slack failed over it ({error})")
    return DeliveryFailed(f"{_WORDS.get(error, 'Slack refuses it')} ({error or 'without a reason'})")
