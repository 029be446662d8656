"""Each rule of the checker finds the fault that it is there for, and none finds any where there is none."""

from copy import deepcopy
from pathlib import Path

import pytest

from . import chat_faults, desk_faults, told_faults
from .checker import RULES, check
from .evidence import Evidence
from .history import Attempt, Fault, History, Message, Sight, Stay
from .seeded_fault import FAULTS, SeededFault

CHAT = ["visitor", "visitor", "system", "agent", "visitor"]


def test_a_clean_day_has_no_violations(clean_evidence: Evidence) -> None:
    picture = clean_evidence.picture
    assert check(clean_evidence) == []
    assert (len(picture.tickets), len(picture.suspended), len(picture.dead)) == (5, 1, 1)
    assert {"new", "open"} <= {ticket["status"] for ticket in picture.tickets.values()}
    assert sum((clean_evidence.sink or {}).values()) >= 4
    assert [[line["from"] for line in log.lines] for log in picture.logs.values()] == [CHAT]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_is_found_by_its_rule(evidence: Evidence, fault: SeededFault) -> None:
    fault.put(evidence)
    found = [str(violation) for violation in check(evidence)]
    assert [each for each in found if each.startswith(f"{fault.rule} ") and fault.words in each], found


def test_faults_of_all_kinds_are_listed() -> None:
    modules = (told_faults, chat_faults, desk_faults)
    assert {fault.put.__module__ for fault in FAULTS} == {module.__name__ for module in modules}


def test_every_rule_has_a_fault_that_it_finds(clean_evidence: Evidence) -> None:
    blind = {rule.__name__ for rule in RULES}
    for fault in FAULTS:
        damaged = deepcopy(clean_evidence.afresh())
        fault.put(damaged)
        blind -= {rule.__name__ for rule in RULES if list(rule(damaged.afresh()))}
    assert not blind


def test_a_history_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    history = History(file=tmp_path / "history.jsonl")
    history.add(Message(id="a", channel="mail", external_id="a@example.org", digests=("1", "2")))
    history.add(Attempt(message="a", began=1.0, ended=2.0, outcome="unknown", answer="no answer"))
    history.add(Sight(window="b/1", conversation="b", position=1, id="c", author="visitor", text="hello"))
    history.add(Stay(window="b/1", conversation="b"))
    history.add(Fault(what="kill worker", began=1.5, ended=1.6))
    history.close()
    assert History.load(tmp_path / "history.jsonl").records == history.records
