"""Where the API of a vendor is: https, or this machine."""

import pytest
from pydantic import TypeAdapter, ValidationError

from trunkline.config.vendor_settings import ApiUrl

URLS: TypeAdapter[str] = TypeAdapter(ApiUrl)


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
