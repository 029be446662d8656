"""What a spam filter in front says: read from trusted peers only, asked by rules, shown."""

from typing import Any

import pytest

from trunkline.adapters.mail.mime import read_headers
from trunkline.adapters.mail.parsing import MailReader
from trunkline.adapters.mail.recipients import OwnAddresses
from trunkline.adapters.mail.spam import read_spam
from trunkline.config.implication import contradictory, implies, parts_of
from trunkline.config.rule_settings import ConditionSettings
from trunkline.config.settings import Settings
from trunkline.normalizer.envelope import RawMessage, SpamVerdict
from trunkline.router.facts import Facts
from trunkline.router.rule_tests import run_rule_tests
from trunkline.router.rules import Rules


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (
            ["X-Spam-Status: Yes, score=7.1 required=5.0 tests=BAYES_99,URIBL"],
            ("spam", 7.1, "SpamAssassin"),
        ),
        (["X-Spam-Status: No, score=-2.0 required=5.0\n\ttests=ALL_TRUSTED"], ("ham", -2.0, "SpamAssassin")),
        (["X-Spam-Status: No, hits=1.3 required=5.0"], ("ham", 1.3, "SpamAssassin")),
        (["X-Spam-Flag: YES", "X-Spam-Score: 9.5"], ("spam", 9.5, "SpamAssassin")),
        (["X-Spam-Score: 9.5 (+++++++++)"], ("unsure", 9.5, "SpamAssassin")),
        (["X-Spamd-Result: default: True [16.20 / 15.00];\n\tGTUBE(0.00)[]"], ("spam", 16.2, "rspamd")),
        (["X-Spamd-Result: default: False [-1.10 / 15.00]; X(0.00)[]"], ("ham", -1.1, "rspamd")),
        (["X-Rspamd-Action: add header", "X-Rspamd-Score: 8.20"], ("spam", 8.2, "rspamd")),
        (["X-Rspamd-Action: greylist", "X-Rspamd-Score: 4.20"], ("unsure", 4.2, "rspamd")),
        (["X-Rspamd-Action: no action", "X-Spam: Yes"], ("spam", None, "SpamAssassin")),
        (["X-MS-Exchange-Organization-SCL: 9"], ("spam", 9.0, "Microsoft")),
        (["X-MS-Exchange-Organization-SCL: -1"], ("ham", -1.0, "Microsoft")),
        (
            ["X-Forefront-Antispam-Report: CIP:192.0.2.1;CTRY:;SCL:1;SFV:NSPM;CAT:NONE"],
            ("ham", 1.0, "Microsoft"),
        ),
        (["X-Forefront-Antispam-Report: CIP:192.0.2.1;SCL:5;SFV:SPM;CAT:SPM;"], ("spam", 5.0, "Microsoft")),
        (["X-Forefront-Antispam-Report: SCL:1;SFV:NSPM;CAT:HPHISH;"], ("spam", 1.0, "Microsoft")),
        (["X-SES-Spam-Verdict: GRAY", "X-SES-Virus-Verdict: PASS"], ("unsure", None, "Amazon SES")),
        (["X-SES-Spam-Verdict: PASS", "X-SES-Virus-Verdict: FAIL"], ("spam", None, "Amazon SES")),
        (["X-Spam-Status: No, score=0.1", "X-Spam-Status: Yes, score=9"], ("spam", 9.0, "SpamAssassin")),
    ],
)
def test_the_worst_word_of_each_filter_is_read(fields: list[str], expected: tuple[str, float | None, str]) -> None:
    verdict, score, by = expected
    headers = read_headers("\n".join((*fields, "", "")).encode())
    assert read_spam(headers) == SpamVerdict.model_validate({"verdict": verdict, "score": score, "by": by})


@pytest.mark.parametrize("field", ["X-Spam-Status: maybe", "X-Spam-Score: many", "Subject: X-Spam: Yes"])
def test_what_says_nothing_is_nothing(field: str) -> None:
    assert read_spam(read_headers(f"{field}\n\n".encode())) is None


@pytest.mark.parametrize("trusted", [True, False])
def test_only_a_trusted_peer_is_believed(trusted: bool) -> None:
    raw = RawMessage(
        id="0193512e-0000-7000-8000-000000000001",
        channel="mail",
        external_id="1",
        received_at=1,
        content=b"From: a@b.example\nX-Spam-Flag: YES\n\nhello\n",
        transport={"rcpt_to": ["support@example.test"], "trusted": trusted},
    )
    envelope = MailReader(OwnAddresses(["support@example.test"]), b"k").read(raw).envelopes[0]
    assert (envelope.spam.verdict if envelope.spam else None) == ("spam" if trusted else None)


def condition(**spam: Any) -> ConditionSettings:
    return ConditionSettings.model_validate({"spam": spam})


def decided(when: dict[str, Any], **facts: Any) -> bool:
    rule = {"name": "spam", "when": {"spam": when}, "then": {"suspend": "spam"}}
    rules = Rules(Settings.model_validate({"queues": {"support": {"fallback": True}}, "agents": {}, "rules": [rule]}))
    return rules.decide(Facts(channel="mail", at=1, **facts)).suspend == "spam"


def test_rules_ask_for_the_word_and_for_the_score() -> None:
    assert decided({"verdict": "spam"}, spam="spam")
    assert decided({"verdict": ["spam", "unsure"]}, spam="unsure")
    assert not decided({"verdict": "spam"}, spam="ham")
    assert decided({"verdict": "none"})
    assert decided({"score": 5}, spam="ham", spam_score=5.0)
    assert not decided({"score": 5}, spam="spam", spam_score=4.9)
    assert not decided({"score": 5})
    assert not decided({"verdict": "spam", "score": 5}, spam="spam")


def test_the_linter_knows_what_the_conditions_mean() -> None:
    high, low = parts_of(condition(score=9)), parts_of(condition(score=5))
    assert implies(high, low)
    assert not implies(low, high)
    both = ConditionSettings.model_validate({"all": [{"spam": {"verdict": "spam"}}, {"spam": {"verdict": "ham"}}]})
    assert contradictory(parts_of(both))


def test_a_rule_test_can_say_what_the_filter_says() -> None:
    test = {"given": {"spam": {"verdict": "spam", "score": 7}}, "expect": {"suspend": "spam"}}
    rule = {"name": "spam", "when": {"spam": {"score": 6}}, "then": {"suspend": "spam"}, "tests": [test]}
    settings = {"queues": {"support": {"fallback": True}}, "agents": {}, "rules": [rule]}
    assert run_rule_tests(Settings.model_validate(settings)) == []
