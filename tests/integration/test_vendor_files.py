"""Files from a vendor's servers, fetched from one on loopback that stands for several names."""

import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult

from tests.memory_sink import MemorySink
from trunkline.adapters.vendor_files import VendorFiles
from trunkline.config.errors import CredentialsRefused, DeliveryDeferred, DeliveryFailed, TooLarge
from trunkline.web.service import WebService

HOSTS = ("files.example", ".cdn.example")
SECRET = {"Authorization": "Bearer secret"}


class Names(AbstractResolver):
    """Every name is this machine, or where a test says."""

    address = "127.0.0.1"

    async def resolve(self, host: str, port: int = 0, family: Any = socket.AF_INET) -> list[ResolveResult]:  # noqa: ARG002
        found = {"hostname": host, "host": self.address, "port": port, "family": socket.AF_INET, "proto": 0, "flags": 0}
        return [found]  # type: ignore[list-item]

    async def close(self) -> None:
        """Nothing is held."""


class Vendor:
    """Answers as a test wants, and remembers what it was asked with."""

    def __init__(self) -> None:
        self.answers: list[web.StreamResponse] = []
        self.asked: list[tuple[str, str, str]] = []
        self.breaks_off = False
        application = web.Application()
        application.router.add_get("/{path:.*}", self.answer)
        self.service = WebService(application, "127.0.0.1", 0)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        host = request.host.partition(":")[0]
        self.asked.append((host, request.path, request.headers.get("Authorization", "")))
        if not self.breaks_off:
            return self.answers.pop(0)
        response = web.StreamResponse(headers={"Content-Length": "10"})
        await response.prepare(request)
        await response.write(b"half")
        assert request.transport is not None
        request.transport.close()
        return response

    def url(self, host: str = "files.example", path: str = "a") -> str:
        return f"http://{host}:{self.service.address[1]}/{path}"


@pytest.fixture
async def vendor() -> AsyncIterator[Vendor]:
    vendor = Vendor()
    await vendor.service.start()
    yield vendor
    await vendor.service.stop()


@pytest.fixture
async def files() -> AsyncIterator[VendorFiles]:
    files = VendorFiles(HOSTS, allow_private=True, resolver=Names())
    yield files
    await files.close()


async def test_a_file_is_poured_out_with_what_the_vendor_says_of_it(vendor: Vendor, files: VendorFiles) -> None:
    headers = {"Content-Type": "image/png", "Content-Disposition": 'attachment; filename="a b.png"'}
    vendor.answers = [web.Response(body=b"\x89PNG" * 9, headers=headers)]
    sink = MemorySink()
    told = await files.get(vendor.url(), sink, headers=SECRET)
    assert (sink.content, told.name, told.media_type) == (b"\x89PNG" * 9, "a b.png", "image/png")
    assert vendor.asked == [("files.example", "/a", "Bearer secret")]


async def test_a_redirect_is_followed_within_the_hosts_and_the_credentials_stay_behind(
    vendor: Vendor, files: VendorFiles
) -> None:
    there = vendor.url("x.cdn.example", "b")
    vendor.answers = [web.Response(status=307, headers={"Location": there}), web.Response(body=b"it")]
    sink = MemorySink()
    await files.get(vendor.url(), sink, headers=SECRET)
    assert sink.content == b"it"
    assert vendor.asked[1] == ("x.cdn.example", "/b", "")


@pytest.mark.parametrize("host", ["evil.example", "cdn.example.evil.example", "notfiles.example", "127.0.0.1"])
async def test_a_redirect_out_of_the_hosts_is_not_followed(vendor: Vendor, files: VendorFiles, host: str) -> None:
    vendor.answers = [web.Response(status=302, headers={"Location": vendor.url(host)})]
    with pytest.raises(DeliveryFailed, match="no server of the channel"):
        await files.get(vendor.url(), MemorySink(), headers=SECRET)
    assert len(vendor.asked) == 1


