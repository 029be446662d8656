"""Signing in by an identity provider: who gets in, who does not, what attackers try, and when it ends."""

import asyncio
import copy
import dataclasses
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
import pytest
from aiohttp import ClientSession, CookieJar, web

from trunkline.config.settings import Settings
from trunkline.desk.access.role_tokens import RoleTokens
from trunkline.desk.openid.provider import ClientRefused, GrantRefused, Provider
from trunkline.desk.openid.signed_in_people import ASKING_SECONDS, SignedInPeople
from trunkline.desk.pages.cookies import ATTEMPT
from trunkline.desk.pages.mounting import mount_pages
from trunkline.desk.stores.token_store import desk_tokens
from trunkline.web.service import WebService, new_application
from trunkline.web.tokens import FirstOf

from ....identity_provider import CLIENT, SECRET, IdentityProvider
from ...conftest import SETTINGS
from ..conftest import ADMIN, Face
from .conftest import Browser, Page, page_parts

DESK = "http://localhost:9"
CALLBACK = "/desk/sign-in/callback"
MINUTE = 60_000
TEAMS = {"help": {"members": ["boris"], "queues": ["support"]}, "money": {"members": ["carla"], "queues": ["billing"]}}


@dataclass
class Site:
    """The pages with the provider behind them."""

    desk: Any
    face: Face
    idp: IdentityProvider
    base: str
    browser: Callable[[], Browser]
    settings: dict[str, Any]

    async def ask(self, address: str) -> str:
        """What the provider answers to the browser; the path and query to come back with."""
        async with ClientSession() as session, session.get(address, allow_redirects=False) as response:
            assert response.status == 302, await response.text()
            back = urlsplit(response.headers["Location"])
            assert f"{back.scheme}://{back.netloc}{back.path}" == f"{DESK}{CALLBACK}"
            return f"{back.path}?{back.query}"

    async def sign_in(self, browser: Browser, wanted: str = "/desk") -> Page:
        """All of it; the answer of our callback."""
        start = await browser.open(f"/desk/sign-in/start?{urlencode({'next': wanted})}")
        return await browser.open(await self.ask(start.location))

    def configure(self, **changes: Any) -> None:
        """Put a changed configuration in force; `sign_in` and the agents are changed within."""
        self.desk.configure({**self.settings, **changes})


@pytest.fixture
async def site(desk: Any, face: Face) -> AsyncIterator[Site]:
    """Ada has an address, Boris a subject."""
    idp = IdentityProvider(f"{DESK}{CALLBACK}")
    await idp.start()
    settings = copy.deepcopy(SETTINGS)
    settings["agents"]["ada"]["email"] = "Ada@example.test"
    settings["agents"]["boris"] |= {"email": "boris@example.test", "subject": "b-17"}
    settings["sign_in"] = {"issuer": idp.issuer, "client_id": CLIENT, "url": DESK, "name": "Example"}
    desk.configure(settings)
    application = new_application()
    sign_in = Settings.model_validate(settings).sign_in
    assert sign_in is not None
    people = SignedInPeople(
        desk.engine, desk.clock, lambda: desk.policy, Provider(sign_in, SECRET, desk.clock.now), SECRET
    )
    tokens = RoleTokens(FirstOf([desk_tokens(ADMIN, face.tokens), people]), lambda: desk.policy)
    mount_pages(application, dataclasses.replace(page_parts(desk, face), tokens=tokens, people=people))
    service = WebService(application, "127.0.0.1", 0)
    await service.start()
    base, made = f"http://127.0.0.1:{service.address[1]}", list[ClientSession]()

    def browser() -> Browser:
        made.append(ClientSession(cookie_jar=CookieJar(unsafe=True)))
        return Browser(made[-1], base)

    yield Site(desk, face, idp, base, browser, settings)
    for session in made:
        await session.close()
    await service.stop()
    await idp.stop()


@pytest.fixture
async def browser(site: Site) -> Browser:
    return site.browser()


