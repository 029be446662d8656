import asyncio, json
import pytest
from trunkline.router.actions import TicketChanges
from trunkline.config.errors import DeliveryDeferred
from trunkline.normalizer.outgoing import Parsed, Sent
from trunkline.normalizer.envelope import Envelope, Delivery, envelope_id, Sender, Identity, Assurance

async def put(desk, *agents):
    for a in agents: await desk.actions.presence(a, "available", actor="t")
    await desk.settle()

async def load(desk, a):
    return int(await desk.engine.call("HGET", desk.engine.keys("agents"), a + ".load") or 0)

async def test_move_race(desk):
    """PATCH with If-Match * racing with a move."""
    await put(desk, "ada", "carla")
    await desk.write("one", conversation="c1"); await desk.settle()
    t = (await desk.tickets())[0]
    print("offer", t.offer, await load(desk, "ada"), await load(desk, "boris"))
    stale = await desk.reader.ticket(t.id)
    await desk.actions.change(t.id, TicketChanges(queue="billing"), actor="x")
    await desk.settle()
    t = (await desk.tickets())[0]
    print("after move", t.queue, t.offer, await load(desk, "carla"))
    import trunkline.router.actions as A
    real = A.load_ticket
    async def old(engine, ticket): return stale
    A.load_ticket = old
    try:
        await desk.actions.change(t.id, TicketChanges(queue="support"), actor="y")
        print("changed fine")
    except Exception as e:
        print("ERR", repr(e)[:300])
    finally:
        A.load_ticket = real
    await desk.settle()
    t = (await desk.tickets())[0]
    print("after race", t.queue, t.offer, "carla load", await load(desk, "carla"))
    await desk.actions.decline(t.id, "carla", actor="c")
    print("after decline: carla load", await load(desk, "carla"))
    assert await load(desk, "carla") == 0

async def test_priority_while_offered(desk):
    await put(desk, "ada")
    await desk.write("one", conversation="c1"); await desk.settle()
    t = (await desk.tickets())[0]
    assert t.offer
    before = (await desk.reader.ticket(t.id)).own["_aim"]
    await desk.actions.change(t.id, TicketChanges(priority=1), actor="x")
    await desk.actions.decline(t.id, "ada", actor="a")
    after = (await desk.reader.ticket(t.id)).own
    print(before, after["_aim"], after["_waiting"])
    assert after["_aim"] < before

async def test_stale_facts(desk):
    await put(desk, "ada", "boris")
    await desk.write("one", conversation="c1"); await desk.filers.run_once()
    t = (await desk.tickets())[0]
    await desk.actions.change(t.id, TicketChanges(required_skills=["surgery"]), actor="x")
    await desk.settle()
    t = (await desk.tickets())[0]
    print("offered to", t.offer)
    assert t.offer is None

async def test_everyone_declined(desk):
    await put(desk, "ada", "boris")
    await desk.write("one", conversation="c1"); await desk.settle()
    for _ in range(2):
        t = (await desk.tickets())[0]
        await desk.actions.decline(t.id, t.offer.agent, actor="x"); await desk.settle()
    for a in ("ada", "boris"):
        await desk.actions.presence(a, "offline", actor="t"); await desk.settle()
        await desk.actions.presence(a, "available", actor="t"); await desk.settle()
    desk.clock.advance(86_400_000*10)
    await desk.settle(); print("sweep", await desk.offers.sweep())
    t = (await desk.tickets())[0]
    print("offer", t.offer)
    assert t.offer

async def test_release_alone(desk):
    await put(desk, "carla")
    await desk.write("refund", conversation="c1"); await desk.settle()
    t = (await desk.tickets())[0]
    await desk.actions.accept(t.id, "carla", actor="c")
    await desk.actions.release(t.id, actor="c", agent="carla", reason="shift ends")
    await desk.actions.presence("carla", "offline", actor="c"); await desk.settle()
    desk.clock.advance(86_400_000)
    await put(desk, "carla")
    t = (await desk.tickets())[0]
    print(t.queue, t.offer)
    assert t.offer

async def test_starved(desk):
    for i in range(201):
        await desk.write(f"m{i}", conversation=f"x{i}")
    await desk.settle()
    ts = await desk.tickets()
    for t in ts[:200]:
        await desk.actions.change(t.id, TicketChanges(required_skills=["surgery"]), actor="x")
    await desk.settle()
    await put(desk, "ada")
    t = (await desk.tickets())[-1]
    print(t.number, t.required_skills, t.offer, "sweep", await desk.offers.sweep())
    assert (await desk.tickets())[-1].offer

async def test_overcapacity_reply(desk):
    await put(desk, "carla")
    for i in range(6):
        await desk.write("refund", conversation=f"c{i}")
    await desk.settle()
    for t in await desk.tickets():
        if t.offer: await desk.actions.accept(t.id, "carla", actor="c")
    last = [t for t in await desk.tickets() if not t.assignee][0]
    await desk.actions.reply(last.id, "hi", agent="carla", actor="c")
    print("load", await load(desk, "carla"))
    # not a member of the queue either
    await desk.write("refund", conversation=f"c9"); await desk.settle()
    last = [t for t in await desk.tickets() if not t.assignee][0]
    await desk.actions.reply(last.id, "hi", agent="ada", actor="c")
    t = (await desk.reader.ticket(last.id)).record
    print(t.queue, t.assignee)
    assert await load(desk, "carla") <= 5

