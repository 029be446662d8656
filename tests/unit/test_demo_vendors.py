"""Whom a demo speaks to: nobody but itself, and the vendors that it stands in for have secrets of their own."""

from pathlib import Path
from typing import Any

import pytest

from trunkline.config import loader
from trunkline.config.errors import Misconfigured
from trunkline.demo.vendor_setup import demand_nobody_else, keep_secrets
from trunkline.gateway.channels import models, needed_secrets
from trunkline.gateway.configuration import Configuration

DEMO = Path(__file__).parents[2] / "config" / "demo.yaml"


def configured(folder: Path, **more: str) -> Configuration:
    environ = {"TRUNKLINE_DATA": str(folder), **{f"TRUNKLINE_{name.upper()}": value for name, value in more.items()}}
    return Configuration(path=DEMO, environ=environ, settings=loader.load(DEMO, models(), environ))


def test_the_demo_as_it_is_reaches_nobody(tmp_path: Path) -> None:
    demand_nobody_else(configured(tmp_path).settings)


@pytest.mark.parametrize(
    ("more", "named"),
    [
        ({"channels__telegram__shop__api": "https://api.telegram.org"}, "channels.telegram.shop.api"),
        ({"channels__twilio__shop__api": "https://api.twilio.com"}, "channels.twilio.shop.api"),
        ({"channels__line__shop__groups": "all"}, "channels.line"),
    ],
)
def test_an_account_at_a_vendor_is_refused_by_name(tmp_path: Path, more: dict[str, Any], named: str) -> None:
    with pytest.raises(Misconfigured, match="a demo speaks to nobody but itself") as refused:
        demand_nobody_else(configured(tmp_path, **more).settings)
    assert named in refused.value.detail


def test_what_vendors_would_have_given_is_made_up_once_and_kept(tmp_path: Path) -> None:
    first = configured(tmp_path)
    keep_secrets(first)
    kept = first.secrets.gathered(needed_secrets(first.settings))
    first.secrets.require(needed_secrets(first.settings))
    keep_secrets(configured(tmp_path))
    assert kept.items() <= configured(tmp_path).secrets.gathered(needed_secrets(first.settings)).items()
    assert {"telegram_shop", "twilio_shop"} <= kept.keys()


def test_a_secret_that_is_given_stays(tmp_path: Path) -> None:
    given = configured(tmp_path, secret_twilio_shop="ours")
    keep_secrets(given)
    assert given.secrets.gathered(needed_secrets(given.settings))["twilio_shop"] == "ours"
    assert not (tmp_path / "secrets" / "twilio_shop").exists()
