"""The same job in separate processes, on the embedded engine and on an engine of one's own."""

import shlex
from contextlib import ExitStack
from pathlib import Path

import pytest

from trunkline.queue.server_binary import ServerBinary

from ..conftest import StartServer
from ..ports import free_port
from .gateway import EXAMPLE, SIGNING_KEY, Gateway, gateway
from .mails import deliver, listening_sink, plain, written

COLD = True
MESSAGE = b'{"email": "kofi@example.org", "message": "hello"}'
PROCFILE = Path(__file__).parents[2] / "Procfile"


def _roles() -> list[str]:
    lines = [line for line in PROCFILE.read_text().splitlines() if line and not line.startswith("#")]
    commands = [shlex.split(line.partition(":")[2]) for line in lines]
    assert all(command[0] == "trunkline" for command in commands)
    return [command[1] for command in commands]


async def _job(separate: Gateway, sink_port: int) -> None:
    """Mail in, form in, offer, accept, answer, mail out: across all processes."""
    async with listening_sink(sink_port) as sink, separate.api() as api:
        await api.presence("ada")
        await deliver(separate, written("My lamp is broken, please help me.", subject="Lamp"))
        offered = await api.until("ticket.offered")
        await api.do("POST", f"/v1/tickets/{offered['subject']}/accept", {"agent": "ada"})
        await api.do(
            "POST", f"/v1/tickets/{offered['subject']}/messages", {"kind": "reply", "text": "We send a new one."}
        )
        assert await sink.mail(lambda mail: "a new one" in plain(mail))
        status, _ = await api.signed_post(MESSAGE, key=SIGNING_KEY)
        assert status == 202
        await api.until("ticket.created", lambda event: event["data"]["ticket"]["channel"] == "http")
        assert (await api.ask("GET", "/readyz"))[0] == 200
        await api.metric("trunkline_sweep_found_total")


async def test_the_roles_of_the_procfile_do_the_job_together(server_binary: ServerBinary) -> None:
    port = free_port()
    async with gateway(channels__mail__smarthost=f"127.0.0.1:{port}") as separate:
        started = [await separate.launch(role) for role in _roles()]
        for process in started:
            await process.until('"action": "ready"')
        await _job(separate, port)
        async with separate.api() as api:
            counted = 0.0
            while not counted:  # other processes hand their counts over every few seconds
                counted = await api.metric('trunkline_intake_total{channel="mail",outcome="accepted"}')
        for process in reversed(started):
            assert await process.stop() == 0, process.transcript


async def test_the_roles_do_the_job_on_an_engine_of_ones_own(start_server: StartServer) -> None:
    port, redis = free_port(), free_port()
    words = ("--bind", "127.0.0.1", "--port", str(redis))
    with start_server(*words):
        url = f"redis://127.0.0.1:{redis}"
        async with gateway(channels__mail__smarthost=f"127.0.0.1:{port}", redis__url=url) as separate:
            for role in ("web", "smtp", "worker", "worker"):
                await separate.start(role)
            await _job(separate, port)
            assert not (separate.data / "engine.json").exists(), "nobody started an engine"


async def test_an_engine_that_could_lose_mail_is_refused_with_the_remedy_unless_that_is_accepted(
    start_server: StartServer,
) -> None:
    redis = free_port()
    words = ("--bind", "127.0.0.1", "--port", str(redis), "--appendfsync", "everysec")
    with start_server(*words):
        async with gateway(redis__url=f"redis://127.0.0.1:{redis}") as careless:
            process = await careless.run("serve")
            assert await process.ended() == 1
            assert "appendfsync is everysec" in process.told[0]
            assert "CONFIG SET appendfsync always" in process.told[0]
            config = careless.folder / "mine.yaml"
            config.write_text(f"{EXAMPLE.read_text()}\ndurability: relaxed\n")
            await careless.start("serve", "--config", str(config))


async def test_with_a_replica_nothing_is_acknowledged_that_it_does_not_have(start_server: StartServer) -> None:
    port, replica_port = free_port(), free_port()
    bound = ("--bind", "127.0.0.1", "--port")
    with start_server(*bound, str(port)), ExitStack() as replicas:
        replica = replicas.enter_context(start_server(*bound, str(replica_port), "--replicaof", f"127.0.0.1 {port}"))
        replica.until("MASTER <-> REPLICA sync: Finished with success")
        async with gateway(redis__url=f"redis://127.0.0.1:{port}") as desk:
            unconfirmed = await desk.run("serve")
            assert await unconfirmed.ended() == 1
            assert "set `durability.replicas: 1`, or more" in unconfirmed.told[0]
            desk.environ["TRUNKLINE_DURABILITY__REPLICAS"] = "1"
            await desk.start()
            async with desk.api() as api:
                assert (await api.signed_post(MESSAGE, key=SIGNING_KEY))[0] == 202
                await api.until("ticket.created")
                replicas.close()
                status, problem = await api.signed_post(MESSAGE, key=SIGNING_KEY, webhook_id="msg_2")
                assert (status, problem["code"]) == (503, "engine_unavailable")


async def test_there_is_no_engine_to_run_when_one_is_named(start_server: StartServer) -> None:
    async with gateway(redis__url="redis://127.0.0.1:1") as named:
        process = await named.run("engine")
        assert await process.ended() == 1
        assert "redis.url names an engine" in process.told[0]


@pytest.mark.parametrize("command", ["tail", "explain T-1", "dead list", "token list", "suspended list"])
async def test_without_an_engine_a_command_says_what_to_start(fresh: Gateway, command: str) -> None:
    process = await fresh.run(*command.split())
    assert await process.ended() == 1
    assert process.told == [f"trunkline: no engine runs on {fresh.data}; start `trunkline serve` or `trunkline engine`"]
