"""What the desk says of a message that has not left: why it waits, and behind what."""

from trunkline.config.errors import DeliveryDeferred
from trunkline.normalizer.outgoing import Outgoing, Sent
from trunkline.router.ticket_requests import Writing

from .conftest import Browser, Site
from .desk_of_ada import mine, part


async def test_a_reply_behind_one_that_cannot_be_sent_says_why_until_both_have_left(site: Site, ada: Browser) -> None:
    desk, reachable = site.desk, False

    async def send(outgoing: Outgoing) -> Sent:
        if not reachable:
            raise DeliveryDeferred("the mail server refused the connection")
        return Sent()

    ticket = await mine(site)
    desk.delivery._senders = {"test": send, "mail": send}
    for text in ("the first", "the second"):
        await desk.actions.reply(ticket.id, Writing(text=text, agent="ada", actor="agent:ada"))
    for _ in range(2):
        await desk.settle()
        desk.clock.advance(3_000)
    told = (await part(ada, f"tickets/{ticket.id}/conversation")).text
    assert "Will be tried again: the mail server refused the connection; tried 2 times" in told
    assert "Waits behind an earlier message: the mail server refused the connection; tried 2 times" in told
    reachable = True
    desk.clock.advance(60_000)
    await desk.settle()
    told = (await part(ada, f"tickets/{ticket.id}/conversation")).text
    assert ("data-unsent" in told, "tried" in told, "Waits behind" in told) == (False, False, False)
