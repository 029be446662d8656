"""Origins: a page is on the list, is our own, or is refused."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from trunkline.adapters.chat.origins import Origins
from trunkline.adapters.chat.settings import SiteSettings

ORIGINS = Origins(["https://shop.example", "https://*.blog.example", "http://127.0.0.1:3000"])
HOST = "desk.example:8080"


@pytest.mark.parametrize(
    "origin",
    [
        "https://shop.example",
        "https://SHOP.example",
        "https://a.blog.example",
        "https://a.b.blog.example",
        "http://127.0.0.1:3000",
        "https://desk.example:8080",
        "http://desk.example:8080",
    ],
)
def test_pages_of_the_list_and_our_own_may(origin: str) -> None:
    assert ORIGINS.allows(origin, HOST)


@pytest.mark.parametrize(
    "origin",
    [
        "http://shop.example",
        "https://shop.example:444",
        "https://shop.example.evil.example",
        "https://evil-shop.example",
        "https://blog.example",
        "https://evilblog.example",
        "https://a.blog.example.evil.example",
        "https://evil.example/.blog.example",
        "https://evil.example?.blog.example",
        "https://evil.example#.blog.example",
        "https://evil.example\\.blog.example",
        "https://shop.example@evil.example",
        "ftp://desk.example:8080",
        "desk.example:8080",
        "null",
        "",
        "https://",
    ],
)
def test_others_may_not(origin: str) -> None:
    assert not ORIGINS.allows(origin, HOST)


@settings(deadline=None)
@given(st.text(max_size=60))
def test_no_other_text_is_an_origin_that_may(text: str) -> None:
    assert not ORIGINS.allows(f"{text}.evil.example", HOST)
    plain = re.fullmatch(r"[A-Za-z0-9_.-]*", text)
    assert not ORIGINS.allows(f"https://evil.example{text}.blog.example", HOST) or plain


@pytest.mark.parametrize("origin", ["shop.example", "https://shop.example/", "https://*", "*", "https://a b", "null"])
def test_what_is_no_origin_is_told_when_the_configuration_is_read(origin: str) -> None:
    with pytest.raises(ValidationError):
        SiteSettings.model_validate({"origins": [origin]})
