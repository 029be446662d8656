"""`trunkline check`: everything that can be found out about a configuration without running it."""

from collections.abc import Sequence
from dataclasses import dataclass

from ..config.lint import Finding, lint
from ..config.settings import Settings
from ..router.rule_tests import Failure, run_rule_tests


@dataclass(frozen=True)
class Checked:
    """What was found: mistakes and warnings, each with its place."""

    problems: Sequence[Finding | Failure]
    wrong: bool
    summary: str


def check_settings(settings: Settings) -> Checked:
    """Lint the meaning and run the rule tests of settings that could be loaded."""
    findings, failures = lint(settings), run_rule_tests(settings)
    both: list[Finding | Failure] = [*findings, *failures]
    problems = sorted(both, key=lambda problem: problem.position)
    wrong = bool(failures) or any(finding.level == "error" for finding in findings)
    return Checked(problems, wrong, _summary(settings, len(findings)))


def _summary(settings: Settings, warnings: int) -> str:
    tests = len(settings.rule_tests) + sum(len(rule.tests) for rule in settings.rules)
    counted = (
        f"{len(settings.queues)} queues, {len(settings.agents)} agents, {len(settings.rules)} rules, "
        f"{tests} rule tests passed"
    )
    doubts = f", {warnings} warnings" if warnings else ""
    return f"nothing wrong ({counted}{doubts}; version {settings.version})"
