"""Where the API of a vendor is: https, or this machine."""

import pytest
from pydantic import TypeAdapter, ValidationError

from trunkline.adapters.line.settings import LineAccountSettings
from trunkline.adapters.meta.settings import MetaAccountSettings
from trunkline.adapters.telegram.settings import BotSettings
from trunkline.adapters.twilio.settings import TwilioAccountSettings
from trunkline.config.section import Section
from trunkline.config.vendor_settings import ApiUrl, GatewayUrl, PublicUrl

URLS: TypeAdapter[str] = TypeAdapter(ApiUrl)
PUBLIC: TypeAdapter[str] = TypeAdapter(PublicUrl)
GATEWAY: TypeAdapter[str] = TypeAdapter(GatewayUrl)


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


def test_the_address_of_this_gateway_may_have_a_path_before_ours_and_is_told_where_ours_begin() -> None:
    assert GATEWAY.validate_python("https://desk.example.com/trunkline/") == "https://desk.example.com/trunkline"
    with pytest.raises(ValidationError, match=r"before /v1/, https://desk\.example\.com/trunkline"):
        GATEWAY.validate_python("https://desk.example.com/trunkline/v1/line/shop")
    assert PUBLIC.validate_python("https://files.example.com/v1/greeting.mp3")


@pytest.mark.parametrize("account", [BotSettings, LineAccountSettings, MetaAccountSettings, TwilioAccountSettings])
def test_no_channel_takes_the_whole_address_of_its_webhook_for_that_of_the_gateway(account: type[Section]) -> None:
    with pytest.raises(ValidationError, match=r"before /v1/, https://desk\.example\.com"):
        account.model_validate({"address": "https://desk.example.com/v1/line/shop"})
