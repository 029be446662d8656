"""What our own pages may do, what other sites may not, and what a page says when something is refused."""

import io
import json
import re

import pytest

from trunkline.config.errors import EngineUnavailable
from trunkline.desk.pages.forms import local_path
from trunkline.desk.pages.security_headers import CONTENT_POLICY
from trunkline.desk.pages.sign_in import BURST

from ..conftest import ADMIN
from .conftest import BY_SCRIPT, NAVIGATION, SIGN_IN, Browser, Site

PRESENCE = "/desk/presence"
ELSEWHERE = (
    *("https://evil.example/", "//evil.example", "/\\evil.example", "/desk//evil.example", "https:/evil.example", ""),
    *("javascript:alert(1)", "/v1/tickets", "/desk\r\nSet-Cookie: a=b", "/desk/../v1", "/deskevil", "desk", " /desk"),
    *("/desk/\u202e", "/desk?" + "a" * 3000, "/desk@evil.example", "/desk/x y"),
)


@pytest.mark.parametrize(
    ("headers", "problem"),
    [
        ({"Sec-Fetch-Site": "cross-site"}, "another site"),
        ({"Sec-Fetch-Site": "same-site"}, "another site"),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "{own}"}, "another site"),
        ({"Origin": "https://evil.example"}, "another site"),
        ({"Origin": "null"}, "another site"),
        ({"Origin": "http://127.0.0.1"}, "another site"),
        ({"Origin": ""}, "another site"),
    ],
)
async def test_a_form_that_another_site_sends_does_nothing(
    site: Site, ada: Browser, headers: dict[str, str], problem: str
) -> None:
    sent = {name: value.replace("{own}", site.base) for name, value in headers.items()}
    csrf = await ada.csrf()
    for by in ({"Accept": "text/html"}, {"X-Requested-With": "trunkline"}):
        answer = await ada.send(PRESENCE, {"csrf": csrf, "presence": "available"}, headers=sent | by)
        assert (answer.status, problem in answer.text) == (403, True)
    assert [line.kind for line in await site.desk.lines()] == []


@pytest.mark.parametrize("csrf", [None, "", "0" * 64, "ünsinn", "{other}", "{short}"])
async def test_a_form_without_the_token_of_the_session_does_nothing(
    site: Site, ada: Browser, admin: Browser, csrf: str | None
) -> None:
    own = await ada.csrf()
    wrong = (csrf or "").replace("{other}", await admin.csrf()).replace("{short}", own[:-1])
    fields = {"presence": "available"} | ({} if csrf is None else {"csrf": wrong})
    answer = await ada.send(PRESENCE, fields)
    assert (answer.status, "reload it and try again" in answer.text) == (403, True)
    answer = await ada.send(PRESENCE, fields, headers=BY_SCRIPT)
    assert (answer.status, json.loads(answer.text)["code"]) == (403, "csrf")
    assert [line.kind for line in await site.desk.lines()] == []


@pytest.mark.parametrize("headers", [{}, {"Origin": "{own}"}, {"Sec-Fetch-Site": "same-origin", "Origin": "null"}])
async def test_the_token_counts_in_a_field_and_in_a_header(site: Site, ada: Browser, headers: dict[str, str]) -> None:
    sent = {name: value.replace("{own}", site.base) for name, value in headers.items()}
    csrf = await ada.csrf()
    assert (await ada.send(PRESENCE, {"csrf": csrf, "presence": "busy"}, headers=sent)).status == 303
    answer = await ada.send(PRESENCE, {"presence": "away"}, headers=sent | {"X-CSRF-Token": csrf})
    assert answer.status == 303


async def test_another_site_signs_nobody_in(browser: Browser) -> None:
    answer = await browser.send(SIGN_IN, {"token": ADMIN}, headers={"Sec-Fetch-Site": "cross-site"})
    assert (answer.status, "Set-Cookie" in answer.headers) == (403, False)


async def test_another_site_signs_nobody_out(admin: Browser) -> None:
    assert (await admin.send("/desk/sign-out", {}, headers={"Sec-Fetch-Site": "cross-site"})).status == 403
    assert (await admin.send("/desk/sign-out", {})).status == 403
    assert (await admin.open("/desk/alive", headers=BY_SCRIPT)).status == 204


@pytest.mark.parametrize("wanted", ELSEWHERE)
async def test_nobody_is_sent_elsewhere_after_signing_in(browser: Browser, wanted: str) -> None:
    assert (await browser.sign_in(next=wanted)).location == "/desk"


async def test_one_comes_back_to_where_one_wanted_to_go(browser: Browser) -> None:
    wanted = "/desk/tickets/T-12?queue=support&q=%C3%A9"
    answer = await browser.open(wanted)
    assert answer.location == "/desk/sign-in?next=/desk/tickets/T-12%3Fqueue%3Dsupport%26q%3D%25C3%25A9"
    page = await browser.open(answer.location)
    hidden = re.search(r'name="next" value="([^"]*)"', page.text)
    assert hidden is not None
    assert (await browser.sign_in(next=hidden[1].replace("&amp;", "&"))).location == wanted
    assert (await browser.open(answer.location)).location == wanted
    assert local_path(wanted) == wanted


