"""The desk shows what a customer changed of a message: earlier texts, that it is deleted, and marks below it."""

from typing import Any

from .conftest import Browser, Site
from .desk_of_ada import mine, part

HERE = {"conversation": "c", "sender": "maria@example.org"}


async def change(site: Site, kind: str, **facts: Any) -> None:
    await site.desk.write(message_kind=kind, amends="m", **HERE, **{"text": "", **facts})
    await site.desk.settle()


async def test_an_edit_a_mark_and_a_delete_show_at_their_message(site: Site, ada: Browser) -> None:
    ticket = await mine(site, text="My lamp is <borken>", external_id="m", **HERE)

    async def told() -> str:
        return (await part(ada, f"tickets/{ticket.id}/conversation")).text

    await change(site, "edit", text="My lamp is broken")
    assert "what it said before" in await told()
    assert "My lamp is &lt;borken&gt;" in await told()
    await change(site, "reaction", reaction={"emoji": "👍"}, name="Maria")
    assert '<span dir="auto">👍</span><span class="unseen"> by Maria</span>' in await told()
    assert "said-text deleted" not in await told()
    await change(site, "delete")
    assert "Deleted by the customer" in await told()
    assert '<div class="said-text deleted" dir="auto">My lamp is broken</div>' in await told()
    page = await ada.open(f"/desk/customers/{ticket.customer}")
    assert "Deleted where it was written." in page.text
