"""Attachments leave by links that last ten minutes, for one session, through one article, and only as downloads."""

import re
from urllib.parse import parse_qs, urlsplit

from trunkline.desk.pages.file_links import VALID_MS
from trunkline.desk.stores.download_marks import Downloaded, DownloadMarks
from trunkline.queue.identifiers import new_id

from ..conftest import FILE, sha256
from .conftest import BY_SCRIPT, Browser, Site

SHA = sha256(FILE)


async def link_for(browser: Browser, article: str, sha: str = SHA) -> str:
    """A fresh link, as a page asks for one."""
    answer = await browser.open(f"/desk/parts/file-link?article={article}&sha256={sha}", headers=BY_SCRIPT)
    assert answer.status == 200, answer.text
    return answer.text


async def test_a_file_is_a_download_and_nothing_else(site: Site, ada: Browser) -> None:
    _, article = await site.face.attached()
    answer = await ada.open(await link_for(ada, article.id))
    assert (answer.status, answer.raw) == (200, FILE)
    said = answer.headers
    assert (said["Content-Type"], said["X-Content-Type-Options"]) == ("application/octet-stream", "nosniff")
    assert said["Content-Disposition"].startswith('attachment; filename="')
    assert said["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert "no-store" in said["Cache-Control"]
    assert said["Cross-Origin-Resource-Policy"] == "same-origin"


async def test_the_conversation_carries_such_a_link(site: Site, ada: Browser) -> None:
    ticket, article = await site.face.attached()
    page = await ada.open(f"/desk/tickets/{ticket.number}")
    found = re.search(rf'href="(/desk/files/{SHA}\?article={article.id}&amp;expires=\d+&amp;mac=[^"]+)"', page.text)
    assert found is not None
    assert (await ada.open(found[1].replace("&amp;", "&"))).raw == FILE


async def test_it_is_noted_who_took_it(site: Site, ada: Browser, admin: Browser) -> None:
    _, article = await site.face.attached()
    marks = DownloadMarks(site.desk.engine, site.desk.clock)
    await admin.open(await link_for(admin, article.id))
    site.desk.clock.advance(1000)
    await ada.open(await link_for(ada, article.id))
    now = site.desk.clock.now()
    assert await marks.of(article.id) == {SHA: (Downloaded("ada", now), Downloaded("admin", now - 1000))}
    assert await marks.of(new_id(now)) == {}


async def test_it_lasts_ten_minutes(site: Site, ada: Browser) -> None:
    _, article = await site.face.attached()
    link = await link_for(ada, article.id)
    site.desk.clock.advance(VALID_MS - 1)
    assert (await ada.open(link)).raw == FILE
    site.desk.clock.advance(1)
    page = await ada.open(link)
    assert (page.status, "this link has expired" in page.text.lower()) == (410, True)
    assert (await ada.open(await link_for(ada, article.id))).raw == FILE


async def test_a_link_that_was_changed_or_made_up_opens_nothing(site: Site, ada: Browser) -> None:
    _, article = await site.face.attached()
    _, other = await site.face.attached("other.txt", b"another file")
    link = await link_for(ada, article.id)
    parts = urlsplit(link)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    changed = [
        {**query, "expires": str(int(query["expires"]) + 60_000)},
        {**query, "expires": "9" * 15},
        {**query, "expires": "soon"},
        {**query, "expires": ""},
        {**query, "article": other.id},
        {**query, "article": article.id.upper()},
        {**query, "article": "../" + article.id},
        {**query, "mac": query["mac"][:-1]},
        {**query, "mac": query["mac"][::-1]},
        {**query, "mac": "%C3%A9"},
        {**query, "mac": ""},
        {"article": article.id},
        {},
    ]
    for fields in changed:
        given = "&".join(f"{name}={value}" for name, value in fields.items())
        page = await ada.open(f"{parts.path}?{given}")
        assert (page.status, "made for another sign-in" in page.text) == (403, True), fields
    for sha in (sha256(b"another file"), "0" * 64, SHA.upper(), "passwd"):
        assert (await ada.open(f"/desk/files/{sha}?{parts.query}")).status == 403
    assert (await ada.open(link)).raw == FILE


async def test_it_is_of_no_use_to_anybody_else_nor_after_signing_out(site: Site, ada: Browser, admin: Browser) -> None:
    _, article = await site.face.attached()
    link = await link_for(ada, article.id)
    assert (await admin.open(link)).status == 403
    assert (await site.browser().open(link)).location.startswith("/desk/sign-in")
    await ada.act("/desk/sign-out")
    await ada.sign_in(await site.token("ada", "ada-again"))
    assert (await ada.open(link)).status == 403


async def test_no_link_is_made_for_what_an_article_does_not_have(site: Site, ada: Browser) -> None:
    _, article = await site.face.attached()
    secret = await site.desk.blobs.put(b"a raw message of somebody else")
    for given in (
        f"article={article.id}&sha256={secret}",
        f"article={new_id(1)}&sha256={SHA}",
        f"article=x&sha256={SHA}",
        f"article={article.id}&sha256=../../etc/passwd",
        "",
    ):
        answer = await ada.open(f"/desk/parts/file-link?{given}", headers=BY_SCRIPT)
        assert answer.status == 404, given