async def test_who_has_a_verified_address_of_an_agent_is_that_agent(site: Site, browser: Browser) -> None:
    site.idp.enter("a-1", email="ada@Example.test")
    assert (await site.sign_in(browser, "/board?wall")).location == "/board?wall"
    assert "Ada" in (await browser.open("/desk/parts/worker")).text
    assert site.idp.refused == []
    assert "Sign in with Example" in (await site.browser().open("/desk/sign-in")).text


async def test_the_subject_goes_before_the_address(site: Site, browser: Browser) -> None:
    site.idp.enter("b-17", email="somebody@elsewhere.test")
    assert (await site.sign_in(browser)).location == "/desk"
    assert "Boris" in (await browser.open("/desk/parts/worker")).text
    site.idp.enter("another", email="boris@example.test")
    assert (await site.sign_in(site.browser())).status == 403


@pytest.mark.parametrize(
    ("claims", "words"),
    [
        ({"email": "eva@example.test"}, "No agent of this desk has the address eva@example.test."),
        ({"email": "ada@example.test", "email_verified": False}, "gives no verified address of yours"),
        ({"email": "ada@example.test", "email_verified": "true"}, "gives no verified address of yours"),
        ({}, "gives no verified address of yours"),
    ],
)
async def test_who_is_no_agent_is_told_so(site: Site, browser: Browser, claims: dict[str, Any], words: str) -> None:
    site.idp.enter("e-1", **claims)
    page = await site.sign_in(browser)
    assert (page.status, words in page.text) == (403, True), page.text
    assert "Ask whoever runs this desk to add you." in page.text
    assert browser.cookie == ""


def _other_issuer(claims: dict[str, Any], _: dict[str, Any]) -> None:
    claims["iss"] = "https://other.example"


def _other_audience(claims: dict[str, Any], _: dict[str, Any]) -> None:
    claims["aud"] = "another-client"


def _several_audiences(claims: dict[str, Any], _: dict[str, Any]) -> None:
    claims["aud"] = [CLIENT, "another-client"]


def _other_party(claims: dict[str, Any], _: dict[str, Any]) -> None:
    claims["azp"] = "another-client"


def _expired(claims: dict[str, Any], _: dict[str, Any]) -> None:
    claims |= {"iat": claims["iat"] - 900, "exp": claims["iat"] - 300}


def _endless(claims: dict[str, Any], _: dict[str, Any]) -> None:
    del claims["exp"]


def _other_nonce(claims: dict[str, Any], _: dict[str, Any]) -> None:
    claims["nonce"] = "x" * 43


def _no_nonce(claims: dict[str, Any], _: dict[str, Any]) -> None:
    del claims["nonce"]


def _unknown_key(_: dict[str, Any], header: dict[str, Any]) -> None:
    header["kid"] = "never-published"


@pytest.mark.parametrize(
    "change",
    [
        _other_issuer,
        _other_audience,
        _several_audiences,
        _other_party,
        _expired,
        _endless,
        _other_nonce,
        _no_nonce,
        _unknown_key,
    ],
)
async def test_a_token_that_is_not_for_this_sign_in_is_refused(
    site: Site, browser: Browser, change: Callable[[dict[str, Any], dict[str, Any]], None]
) -> None:
    site.idp.enter("a-1", email="ada@example.test")
    site.idp.change = change
    page = await site.sign_in(browser)
    assert (page.status, browser.cookie) == (401, "")
    assert "does not prove who you are" in page.text


def _unsigned(idp: IdentityProvider) -> Callable[[dict[str, Any], dict[str, Any]], str]:
    return lambda claims, header: jwt.encode(claims, "", algorithm="none", headers=header)


def _with_public_key_as_password(idp: IdentityProvider) -> Callable[[dict[str, Any], dict[str, Any]], str]:
    modulus = idp.public_key()["n"]
    return lambda claims, header: jwt.encode(claims, modulus, algorithm="HS256", headers=header)


