"""Tokens of agents, written where the engine keeps them, which is quicker than the command that makes them."""

from trunkline.desk.stores.token_store import AGENT_SCOPES, TokenStore
from trunkline.queue.clock import ManualClock
from trunkline.queue.connection import Engine
from trunkline.queue.engine_record import EngineRecord
from trunkline.queue.keys import Keys

from .gateway import Gateway


async def agent_token(gateway: Gateway, agent: str) -> str:
    """Another token of this agent's own."""
    record = EngineRecord.read(gateway.data / "engine.json")
    assert record is not None
    engine = Engine(record.url, Keys("main"))
    token = await TokenStore(engine, ManualClock()).create(agent, scopes=AGENT_SCOPES, agent=agent)
    await engine.close()
    return token