async def test_redirects_come_to_an_end(vendor: Vendor, files: VendorFiles) -> None:
    vendor.answers = [web.Response(status=302, headers={"Location": "/a"}) for _ in range(9)]
    with pytest.raises(DeliveryFailed, match="never the file"):
        await files.get(vendor.url(), MemorySink())
    assert len(vendor.asked) == 4


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/a",
        "https://cdn.example/a",
        "https://user:pass@files.example/a",
        "https://files.example:0x50/a",
        "ftp://files.example/a",
        "file:///etc/passwd",
        "//files.example/a",
        "",
    ],
)
async def test_an_address_that_is_none_of_the_channel_is_never_asked(files: VendorFiles, url: str) -> None:
    with pytest.raises(DeliveryFailed):
        await files.get(url, MemorySink())


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://files.example:8080/a", "another way"),
        ("ftp://files.example/a", "another way"),
        ("http://evil.example/a", "no server of the channel"),
        ("http://files.example/a", "not connected to"),
    ],
)
async def test_a_vendor_that_knows_only_plain_http_is_asked_so_at_public_addresses(url: str, words: str) -> None:
    files = VendorFiles(HOSTS, plain_http=True, resolver=Names())
    with pytest.raises(DeliveryFailed, match=words):
        await files.get(url, MemorySink())
    await files.close()


async def test_only_https_to_public_addresses_unless_the_setting_says_so(vendor: Vendor) -> None:
    files = VendorFiles(HOSTS, resolver=Names())
    with pytest.raises(DeliveryFailed, match="another way than HTTPS"):
        await files.get(vendor.url(), MemorySink())
    with pytest.raises(DeliveryFailed, match="not connected to"):
        await files.get("https://files.example/a", MemorySink())
    await files.close()
    assert vendor.asked == []


async def test_what_is_too_large_by_its_length_is_not_fetched(vendor: Vendor, files: VendorFiles) -> None:
    sink = MemorySink(largest=10)
    vendor.answers = [web.Response(body=b"x" * 11)]
    with pytest.raises(TooLarge):
        await files.get(vendor.url(), sink)
    assert sink.content == b""


@pytest.mark.parametrize("status", [202, 408, 425, 429, 500, 503])
async def test_what_may_come_later_is_put_off_as_the_vendor_asks(
    vendor: Vendor, files: VendorFiles, status: int
) -> None:
    vendor.answers = [web.Response(status=status, headers={"Retry-After": "70"})]
    with pytest.raises(DeliveryDeferred) as raised:
        await files.get(vendor.url(path="bot-secret"), MemorySink())
    assert raised.value.retry_after == 70
    assert "secret" not in raised.value.detail


async def test_credentials_that_are_not_taken_are_told_as_such(vendor: Vendor, files: VendorFiles) -> None:
    vendor.answers = [web.Response(status=401)]
    with pytest.raises(CredentialsRefused, match=r"files\.example does not take our credentials"):
        await files.get(vendor.url(path="bot-secret"), MemorySink(), headers=SECRET)


@pytest.mark.parametrize(("status", "words"), [(404, "no longer"), (410, "no longer"), (403, "403"), (204, "204")])
async def test_what_will_never_come_says_why(vendor: Vendor, files: VendorFiles, status: int, words: str) -> None:
    vendor.answers = [web.Response(status=status)]
    with pytest.raises(DeliveryFailed, match=words):
        await files.get(vendor.url(), MemorySink())


async def test_an_answer_that_breaks_off_is_put_off(vendor: Vendor, files: VendorFiles) -> None:
    vendor.breaks_off = True
    with pytest.raises(DeliveryDeferred, match="breaks off"):
        await files.get(vendor.url(), MemorySink())


async def test_nobody_there_is_put_off(vendor: Vendor, files: VendorFiles) -> None:
    await vendor.service.stop()
    with pytest.raises(DeliveryDeferred, match="not reached"):
        await files.get(vendor.url(path="bot-secret"), MemorySink())