def _with_client_secret(_: IdentityProvider) -> Callable[[dict[str, Any], dict[str, Any]], str]:
    return lambda claims, header: jwt.encode(claims, SECRET.ljust(40), algorithm="HS256", headers=header)


def _with_a_key_of_its_own(idp: IdentityProvider) -> Callable[[dict[str, Any], dict[str, Any]], str]:
    stranger = IdentityProvider("")
    jwk = {**stranger.public_key(), "kid": next(iter(idp.keys))}
    key = next(iter(stranger.keys.values()))
    return lambda claims, header: jwt.encode(claims, key, algorithm="RS256", headers={**header, "jwk": jwk})


@pytest.mark.parametrize("sign", [_unsigned, _with_public_key_as_password, _with_client_secret, _with_a_key_of_its_own])
async def test_a_token_that_the_provider_did_not_sign_is_refused(
    site: Site, browser: Browser, sign: Callable[[IdentityProvider], Any]
) -> None:
    site.idp.enter("a-1", email="ada@example.test")
    site.idp.sign = sign(site.idp)
    assert (await site.sign_in(browser)).status == 401
    assert browser.cookie == ""


async def test_a_code_is_taken_only_in_the_browser_that_asked_for_it(site: Site) -> None:
    """The attacker's code in the victim's browser (sign-in CSRF), and the victim's in the attacker's."""
    site.idp.enter("a-1", email="ada@example.test")
    attacker, victim = site.browser(), site.browser()
    stolen = await site.ask((await attacker.open("/desk/sign-in/start")).location)
    page = await victim.open(stolen)
    assert (page.status, victim.cookie) == (401, "")
    assert "does not belong to a sign-in that was begun here" in page.text
    await victim.open("/desk/sign-in/start")
    assert (await victim.open(stolen)).status == 401, "its state is that of another attempt"
    assert (await attacker.open(stolen)).location == "/desk"


async def test_an_answer_is_good_once_and_not_for_long(site: Site, browser: Browser) -> None:
    site.idp.enter("a-1", email="ada@example.test")
    back = await site.ask((await browser.open("/desk/sign-in/start")).location)
    jar = browser._session.cookie_jar.filter_cookies(browser._base.joinpath("desk/sign-in/callback"))
    kept = jar[ATTEMPT].value
    assert (await browser.open(back)).location == "/desk"
    assert (await site.browser().open(back)).status == 401
    again = await site.browser().open(back, headers={"Cookie": f"{ATTEMPT}={kept}", "Sec-Fetch-Mode": "navigate"})
    assert again.status == 401, "even with the attempt that it belongs to"
    assert site.idp.refused == ["token: a code that is not known, or was used"]
    late = site.browser()
    back = await site.ask((await late.open("/desk/sign-in/start")).location)
    site.desk.clock.advance(11 * MINUTE)
    assert (await late.open(back)).status == 401


async def test_an_answer_of_another_provider_is_refused(site: Site, browser: Browser) -> None:
    site.idp.enter("a-1", email="ada@example.test")
    back = urlsplit(await site.ask((await browser.open("/desk/sign-in/start")).location))
    query = {name: values[0] for name, values in parse_qs(back.query).items()}
    for changed in ({**query, "iss": "https://evil.example"}, {k: v for k, v in query.items() if k != "iss"}):
        assert (await browser.open(f"{back.path}?{urlencode(changed)}")).status == 401
        await browser.open("/desk/sign-in/start")


async def test_what_the_provider_refuses_is_told_without_its_words(site: Site, browser: Browser) -> None:
    start = await browser.open("/desk/sign-in/start")
    state = parse_qs(urlsplit(start.location).query)["state"][0]
    hostile = urlencode({"state": state, "iss": site.idp.issuer, "error": "<b>Call +1 900</b>"})
    page = await browser.open(f"{CALLBACK}?{hostile}")
    assert (page.status, "900" in page.text) == (401, False)
    assert "The identity provider refused: an error." in page.text


