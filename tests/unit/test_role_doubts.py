"""`trunkline check` tells what is hardly meant of teams and roles, and who may see everything."""

from trunkline.config.loader import loads
from trunkline.config.role_doubts import role_doubts
from trunkline.gateway.checking import check_settings

DESK = "queues: { support: { fallback: true } }\nagents:\n"
ADA = "  ada: { name: Ada, queues: [support], languages: [en] }\n"


def _doubts(text: str) -> list[str]:
    return [str(finding) for finding in role_doubts(loads(DESK + text, "desk.yaml", {}, {}))]


def test_an_auditor_who_is_offered_work_is_an_error() -> None:
    (told,) = _doubts("  emil: { name: Emil, role: auditor }\nteams: { help: { members: [emil], queues: [support] } }")
    assert told.startswith("desk.yaml:3:29: error: emil is an auditor, who changes nothing, and is offered what comes")


def test_a_team_of_nobody_is_told() -> None:
    assert _doubts(ADA + "teams:\n  help: { queues: [support] }") == [
        "desk.yaml:5:9: warning: the team help has neither members nor leads; name its `members`, or remove it"
    ]


def test_check_says_what_is_open() -> None:
    two = ADA + "  ben: { name: Ben, queues: [support], languages: [en] }\n"
    summary = check_settings(loads(DESK + two, "desk.yaml", {}, {})).summary
    assert "no teams or roles: every agent sees and does everything" in summary
    teams = "teams: { help: { members: [ada], queues: [support] } }"
    assert "1 team" in check_settings(loads(DESK + two + teams, "desk.yaml", {}, {})).summary


def test_a_macro_for_a_role_that_nobody_can_use_it_with_is_told() -> None:
    macro = "macros:\n  lead: { for: { roles: [%s] }, then: { tags: [a] } }\n"
    assert _doubts(ADA + macro % "lead") == [
        "desk.yaml:5:16: warning: nobody has a role on this desk, so everybody uses the macro lead; "
        "give agents a `role`, or leave `roles` out"
    ]
    teams = "teams: { help: { members: [ada], queues: [support] } }\n"
    assert _doubts(ADA + macro % "auditor" + teams) == [
        "desk.yaml:5:16: error: an auditor changes nothing, so only administrators use the macro lead; "
        "name another role"
    ]
    assert _doubts(ADA + macro % "lead" + teams) == []
