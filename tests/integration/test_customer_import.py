"""A table becomes records, row by row; the same table again changes nothing; what is written out is read in again."""

import csv
import io
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from trunkline.gateway.command.customer_columns import RowReader, columns_of, unguarded
from trunkline.gateway.command.customer_export import export, guarded
from trunkline.gateway.command.customer_import import Counts, Import
from trunkline.gateway.command.customer_table import Table
from trunkline.normalizer.envelope import Assurance
from trunkline.router.customer_terms import CustomerFilter
from trunkline.router.customer_writing import CustomerWriting

if TYPE_CHECKING:
    from trunkline.router.records import Customer

    from .conftest import Desk


@pytest.fixture
def desk_url(engine_url: str) -> str:
    """One engine is enough here."""
    return engine_url


async def imported(
    desk: "Desk",
    folder: Path,
    text: str,
    *,
    dry: bool = False,
    mapped: Mapping[str, str] | None = None,
    assurance: Assurance = Assurance.VOUCHED,
) -> tuple[Counts, list[tuple[int, str]]]:
    """What became of a table, and what was told of which line."""
    (folder / "crm.csv").write_text(text, encoding="utf-8")
    told, declared = list[tuple[int, str]](), desk.policy.settings.customer_fields
    with Table(folder / "crm.csv") as table:
        reader = RowReader(
            columns=columns_of(table.header, mapped or {}, declared),
            declared=declared,
            country="DE",
            assurance=assurance,
            evidence="the directory crm.csv",
        )
        work = Import(
            table=table,
            reader=reader,
            writing=CustomerWriting(desk.engine, desk.clock),
            actor="import:crm.csv",
            dry=dry,
            tell=lambda line, words: told.append((line, words)),
            progress=lambda _, __: None,
        )
        return await work.run(), told


async def found(desk: "Desk", q: str) -> list["Customer"]:
    return list((await desk.reader.directory.page(CustomerFilter(q=q))).items)


TABLE = """\
external_ids.crm,name,email,phone,company,plan,seats
1,Maria Lee,maria@example.org,030 123456,Acme,PRO,12
2,Boris,boris@example.org,,Acme,free,
3,Carla,carla(at)example.org,,Acme,gold,
"""


async def test_a_table_is_read_once_and_again_and_a_wrong_row_harms_no_other(desk: "Desk", tmp_path: Path) -> None:
    await desk.write("hello", sender="maria@example.org", name="maria")
    await desk.settle()
    (ticket,) = await desk.tickets()
    position = await desk.feed.last()
    counts, told = await imported(desk, tmp_path, TABLE, dry=True)
    assert (counts.new, counts.changed, counts.wrong) == (1, 1, 1)
    assert await desk.feed.last() == position, "a dry run writes nothing"
    counts, told = await imported(desk, tmp_path, TABLE)
    assert (counts.new, counts.changed, counts.unchanged, counts.wrong) == (1, 1, 0, 1)
    assert told == [
        (4, "email 'carla(at)example.org': expected an e-mail address"),
        (4, "fields.plan 'gold': expected one of free, pro"),
    ]
    (maria,) = await found(desk, "maria lee")
    assert ticket.customer in maria.records, "the record that wrote before is the one that is written into"
    assert (maria.company, maria.fields, maria.external_ids) == ("Acme", {"plan": "pro", "seats": 12}, {"crm": "1"})
    assert {each.key: each.assurance for each in maria.identities} == {
        "email:maria@example.org": Assurance.VOUCHED,
        "phone:+4930123456": Assurance.VOUCHED,
    }
    assert maria.written["company"].by == "import:crm.csv"
    assert [(each.name, each.fields) for each in await found(desk, "boris")] == [("Boris", {"plan": "free"})]
    assert await found(desk, "carla") == []
    position = await desk.feed.last()
    counts, _ = await imported(desk, tmp_path, TABLE)
    assert (counts.unchanged, counts.wrong) == (2, 1)
    assert await desk.feed.last() == position, "the same again changes nothing"


async def test_who_is_meant_follows_from_the_id_although_all_else_changed(desk: "Desk", tmp_path: Path) -> None:
    await imported(desk, tmp_path, TABLE)
    counts, _ = await imported(desk, tmp_path, "external_ids.crm,name,email\n2,Boris B.,b@work.test\n")
    assert (counts.changed, counts.new) == (1, 0)
    (boris,) = await found(desk, "boris")
    assert (boris.name, {each.value for each in boris.identities}) == (
        "Boris B.",
        {"boris@example.org", "b@work.test"},
    )
    assert boris.company == "Acme", "what the table does not say stays"