@pytest.mark.parametrize("wanted", ["https://evil.example", "//evil.example", "/desk/../../evil", "/v1/tickets", ""])
async def test_nobody_is_sent_elsewhere_after_signing_in(site: Site, browser: Browser, wanted: str) -> None:
    site.idp.enter("a-1", email="ada@example.test")
    assert (await site.sign_in(browser, wanted)).location == "/desk"


async def test_a_session_that_was_planted_is_not_the_one_that_is_signed_in(site: Site, browser: Browser) -> None:
    site.idp.enter("a-1", email="ada@example.test")
    planted = "p" * 43
    browser.cookie = planted
    await site.sign_in(browser)
    assert browser.cookie not in ("", planted)
    stranger = site.browser()
    stranger.cookie = planted
    assert (await stranger.open("/desk")).location.startswith("/desk/sign-in")


async def test_keys_can_change_at_any_time(site: Site, browser: Browser) -> None:
    site.idp.enter("a-1", email="ada@example.test")
    await site.sign_in(browser)
    site.idp.rotate("second")
    site.desk.clock.advance(31_000)
    assert (await site.sign_in(site.browser())).location == "/desk"


async def test_a_provider_that_is_away_is_told_and_tokens_still_work(site: Site, browser: Browser) -> None:
    site.idp.away = True
    page = await browser.open("/desk/sign-in/start")
    assert (page.status, "does not answer as it should" in page.text) == (503, True)
    assert (await browser.sign_in()).location == "/desk"


async def _signed_in(site: Site, **claims: Any) -> Browser:
    site.idp.enter("a-1", email="ada@example.test", **claims)
    browser = site.browser()
    assert (await site.sign_in(browser)).location == "/desk"
    return browser


async def _is_in(browser: Browser) -> bool:
    return (await browser.open("/desk")).status == 200


async def test_the_provider_is_asked_again_and_who_is_gone_is_out(site: Site) -> None:
    browser = await _signed_in(site)
    site.desk.clock.advance(9 * MINUTE)
    assert (await _is_in(browser), site.idp.refreshes) == (True, 0)
    site.desk.clock.advance(2 * MINUTE)
    assert (await _is_in(browser), site.idp.refreshes) == (True, 1)
    site.idp.people["a-1"].gone = True
    assert await _is_in(browser)
    site.desk.clock.advance(11 * MINUTE)
    assert not await _is_in(browser)


async def test_many_requests_at_once_ask_the_provider_once(site: Site) -> None:
    browser = await _signed_in(site)
    site.desk.clock.advance(11 * MINUTE)
    assert await asyncio.gather(*(_is_in(browser) for _ in range(8))) == [True] * 8
    assert (site.idp.refreshes, site.idp.refused) == (1, [])


async def test_a_provider_that_is_away_signs_nobody_out_for_an_hour(site: Site) -> None:
    browser = await _signed_in(site)
    site.idp.away = True
    site.desk.clock.advance(50 * MINUTE)
    assert await _is_in(browser)
    site.desk.clock.advance(25 * MINUTE)
    await _asked_no_more(site)
    assert not await _is_in(browser)


async def test_groups_give_roles_and_teams_which_follow_the_provider(site: Site) -> None:
    groups = {"bosses": {"role": "admin"}, "money-leads": {"leads": ["money"]}}
    site.configure(teams=TEAMS, sign_in={**site.settings["sign_in"], "groups": groups})
    refund = await site.face.ticket("I want a refund")
    browser = await _signed_in(site, groups=["money-leads", "unheard-of"])
    assert (await browser.open(f"/desk/tickets/{refund.number}")).status == 200
    site.idp.people["a-1"].claims["groups"] = []
    site.desk.clock.advance(11 * MINUTE)
    assert (await browser.open(f"/desk/tickets/{refund.number}")).status == 404
    site.idp.people["a-1"].claims["groups"] = ["bosses"]
    site.desk.clock.advance(11 * MINUTE)
    assert (await browser.open("/board/dead")).status in (200, 404)  # the board is not mounted here
    assert (await browser.open(f"/desk/customers/{refund.customer}/export")).status == 200


