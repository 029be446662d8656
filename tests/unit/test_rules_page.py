"""Every example of docs/rules.md is a configuration that `trunkline check` finds nothing wrong with."""

import re

import pytest
import yaml

from trunkline.adapters.mail.card import CARD
from trunkline.config.loader import loads
from trunkline.gateway.checking import check_settings

from .test_layout import ROOT

PAGE = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
DESK = {
    "channels": {"mail": {"name": "mx.example.test", "addresses": ["support@example.test"]}},
    "queues": {"support": {"fallback": "true"}, "billing": {}},
    "agents": {
        "ada": {
            "name": "Ada",
            "email": "ada@example.test",
            "queues": ["support", "billing"],
            "languages": ["en", "es", "ru"],
        }
    },
}


@pytest.mark.parametrize("example", EXAMPLES, ids=range(len(EXAMPLES)))
def test_an_example_works_and_its_tests_pass(example: str) -> None:
    desk = DESK | yaml.load(example, yaml.BaseLoader)
    settings = loads(yaml.safe_dump(desk, sort_keys=False), "example.yaml", {"mail": CARD.settings}, {})
    checked = check_settings(settings)
    assert [str(each) for each in checked.problems if getattr(each, "level", "error") == "error"] == []
    assert settings.triggers or settings.macros or "0 rule tests" not in checked.summary


def test_every_key_of_a_condition_stands_on_the_page() -> None:
    from trunkline.config.rule_settings import ConditionSettings

    names = {field.alias or name for name, field in ConditionSettings.model_fields.items()}
    assert {name for name in names if f"`{name}`" not in PAGE} == set()