async def test_a_row_with_nothing_but_an_id_in_another_system_is_a_customer(desk: "Desk", tmp_path: Path) -> None:
    for expected in ((1, 0), (0, 1)):
        counts, _ = await imported(desk, tmp_path, "name,external_ids.crm,company\nSolo,9001,Acme\n")
        assert (counts.new, counts.unchanged) == expected
    (solo,) = await found(desk, "solo")
    assert (solo.company, solo.external_ids, solo.identities) == ("Acme", {"crm": "9001"}, ())


async def test_a_table_that_does_not_prove_control_names_the_others_of_a_row_and_joins_nothing(
    desk: "Desk", tmp_path: Path
) -> None:
    await imported(desk, tmp_path, "name,email,phone\nAda,ada@work.test,030 123456\n", assurance=Assurance.ORIGIN)
    (ada,) = await found(desk, "ada")
    assert ([each.value for each in ada.identities], [each.value for each in ada.named]) == (
        ["ada@work.test"],
        ["+4930123456"],
    )


async def test_an_id_of_another_and_addresses_of_two_people_are_told_and_nothing_is_joined(
    desk: "Desk", tmp_path: Path
) -> None:
    await imported(desk, tmp_path, TABLE)
    _, told = await imported(desk, tmp_path, "email,external_ids.crm,external_ids.erp\n,1,9\n,2,9\n")
    assert [line for line, _ in told] == [3]
    assert "crm:2" in told[0][1] or "erp:9" in told[0][1]
    counts, told = await imported(desk, tmp_path, "email\nmaria@example.org; boris@example.org\n")
    assert counts.changed == 1
    assert "several customers" in told[0][1]
    (maria,) = await found(desk, "maria")
    assert [each["state"] for each in maria.links][-1] == "proposed"
    assert len(await found(desk, "acme")) == 2


async def test_rows_about_one_person_are_written_one_after_the_other(desk: "Desk", tmp_path: Path) -> None:
    rows = "".join(f"maria@example.org,Company {n}\n" for n in range(30))
    counts, _ = await imported(desk, tmp_path, "email,company\n" + rows)
    assert (counts.new, counts.changed) == (1, 29)
    (maria,) = await found(desk, "maria")
    assert maria.company == "Company 29"


async def test_of_rows_that_name_one_person_differently_the_last_one_holds(desk: "Desk", tmp_path: Path) -> None:
    await imported(desk, tmp_path, TABLE)
    names = ("maria@example.org,,", ",030 123456,", ",,1")
    rows = "".join(f"{names[number % 3]},Company {number}\n" for number in range(60))
    counts, told = await imported(desk, tmp_path, "email,phone,external_ids.crm,company\n" + rows)
    assert (counts.changed, told) == (60, [])
    (maria,) = await found(desk, "maria")
    assert maria.company == "Company 59"


async def test_what_is_written_out_is_read_in_again_and_changes_nothing(desk: "Desk", tmp_path: Path) -> None:
    await imported(desk, tmp_path, TABLE)
    await imported(desk, tmp_path, 'email,notes,company\neve@example.org,"=HYPERLINK(1)\nline",+Plus\n')
    out = io.StringIO()
    assert await export(desk.reader.directory, desk.policy.settings.customer_fields, out) == 3
    rows = list(csv.DictReader(io.StringIO(out.getvalue())))
    assert {row["email"]: row["notes"] for row in rows}["eve@example.org"] == "'=HYPERLINK(1)\nline"
    assert {row["phone"] for row in rows} == {"'+4930123456", ""}
    hostile = ["'=A1", "x;=HYPERLINK(1)", "x; @sum", "two\n-1", "''+1", "a, =b", "quote ' = fine; 'x"]
    held = [unguarded(guarded(text)) for text in hostile]
    assert held == hostile, "what is guarded is read as it was"
    assert not any(re.search(r"(^|[;\t\r\n] *)[=+\-@]", guarded(text)) for text in hostile)
    position = await desk.feed.last()
    counts, told = await imported(desk, tmp_path, out.getvalue())
    assert (counts.unchanged, told) == (3, [])
    assert await desk.feed.last() == position
