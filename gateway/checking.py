"""What can be found out about a configuration without running it: `trunkline check` tells it, and SIGHUP refuses by it.

Whatever `serve` would refuse to start with is an error, secrets that it would miss among it. Where a configuration is
checked elsewhere than where it runs, the secrets are left out (`--without-secrets`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from ..config.errors import Misconfigured
from ..config.field_settings import OwnFields
from ..config.findings import Finding
from ..config.lint import lint
from ..config.problems import Problem
from ..config.role_doubts import role_doubts
from ..config.rule_lint import rules_in_vain
from ..config.secret_store import Secrets
from ..config.settings import Settings
from ..queue.data_folder import ERASED, DataFolder
from ..router.rule_tests import Failure, run_rule_tests
from .channels import configured, needed_secrets
from .early_binding import early_binding
from .shift_gaps import shift_gaps
from .unheard_recipients import unheard_recipients


@dataclass(frozen=True)
class Checked:
    """What was found: mistakes and warnings, each with its place."""

    problems: Sequence[Finding | Failure]
    wrong: bool
    summary: str

    @property
    def errors(self) -> list[Finding | Failure]:
        """Those for which it is refused."""
        return [each for each in self.problems if isinstance(each, Failure) or each.level == "error"]


def check_settings(settings: Settings, secrets: Secrets | None = None) -> Checked:
    """Lint the meaning and run the rule tests of settings that could be loaded; look for the secrets, if any."""
    of_people = (role_doubts, early_binding, shift_gaps)
    parts = (lint, *of_people, unheard_recipients, _mapped_nowhere, _doubts, _listeners, _ledger)
    findings = [finding for part in parts for finding in part(settings)]
    failures = run_rule_tests(settings, without=rules_in_vain(settings))
    unusable = list(_unusable_secrets(settings, secrets)) if secrets is not None else []
    told = {finding.position for finding in unusable}
    missing = [each for each in _missing_secrets(settings, secrets) if each.position not in told] if secrets else []
    findings += [*unusable, *missing]
    both: list[Finding | Failure] = [*findings, *failures]
    problems = sorted(both, key=lambda problem: problem.position)
    wrong = bool(failures) or any(finding.level == "error" for finding in findings)
    return Checked(problems, wrong, _summary(settings, len(findings)))


def _doubts(settings: Settings) -> Iterator[Finding]:
    for card, section in configured(settings):
        for doubt in card.doubts(section):
            yield Finding(settings.where("channels", card.name, *doubt.path), "warning", doubt.words, doubt.remedy)


def _listeners(settings: Settings) -> Iterator[Finding]:
    http, smtp = settings.listen.http, settings.listen.smtp
    if any(card.role == "smtp" for card, _ in configured(settings)) and http.excludes(smtp):
        message = f"listen.http and listen.smtp cannot both be had: {http} and {smtp}"
        yield Finding(settings.where("listen", "smtp"), "error", message, "give one of them another port")


def _ledger(settings: Settings) -> Iterator[Finding]:
    """A ledger of erasures of the operator's own that goes when the data folder goes."""
    root = DataFolder.at(settings.data).root
    named = settings.erasure_ledger or root / ERASED
    if root / ERASED != named.expanduser().resolve() and named.expanduser().resolve().is_relative_to(root):
        message = f"the ledger of erasures is lost together with the data folder, in which {named} lies"
        yield Finding(settings.where("erasure_ledger"), "warning", message, "name a folder on another disk")


def _mapped_nowhere(settings: Settings) -> Iterator[Finding]:
    """Fields that a channel takes from its messages, and that are nobody's."""
    for card, section in configured(settings):
        for path, name in card.mapped(section):
            if settings.own_fields.place(name) is None:
                position = settings.where("channels", card.name, *path)
                yield Finding(position, "warning", *_nowhere(name, settings.own_fields))


def _nowhere(name: str, fields: OwnFields) -> tuple[str, str]:
    """What is wrong with such a field, and what to do."""
    own = name.rpartition(".")[2]
    if own == name and own in fields.customer and own in fields.ticket:
        return f"the field {name} is the ticket's and the customer's", f"write ticket.{own} or customer.{own}"
    close = get_close_matches(own, fields.names(), n=1)
    declare = "declare it under ticket_fields or customer_fields"
    remedy = f"did you mean {close[0]}? Else {declare}" if close else declare
    return f"the field {name} goes nowhere", remedy


def _missing_secrets(settings: Settings, secrets: Secrets) -> Iterator[Finding]:
    """Those that `serve` would not make up: what others know too, and on an open listener all of them."""
    for problem in secrets.lacking(needed_secrets(settings)):
        message = f"serve would refuse: found {problem.found}, expected {problem.expected}"
        yield Finding(problem.position, "error", message, problem.remedy)


def _unusable_secrets(settings: Settings, secrets: Secrets) -> Iterator[Finding]:
    for problem in _unusable(settings, secrets):
        message = f"found {problem.found}, expected {problem.expected}"
        yield Finding(problem.position, "error", message, problem.remedy)


def _unusable(settings: Settings, secrets: Secrets) -> Iterator[Problem]:
    for card, section in configured(settings):
        try:
            card.check_secrets(section, secrets)
        except Misconfigured as error:
            yield from error.facts["problems"]


def _summary(settings: Settings, warnings: int) -> str:
    tests = len(settings.rule_tests) + sum(len(rule.tests) for rule in settings.rules)
    parts = [
        _counted(len(settings.queues), "queue"),
        _counted(len(settings.agents), "agent"),
        _counted(len(settings.rules), "rule"),
        f"{_counted(tests, 'rule test')} passed{_openness(settings)}",
    ]
    doubts = f", {_counted(warnings, 'warning')}" if warnings else ""
    return f"nothing wrong ({', '.join(parts)}{doubts}; version {settings.version})"


def _counted(number: int, word: str) -> str:
    return f"{number} {word if number == 1 else f'{word}s'}"


def _openness(settings: Settings) -> str:
    """Who may see what, in a few words."""
    if settings.is_governed:
        return f", {_counted(len(settings.teams), 'team')}"
    return ", no teams or roles: every agent sees and does everything" if len(settings.agents) > 1 else ""
