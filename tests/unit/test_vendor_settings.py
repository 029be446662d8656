"""Where the API of a vendor is: https, or this machine."""

import pytest
from pydantic import TypeAdapter, ValidationError

from trunkline.config.vendor_settings import ApiUrl, PublicUrl

URLS: TypeAdapter[str] = TypeAdapter(ApiUrl)
PUBLIC: TypeAdapter[str] = TypeAdapter(PublicUrl)


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        ("https://api.line.me", "https://api.line.me"),
        ("https://api.line.me:8443/base/", "https://api.line.me:8443/base"),
        ("http://127.0.0.1:9000/", "http://127.0.0.1:9000"),
        ("http://[::1]:9000", "http://[::1]:9000"),
        ("http://localhost", "http://localhost"),
    ],
)
def test_an_address_is_taken_without_its_last_slash(given: str, taken: str) -> None:
    assert URLS.validate_python(given) == taken


@pytest.mark.parametrize(
    "given",
    [
        *("", "api.line.me", "ftp://api.line.me", "https://", "https://u:p@api.line.me", "https://api.line.me:x"),
        *("https://api.line.me/?a=b", "https://api.line.me/#a", "http://api.line.me", "http://10.0.0.1"),
        *("http://localhost.example", "http://127.0.0.1.example"),
    ],
)
def test_what_would_show_credentials_or_leads_nowhere_is_refused(given: str) -> None:
    with pytest.raises(ValidationError, match="expected"):
        URLS.validate_python(given)


def test_the_address_that_vendors_reach_us_by_is_https_and_told_so() -> None:
    assert PUBLIC.validate_python("https://desk.example.com/trunkline/") == "https://desk.example.com/trunkline"
    assert PUBLIC.validate_python("http://127.0.0.1:8080") == "http://127.0.0.1:8080"
    for given in ("http://desk.example.com", "desk.example.com", "https://desk.example.com/?a=b"):
        with pytest.raises(ValidationError, match=r"an address such as https://desk\.example\.com"):
            PUBLIC.validate_python(given)