async def test_only_who_is_in_a_group_that_is_required_is_let_in(site: Site) -> None:
    required = {**site.settings["sign_in"], "require_groups": ["desk"]}
    browser = await _signed_in(site)
    site.configure(sign_in=required)
    assert not await _is_in(browser)
    site.idp.enter("a-1", email="ada@example.test", groups=["desk"])
    assert (await site.sign_in(browser)).location == "/desk"


async def test_a_session_ends_with_the_agent(site: Site) -> None:
    browser = await _signed_in(site)
    agents = {**site.settings["agents"], "ada": {**site.settings["agents"]["ada"], "email": "new@example.test"}}
    site.configure(agents=agents)
    assert not await _is_in(browser)


async def test_without_a_refresh_token_a_sign_in_lasts_for_a_while(site: Site) -> None:
    granted = site.idp._granted
    site.idp._granted = _without_refresh(granted)  # type: ignore[method-assign]
    browser = await _signed_in(site)
    for _ in range(7):
        site.desk.clock.advance(60 * MINUTE)
        assert await _is_in(browser)
    site.desk.clock.advance(70 * MINUTE)
    assert not await _is_in(browser)


def _without_refresh(granted: Callable[..., Any]) -> Callable[..., Any]:
    def grant(*arguments: Any) -> web.Response:
        body = json.loads(granted(*arguments).text)
        del body["refresh_token"]
        return web.json_response(body)

    return grant


async def test_who_signs_out_at_the_provider_is_signed_out_here(site: Site) -> None:
    browser = await _signed_in(site)
    other = await _signed_in(site)
    form = {"logout_token": site.idp.logout_token(sub="a-1")}
    for hostile in (
        {"logout_token": site.idp.logout_token(sub="a-1", events={})},
        {"logout_token": site.idp.logout_token(sub="a-1", nonce="n")},
        {"logout_token": site.idp.logout_token(sub="a-1", aud="another-client")},
        {"logout_token": site.idp.logout_token()},
        {"logout_token": "x.y.z"},
        {},
    ):
        assert (await site.browser().send("/desk/sign-in/signed-out", hostile)).status == 400
    assert await _is_in(browser)
    site.desk.clock.advance(1000)
    assert (await site.browser().send("/desk/sign-in/signed-out", form)).status == 200
    assert (await _is_in(browser), await _is_in(other)) == (False, False)
    site.desk.clock.advance(1000)
    assert (await site.sign_in(browser)).location == "/desk", "and can sign in again"
    assert await _is_in(browser)


async def _told_of_sign_out(site: Site, token: str) -> int:
    site.desk.clock.advance(1000)
    answer = await site.browser().send("/desk/sign-in/signed-out", {"logout_token": token})
    site.desk.clock.advance(1000)
    return answer.status


async def test_one_sign_in_of_a_person_can_be_ended_and_theirs_without_a_name_end_with_it(site: Site) -> None:
    named = await _signed_in(site)
    site.idp.names_sessions = False
    nameless = await _signed_in(site)
    assert await _told_of_sign_out(site, site.idp.logout_token(sub="a-1", sid="s-other")) == 200
    assert (await _is_in(named), await _is_in(nameless)) == (True, False)
    assert await _told_of_sign_out(site, site.idp.logout_token(sid="s-a-1")) == 200
    assert not await _is_in(named)


async def test_a_logout_token_that_was_kept_signs_nobody_out_again(site: Site) -> None:
    browser, kept = await _signed_in(site), site.idp.logout_token(sub="a-1")
    assert (await _told_of_sign_out(site, kept), await _is_in(browser)) == (200, False)
    assert (await site.sign_in(browser)).location == "/desk"
    assert await _told_of_sign_out(site, kept) == 200, "the provider may not have heard the first answer"
    assert await _is_in(browser)
    assert await _told_of_sign_out(site, site.idp.logout_token(sub="a-1")) == 200
    assert not await _is_in(browser)


