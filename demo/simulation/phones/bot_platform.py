"""Telegram, stood in for: one bot, its API on loopback, and the people who write to it.

It knows the methods that the gateway calls, and posts updates where it was told to by `setWebhook`, one chat's after
one another. Limits: it believes what it is told, as the strict one of the tests does not; a bot tells nobody whether it
was read. Numbers of messages and updates begin with the time, so that those of the next demo are others.
"""

import asyncio
import json
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import urlsplit
from zlib import crc32

from aiohttp import web

from ..background_tasks import BackgroundTasks
from ..pace import Pace
from ..people import Person
from .gateway_door import GatewayDoor
from .phone_line import Heard, PhoneFile, PhoneLine

READING = 1.5  # seconds of life until an answer is read
LARGEST = 51 * 1024 * 1024
_EPOCH = 1_767_225_600  # 2026: with it numbers of messages stay within 32 bits
_SENDING = frozenset({"sendMessage", "sendPhoto", "sendDocument", "sendVideo", "sendAudio"})
_HEADER = "X-Telegram-Bot-Api-Secret-Token"


class BotPlatform:
    """One bot; `application` is its API."""

    def __init__(
        self, token: str, door: GatewayDoor, pace: Pace, tasks: BackgroundTasks, *, now: Callable[[], int]
    ) -> None:
        """`now` is in milliseconds."""
        self._token = token
        self._door = door
        self._pace = pace
        self._tasks = tasks
        self._now = now
        self._updates = now()
        self._numbers = defaultdict[int, int](lambda: max(1, now() // 1000 - _EPOCH))
        self._lines: dict[int, BotLine] = {}
        self._files: dict[str, PhoneFile] = {}
        self._webhook: Mapping[str, str] = {}
        self._told = asyncio.Event()
        self.application = web.Application(client_max_size=LARGEST)
        self.application.router.add_post("/bot{token}/{method}", self._call)
        self.application.router.add_get("/file/bot{token}/{path}", self._file)

    def line(self, person: Person) -> PhoneLine:
        """This person's chat with the bot."""
        line = BotLine(self, person)
        self._lines[line.chat] = line
        return line

    def number(self, chat: int) -> int:
        """The number of the next message in a chat."""
        self._numbers[chat] += 1
        return self._numbers[chat]

    def seconds(self) -> int:
        """The time, as the Bot API tells it."""
        return self._now() // 1000

    def keep(self, file: PhoneFile) -> str:
        """The id by which a file is asked for."""
        self._files[file.name] = file
        return file.name

    async def tell(self, kind: str, what: Mapping[str, Any]) -> None:
        """Post an update. Raises ConnectionError."""
        await self._told.wait()
        self._updates += 1
        body = json.dumps({"update_id": self._updates, kind: what}, ensure_ascii=False).encode()
        headers = {"Content-Type": "application/json", _HEADER: self._webhook.get("secret_token", "")}
        await self._door.post(urlsplit(self._webhook["url"]).path, body, headers)

    async def _call(self, request: web.Request) -> web.Response:
        if request.match_info["token"] != self._token:
            return _refused(401, "Unauthorized")
        method = request.match_info["method"]
        given = {name: value for name, value in (await request.post()).items() if isinstance(value, str)}
        if method in _SENDING:
            return _told(self._sent(given))
        answer = self._methods().get(method)
        return _refused(404, "Not Found") if answer is None else _told(await answer(given))

    def _methods(self) -> Mapping[str, Callable[[Mapping[str, str]], Awaitable[Any]]]:
        return {
            "getMe": self._me,
            "setWebhook": self._set_webhook,
            "getWebhookInfo": self._webhook_info,
            "getFile": self._get_file,
            "sendChatAction": _well,
            "answerCallbackQuery": _well,
        }

    def _sent(self, given: Mapping[str, str]) -> Mapping[str, Any]:
        chat = int(given["chat_id"])
        number = self.number(chat)
        if (line := self._lines.get(chat)) is not None:
            heard = Heard(id=str(number), text=given.get("text") or given.get("caption") or "")
            self._tasks.run(self._read(line, heard))
        return {"message_id": number, "date": self.seconds(), "chat": {"id": chat, "type": "private"}}

    async def _read(self, line: "BotLine", heard: Heard) -> None:
        await self._pace.wait(READING)
        line.heard.put_nowait(heard)

    async def _me(self, _: Mapping[str, str]) -> Mapping[str, Any]:
        return {"id": int(self._token.partition(":")[0]), "is_bot": True, "first_name": "Demo", "username": "DemoBot"}

    async def _set_webhook(self, given: Mapping[str, str]) -> bool:
        self._webhook = dict(given)
        self._told.set()
        return True

    async def _webhook_info(self, _: Mapping[str, str]) -> Mapping[str, Any]:
        url = self._webhook.get("url", "")
        return {"url": url, "has_custom_certificate": False, "pending_update_count": 0}

    async def _get_file(self, given: Mapping[str, str]) -> Mapping[str, Any]:
        id_ = given["file_id"]
        return {"file_id": id_, "file_unique_id": id_, "file_path": id_}

    async def _file(self, request: web.Request) -> web.Response:
        file = self._files.get(request.match_info["path"])
        if file is None or request.match_info["token"] != self._token:
            raise web.HTTPNotFound
        return web.Response(body=file.content, content_type=file.media_type)


class BotLine(PhoneLine):
    """One person's chat with the bot."""

    def __init__(self, platform: BotPlatform, person: Person) -> None:
        super().__init__()
        self._platform = platform
        self.chat = crc32(person.email.encode())
        first, _, last = person.name.partition(" ")
        self._user = {"id": self.chat, "is_bot": False, "first_name": first, "language_code": person.language}
        self._user |= {"last_name": last} if last else {}
        self._chat = {"id": self.chat, "type": "private", "first_name": first}

    async def say(self, text: str) -> str:
        """Write."""
        return await self._tell({"text": text})

    async def show(self, file: PhoneFile, text: str = "") -> None:
        """A voice message, or a file."""
        id_ = self._platform.keep(file)
        about: dict[str, Any] = {"file_id": id_, "file_unique_id": id_, "file_size": len(file.content)}
        about |= {"mime_type": file.media_type}
        if file.is_voice:
            await self._tell({"voice": about | {"duration": file.seconds}})
        else:
            await self._tell({"document": about | {"file_name": file.name}, **({"caption": text} if text else {})})

    async def correct(self, message: str, text: str) -> None:
        """Edit it."""
        now = self._platform.seconds()
        what = {**self._common(int(message)), "edit_date": now, "text": text}
        await self._platform.tell("edited_message", what)

    async def like(self, answer: Heard) -> None:
        """Put a mark below it."""
        marks = {"old_reaction": [], "new_reaction": [{"type": "emoji", "emoji": "👍"}]}
        about = {"chat": self._chat, "user": self._user, "message_id": int(answer.id), "date": self._platform.seconds()}
        await self._platform.tell("message_reaction", {**about, **marks})

    async def give_number(self, phone: str) -> None:
        """Share their own contact, of which Telegram says that it is theirs."""
        names = {name: self._user[name] for name in ("first_name", "last_name") if name in self._user}
        await self._tell({"contact": {"phone_number": phone.lstrip("+"), "user_id": self.chat, **names}})

    async def _tell(self, content: Mapping[str, Any]) -> str:
        number = self._platform.number(self.chat)
        await self._platform.tell("message", {**self._common(number), **content})
        return str(number)

    def _common(self, number: int) -> dict[str, Any]:
        return {"message_id": number, "from": self._user, "chat": self._chat, "date": self._platform.seconds()}


async def _well(_: Mapping[str, str]) -> bool:
    return True


def _told(result: object) -> web.Response:
    return web.json_response({"ok": True, "result": result})


def _refused(status: int, words: str) -> web.Response:
    return web.json_response({"ok": False, "error_code": status, "description": words}, status=status)
