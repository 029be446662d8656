"""Tables of customers are read whatever program wrote them, and every row that cannot be used is told with its line."""

from pathlib import Path

import pytest

from trunkline.config.errors import Misconfigured
from trunkline.config.field_settings import FieldSettings
from trunkline.gateway.command.customer_columns import RowReader, columns_of
from trunkline.gateway.command.customer_table import Table
from trunkline.normalizer.envelope import Assurance

DECLARED = {
    "plan": FieldSettings(label="Tarif", type="choice", options=("free", "pro")),
    "since": FieldSettings(type="date"),
}
EXPECTED = [["José", "jose@example.org"], ["Olga, Ltd", "olga@example.org"]]


@pytest.mark.parametrize(
    "content",
    [
        'name,email\nJosé,jose@example.org\n"Olga, Ltd",olga@example.org\n'.encode(),
        "name;email\r\nJosé;jose@example.org\r\nOlga, Ltd;olga@example.org\r\n".encode("utf-8-sig"),
        "name;email\r\nJosé;jose@example.org\r\nOlga, Ltd;olga@example.org\r\n".encode("cp1252"),
        "name\temail\nJosé\tjose@example.org\n\n  \nOlga, Ltd\tolga@example.org".encode("utf-16"),
        "sep=|\r\nname|email\r\nJosé|jose@example.org\r\nOlga, Ltd|olga@example.org".encode(),
        "name;email\r\nJosé;jose@example.org\r\nOlga, Ltd;olga@example.org\r\n".encode("utf-16-le"),
        "\ufeffsep=;\nname;email\nJosé;jose@example.org\nOlga, Ltd;olga@example.org".encode(),
    ],
)
def test_encoding_and_what_stands_between_values_are_found_out(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "t.csv").write_bytes(content)
    with Table(tmp_path / "t.csv") as table:
        assert table.header == ["name", "email"]
        assert [list(row.cells) for row in table.rows()] == EXPECTED


def test_cyrillic_of_an_old_windows_is_read_and_an_encoding_can_be_named(tmp_path: Path) -> None:
    text = "имя;email\n" + "".join(f"Мария Ивановна Петрова;m{n}@example.org\n" for n in range(9))
    (tmp_path / "t.csv").write_bytes(text.encode("cp1251"))
    with Table(tmp_path / "t.csv") as guessed, Table(tmp_path / "t.csv", "koi8-r") as named:
        assert (guessed.header[0], named.header[0] == "имя") == ("имя", False)
    with pytest.raises(Misconfigured, match="klingon"):
        Table(tmp_path / "t.csv", "klingon")
    with pytest.raises(Misconfigured, match=r"none\.csv"):
        Table(tmp_path / "none.csv")


def test_a_letter_late_in_the_file_tells_its_encoding_and_a_damaged_file_is_refused_with_the_line(
    tmp_path: Path,
) -> None:
    rows = ["name;email", *(f"Ada {number};ada{number}@example.org" for number in range(5000))]
    file = tmp_path / "t.csv"
    file.write_bytes("\n".join([*rows, "José;jose@example.org"]).encode("cp1252"))
    with Table(file) as table:
        assert [row.cells[0] for row in table.rows()][-1] == "José"
    rows[1] = "José;jose@example.org"
    file.write_bytes("\n".join(rows).encode() + b"\nJos\xe9;x@example.org\n")
    with pytest.raises(Misconfigured, match=r"t\.csv:5002: found bytes that are not UTF-8.*--encoding"):
        Table(file)


def test_a_row_with_bytes_that_are_none_of_the_encoding_is_told(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes("name;email\nJosé;a@example.org\nAda;b@example.org\n".encode("cp1252"))
    with Table(tmp_path / "t.csv", "utf-8") as table:
        found = [(row.line, row.fault[:38]) for row in table.rows()]
    assert found == [(2, "this holds bytes that are none of utf-8"[:38]), (3, "")]


def test_a_quotation_mark_that_is_missing_swallows_no_rows_unseen(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text('email,notes\na@example.org,"opened\nb@example.org,x\nc@example.org,y\n')
    with Table(tmp_path / "t.csv") as table:
        (row,) = table.rows()
    assert (row.line, "quotation mark may be missing" in row.fault) == (2, True)


def test_a_row_is_told_by_the_line_that_it_begins_in(tmp_path: Path) -> None:
    rows = 'email,notes\na@example.org,"two\nlines"\nb@example.org,x,y\nc@example.org\n'
    (tmp_path / "t.csv").write_text(rows + f'd@example.org,"{"x" * 70_000}"\ne@example.org,ok\n')
    with Table(tmp_path / "t.csv") as table:
        found = [(row.line, list(row.cells), row.fault) for row in table.rows()]
    assert found[0] == (2, ["a@example.org", "two\nlines"], "")
    assert found[1] == (4, [], "3 values for 2 columns; put quotation marks around values that hold a comma")
    assert found[2] == (5, ["c@example.org"], "")
    assert "quotation mark may be missing" in found[3][2]
    assert found[3][0] == 6


def test_columns_are_found_by_names_and_labels_and_the_others_are_told() -> None:
    header = ["E-Mail", "Full name", "Tarif", "SINCE", "external_ids.crm", "Colour", "notes"]
    columns = columns_of(header, {"Full name": "name", "notes": "-"}, DECLARED)
    assert columns.targets == {0: "email", 1: "name", 2: "fields.plan", 3: "fields.since", 4: "external_ids.crm"}
    assert columns.unused == ["Colour"]
    for mapped, told in (
        ({"Ful name": "name"}, "did you mean 'Full name'"),
        ({"Colour": "plam"}, "plam"),
        ({"Colour": "email"}, "two columns are email"),
    ):
        with pytest.raises(Misconfigured, match=told):
            columns_of(header, mapped, DECLARED)


def reader(*header: str, country: str | None = "DE") -> RowReader:
    columns = columns_of(header, {}, DECLARED)
    return RowReader(
        columns=columns, declared=DECLARED, country=country, assurance=Assurance.VOUCHED, evidence="the directory"
    )


def test_a_row_becomes_an_entry_and_everything_wrong_with_it_is_named() -> None:
    rows = reader("email", "phone", "company", "plan", "since", "external_ids.crm", "language")
    entry, faults = rows.entry(["A@example.org; b@example.org", "030 123456", "'=Acme", "PRO", "1.2.2026", "", ""])
    assert faults == []
    assert [each.key for each in entry.identities] == [
        "email:a@example.org",
        "email:b@example.org",
        "phone:+4930123456",
    ]
    assert {each.assurance for each in entry.identities} == {Assurance.VOUCHED}
    assert entry.values == {"company": "=Acme", "fields.plan": "pro", "fields.since": "2026-02-01"}
    _, faults = rows.entry(["maria", "12", "", "gold", "tomorrow", "", "spanish"])
    assert faults == [
        "email 'maria': expected an e-mail address",
        "phone '12': expected a phone number with its country code, or give --country",
        "fields.plan 'gold': expected one of free, pro",
        "fields.since 'tomorrow': expected a date such as 2026-11-29",
        "language 'spanish': expected a language as two letters of ISO 639-1, such as en",
    ]
    _, (fault,) = rows.entry(["", "", "Acme", "", "", "", ""])
    assert "nobody is named" in fault
