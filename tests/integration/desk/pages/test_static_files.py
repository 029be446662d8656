"""Style sheets and scripts: kept for ever by their mark, never guessed at, and never a way into the folder."""

import gzip
import re

from trunkline.desk.pages.static_files import StaticFiles
from trunkline.desk.pages.templating import static_folders

from .conftest import Browser

PLAIN = {"Accept-Encoding": "identity"}


async def test_a_page_names_its_files_by_what_is_in_them(admin: Browser) -> None:
    page = await admin.open("/desk/nowhere")
    names = re.findall(r'(?:src|href)="(/desk/static/[^"]+)"', page.text)
    assert len(names) >= 4
    for name in names:
        answer = await admin.open(name, headers=PLAIN)
        assert (answer.status, answer.headers["Cache-Control"]) == (200, "public, max-age=31536000, immutable")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Type"].partition(";")[0] in ("text/css", "text/javascript", "image/svg+xml")


async def test_without_its_mark_a_file_is_asked_for_again(browser: Browser) -> None:
    first = await browser.open("/desk/static/base.css", headers=PLAIN)
    stale = await browser.open("/desk/static/base.css?v=0000000000000000", headers=PLAIN)
    assert (first.status, first.headers["Cache-Control"], stale.headers["Cache-Control"]) == (
        200,
        "no-cache",
        "no-cache",
    )
    for known in (first.headers["ETag"], f'"x", W/{first.headers["ETag"]}', "*"):
        again = await browser.open("/desk/static/base.css", headers=PLAIN | {"If-None-Match": known})
        assert (again.status, again.raw) == (304, b"")
    other = await browser.open("/desk/static/base.css", headers=PLAIN | {"If-None-Match": '"other"'})
    assert (other.status, other.raw) == (200, first.raw)


async def test_whoever_takes_gzip_gets_less_of_the_same(browser: Browser) -> None:
    plain = await browser.open("/desk/static/base.css", headers=PLAIN)
    packed = await browser.request(
        "GET", "/desk/static/base.css", headers={"Accept-Encoding": "br, gzip"}, auto_decompress=False
    )
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.raw) == plain.raw
    assert len(packed.raw) * 2 < len(plain.raw)
    assert packed.headers["ETag"] != plain.headers["ETag"]
    assert packed.headers["Vary"] == plain.headers["Vary"] == "Accept-Encoding"


async def test_names_never_become_paths(browser: Browser) -> None:
    for name in ("../shell.py", "..%2fshell.py", "%2e%2e/sessions.py", "base.css%00.js", "", "nothing.css", "x" * 300):
        assert (await browser.open(f"/desk/static/{name}", headers=PLAIN)).status in (401, 404)


def test_the_version_is_that_of_the_files() -> None:
    assert StaticFiles(static_folders()).version == StaticFiles(static_folders()).version
    assert StaticFiles(static_folders()).version != StaticFiles([]).version
