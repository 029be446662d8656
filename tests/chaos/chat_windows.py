"""Windows of visitors: strict clients of the chat protocol, over a WebSocket or, where there is none, by polling.

A window keeps a connection for as long as it is open, and makes another one with its cursor whenever that is gone. It
notes every line that it is shown, also one that it should not be shown again. The windows of one visitor share their
token, as the pages of one browser do.
"""

import asyncio
import itertools
import json
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

import aiohttp
import jwt

from .history import Attempt, History, Sight, Stay
from .letters import LANGUAGE, PAGE, Letter, Thread
from .senders import Answer
from .station import ORIGIN, SITE, SITE_KEY, Station

OPEN_SECONDS = 1.0
ANSWER_SECONDS = 15.0
CATCH_UP_SECONDS = 20.0
POLL_SECONDS = 1
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 1.6

COME_BACK = {1001, 1006, 1012, 4503}
"""Close codes of the gateway's own trouble; all others say that the client did something that it must not."""

Frame = dict[str, Any]


class Visitor:
    """One visitor of the site and their windows."""

    def __init__(self, station: Station, history: History, session: aiohttp.ClientSession, thread: Thread) -> None:
        self.url = f"{station.url}/chat/{SITE}"
        self.session = session
        self.history = history
        self.name = thread.name
        self.token = ""
        self.known = asyncio.Event()  # as themselves, so that another window is theirs too
        self.attentive = thread.habits.attentive
        self._habits = thread.habits
        self._first = thread.letters[0]
        self._numbers = itertools.count(1)
        self.windows: list[Window] = []

    def window(self) -> "Window":
        """Another window, empty, which shows the conversation from its beginning."""
        kind = PollWindow if self._habits.polls else SocketWindow
        self.windows.append(kind(self, f"{self.name}/{next(self._numbers)}"))
        return self.windows[-1]

    def shows(self) -> Frame:
        """What the page shows of who it is."""
        identity = {"identity": self._identity()} if self._habits.signed_in else {}
        return identity | ({"token": self.token} if self.token else {})

    def _identity(self) -> str:
        claims = {"sub": self.name, "email": self._first.sender, "exp": int(time.time()) + 3600, "aud": SITE}
        return jwt.encode(claims, SITE_KEY, "HS256")

    def turned_away(self, answer: Answer) -> None:
        """Note that a window was closed, or something in it refused, as if they had done something wrong."""
        now = asyncio.get_running_loop().time()
        refusal = Attempt(
            message=self._first.message.id, began=now, ended=now, outcome="permanent", answer=answer.words
        )
        self.history.add(refusal)

    async def look_back(self) -> None:
        """Open one more window, and wait until each shows as much as that one was promised."""
        window = self.window()
        target = await window.greeted()
        await asyncio.gather(*(each.comes_to(target) for each in self.windows))
        for each in self.windows:
            self.history.add(Stay(window=each.name, conversation=self.name))

    async def close(self) -> None:
        """All windows are closed."""
        for each in list(self.windows):
            await each.close()


