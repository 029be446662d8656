"""Rules under the names of stages are one list, and every complaint still names the line."""

import pytest
from pydantic import BaseModel

from trunkline.config.errors import Misconfigured
from trunkline.config.loader import loads
from trunkline.config.section import Section
from trunkline.config.settings import Settings


class _Channel(Section):
    pass


CHANNELS: dict[str, type[BaseModel]] = {"mail": _Channel}
DESK = """\
queues: { support: { fallback: true } }
rules:
  clean:
    - { name: bulk, when: { automation: bulk }, then: { suspend: bulk mail } }
  place:
    - name: all
      then: { queue: %s }
    - { name: rest, then: { tags: [rest] } }
"""


def test_rules_under_stages_are_one_list_that_knows_its_stages_and_lines() -> None:
    settings = loads(DESK % "support", "desk.yaml", CHANNELS, {})
    assert [(rule.name, rule.stage) for rule in settings.rules] == [
        ("bulk", "clean"),
        ("all", "place"),
        ("rest", "place"),
    ]
    assert str(settings.where("rules", 1, "then", "queue")) == "desk.yaml:7:22"
    assert str(settings.where("rules", 2)) == "desk.yaml:8:7"


def test_a_mistake_under_a_stage_is_told_with_its_place() -> None:
    with pytest.raises(Misconfigured, match=r"desk\.yaml:7:22: found the queue \"night\""):
        loads(DESK % "night", "desk.yaml", CHANNELS, {})


def test_a_stage_that_is_no_list_is_told_with_its_place() -> None:
    with pytest.raises(Misconfigured, match=r'desk\.yaml:4:10: found "nonsense", expected a list of the rules'):
        loads("queues: { support: { fallback: true } }\n\nrules:\n  place: nonsense\n", "desk.yaml", CHANNELS, {})


def test_settings_that_come_from_no_file_may_have_stages_too() -> None:
    desk = {"queues": {"support": {"fallback": "true"}}}
    rules = {"clean": [{"name": "a", "then": {"tags": ["a"]}}], "place": [{"name": "b", "then": {"tags": ["b"]}}]}
    settings = Settings.model_validate({**desk, "rules": rules})
    assert [rule.stage for rule in settings.rules] == ["clean", "place"]
