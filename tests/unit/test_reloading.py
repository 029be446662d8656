"""What `trunkline check` refuses, a reload refuses; the running configuration stays."""

import asyncio
from pathlib import Path

import pytest

from trunkline.config.errors import EngineUnavailable
from trunkline.gateway.channels import policy_of
from trunkline.gateway.checking import check_settings
from trunkline.gateway.configuration import configure
from trunkline.gateway.reloading import Reloading
from trunkline.router.policy import Policy

DESK = """\
queues: { support: { fallback: true }, billing: {} }
agents: { ada: { name: Ada, queues: [support, billing], languages: [en] } }
canned_replies: { hi: { en: hello } }
"""
RULE = "rules: [{ name: bills, when: { keywords: bill }, then: { queue: billing } }]\n"


TAGS = "then: { tags: [a] }"
TRIGGER = f"triggers: [{{ name: t, event: note, {TAGS} }}]\n"
FAILING = f"triggers: [{{ name: t, event: note, {TAGS}, tests: [{{ given: {{}}, fires: false }}] }}]\n"
NEVER = f"rules: [{{ name: a, when: {{ channel: mail, not: {{ channel: mail }} }}, {TAGS} }}]\n"


@pytest.mark.parametrize(
    ("changed", "taken"),
    [
        (DESK + RULE, True),
        (DESK.replace("hello", "good day") + RULE + TRIGGER, True),
        (DESK.replace(", billing]", "]") + RULE, False),
        (DESK + RULE + "rule_tests: [{ given: { text: bill }, expect: { queue: support } }]\n", False),
        (DESK + NEVER, False),
        (DESK + FAILING, False),
    ],
    ids=["sound", "canned replies and triggers", "nobody serves", "a test fails", "never matches", "a trigger's test"],
)
async def test_a_reload_takes_just_what_check_finds_nothing_wrong_with(
    tmp_path: Path, changed: str, taken: bool
) -> None:
    path = tmp_path / "desk.yaml"
    path.write_text(DESK + RULE)
    configuration, put = configure(path, {}), list[Policy]()
    before = policy_of(configuration.settings)
    reloading = Reloading(configuration, lambda: before, put.append, None)
    path.write_text(changed)
    assert await reloading.reload() is taken
    assert bool(put) is taken
    assert check_settings(configuration.again().settings).wrong is not taken


async def test_what_the_engine_has_not_heard_of_is_told_again_until_it_has(tmp_path: Path) -> None:
    path = tmp_path / "desk.yaml"
    path.write_text(DESK)
    configuration, told, heard = configure(path, {}), list[str](), asyncio.Event()
    policy = policy_of(configuration.settings)

    async def make_known() -> None:
        told.append("half" if len(told) < 2 else "whole")
        if told[-1] == "half":
            raise EngineUnavailable("it is away")
        heard.set()

    reloading = Reloading(configuration, lambda: policy, lambda _: None, make_known, again_seconds=0)
    await reloading.start()
    assert await reloading.reload()
    reloading._asked.set()
    await asyncio.wait_for(heard.wait(), 5)
    await reloading.stop()
    assert told == ["half", "half", "whole"]
