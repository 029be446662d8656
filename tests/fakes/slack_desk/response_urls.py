"""The addresses that come with clicks and commands, at which the app may answer five times in half an hour.

After "Handling user interaction" on docs.slack.dev: an answer is a message that only who acted sees, unless
`response_type` is `in_channel`; `replace_original` and `delete_original` change the message with the button. It counts
in no rate of a method.
"""

import json
from dataclasses import dataclass

from aiohttp import web

from .arguments import Arguments
from .block_state import named
from .chat_methods import said_in
from .messages import delete, edit, write
from .refusal import Json, Refused, refused_with
from .workspace import Workspace

USES, HALF_AN_HOUR_MS = 5, 1_800_000
_TAKEN = {
    *("text", "blocks", "response_type", "replace_original", "delete_original", "thread_ts", "metadata", "mrkdwn"),
    *("unfurl_links", "unfurl_media", "parse", "link_names"),
}


@dataclass
class ResponseUrl:
    """One address: whose, for which message, and how often it was used."""

    channel: str
    user: str
    ts: str
    at: int
    uses: int = 0


class ResponseUrls:
    """All addresses that were given out."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._given = dict[str, ResponseUrl]()

    def give(self, channel: str, user: str, ts: str = "") -> str:
        """A new address; `ts` is the message with the button, if there is one."""
        name = self._workspace.id_for("R")
        self._given[name] = ResponseUrl(channel, user, ts, self._workspace.now())
        return f"{self._workspace.base}/actions/{self._workspace.team}/{name}"

    async def answer(self, request: web.Request) -> web.Response:
        """What is answered to a post at an address."""
        found = self._given.get(request.match_info["id"])
        if found is None or self._workspace.now() - found.at >= HALF_AN_HOUR_MS:
            return web.json_response({"ok": False, "error": "expired_url"}, status=404)
        if found.uses >= USES:
            return web.json_response({"ok": False, "error": "used_url"}, status=404)
        try:
            self._take(found, Arguments(json.loads(await request.text())))
        except Refused as error:
            return web.json_response(error.answer, status=400)
        found.uses += 1
        return web.json_response({"ok": True})

    def _take(self, to: ResponseUrl, given: Arguments) -> None:
        if given.flag("delete_original"):
            self._delete(to)
        elif given.flag("replace_original"):
            self._replace(to, self._said(given))
        else:
            self.show(to.channel, to.user, given)

    def _said(self, given: Arguments) -> Json:
        if unknown := set(given.given) - _TAKEN:
            raise refused_with("invalid_payload", [f"unknown: {', '.join(sorted(unknown))}"])
        said = said_in(given, 40_000)
        if "blocks" in said:
            said["blocks"] = named(said["blocks"], lambda: self._workspace.id_for("b"))
        if not said.get("text") and not said.get("blocks"):
            raise Refused("no_text")
        return said

    def show(self, channel: str, user: str, given: Arguments) -> None:
        """An answer of the app's, to one person or to all of the channel. Refused as a message is."""
        workspace, said = self._workspace, self._said(given)
        thread = {"thread_ts": given.text("thread_ts")} if "thread_ts" in given else {}
        if given.text("response_type") != "in_channel":
            workspace.ephemerals.append({"channel": channel, "to": user, "ts": workspace.moment(), **said, **thread})
            return
        more = {"bot_id": workspace.bot, "app_id": workspace.app, **thread, **said}
        text = more.pop("text", "")
        write(workspace, workspace.channels[channel], workspace.bot_user, text, **more)

    def _replace(self, to: ResponseUrl, said: Json) -> None:
        shown = self._shown(to)
        if shown is not None:
            shown.update({"text": "", "blocks": [], **said})
            return
        channel = self._workspace.channels[to.channel]
        message = channel.message(to.ts)
        if message is None:
            raise Refused("message_not_found")
        edit(self._workspace, channel, message, self._workspace.bot_user, said)

    def _delete(self, to: ResponseUrl) -> None:
        shown = self._shown(to)
        if shown is not None:
            self._workspace.ephemerals.remove(shown)
            return
        channel = self._workspace.channels[to.channel]
        message = channel.message(to.ts)
        if message is None:
            raise Refused("message_not_found")
        delete(self._workspace, channel, message)

    def _shown(self, to: ResponseUrl) -> Json | None:
        """The message with the button, when only one person sees it."""
        return next(
            (each for each in self._workspace.ephemerals if each["ts"] == to.ts and each["to"] == to.user), None
        )
