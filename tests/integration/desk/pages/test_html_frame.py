"""A customer's HTML is a document of its own without rights, and what came along inside the mail is shown in it."""

import hashlib
import re
from base64 import b64decode, b64encode
from typing import Any

import pytest

from trunkline.desk.pages.sanitise import TILE
from trunkline.normalizer.envelope import Assurance, Attachment, Envelope, Identity, Sender, envelope_id
from trunkline.queue.identifiers import new_id
from trunkline.router.filer import Origin
from trunkline.router.records import Article

from ....xss_corpus import MAILS
from .conftest import Browser, Site

GIF = b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")


async def article_with(site: Site, html: str, *attachments: Attachment) -> Article:
    """An article whose mail had this HTML."""
    desk: Any = site.desk
    now = desk.clock.now()
    raw_id = new_id(now)
    envelope = Envelope(
        id=envelope_id(raw_id, 0),
        channel="mail",
        external_id=raw_id,
        order="0000000000000001",
        sender=Sender(identities=(Identity(kind="email", value="h@example.org", assurance=Assurance.ORIGIN),)),
        subject="</title><script>alert(1)</script>",
        text="hello",
        html=html,
        attachments=attachments,
        received_at=now,
        raw_id=raw_id,
    )
    filed = await desk.filer.file(envelope, Origin())
    return (await desk.reader.articles(filed.ticket))[0]


async def picture(site: Site, name: str, content: bytes = GIF) -> Attachment:
    """A picture inside a mail."""
    sha = await site.desk.blobs.put(content)
    return Attachment(name=name, media_type="image/gif", size=len(content), sha256=sha, content_id=name, inline=True)


async def test_the_document_has_no_rights(site: Site, ada: Browser) -> None:
    article = await article_with(site, "<p>Hello <b>desk</b><script>alert(1)</script></p>")
    answer = await ada.open(f"/desk/articles/{article.id}/html")
    assert answer.status == 200
    assert "<p>Hello <b>desk</b></p>" in answer.text
    assert "<script" not in answer.text
    style = re.findall(r"<style>(.*?)</style>", answer.text, re.DOTALL)
    assert len(style) == 1
    digest = b64encode(hashlib.sha256(style[0].encode()).digest()).decode()
    policy = dict(part.partition(" ")[::2] for part in answer.headers["Content-Security-Policy"].split("; "))
    assert policy == {
        "sandbox": "allow-popups allow-popups-to-escape-sandbox",
        "default-src": "'none'",
        "style-src": f"'sha256-{digest}'",
        "img-src": "data:",
        "form-action": "'none'",
        "base-uri": "'none'",
        "frame-ancestors": "'self'",
    }
    said = answer.headers
    assert (said["X-Frame-Options"], said["Referrer-Policy"]) == ("SAMEORIGIN", "no-referrer")
    assert (said["Cache-Control"], said["X-Content-Type-Options"]) == ("no-store", "nosniff")


async def test_pictures_of_the_mail_are_shown_and_others_are_told(site: Site, ada: Browser) -> None:
    html = '<img src="cid:logo"><img src="cid:fake"><img src="cid:gone"><img src="https://tracker.example/open.gif">'
    gone = Attachment(name="gone", media_type="image/gif", size=9, sha256="0" * 64, content_id="gone", inline=True)
    fake = await picture(site, "fake", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>")
    article = await article_with(site, html, await picture(site, "logo"), fake, gone)
    page = await ada.open(f"/desk/articles/{article.id}/html")
    sources = re.findall(r'<img src="([^"]*)"', page.text)
    assert sources == [f"data:image/gif;base64,{b64encode(GIF).decode()}", TILE, TILE, TILE]
    assert "3 pictures were not loaded from outside." in page.text


async def test_an_article_without_html_has_no_such_document(site: Site, ada: Browser) -> None:
    article = await article_with(site, "")
    assert (await ada.open(f"/desk/articles/{article.id}/html")).status == 404
    assert (await ada.open(f"/desk/articles/{new_id(1)}/html")).status == 404
    assert (await ada.open("/desk/articles/not-an-id/html")).status == 404


async def test_nobody_reads_it_without_signing_in(site: Site) -> None:
    article = await article_with(site, "<p>secret</p>")
    answer = await site.browser().open(f"/desk/articles/{article.id}/html")
    assert answer.location.startswith("/desk/sign-in")


@pytest.mark.parametrize("html", MAILS[::9])
async def test_hostile_mails_are_shown_without_their_teeth(site: Site, ada: Browser, html: str) -> None:
    article = await article_with(site, html)
    page = await ada.open(f"/desk/articles/{article.id}/html")
    assert page.status == 200
    shown = page.text.partition("<body>")[2]
    assert not re.search(r"<(script|iframe|svg|math|form|object|embed|link|meta|base|style)\b", shown, re.IGNORECASE)
    shown = re.sub(r'="[^"]*"', "=", shown)
    assert not re.search(r"<[^>]*\s(on\w+|style|srcset|background|formaction|ping)\s*=", shown, re.IGNORECASE)
    assert page.text.count("<title>") == page.text.count("</title>") == 1
