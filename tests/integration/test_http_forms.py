"""The page for people: what they see, what is stored, and what happens when something is wrong."""

import asyncio
import hashlib
import re
from base64 import b64encode
from collections.abc import AsyncIterator
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any

import pytest
from aiohttp import ClientResponse, ClientSession

from trunkline.adapters.http_source.channel import HttpChannel
from trunkline.adapters.http_source.form_page import TEXTS, wanted_language
from trunkline.adapters.http_source.settings import HttpSettings
from trunkline.config.errors import Conflict, EngineUnavailable
from trunkline.queue.clock import ManualClock
from trunkline.web.service import WebService, new_application

SETTINGS = HttpSettings.model_validate(
    {
        "form": {
            "fields": {
                "name": "name", "email": "email", "subject": "subject", "message": "message",
                "conversation": "conversation", "order_number": "order.number", "secret": "internal",
            },
            "assurance": "A2",
            "max_body": "16KiB",
            "form": {
                "title": {"en": "Write <b>us</b>", "de": "Hallo"},
                "labels": {"order_number": {"en": "Order number", "de": "Bestellnummer"}},
                "per_minute": 6,
                "burst": 3,
            },
        },
        "off": {"fields": {"email": "email", "message": "message"}, "form": {"enabled": False}},
        "shop": {"fields": {"email": "email", "message": "message"}},
    }
)  # fmt: skip
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
DAY = 24 * 60 * 60 * 1000
TYPED = {
    "name": "Maria <i>",
    "email": "maria@example.org",
    "subject": 'Zürich & "more"',
    "message": "</textarea><script>x",
}


@dataclass(frozen=True)
class Accepted:
    id: str
    duplicate: bool


class FakeIntake:
    def __init__(self) -> None:
        self.stored: dict[str, dict[str, Any]] = {}
        self.trouble: Exception | None = None

    async def accept(self, **message: Any) -> Accepted:
        if self.trouble is not None:
            raise self.trouble
        known = self.stored.setdefault(message["external_id"], {**message, "id": f"raw-{len(self.stored)}"})
        if known["content"] != message["content"]:
            raise Conflict("another message was stored under this id before")
        return Accepted(known["id"], known["content"] is not message["content"])


