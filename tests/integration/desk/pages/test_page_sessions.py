"""Who is signed in, and for how long: ids change, old ones end, and a withdrawn token ends everything."""

import asyncio
from http.cookies import SimpleCookie

import pytest

from trunkline.desk.stores.sessions import GRACE_MS, IDLE_MS, LONGEST_MS, ROTATE_MS
from trunkline.web.tokens import digest_of

from ..conftest import ADMIN
from .conftest import BY_SCRIPT, SIGN_IN, Browser, Site

MINUTE = 60_000
ALIVE = "/desk/alive"


async def is_in(browser: Browser) -> bool:
    """Whether a person who uses it is signed in."""
    status = (await browser.open(ALIVE, headers=BY_SCRIPT)).status
    assert status in (204, 401)
    return status == 204


async def test_a_token_opens_the_desk_and_the_cookie_is_out_of_reach(browser: Browser) -> None:
    assert not await is_in(browser)
    answer = await browser.sign_in()
    assert answer.location == "/desk"
    morsel = SimpleCookie(answer.headers["Set-Cookie"])["trunkline_session"]
    assert (morsel["httponly"], morsel["samesite"], morsel["path"]) == (True, "Lax", "/")
    assert (morsel["secure"], morsel["domain"], morsel["max-age"]) == ("", "", "")
    assert len(morsel.value) == 43
    assert await is_in(browser)


async def test_over_https_the_cookie_stays_on_https(browser: Browser) -> None:
    answer = await browser.send(SIGN_IN, {"token": ADMIN}, headers={"X-Forwarded-Proto": "https"})
    assert answer.headers["Set-Cookie"].endswith("; Secure")


@pytest.mark.parametrize("token", ["", "wrong", "x" * 600, "the-admin-token\0", "é" * 20, " "])
async def test_another_token_does_not(browser: Browser, token: str) -> None:
    answer = await browser.sign_in(token)
    assert (answer.status, "Set-Cookie" in answer.headers) == (401, False)
    assert 'role="alert"' in answer.text
    assert not await is_in(browser)


async def test_the_engine_holds_no_id_and_no_token(site: Site, admin: Browser) -> None:
    kept = b" ".join(await site.desk.engine.call("HGETALL", site.desk.engine.keys("sessions")))
    assert digest_of(admin.cookie).encode() in kept
    assert admin.cookie.encode() not in kept
    assert ADMIN.encode() not in kept


async def test_an_id_that_somebody_planted_is_not_taken_over(site: Site, browser: Browser) -> None:
    browser.cookie = planted = "p" * 43
    await browser.sign_in()
    assert browser.cookie != planted
    thief = site.browser()
    thief.cookie = planted
    assert not await is_in(thief)


async def test_signing_in_again_ends_the_session_before(site: Site, admin: Browser) -> None:
    before = admin.cookie
    await admin.sign_in(await site.token("ada"))
    thief = site.browser()
    thief.cookie = before
    assert not await is_in(thief)
    assert await is_in(admin)


async def test_after_fifteen_minutes_the_id_is_another_and_the_old_one_serves_what_is_under_way(
    site: Site, admin: Browser
) -> None:
    first, csrf = admin.cookie, await admin.csrf()
    site.desk.clock.advance(ROTATE_MS)
    assert await is_in(admin)
    second = admin.cookie
    assert second != first
    assert await admin.csrf() == csrf  # a page that is open goes on working
    old = site.browser()
    old.cookie = first
    assert await is_in(old)
    assert old.cookie == first  # an id that is ending is not exchanged again
    site.desk.clock.advance(GRACE_MS)
    assert not await is_in(old)
    assert old.cookie == ""
    assert await is_in(admin)


async def test_of_many_requests_at_once_one_gets_the_new_id(site: Site, admin: Browser) -> None:
    site.desk.clock.advance(ROTATE_MS)
    answers = await asyncio.gather(*(admin.open(ALIVE, headers=BY_SCRIPT) for _ in range(20)))
    assert {answer.status for answer in answers} == {204}
    assert sum("Set-Cookie" in answer.headers for answer in answers) == 1
    assert await is_in(admin)


async def test_an_answer_that_was_lost_does_not_sign_anybody_out(site: Site, admin: Browser) -> None:
    first = admin.cookie
    site.desk.clock.advance(ROTATE_MS)
    await is_in(admin)
    lost, admin.cookie = admin.cookie, first  # the browser never saw the new id
    site.desk.clock.advance(GRACE_MS * 10)
    assert await is_in(admin)
    assert admin.cookie not in (first, lost)
    site.desk.clock.advance(MINUTE)
    assert await is_in(admin)
    thief = site.browser()
    thief.cookie = lost
    assert not await is_in(thief)


async def test_it_ends_after_twelve_hours_without_a_person(site: Site, admin: Browser) -> None:
    site.desk.clock.advance(IDLE_MS - 1)
    assert await is_in(admin)
    site.desk.clock.advance(IDLE_MS)
    assert not await is_in(admin)


