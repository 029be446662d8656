"""One simulated agent: looks at offers, answers what customers wrote, one thing after another.

Everything is done through the API with a token of the agent's own. While a person is this agent, nothing is done in
their name.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from .answering import Understood, filled_in, understood
from .background_tasks import BackgroundTasks
from .behaviour import Behaviour
from .chance import chance
from .desk_client import DeskClient
from .pace import Pace
from .people import the_teamwork
from .talk import ENGLISH, languages, talk_in

Ticket = Mapping[str, Any]
Typing = Callable[[str, str], Awaitable[None]]
"""Tells a conversation that an agent of this name is typing."""
Steer = Callable[[Ticket], Awaitable[bool]]
"""Whether a ticket that nobody of the demo has written was handed to the person."""

BACK_AFTER = 8.0  # who has missed an offer notices it
QUIET = 22.0  # a chat in which nothing more is said is solved
_TYPING_SECONDS = 3.0
_BY_LETTER = frozenset({"mail", "http"})  # with greeting and name; elsewhere one says what there is to say


class SimulatedAgent:
    """One agent; `work` goes on until it is cancelled."""

    def __init__(
        self,
        name: str,
        shown: str,
        *,
        seed: int,
        client: DeskClient,
        pace: Pace,
        tasks: BackgroundTasks,
        typing: Typing,
        steer: Steer,
    ) -> None:
        self.name = name
        self._shown = shown
        self._seed = seed
        self._client = client
        self._pace = pace
        self._tasks = tasks
        self._typing = typing
        self._steer = steer
        self._behaviour = Behaviour(seed, name)
        self._offers: list[Ticket] = []
        self._letters: dict[str, str] = {}
        self._times: Counter[str] = Counter()
        self._news = asyncio.Event()
        self._resting = False
        self.taken_over = False
        """A person is this agent."""
        self.attentive = False
        """No offer is missed."""

    def offered(self, ticket: Ticket) -> None:
        """An offer has come."""
        self._offers.append(ticket)
        self._news.set()

    def written(self, ticket: Ticket) -> None:
        """A customer has written in a ticket of this agent."""
        self._letters[ticket["id"]] = ticket["channel"]
        self._news.set()

    def missed(self) -> None:
        """The router counts this agent as away; they notice after a while."""
        if not self._resting and not self.taken_over:
            self._tasks.run(self._come_back())

    async def be(self, presence: str) -> None:
        """Say how this agent is."""
        await self._client.ask(self.name, "PUT", f"/v1/agents/{self.name}/presence", {"presence": presence})

    async def work(self) -> None:
        """One thing after another."""
        while True:
            if self.taken_over or self._resting or not (self._offers or self._letters):
                self._news.clear()
                await self._news.wait()
                if self.taken_over:
                    self._offers.clear()
                    self._letters.clear()
            elif self._offers:
                await self._consider(self._offers.pop(0))
            else:
                await self._answer(self._next_letter())

    def _next_letter(self) -> str:
        """Whoever chats waits at the screen and comes first; then the oldest."""
        id_ = next((id_ for id_, channel in self._letters.items() if channel == "chat"), next(iter(self._letters)))
        del self._letters[id_]
        return id_

    async def rest(self) -> None:
        """Breaks, as the shift has them."""
        for after, pause in self._behaviour.breaks():
            await self._pace.wait(after)
            if self.taken_over:
                continue
            self._resting = True
            await self.be(pause.presence)
            await self._pace.wait(pause.seconds)
            self._resting = False
            if not self.taken_over:
                await self.be("available")
            self._news.set()

    async def _come_back(self) -> None:
        await self._pace.wait(BACK_AFTER)
        if not self._resting and not self.taken_over:
            await self.be("available")

    async def _consider(self, ticket: Ticket) -> None:
        about = str(ticket.get("subject") or ticket["channel"])
        self._times[about] += 1
        await self._pace.wait(self._behaviour.reaction(about, self._times[about]))
        if self.taken_over or await self._steer(ticket):
            return
        mood, reason = self._behaviour.offer(about, self._times[about])
        path = f"/v1/tickets/{ticket['id']}"
        if mood == "decline":
            await self._client.ask(self.name, "POST", f"{path}/decline", {"reason": reason})
        elif (mood == "accept" or self.attentive) and await self._client.ask(self.name, "POST", f"{path}/accept", {}):
            self.written(ticket)

    async def _answer(self, id_: str) -> None:
        ticket = await self._client.get(f"/v1/tickets/{id_}")
        if ticket is None or ticket["assignee"] != self.name or ticket["status"] in ("solved", "closed"):
            return
        said = last_words(ticket)
        if not said:
            return
        language = ticket["language"] if ticket["language"] in languages() else ENGLISH
        known = understood(language, said, chance(self._seed, "words", said))
        answer = filled_in(known.answer, _everything(ticket))
        plan = self._behaviour.answering(said, answer, chat=ticket["channel"] == "chat")
        await self._pace.wait(plan.reading)
        if plan.note and not known.over:
            text = the_teamwork().note(known.topic, chance(self._seed, "note", said))
            await self._write(id_, {"kind": "note", "text": text})
        if ticket["channel"] not in _BY_LETTER:
            await self._chat(ticket, language, known, answer, plan.typing, hello=plan.hello)
        else:
            await self._pace.wait(plan.typing)
            await self._mail(ticket, language, known, answer, plan.status)

    async def _mail(self, ticket: Ticket, language: str, known: Understood, answer: str, status: str) -> None:
        """Answer with greeting and name; a last word needs no answer."""
        if known.over:
            await self._solve(ticket)
            return
        text = talk_in(language).agent.mail.format(name=_customer(ticket), text=answer, agent=self._shown)
        await self._write(ticket["id"], {"kind": "reply", "text": text, "status": status})

    async def _chat(
        self, ticket: Ticket, language: str, known: Understood, answer: str, typing: float, *, hello: bool
    ) -> None:
        """Say hello first in a chat, then answer; what is over is solved at once, another when it stays quiet."""
        is_chat = ticket["channel"] == "chat"
        first = is_chat and not any(article["kind"] == "reply" for article in ticket["articles"])
        if first and hello and not known.over:
            greeting = talk_in(language).agent.hello.format(agent=self._shown.split()[0])
            await self._write(ticket["id"], {"kind": "reply", "text": greeting})
        await (self._type(ticket, typing) if is_chat else self._pace.wait(typing))
        status = {"status": "solved"} if known.over else {}
        if await self._write(ticket["id"], {"kind": "reply", "text": answer, **status}) and not known.over:
            self._tasks.run(self._solve_when_quiet(ticket["id"]))

    async def _type(self, ticket: Ticket, of_life: float) -> None:
        conversation = next((a["author"]["identity"] for a in ticket["articles"] if a["kind"] == "message"), "")
        left = self._pace.scaled(of_life)
        while left > 0:
            await self._typing(conversation, self._shown)
            step = min(left, _TYPING_SECONDS)
            await self._pace.wait(of_life * step / self._pace.scaled(of_life))
            left -= step

    async def _solve_when_quiet(self, id_: str) -> None:
        await self._pace.wait(QUIET)
        ticket = await self._client.get(f"/v1/tickets/{id_}")
        if ticket is not None and ticket["assignee"] == self.name and not self.taken_over and not last_words(ticket):
            await self._solve(ticket)

    async def _solve(self, ticket: Ticket) -> None:
        """Without a word; not when something has happened since it was read."""
        path, revision = f"/v1/tickets/{ticket['id']}", int(ticket["revision"])
        await self._client.ask(self.name, "PATCH", path, {"status": "solved"}, revision=revision)

    async def _write(self, id_: str, body: Mapping[str, Any]) -> bool:
        return not self.taken_over and await self._client.ask(self.name, "POST", f"/v1/tickets/{id_}/messages", body)


def last_words(ticket: Ticket) -> str:
    """What the customer has written since somebody answered; empty when it is answered."""
    words: list[str] = []
    for article in ticket["articles"]:
        if article["kind"] == "reply" and article["author"]["kind"] == "agent":
            words.clear()
        elif article["kind"] == "message":
            words += [article["text"]]
    return "\n".join(words)


def _everything(ticket: Ticket) -> str:
    return "\n".join([ticket["subject"], *(a["text"] for a in ticket["articles"] if a["kind"] == "message")])


def _customer(ticket: Ticket) -> str:
    return next((a["author"]["name"] for a in ticket["articles"] if a["kind"] == "message"), "")
