"""What a follower of the feed gave up is seen and decided like any other dead letter: API, page, command, verdict."""

import json

from trunkline.config.errors import Unreadable
from trunkline.gateway.command.waiting_work import Upkeep
from trunkline.queue.feed import FeedLine
from trunkline.queue.feed_follower import FeedFollower
from trunkline.queue.feed_place import FeedPlace

from ..conftest import FOLLOWER
from .conftest import Browser, Site


class Archive:
    """A consumer outside the engine that cannot take some lines, until it is mended."""

    def __init__(self, site: Site) -> None:
        self.taken: list[int] = []
        self.poison = {1}
        self.follower = FeedFollower(FeedPlace(site.desk.engine, FOLLOWER), site.desk.clock, self._take)

    async def _take(self, line: FeedLine) -> None:
        if line.position in self.poison:
            raise Unreadable("the archive has no room for <this>")
        self.taken.append(line.position)


async def test_it_is_told_everywhere_and_carried_through_when_it_is_redriven(site: Site, admin: Browser) -> None:
    desk, archive = site.desk, Archive(site)
    ticket = await site.face.ticket()
    await archive.follower.run_once()
    last = await desk.feed.last()
    assert archive.taken == list(range(2, last + 1))
    id_, which = f"{FOLLOWER}-1", f"ticket.created {ticket.number}"

    (letter,) = await site.face.all("/v1/dead")
    told = [letter[name] for name in ("id", "queue", "what", "which", "cause", "attempts")]
    cause = "the archive has no room for <this>"
    assert told == [id_, FOLLOWER, f"Line of the feed, for {FOLLOWER}", which, cause, 1]
    raw = await site.face.get(f"/v1/dead/{id_}/raw")
    (line,) = await desk.feed.read(0, 1)
    assert json.loads(raw.raw) == letter["about"] == line.cloud_event(desk.engine.keys.workspace)

    verdict = (await site.board.see()).board.verdict
    assert "1 dead letter needs a decision" in (verdict.sentence, *verdict.also)
    page = (await admin.open("/board/dead")).text
    for words in (f"Line of the feed, for {FOLLOWER}", f"{id_}, {which}", "no room for &lt;this&gt;"):
        assert words in page

    upkeep = Upkeep(desk.blobs, site.parts.given_up, site.parts.suspended, desk.clock)
    (listed,) = await upkeep.dead(10)
    assert listed.startswith(id_)
    assert listed.endswith(f"{which}  {cause}")
    assert (await upkeep.dead_letter(id_))[1] == raw.raw

    await site.face.ticket("Another one")
    await archive.follower.run_once()
    archive.poison.clear()
    assert (await admin.act(f"/board/dead/{id_}/retry")).location == "/board/dead"
    (await site.face.post(f"/v1/dead/{id_}/retry")).refused(404, "not_found")
    await archive.follower.run_once()
    assert archive.taken == [*range(2, await desk.feed.last() + 1), 1]
    assert (await site.board.see()).board.upkeep.dead == 0


async def test_dead_letters_of_a_queue_and_of_a_follower_are_one_list_and_dropped_alike(site: Site) -> None:
    archive = Archive(site)
    await site.face.ticket()
    await site.desk.settle()
    archive.poison = {1, 2, 3}
    await archive.follower.run_once()
    given_up = []
    for _ in range(3):
        given_up.append(await site.face.give_up("outbox", b'{"ticket": "t"}'))
        site.desk.clock.advance(1)
    for limit in (1, 2, 50):
        letters = await site.face.all("/v1/dead", limit=limit)
        ids = [letter["id"] for letter in letters]
        assert ids == [*reversed(given_up[1:]), given_up[0], *(f"{FOLLOWER}-{position}" for position in (3, 2, 1))]
    for letter in letters:
        assert (await site.face.call("DELETE", f"/v1/dead/{letter['id']}")).status == 204
    assert await site.face.all("/v1/dead") == []
    archive.poison.clear()
    taken = list(archive.taken)
    await archive.follower.run_once()
    assert archive.taken == taken