async def test_deferred_then_crash(desk):
    await put(desk, "ada")
    await desk.write("one", conversation="c1", assurance=0); await desk.settle()
    t = (await desk.tickets())[0]
    up = False
    async def send(o):
        if not up: raise DeliveryDeferred("down")
        desk.sent.append(o); return Sent(reference=o.external_id)
    desk.delivery._senders = {"test": send}
    a = await desk.actions.reply(t.id, "hi", agent="ada", actor="c")
    for _ in range(5):
        await desk.settle(); desk.clock.advance(400_000)
    # a worker claims and is killed
    await desk.senders.queue.claim(desk.clock.now(), lanes=4)
    desk.clock.advance(31_000); up = True
    await desk.settle()
    desk.clock.advance(400_000); await desk.settle()
    print("delivery", (await desk.reader.article(a)).delivery, await desk.senders.queue.counts(), [d.cause for d in await desk.senders.queue.dead()])
    b = await desk.actions.reply(t.id, "second", agent="ada", actor="c")
    for _ in range(50):
        await desk.settle(); desk.clock.advance(400_000)
    print("second", (await desk.reader.article(b)).delivery)
    for d in await desk.senders.queue.dead(): await desk.senders.queue.redrive(d.sequence, "drop")
    for _ in range(50):
        await desk.settle(); desk.clock.advance(400_000)
    print("second after drop", (await desk.reader.article(b)).delivery, "sent", len(desk.sent))
    try: await desk.actions.resend(a, actor="x")
    except Exception as e: print("resend:", e)
    assert len(desk.sent)

async def test_receipt_while_queued(desk):
    await put(desk, "ada")
    await desk.write("one", conversation="c1", assurance=0); await desk.settle()
    t = (await desk.tickets())[0]
    a = await desk.actions.reply(t.id, "hi", agent="ada", actor="c"); await desk.settle()
    ext = (await desk.reader.article(a)).external_id
    async def receipt(state):
        await desk.filing._receipts.apply(Envelope(id=envelope_id("0190163d-8694-739b-aea5-966c26f8ad90",0), channel="test", external_id="x", kind="delivery", order="1", sender=Sender(identities=()), received_at=1, raw_id="0190163d-8694-739b-aea5-966c26f8ad90", delivery=Delivery(state=state, reference=ext)))
    await receipt("failed")
    await desk.actions.resend(a, actor="x")
    await receipt("failed")     # second notice about the first copy, before the outbox got to it
    await desk.settle()
    print((await desk.reader.article(a)).delivery)
    b = await desk.actions.reply(t.id, "second", agent="ada", actor="c")
    for _ in range(100):
        await desk.settle(); desk.clock.advance(60_000)
    print("second", (await desk.reader.article(b)).delivery, await desk.senders.queue.counts())
    assert (await desk.reader.article(b)).delivery.state == "sent"

async def test_unknown_receipt_is_lost(desk):
    async def parse(raw):
        p = await desk.parse(raw)
        e = p.envelopes[0].model_copy(update={"kind": "delivery", "delivery": Delivery(state="failed", reference="nothing@ours")})
        return Parsed(envelopes=(e,))
    desk.filing._parsers["test"] = parse
    await desk.write("your mail bounced"); await desk.settle()
    print(await desk.tickets(), await desk.filing.suspended.count(), await desk.filers.queue.counts())
    assert await desk.tickets() or await desk.filing.suspended.count() or (await desk.filers.queue.counts())["dead"]

async def test_resend_after_five_days(desk):
    await put(desk, "ada")
    await desk.write("one", conversation="c1", assurance=0); await desk.settle()
    t = (await desk.tickets())[0]
    from trunkline.config.errors import DeliveryFailed
    n = 0
    async def send(o):
        nonlocal n; n += 1
        if n == 1: raise DeliveryFailed("no")
        if n == 2: raise DeliveryDeferred("450 greylisted")
        return Sent(reference=o.external_id)
    desk.delivery._senders = {"test": send}
    a = await desk.actions.reply(t.id, "hi", agent="ada", actor="c"); await desk.settle()
    desk.clock.advance(6*86_400_000)
    await desk.actions.resend(a, actor="x"); await desk.settle()
    print((await desk.reader.article(a)).delivery)
    assert (await desk.reader.article(a)).delivery.state != "failed"

async def test_form_name_echo(desk):
    await put(desk, "ada")
    await desk.write("one", conversation="c1", assurance=0, name="You won! evil.example"); await desk.settle()
    t = (await desk.tickets())[0]
    await desk.actions.reply(t.id, "hi", agent="ada", actor="c"); await desk.settle()
    print(desk.sent[-1].to_name, desk.sent[-1].subject)
    assert desk.sent[-1].to_name == ""