async def test_a_secret_that_was_changed_signs_nobody_out_and_is_told_to_whoever_signs_in(site: Site) -> None:
    browser = await _signed_in(site)
    site.idp.secret = "another"
    site.desk.clock.advance(11 * MINUTE)
    assert await _is_in(browser)
    page = await site.sign_in(site.browser())
    assert (page.status, "has to look at its client secret" in page.text) == (503, True)
    site.idp.secret = SECRET
    await _asked_no_more(site)
    assert (await _is_in(browser), site.idp.refreshes) == (True, 1)


async def test_nobody_else_asks_while_an_exchange_lasts(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = await _signed_in(site)
    site.desk.clock.advance(11 * MINUTE)
    left = list[int]()

    async def lasting(provider: Provider, token: str) -> Any:
        (busy,) = await site.desk.engine.call("KEYS", "*busy*")
        left.append(await site.desk.engine.call("PTTL", busy))
        return await refresh(provider, token)

    refresh = Provider.refresh
    monkeypatch.setattr(Provider, "refresh", lasting)
    assert await _is_in(browser)
    assert left[0] > (ASKING_SECONDS + 20) * 1000


async def _asked_no_more(site: Site) -> None:
    await site.desk.engine.call("DEL", *(await site.desk.engine.call("KEYS", "*busy*")))


async def test_a_copy_of_the_engine_holds_no_refresh_token(site: Site) -> None:
    await _signed_in(site)
    (token,) = site.idp._refresh
    for key in await site.desk.engine.call("KEYS", "*"):
        if await site.desk.engine.call("TYPE", key) == b"string":
            assert token.encode() not in await site.desk.engine.call("GET", key)


async def test_signing_out_here_ends_the_session_here(site: Site) -> None:
    browser = await _signed_in(site)
    await browser.act("/desk/sign-out")
    assert not await _is_in(browser)


async def test_attempts_are_limited(site: Site, browser: Browser) -> None:
    statuses = [(await browser.open("/desk/sign-in/start")).status for _ in range(25)]
    assert statuses.count(303) == 20
    assert statuses[-1] == 429


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"redirect_uri": "https://evil.example"}, "redirect_uri"),
        ({"code_challenge_method": "plain"}, "code_challenge_method"),
        ({"code_challenge": ""}, "code_challenge"),
        ({"state": "1"}, "state"),
        ({"nonce": ""}, "nonce"),
        ({"scope": "email"}, "scope"),
        ({"response_type": "token"}, "response_type"),
    ],
)
async def test_the_provider_of_these_tests_refuses_what_is_wrong(
    site: Site, browser: Browser, asked: dict[str, str], why: str
) -> None:
    start = urlsplit((await browser.open("/desk/sign-in/start")).location)
    query = {name: values[0] for name, values in parse_qs(start.query).items()} | asked
    address = f"{site.idp.issuer}/authorize?{urlencode(query)}"
    async with ClientSession() as session, session.get(address, allow_redirects=False) as response:
        assert response.status == 400
    assert site.idp.refused == [f"authorize: {why}"]


async def test_the_provider_of_these_tests_refuses_a_wrong_verifier_and_a_wrong_secret(site: Site) -> None:
    assert site.settings["sign_in"]["client_id"] == CLIENT
    sign_in = Settings.model_validate(site.settings).sign_in
    assert sign_in is not None
    assert sign_in.recheck == timedelta(minutes=10)
    for secret, verifier in (("wrong", "v" * 43), (SECRET, "v" * 43)):
        site.idp.enter("a-1", email="ada@example.test")
        back = await site.ask((await site.browser().open("/desk/sign-in/start")).location)
        code = parse_qs(urlsplit(back).query)["code"][0]
        with pytest.raises((ClientRefused, GrantRefused), match=r"invalid_client|invalid_grant"):
            await Provider(sign_in, secret, site.desk.clock.now).redeem(code, verifier)
    assert site.idp.refused == ["token: the client's secret", "token: verifier or redirect address"]
