"""Files of a workspace: how the app uploads one, asks about one, and is given its bytes.

After "Working with files" on docs.slack.dev: an address to upload to is had for a name and a length, the bytes are
posted there, and the upload is completed into a channel or a thread, where it becomes a message. Private bytes are
given out to a token with `files:read` that sees the file; whoever has none is led to the page for signing in.
"""

from dataclasses import dataclass, field

from aiohttp import web

from ..vendor_service import broken_off
from .messages import write
from .methods import Call, Method, words
from .refusal import Json, Refused
from .switches import Switches
from .tokens import Tokens
from .workspace import Channel, Workspace

LARGEST = 1_000_000_000
DOWNLOAD = "files.download"
"""The name by which switches know a download."""


@dataclass
class File:
    """One file; `content` is None until it was uploaded."""

    id: str
    name: str
    length: int
    kind: str = "application/octet-stream"
    title: str = ""
    user: str = ""
    content: bytes | None = None
    channels: list[str] = field(default_factory=list)
    is_deleted: bool = False


class Files:
    """All files, the methods on them, and where their bytes are."""

    def __init__(self, workspace: Workspace, tokens: Tokens, switches: Switches) -> None:
        self._workspace = workspace
        self._tokens = tokens
        self._switches = switches
        self.files = dict[str, File]()

    def share(self, channel: Channel, user: str, name: str, content: bytes, *, kind: str, text: str = "",
              thread_ts: str = "") -> Json:  # fmt: skip
        """Somebody puts a file into a channel; the message."""
        file = File(self._workspace.id_for("F"), name, len(content), kind, name, user, content, [channel.id])
        self.files[file.id] = file
        return write(self._workspace, channel, user, text, thread_ts=thread_ts, files=[self.about(file)])

    def about(self, file: File) -> Json:
        """As files.info shows it."""
        private = f"{self._workspace.base}/files-pri/{self._workspace.team}-{file.id}"
        return {
            "id": file.id,
            "created": self._workspace.now() // 1_000,
            "name": file.name,
            "title": file.title or file.name,
            "mimetype": file.kind,
            "filetype": file.name.rpartition(".")[2],
            "user": file.user,
            "size": file.length,
            "mode": "hosted",
            "is_external": False,
            "is_public": False,
            "url_private": f"{private}/{file.name}",
            "url_private_download": f"{private}/download/{file.name}",
            "permalink": f"{self._workspace.base}/files/{file.user}/{file.id}",
            "file_access": "visible",
        }

    # Methods

    @property
    def methods(self) -> dict[str, Method]:
        """By their names."""
        writes, reads = ("files:write",), ("files:read",)
        return {
            "files.getUploadURLExternal": Method(
                run=self._place, a_minute=100, scopes=writes, needs=words("filename length"),
                takes=words("alt_txt snippet_type"), takes_json=False,
            ),
            "files.completeUploadExternal": Method(
                run=self._complete, a_minute=100, scopes=writes, needs=words("files"),
                takes=words("channel_id thread_ts initial_comment"),
            ),
            "files.info": Method(
                run=self._info, a_minute=100, scopes=reads, needs=words("file"), takes=words("limit cursor"),
                takes_json=False,
            ),
        }  # fmt: skip

    def _place(self, call: Call) -> Json:
        length, name = call.given.number("length", 0), call.given.text("filename")
        if not length or not name or length > LARGEST:
            raise Refused("invalid_arguments")
        file = File(self._workspace.id_for("F"), name, length, user=call.user)
        self.files[file.id] = file
        return {"upload_url": f"{self._workspace.base}/upload/v1/{file.id}", "file_id": file.id}

    def _complete(self, call: Call) -> Json:
        asked = call.given.structure("files")
        if not isinstance(asked, list) or not asked or not all(isinstance(each, dict) for each in asked):
            raise Refused("invalid_arguments")
        found = [self.files.get(str(each.get("id"))) for each in asked]
        files = [each for each in found if each is not None and each.content is not None and not each.channels]
        if len(files) < len(found):
            raise Refused("file_not_found")
        channel = self._shared_in(call)
        for file, each in zip(files, asked, strict=True):
            file.title = str(each.get("title") or file.name)
        if channel is not None:
            self._post(call, channel, files)
        return {"files": [self.about(each) for each in files]}

    def _shared_in(self, call: Call) -> Channel | None:
        name = call.given.text("channel_id")
        if not name:
            return None
        channel = self._workspace.channels.get(name)
        if channel is None or call.user not in channel.members:
            raise Refused("channel_not_found")
        if channel.is_archived:
            raise Refused("is_archived")
        if (thread := call.given.text("thread_ts")) and channel.message(thread) is None:
            raise Refused("thread_not_found")
        return channel

    def _post(self, call: Call, channel: Channel, files: list[File]) -> None:
        for each in files:
            each.channels.append(channel.id)
        app = {"bot_id": self._workspace.bot, "app_id": self._workspace.app}
        thread, text = call.given.text("thread_ts"), call.given.text("initial_comment")
        shown = [self.about(each) for each in files]
        write(self._workspace, channel, call.user, text, thread_ts=thread, files=shown, **app)

    def _info(self, call: Call) -> Json:
        file = self.files.get(call.given.text("file"))
        if file is None or file.content is None or not self._is_seen(file):
            raise Refused("file_not_found")
        if file.is_deleted:
            raise Refused("file_deleted")
        return {"file": self.about(file), "comments": [], "response_metadata": {"next_cursor": ""}}

    def _is_seen(self, file: File) -> bool:
        bot, channels = self._workspace.bot_user, self._workspace.channels
        return file.user == bot or any(bot in channels[each].members for each in file.channels)

    # Bytes

    async def take(self, request: web.Request) -> web.Response:
        """Bytes that are posted to an address for an upload; as they are, or as the field `file` of a form."""
        file = self.files.get(request.match_info["id"])
        if request.content_type == "multipart/form-data":
            posted = next(iter((await request.post()).values()))
            content = posted.file.read() if isinstance(posted, web.FileField) else str(posted).encode()
        else:
            content = await request.read()
        if file is None or file.content is not None or file.length != len(content):
            return web.Response(status=400, text="no such upload, or another length")
        file.content = content
        return web.Response(text=f"OK - {len(content)}")

    async def give(self, request: web.Request) -> web.StreamResponse:
        """The private bytes of a file."""
        if self._switches.is_on(self._switches.breaks, DOWNLOAD):
            return broken_off(request)
        if status := self._switches.next_of(self._switches.failures, DOWNLOAD):
            return web.Response(status=status)
        try:
            may = "files:read" in self._tokens.granted(request).scopes
        except Refused:
            may = False
        file = self.files.get(request.match_info["id"])
        if not may or file is None or not self._is_seen(file):
            raise web.HTTPFound("https://slack.com/signin")
        if file.content is None or file.is_deleted:
            return web.Response(status=404)
        return web.Response(body=file.content, content_type=file.kind)
