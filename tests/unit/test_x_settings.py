"""The section `channels.x`: what is refused, and which secrets it needs."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from trunkline.adapters.x.card import CARD
from trunkline.adapters.x.settings import XSettings
from trunkline.config.errors import Misconfigured
from trunkline.config.secret_store import Secrets

ONE, TWO = {"id": "1720665183188922368"}, {"id": "1590231456789012345"}


@pytest.mark.parametrize(
    ("accounts", "words"),
    [
        ({"shop": {"id": "@shop"}}, "pattern"),
        ({"shop": ONE, "jobs": ONE}, "expected the id 1720665183188922368 once"),
        ({"shop": ONE, "jobs": TWO | {"app": "none"}}, "an account that has an app of its own, instead of none"),
        (
            {"shop": ONE, "jobs": TWO | {"app": "shop"}, "third": {"id": "3", "app": "jobs"}},
            "an account that has an app of its own, instead of jobs",
        ),
        ({"shop": ONE, "shop_token": TWO}, "another name than shop_token"),
        ({"shop": ONE, "shop_key": TWO}, "another name than shop_key"),
        ({"shop": ONE, "jobs": TWO | {"app": "shop", "signed_by": "client"}}, "jobs without signed_by"),
        ({"shop": ONE | {"posts": "some"}}, "addressed"),
        ({"shop": ONE | {"api": "http://api.x.com"}}, "https"),
    ],
)
def test_what_cannot_be_meant_is_refused(accounts: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError) as caught:
        XSettings.model_validate(accounts)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("accounts", "names"),
    [
        ({"shop": ONE}, ["x_shop", "x_shop_key", "x_shop_token", "x_shop_token_secret"]),
        (
            {"shop": ONE | {"signed_by": "client"}, "jobs": TWO | {"app": "shop"}},
            [
                *("x_shop", "x_shop_key", "x_shop_client", "x_shop_token", "x_shop_token_secret"),
                *("x_jobs_token", "x_jobs_token_secret"),
            ],
        ),
    ],
)
def test_accounts_of_one_app_need_its_secrets_once(accounts: dict[str, Any], names: list[str]) -> None:
    assert [secret.name for secret in CARD.secrets(XSettings.model_validate(accounts))] == names


@pytest.mark.parametrize(
    "token", ["1590231456789012345-abc", "AAAAbearer", "1720665183188922368+a", '"1720665183188922368-a"']
)
def test_an_access_token_of_another_account_is_refused_and_not_told(tmp_path: Path, token: str) -> None:
    settings = XSettings.model_validate({"shop": ONE})
    right = Secrets(tmp_path, {"TRUNKLINE_SECRET_X_SHOP_TOKEN": "1720665183188922368-a_b-C"}, allow_generate=False)
    CARD.check_secrets(settings, right)
    with pytest.raises(Misconfigured) as caught:
        CARD.check_secrets(settings, Secrets(tmp_path, {"TRUNKLINE_SECRET_X_SHOP_TOKEN": token}, allow_generate=False))
    assert "it begins with 1720665183188922368-" in str(caught.value)
    assert token not in str(caught.value)


@pytest.mark.parametrize(("signed_by", "name"), [("api_key", "x_shop"), ("client", "x_shop_client")])
def test_all_accounts_of_an_app_are_signed_for_by_its_secret(signed_by: str, name: str) -> None:
    settings = XSettings.model_validate({"shop": ONE | {"signed_by": signed_by}, "jobs": TWO | {"app": "shop"}})
    assert {settings.signing_secret(account).name for account in ("shop", "jobs")} == {name}