async def test_what_a_page_does_by_itself_keeps_nobody_signed_in(site: Site, admin: Browser) -> None:
    background = BY_SCRIPT | {"X-Background": "1"}
    for _ in range(11):
        site.desk.clock.advance(IDLE_MS // 11)
        await admin.open(ALIVE, headers=background)
    site.desk.clock.advance(1000)
    assert (await admin.open(ALIVE, headers=background)).status == 401


async def test_it_ends_after_seven_days_in_any_case_and_leaves_nothing_behind(site: Site, admin: Browser) -> None:
    for _ in range(LONGEST_MS // (IDLE_MS // 2) - 1):
        site.desk.clock.advance(IDLE_MS // 2)
        assert await is_in(admin)
    assert await site.desk.engine.call("HLEN", site.desk.engine.keys("sessions")) <= 3
    site.desk.clock.advance(IDLE_MS // 2)
    assert not await is_in(admin)


async def test_a_withdrawn_token_ends_its_sessions_with_the_next_request(site: Site, ada: Browser) -> None:
    other = site.browser()
    await other.sign_in()
    await site.face.tokens.revoke("ada-page")
    answer = await ada.open("/desk/nowhere")
    assert answer.location.startswith(SIGN_IN)
    assert "Max-Age=0" in answer.headers["Set-Cookie"]
    assert await site.desk.engine.call("HLEN", site.desk.engine.keys("sessions")) == 1
    assert await is_in(other)


async def test_a_token_of_the_same_name_made_anew_does_not_revive_it(site: Site, ada: Browser) -> None:
    await site.face.tokens.revoke("ada-page")
    await site.token("ada")
    assert not await is_in(ada)


async def test_signing_out_ends_it_under_every_id(site: Site, admin: Browser) -> None:
    first = admin.cookie
    site.desk.clock.advance(ROTATE_MS)
    assert (await admin.act("/desk/sign-out")).location == SIGN_IN
    assert admin.cookie == ""
    thief = site.browser()
    thief.cookie = first
    assert not await is_in(thief)
    assert await site.desk.engine.call("HLEN", site.desk.engine.keys("sessions")) == 0
    assert (await admin.send("/desk/sign-out", {})).location == SIGN_IN


async def test_the_admin_chooses_who_to_work_as_and_an_agent_does_not(site: Site, admin: Browser, ada: Browser) -> None:
    before, csrf = admin.cookie, await admin.csrf()
    assert (await admin.act("/desk/as", {"agent": "boris", "next": "/board"})).location == "/board"
    page = await admin.open("/desk/nowhere")
    assert "Boris is offline" in page.text
    assert (admin.cookie != before, page.csrf != csrf) == (True, True)
    assert (await admin.act("/desk/as", {"agent": "nobody-known"})).status == 422
    assert (await ada.act("/desk/as", {"agent": "boris"})).status == 403
    assert "Ada is offline" in (await ada.open("/desk/nowhere")).text
    assert (await admin.act("/desk/as", {"agent": ""})).location == "/desk"
    assert "choose who you are" in (await admin.open("/desk/nowhere")).text


async def test_an_agent_who_left_the_configuration_is_nobody(site: Site, admin: Browser) -> None:
    await admin.act("/desk/as", {"agent": "boris"})
    settings = site.desk.policy.settings
    left = {name: agent for name, agent in settings.agents.items() if name != "boris"}
    site.desk.policy = type(site.desk.policy)(
        settings=settings.model_copy(update={"agents": left}), rules=site.desk.policy.rules
    )
    page = await admin.open("/desk/nowhere")
    assert "choose who you are" in page.text
    assert (await admin.act("/desk/presence", {"presence": "available"})).status == 409


async def test_presence_is_said_at_the_top_of_the_page(site: Site, ada: Browser) -> None:
    assert (await ada.act("/desk/presence", {"presence": "available", "next": "/board"})).location == "/board"
    fields = {"presence": "away"}
    answer = await ada.act("/desk/presence", fields, headers=BY_SCRIPT)
    assert (answer.status, "Ada is away" in answer.text, "<html" in answer.text) == (200, True, False)
    lines = await site.desk.lines()
    assert [(line.data["actor"], line.data["agent"]["presence"]) for line in lines[-2:]] == [
        ("agent:ada", "available"),
        ("agent:ada", "away"),
    ]
    assert (await ada.act("/desk/presence", {"presence": "asleep"})).status == 422


async def test_a_desk_that_answers_keeps_its_agent_there_and_one_that_is_gone_does_not(
    site: Site, ada: Browser
) -> None:
    desk = site.desk
    await desk.signs.faces_are_there()
    await ada.act("/desk/presence", {"presence": "available"}, headers=BY_SCRIPT)
    for asked in (f"{ALIVE}?at=desk", ALIVE):
        for _ in range(16):  # four minutes
            desk.clock.advance(15_000)
            await desk.signs.faces_are_there()
            assert (await ada.open(asked, headers=BY_SCRIPT)).status == 204
            await desk.settle()
        state = await desk.agents.one(desk.policy.settings, "ada")
        assert state.presence == ("available" if asked != ALIVE else "offline")