async def test_a_script_hears_that_it_is_signed_out(browser: Browser) -> None:
    for path in ("/desk", "/desk/parts/worker", "/desk/alive", "/board"):
        answer = await browser.open(path, headers=BY_SCRIPT)
        assert (answer.status, json.loads(answer.text)["code"]) == (401, "unauthenticated")
    answer = await browser.send(PRESENCE, {"presence": "available"})
    assert answer.location == SIGN_IN


async def test_every_answer_says_what_browsers_may_do(admin: Browser) -> None:
    answers = [
        await admin.open("/desk/sign-in?next=/desk/nowhere"),
        await admin.open("/desk/nowhere"),
        await admin.open("/desk/nowhere", headers=BY_SCRIPT),
        await admin.open("/desk/alive", headers=BY_SCRIPT),
        await admin.open("/desk/parts/worker"),
        await admin.request("DELETE", "/desk/nowhere"),
        await admin.send(PRESENCE, {"presence": "available"}),
    ]
    assert [answer.status for answer in answers] == [303, 404, 404, 204, 200, 404, 403]
    for answer in answers:
        said = answer.headers
        assert said["Content-Security-Policy"] == CONTENT_POLICY
        assert (said["X-Content-Type-Options"], said["X-Frame-Options"]) == ("nosniff", "DENY")
        assert (said["Referrer-Policy"], said["Cache-Control"]) == ("same-origin", "no-store")
        assert said["Cross-Origin-Opener-Policy"] == "same-origin"
        assert "camera=()" in said["Permissions-Policy"]
        assert said["Server"] == "Trunkline"


async def test_no_page_holds_what_its_policy_forbids(admin: Browser) -> None:
    for path in ("/desk/nowhere", "/desk", "/board"):
        page = await admin.open(path)
        assert not re.search(r"<[^>]+\s(?:style|on[a-z]+)\s*=", page.text, re.IGNORECASE)
        assert not re.search(r"<style|<script(?![^>]*\ssrc=)|javascript:", page.text, re.IGNORECASE)
        assert set(re.findall(r'(?:src|href|action)="(?!/|#)([^"]*)"', page.text)) == set()


async def test_guessing_tokens_is_slowed_down(site: Site, browser: Browser) -> None:
    answers = [await browser.sign_in(f"guess {n}") for n in range(BURST)]
    assert {answer.status for answer in answers} == {401}
    answer = await browser.sign_in()
    assert (answer.status, "Set-Cookie" in answer.headers) == (429, False)
    assert int(answer.headers["Retry-After"]) > 0
    assert f"Try again in {answer.headers['Retry-After']} seconds" in answer.text
    assert (await site.browser().open(SIGN_IN)).status == 200


async def test_a_token_without_the_scope_is_told_so(site: Site, browser: Browser) -> None:
    await browser.sign_in(await site.face.tokens.create("feed-reader", scopes=["feed:read"]))
    page = await browser.open("/desk")
    assert (page.status, "lacks the scope tickets:read" in page.text) == (403, True)
    assert 'action="/desk/sign-out"' in page.text
    reader = site.browser()
    await reader.sign_in(await site.face.tokens.create("reader", scopes=["tickets:read"]))
    answer = await reader.act(PRESENCE, {"presence": "available"})
    assert (answer.status, "lacks the scope agents:write" in answer.text) == (403, True)


async def test_a_page_that_is_not_there_says_so_in_our_look(admin: Browser, browser: Browser) -> None:
    page = await admin.open("/desk/<script>alert(1)</script>")
    assert (page.status, "There is nothing here" in page.text, "<script>alert" in page.text) == (404, True, False)
    assert (await admin.open("/board/nowhere/at/all")).status == 404
    assert (await browser.open("/desk/nowhere")).location.startswith(SIGN_IN)


async def test_our_own_trouble_signs_nobody_out(site: Site, admin: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    async def away(*_: object, **__: object) -> object:
        raise EngineUnavailable("connection refused by 10.0.0.7")

    with monkeypatch.context() as patched:
        patched.setattr(site.desk.engine, "run", away)
        page = await admin.open("/desk")
        answer = await admin.open("/desk/alive", headers=BY_SCRIPT)
    assert (page.status, page.headers["Retry-After"], "Set-Cookie" in page.headers) == (503, "5", False)
    assert ("We have trouble just now" in page.text, "10.0.0.7" in page.text) == (True, False)
    assert (answer.status, json.loads(answer.text)["code"]) == (503, "engine_unavailable")
    assert (await admin.open("/desk/alive", headers=BY_SCRIPT)).status == 204


async def test_a_defect_shows_nothing_but_a_case(site: Site, admin: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> object:
        raise ValueError("the password is swordfish")

    monkeypatch.setattr(site.desk.agents, "one", broken)
    await admin.act("/desk/as", {"agent": "ada"})
    page = await admin.open("/desk")
    assert (page.status, "swordfish" in page.text) == (503, False)
    assert re.search(r"Case <code>[0-9a-f-]{36}</code>", page.text)


@pytest.mark.parametrize("body", [b"\xff\xfe=1", b"&".join(b"a=%d" % n for n in range(300))])
async def test_a_form_that_cannot_be_read_is_refused(admin: Browser, body: bytes) -> None:
    headers = NAVIGATION | {"Content-Type": "application/x-www-form-urlencoded"}
    assert (await admin.request("POST", PRESENCE, data=body, headers=headers)).status == 400
    big = await admin.request("POST", PRESENCE, data=io.BytesIO(b"a=" + b"x" * 1_100_000), headers=headers)
    assert (big.status, "This is too large" in big.text) == (413, True)