class Page(HTMLParser):
    """What a browser would make of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.html = html
        self.values: dict[str, str] = {}
        self.elements: list[tuple[str, dict[str, str]]] = []
        self._open = ""
        self._text: list[str] = []
        self.feed(html)
        self.text = re.sub(r"\s+", " ", " ".join(self._text))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        self.elements.append((tag, attributes))
        if tag in ("input", "textarea"):
            self._open = attributes["name"] if tag == "textarea" else ""
            self.values[attributes["name"]] = attributes.get("value", "")
        elif tag == "style":
            self._open = "style"

    def handle_endtag(self, tag: str) -> None:
        if tag in ("textarea", "style"):
            self._open = ""

    def handle_data(self, data: str) -> None:
        if self._open and self._open != "style":
            self.values[self._open] += data.removeprefix("\n")
        elif not self._open:
            self._text.append(data)

    def named(self, name: str) -> dict[str, str]:
        return next(attributes for _, attributes in self.elements if attributes.get("name") == name)


@pytest.fixture
def intake() -> FakeIntake:
    return FakeIntake()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def client(intake: FakeIntake, clock: ManualClock) -> AsyncIterator[ClientSession]:
    channel = HttpChannel(SETTINGS, intake=intake, secret_of=lambda _: SECRET, clock=clock)
    application = new_application()
    channel.routes(application)
    service = WebService(application, "127.0.0.1", 0)
    await service.start()
    async with ClientSession(f"http://127.0.0.1:{service.address[1]}") as session:
        yield session
    await service.stop()


async def shown(response: ClientResponse) -> Page:
    assert response.content_type == "text/html"
    return Page(await response.text())


async def opened(client: ClientSession, address: str = "/forms/form") -> Page:
    response = await client.get(address)
    assert response.status == 200
    return await shown(response)


async def sent(client: ClientSession, page: Page, **typed: str) -> tuple[int, Page]:
    response = await client.post("/forms/form", data={**page.values, **typed})
    return response.status, await shown(response)


def receipt(page: Page) -> str:
    found = re.search(r'id="receipt">([^<]+)<', page.html)
    return found[1] if found else ""


async def test_what_a_person_writes_is_stored_and_the_page_shows_its_receipt(
    client: ClientSession, intake: FakeIntake
) -> None:
    page = await opened(client)
    assert list(page.values) == ["form_id", "name", "email", "subject", "message", "order_number", "website"]
    status, answer = await sent(client, page, **TYPED)
    assert (status, receipt(answer)) == (200, "raw-0")
    (stored,) = intake.stored.values()
    assert (stored["channel"], stored["account"], stored["kind"]) == ("http", "form", "message")
    assert stored["lane"] == "http:form:e:maria@example.org"
    assert stored["transport"] == {"face": "form", "peer": "127.0.0.1", "language": ""}
    assert b"maria%40example.org" in stored["content"]


async def test_a_form_sent_twice_is_one_message_with_one_receipt(client: ClientSession, intake: FakeIntake) -> None:
    page = await opened(client)
    answers = await asyncio.gather(*(sent(client, page, **TYPED) for _ in range(2)))
    again = await sent(client, page, **TYPED)
    assert [receipt(answer) for _, answer in (*answers, again)] == ["raw-0"] * 3
    assert TEXTS["en"]["repeated"] in again[1].text
    assert len(intake.stored) == 1
    assert (
        receipt((await sent(client, await opened(client), **TYPED))[1]) == ""
    )  # three at once were this peer's budget


async def test_a_form_that_was_changed_after_it_was_sent_comes_back_as_a_message_of_its_own(
    client: ClientSession, intake: FakeIntake
) -> None:
    page = await opened(client)
    await sent(client, page, **TYPED)
    status, back = await sent(client, page, **{**TYPED, "message": "changed"})
    assert (status, back.values["message"], receipt(back)) == (409, "changed", "")
    assert TEXTS["en"]["changed"] in back.text
    assert receipt((await sent(client, back, **back.values))[1]) == "raw-1"
    assert [b"message=changed" in stored["content"] for stored in intake.stored.values()] == [False, True]


async def test_what_is_wrong_is_named_and_what_was_typed_stays(client: ClientSession, intake: FakeIntake) -> None:
    page = await opened(client)
    status, again = await sent(client, page, **{**TYPED, "email": "maria", "message": "  "})
    assert (status, intake.stored) == (422, {})
    assert again.values["form_id"] == page.values["form_id"]
    assert {name: again.values[name] for name in ("name", "email", "subject")} == {
        **{k: TYPED[k] for k in ("name", "subject")},
        "email": "maria",
    }
    assert again.named("email")["aria-invalid"] == "true"
    assert again.named("email")["aria-describedby"] == "email-error"
    assert "autofocus" in again.named("email")
    assert "aria-invalid" not in again.named("name")
    for words in ("bad_email", "missing", "correct"):
        assert TEXTS["en"][words] in again.text
    assert (await sent(client, again, email="maria@example.org", message="hello"))[0] == 200


async def test_what_was_typed_is_shown_as_text_and_never_as_markup(client: ClientSession) -> None:
    page = await opened(client)
    _, again = await sent(client, page, **{**TYPED, "email": '"><script>alert(1)</script>'})
    assert [tag for tag, _ in again.elements if tag in ("script", "i", "b")] == []
    assert again.values["message"] == TYPED["message"]
    assert again.values["subject"] == TYPED["subject"]


@pytest.mark.parametrize(
    "forge",
    [
        lambda _: "",
        lambda _: "x",
        lambda form_id: form_id[:-1] + ("A" if form_id[-1] != "A" else "B"),
        lambda form_id: ("A" if form_id[0] != "A" else "B") + form_id[1:],
        lambda form_id: re.sub(r"\.\d+\.", ".1800000000001.", form_id),
    ],
)
async def test_a_form_id_that_is_not_ours_is_not_taken(client: ClientSession, intake: FakeIntake, forge: Any) -> None:
    page = await opened(client)
    status, again = await sent(client, page, **TYPED, form_id=forge(page.values["form_id"]))
    assert (status, intake.stored) == (422, {})
    assert TEXTS["en"]["stale"] in again.text
    assert again.values["message"] == TYPED["message"]
    assert (await sent(client, again))[0] == 200


async def test_a_form_that_was_open_for_a_day_is_given_a_new_id(
    client: ClientSession, intake: FakeIntake, clock: ManualClock
) -> None:
    page = await opened(client)
    clock.advance(DAY + 1)
    status, again = await sent(client, page, **TYPED)
    assert (status, intake.stored) == (422, {})
    assert again.values["form_id"] != page.values["form_id"]
    assert (await sent(client, again))[0] == 200


async def test_the_field_that_nobody_sees_catches_programs(client: ClientSession, intake: FakeIntake) -> None:
    page = await opened(client)
    trap = page.named("website")
    assert (trap["tabindex"], trap["autocomplete"]) == ("-1", "off")
    status, _ = await sent(client, page, **TYPED, website="https://spam.example")
    assert (status, intake.stored) == (422, {})


async def test_a_peer_over_its_budget_is_told_to_wait_and_keeps_its_words(
    client: ClientSession, intake: FakeIntake
) -> None:
    for _ in range(3):
        assert (await sent(client, await opened(client), **TYPED))[0] == 200
    response = await client.post("/forms/form", data={**(await opened(client)).values, **TYPED})
    page = await shown(response)
    assert (response.status, len(intake.stored)) == (429, 3)
    assert 0 < int(response.headers["Retry-After"]) <= 11
    assert page.values["message"] == TYPED["message"]


async def test_our_own_trouble_keeps_what_was_typed_and_says_that_it_was_not_sent(
    client: ClientSession, intake: FakeIntake
) -> None:
    page = await opened(client)
    intake.trouble = EngineUnavailable("secret words")
    response = await client.post("/forms/form", data={**page.values, **TYPED})
    again = await shown(response)
    assert (response.status, "Retry-After" in response.headers, receipt(again)) == (503, True, "")
    assert TEXTS["en"]["trouble"] in again.text
    assert "secret" not in again.html
    intake.trouble = None
    assert (again.values["form_id"], (await sent(client, again))[0]) == (page.values["form_id"], 200)


async def test_other_bodies_are_refused_with_a_page(client: ClientSession, intake: FakeIntake) -> None:
    page = await opened(client)
    urlencoded = {"Content-Type": "application/x-www-form-urlencoded"}
    bodies: list[tuple[Any, dict[str, str], int]] = [
        (b"{}", {"Content-Type": "application/json"}, 415),
        (b"email=%ff&message=a", urlencoded, 400),
        (b"email=\xff", urlencoded, 400),
        (b"&".join(b"a%d=1" % number for number in range(60)), urlencoded, 400),
        (b"message=" + b"a" * 20_000, urlencoded, 413),
        (b"", urlencoded, 422),
        (b"\0", urlencoded, 400),
    ]
    for body, headers, status in bodies:
        response = await client.post("/forms/form", data=body, headers=headers)
        assert (response.status, body[:20]) == (status, body[:20])
        assert (await shown(response)).values["form_id"]
    assert (await sent(client, page, email="a@b.example", message="a\0b\ud7ff"))[0] == 200
    assert len(intake.stored) == 1


@pytest.mark.parametrize("name", ["off", "shop", "nowhere", "%00", "form%2f"])
async def test_where_there_is_no_form_a_page_says_so(client: ClientSession, intake: FakeIntake, name: str) -> None:
    for response in (
        await client.get(f"/forms/{name}"),
        await client.post(f"/forms/{name}", data={"email": "a@b.example"}),
    ):
        assert response.status == 404
        assert TEXTS["en"]["nothing"] in (await shown(response)).text
    assert intake.stored == {}


@pytest.mark.parametrize("language", sorted(TEXTS))
async def test_the_page_is_there_in_every_language(client: ClientSession, language: str) -> None:
    page = await opened(client, f"/forms/form?lang={language}")
    (html,) = [attributes for tag, attributes in page.elements if tag == "html"]
    assert (html["lang"], html["dir"]) == (language, "rtl" if language in ("ar", "he") else "ltr")
    assert TEXTS[language]["send"] in page.text
    (form,) = [attributes for tag, attributes in page.elements if tag == "form"]
    assert form["action"] == f"/forms/form?lang={language}"
    assert set(TEXTS[language]) == set(TEXTS["en"])


@pytest.mark.parametrize(
    ("asked", "accepted", "language"),
    [
        ("", "", ""), ("de", "fr", "de"), ("xx", "fr-CA,en;q=0.8", "fr"), ("", "en;q=0.5, ru;q=0.9", "ru"),
        ("", "de;q=0, es", "es"), ("", "zz, *;q=0.1", ""), ("", "DE-at", "de"),
        ("", ";;;q=,,", ""), ("", "en;q=2, it", "en"),
    ],
)  # fmt: skip
def test_the_reader_is_met_in_their_language(asked: str, accepted: str, language: str) -> None:
    assert wanted_language(asked, accepted) == language


async def test_the_reader_and_the_operator_choose_the_words(client: ClientSession) -> None:
    response = await client.get("/forms/form", headers={"Accept-Language": "de-AT,de;q=0.9,en;q=0.8"})
    page = await shown(response)
    assert (response.headers["Content-Language"], response.headers["Vary"]) == ("de", "Accept-Language")
    assert "Hallo" in page.text
    assert "Bestellnummer" in page.text
    assert "Order number" in (await opened(client, "/forms/form?lang=fr")).text
    assert "Write <b>us</b>" in (await opened(client)).text


async def test_every_input_has_a_label_and_the_page_loads_nothing(client: ClientSession) -> None:
    response = await client.get("/forms/form")
    page = await shown(response)
    labels = {attributes["for"] for tag, attributes in page.elements if tag == "label" and "for" in attributes}
    inputs = {a["id"] for tag, a in page.elements if tag in ("input", "textarea") and "id" in a}
    assert labels == inputs == set(page.values) - {"form_id", "website"}
    policy = response.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    assert not [
        tag
        for tag, attributes in page.elements
        if "src" in attributes or "style" in attributes or tag in ("script", "link")
    ]
    assert not [name for _, attributes in page.elements for name in attributes if name.startswith("on")]
    assert (response.headers["Cache-Control"], response.headers["X-Content-Type-Options"]) == ("no-store", "nosniff")


async def test_the_policy_allows_the_very_style_sheet_of_the_page(client: ClientSession) -> None:
    response = await client.get("/forms/form")
    (style,) = re.findall(r"<style>(.*?)</style>", await response.text(), re.DOTALL)
    digest = b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in response.headers["Content-Security-Policy"]
