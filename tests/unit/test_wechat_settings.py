"""What an account of WeChat is set to: names, AppIDs, and secrets of the shape that WeChat takes."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from trunkline.adapters.wechat.card import CARD
from trunkline.adapters.wechat.encryption import Letters
from trunkline.adapters.wechat.settings import WechatSettings, app_secret, encoding_key, signing_token
from trunkline.config.errors import Misconfigured
from trunkline.config.secret_store import Secrets

ONE, OTHER = "wxba5fad812f8e6fb9", "wx2c2769f8efd9abc2"
RIGHT = {"": "5ec2e7" * 5 + "00", "_TOKEN": "aToken", "_KEY": "A" * 43}


def section(**accounts: str) -> WechatSettings:
    return WechatSettings.model_validate({name: {"app_id": app_id} for name, app_id in accounts.items()})


def secrets(folder: Path, *accounts: str, **changed: str) -> Secrets:
    given = {f"{name.upper()}{end}": value for name in accounts for end, value in RIGHT.items()} | changed
    return Secrets(folder, {f"TRUNKLINE_SECRET_WECHAT_{name}": value for name, value in given.items()}, False)


@pytest.mark.parametrize(
    ("accounts", "words"),
    [
        ({"shop": ONE, "shop_token": OTHER}, "another name than shop_token"),
        ({"shop": ONE, "shop_key": OTHER}, "another name than shop_key"),
        ({"shop": ONE, "school": ONE}, f"the app_id {ONE} once"),
        ({"shop": "gh_97417a04a28d"}, "app_id"),
    ],
)
def test_accounts_that_cannot_be_are_refused(accounts: dict[str, str], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        section(**accounts)


def test_an_account_in_plain_mode_needs_no_key() -> None:
    plain = WechatSettings.model_validate({"shop": {"app_id": ONE, "encrypted": False}})
    assert [secret.name for secret in CARD.secrets(plain)] == ["wechat_shop", "wechat_shop_token"]
    assert [secret.name for secret in CARD.secrets(section(shop=ONE))] == [
        "wechat_shop",
        "wechat_shop_token",
        "wechat_shop_key",
    ]


def test_secrets_as_wechat_gives_them_are_right(tmp_path: Path) -> None:
    given = secrets(tmp_path, "shop", "school", SCHOOL="0" * 32)
    CARD.check_secrets(section(shop=ONE, school=OTHER), given)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"SHOP": "5ec2e7"}, "32 hexadecimal digits"),
        ({"SHOP_TOKEN": "ab"}, "3 to 32 letters and digits"),
        ({"SHOP_TOKEN": "a-token"}, "3 to 32 letters and digits"),
        ({"SHOP_KEY": "A" * 44}, "43 letters and digits"),
        ({"SHOP_KEY": "A" * 42 + "="}, "43 letters and digits"),
        ({"SCHOOL": RIGHT[""]}, "another than shop has"),
    ],
)
def test_a_secret_that_wechat_would_not_take_is_named_and_not_told(
    tmp_path: Path, changed: dict[str, str], words: str
) -> None:
    given = secrets(tmp_path, "shop", "school", **({"SCHOOL": "0" * 32} | changed))
    with pytest.raises(Misconfigured, match=words) as caught:
        CARD.check_secrets(section(shop=ONE, school=OTHER), given)
    assert not any(value in str(caught.value) for value in changed.values())


def test_token_and_key_that_are_made_up_on_loopback_are_such_as_wechat_takes(tmp_path: Path) -> None:
    made = Secrets(tmp_path, {"TRUNKLINE_SECRET_WECHAT_SHOP": RIGHT[""]}, True)
    keys = [made.get(secret("shop")) for secret in (app_secret, signing_token, encoding_key)]
    CARD.check_secrets(section(shop=ONE), made)
    assert len(set(keys)) == 3
    Letters(keys[2], ONE)