class Window(ABC):
    """One window; a `Sender` of letters."""

    def __init__(self, visitor: Visitor, name: str) -> None:
        self.name = name
        self.visitor = visitor
        self.cursor = 0
        self._conversation = ""
        self._last = 0
        self._open = asyncio.Event()
        self._answers: dict[str, asyncio.Future[Answer]] = {}
        self._trouble = Answer("unreached", "no connection yet")
        self._receipts: list[Frame] = []
        self._news = asyncio.Event()
        self._life = asyncio.create_task(self._live(), name=name)

    async def hand_over(self, letter: Letter, recipients: tuple[str, ...]) -> Answer:  # noqa: ARG002 (mail needs them)
        """One try."""
        return (await self.hand_over_all([letter]))[0]

    async def hand_over_all(self, letters: Sequence[Letter]) -> list[Answer]:
        """One try with all of them, in their order, and none waits for the answer to the one before."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._open.wait(), OPEN_SECONDS)
        if not self._open.is_set():
            return [self._trouble for _ in letters]
        awaited = [self._awaited(letter.message.external_id) for letter in letters]
        await self._send([json.loads(letter.content) for letter in letters])
        await asyncio.wait(awaited, timeout=ANSWER_SECONDS)
        if not all(each.done() for each in awaited):
            await self._hang_up()
            self._resolve_all(Answer("unknown", f"no answer within {ANSWER_SECONDS} s"))
        return [each.result() for each in awaited]

    async def greeted(self) -> int:
        """The position of the last line, as the window was told when it was opened."""
        await asyncio.wait_for(self._open.wait(), CATCH_UP_SECONDS)
        return self._last

    async def comes_to(self, position: int) -> None:
        """Returns when the window shows so many lines, or the time is up; the checker sees which."""
        with suppress(TimeoutError):
            async with asyncio.timeout(CATCH_UP_SECONDS):
                while self.cursor < position:
                    self._news.clear()
                    await self._news.wait()

    async def close(self) -> None:
        """It is no longer looked at."""
        self._life.cancel()
        with suppress(asyncio.CancelledError):
            await self._life
        self.visitor.windows.remove(self)

    async def _live(self) -> None:
        pauses = _pauses()
        if self is not self.visitor.windows[0]:
            await self.visitor.known.wait()
        while True:
            self._trouble = Answer("unreached", "no connection")
            try:
                async with self._connected():
                    pauses = _pauses()
                    await self._listen()
            except (aiohttp.ClientError, OSError, TimeoutError) as error:
                self._trouble = _refused(error)
            finally:
                self._open.clear()
                self._resolve_all(Answer("unknown", f"the connection ended: {self._trouble.words}"))
            if self._trouble.outcome == "permanent":
                self.visitor.turned_away(self._trouble)
            await asyncio.sleep(next(pauses))

    @asynccontextmanager
    @abstractmethod
    async def _connected(self) -> Any:
        """The time from a welcome to the end of a connection."""
        yield

    @abstractmethod
    async def _listen(self) -> None:
        """Take frames for as long as the connection holds."""

    @abstractmethod
    async def _send(self, frames: Sequence[Frame]) -> None:
        """Send them; whoever cannot tells nothing."""

    @abstractmethod
    async def _hang_up(self) -> None:
        """End the connection; another one will be made."""

    def _hello(self) -> Frame:
        return self.visitor.shows() | {"after": self.cursor, "language": LANGUAGE, "page": PAGE}

    def _awaited(self, client_id: str) -> asyncio.Future[Answer]:
        self._answers[client_id] = asyncio.get_running_loop().create_future()
        return self._answers[client_id]

    def _resolve(self, client_id: str, answer: Answer) -> None:
        awaited = self._answers.pop(client_id, None)
        if awaited is not None and not awaited.done():
            awaited.set_result(answer)

    def _resolve_all(self, answer: Answer) -> None:
        for client_id in list(self._answers):
            self._resolve(client_id, answer)

    def _take(self, frame: Frame) -> None:
        match frame["type"]:
            case "welcome":
                self.visitor.token = frame["token"]
                self.visitor.known.set()
                self._conversation = f"chat:{SITE}:{frame['visitor']}"
                self._last = frame["position"]
                self._open.set()
            case "line":
                self._show(frame)
            case "stored":
                self._resolve(frame["id"], Answer("ok", "stored", f"{self._conversation}@{frame['position']}"))
            case "refused" if frame["code"] == "busy":
                self._resolve(frame.get("id", ""), Answer("temporary", json.dumps(frame)))
            case "refused":
                self.visitor.turned_away(Answer("permanent", json.dumps(frame)))

    def _show(self, frame: Frame) -> None:
        self.cursor = max(self.cursor, frame["position"])
        self.visitor.history.add(
            Sight(
                window=self.name,
                conversation=self.visitor.name,
                position=frame["position"],
                id=frame["id"],
                author=frame["from"],
                text=frame["text"],
            )
        )
        if self.visitor.attentive and frame["from"] != "visitor":
            self._receipts.append({"type": "seen", "position": frame["position"], "state": "read"})
        self._news.set()

    def _confirmed(self) -> list[Frame]:
        """The receipts that are to be given now."""
        receipts, self._receipts = self._receipts, []
        return receipts


class SocketWindow(Window):
    """Over a WebSocket."""

    _socket: aiohttp.ClientWebSocketResponse
    _hung_up = False

    @asynccontextmanager
    async def _connected(self) -> Any:
        visitor = self.visitor
        self._hung_up = False
        async with visitor.session.ws_connect(f"{visitor.url}/socket", origin=ORIGIN) as self._socket:
            await self._socket.send_json({"type": "hello"} | self._hello())
            yield

    async def _listen(self) -> None:
        async for message in self._socket:
            self._take(json.loads(message.data))
            await self._send(self._confirmed())
        code = self._socket.close_code or 1006
        temporary = self._hung_up or code in COME_BACK
        self._trouble = Answer("temporary" if temporary else "permanent", f"closed with {code}")

    async def _send(self, frames: Sequence[Frame]) -> None:
        with suppress(ConnectionError, aiohttp.ClientError):
            for frame in frames:
                await self._socket.send_json(frame)

    async def _hang_up(self) -> None:
        self._hung_up = True
        await self._socket.close()


class PollWindow(Window):
    """By polling, one request after the other; what is to be said goes with the next."""

    def __init__(self, visitor: Visitor, name: str) -> None:
        super().__init__(visitor, name)
        self._frames: list[Frame] = []

    @asynccontextmanager
    async def _connected(self) -> Any:
        await self._poll([])
        yield

    async def _listen(self) -> None:
        while True:
            frames, self._frames = self._frames, []
            await self._poll(frames + self._confirmed())

    async def _send(self, frames: Sequence[Frame]) -> None:
        self._frames += frames

    async def _hang_up(self) -> None:
        """The request that is under way has a limit of its own."""

    async def _poll(self, frames: Sequence[Frame]) -> None:
        wait = 0 if frames or not self._open.is_set() else POLL_SECONDS
        body = self._hello() | {"frames": frames, "wait": wait}
        timeout = aiohttp.ClientTimeout(ANSWER_SECONDS)
        async with self.visitor.session.post(
            f"{self.visitor.url}/poll", json=body, headers={"origin": ORIGIN}, timeout=timeout
        ) as response:
            response.raise_for_status()
            answers = json.loads(await response.read())["frames"]
        for frame in answers:
            self._take(frame)
        self._open.set()


def _pauses() -> Iterator[float]:
    pause = FIRST_PAUSE
    while True:
        yield pause
        pause = min(LONGEST_PAUSE, pause * 2)


def _refused(error: Exception) -> Answer:
    words = f"{type(error).__name__} {error}"
    if isinstance(error, aiohttp.ClientResponseError):  # an answer over HTTP, also to the handshake
        return Answer("temporary" if error.status >= 500 else "permanent", words)
    return Answer("unreached", words)
