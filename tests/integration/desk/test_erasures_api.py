"""Erasing a person over HTTP: seen before, confirmed, done; only by administrators."""

from typing import TYPE_CHECKING

from trunkline.desk.stores.idempotency_store import EngineIdempotencyStore
from trunkline.queue.work import WorkQueue
from trunkline.queue.worker import Worker
from trunkline.router.erasure.erasing import Erasing
from trunkline.router.erasure.ledger import ErasureLedger
from trunkline.router.erasure.waiting_messages import WaitingMessages

if TYPE_CHECKING:
    from .conftest import Face

ADA = "ada@secret.test"


def worker(face: "Face") -> Worker:
    """What a process of the role `worker` runs."""
    desk = face.desk
    waiting = WaitingMessages(desk.engine, desk.clock, desk.blobs, [WorkQueue(desk.engine, "intake")], desk.held)
    forget = [EngineIdempotencyStore(desk.engine, desk.clock).forget]
    erasing = Erasing(
        desk.engine,
        desk.clock,
        desk.blobs,
        waiting,
        ErasureLedger(desk.engine, desk.blobs.files.root.parent / "erased"),
        forget,
    )
    return Worker(erasing.queue, desk.clock, erasing.handle)


async def test_a_person_is_erased_after_a_preview_and_a_confirmation(face: "Face") -> None:
    customer = str((await face.ticket(sender=ADA, name="Ada")).customer)
    path = f"/v1/customers/{customer}/erase"
    preview = (await face.get(path)).body
    assert (preview["erased"]["tickets"], preview["open_tickets"]) == (1, 1)
    assert preview["confirm"] == [customer, "Ada", ADA]
    (await face.post(path, {"confirm": "somebody else"})).refused(422, "invalid")
    ordered = await face.post(path, {"confirm": "Ada", "reason": "asked by letter"})
    assert (ordered.status, ordered.body["state"], ordered.body["by"]) == (202, "working", "token:admin")
    shell = (await face.get(f"/v1/customers/{customer}")).body
    assert (shell["identities"], shell["names"], shell["erased_at"]) == ([], [], face.desk.clock.now())
    await worker(face).drain()
    done = (await face.get(f"/v1/erasures/{ordered.body['id']}")).body
    assert (done["state"], done["erased"]["tickets"], done["reason"]) == ("done", 1, "asked by letter")
    assert ADA not in str(await face.desk.lines())
    assert (await face.get("/v1/tickets/T-1")).body["erased_at"] == face.desk.clock.now()
    (await face.get(path)).refused(409, "conflict")


async def test_only_an_administrator_may(face: "Face") -> None:
    customer = str((await face.ticket(sender=ADA)).customer)
    (await face.get(f"/v1/customers/{customer}/erase", token="ada")).refused(403, "forbidden")
    refused = await face.post(f"/v1/customers/{customer}/erase", {"confirm": ADA}, token="ada")
    refused.refused(403, "forbidden")
    (await face.get("/v1/erasures/00000000-0000-0000-0000-000000000000")).refused(404, "not_found")


async def test_a_repeat_of_a_write_about_somebody_who_was_erased_hears_that_it_is_gone(face: "Face") -> None:
    customer = str((await face.ticket(sender=ADA)).customer)
    await face.ticket(sender="bob@example.org")
    keys = [{"Idempotency-Key": key} for key in ("hers", "theirs")]
    for number, key in zip(("T-1", "T-2"), keys, strict=True):
        assert (await face.post(f"/v1/tickets/{number}/accept", {"agent": "ada"}, headers=key)).status == 200
    await face.post(f"/v1/customers/{customer}/erase", {"confirm": ADA})
    await worker(face).drain()
    (await face.post("/v1/tickets/T-1/accept", {"agent": "ada"}, headers=keys[0])).refused(410, "gone")
    assert (await face.post("/v1/tickets/T-2/accept", {"agent": "ada"}, headers=keys[1])).status == 200
    stored = await face.desk.engine.call("HVALS", face.desk.engine.keys("idempotency"))
    assert not any(customer.encode() in each for each in stored)
