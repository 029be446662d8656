"""The widget stays small and asks for nothing that a strict page forbids; its texts are complete in every language."""

import json
import re
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "adapters" / "chat"
SCRIPT = (FOLDER / "widget.js").read_text("utf-8")
TEXTS: dict[str, dict[str, str]] = json.loads((FOLDER / "texts.json").read_text("utf-8"))
TEMPLATES = Path(__file__).parents[2] / "config" / "templates"
LANGUAGES = {path.suffixes[0].removeprefix(".") for path in TEMPLATES.glob("acknowledgement.*.txt")} | {"ar", "he"}

PLACEHOLDER = re.compile(r"\{(\w*)\}")


def named(script: str) -> set[str]:
    """The names of texts in a script: given to a function that looks them up, or paired with an element."""
    return set(re.findall(r'\b(?:say|complain|remove|giveBack)\([^()\n]*?"(\w+)"', script)) | set(
        re.findall(r'\[\w+, "(\w+)"\]', script)
    )


def test_the_script_is_at_most_25_kilobytes() -> None:
    assert len(SCRIPT.encode()) <= 25 * 1024


def test_the_script_loads_and_evaluates_nothing() -> None:
    forbidden = (
        r"innerHTML|outerHTML|insertAdjacent|document\.write|\beval\b|new Function|import\(|srcdoc|@import|url\("
    )

    assert re.findall(forbidden, SCRIPT) == []
    assert re.findall(r"""setAttribute\(["']style""", SCRIPT) == []
    assert set(re.findall(r"https?://[^\s\"'`/<]+", SCRIPT)) == {"https://desk.example", "http://www.w3.org"}


def test_the_texts_are_in_all_shipped_languages() -> None:
    assert set(TEXTS) == LANGUAGES
    assert len(LANGUAGES) == 16


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_every_text_is_there_with_its_placeholders(language: str) -> None:
    english, texts = TEXTS["en"], TEXTS[language]

    assert list(texts) == list(english)
    assert {name: text for name, text in texts.items() if not text.strip() or text != text.strip()} == {}
    wanted = {name: sorted(PLACEHOLDER.findall(text)) for name, text in english.items()}
    assert {name: sorted(PLACEHOLDER.findall(text)) for name, text in texts.items()} == wanted
    assert [name for name, text in texts.items() if re.search(r"[<>]|\{\W|''", text)] == []


@pytest.mark.parametrize("language", sorted(LANGUAGES - {"en"}))
def test_no_text_was_left_in_english(language: str) -> None:
    same = {name for name, text in TEXTS[language].items() if text == TEXTS["en"][name]}

    assert same <= {"button", "send", "code", "team"}


def test_the_script_uses_the_texts_that_there_are() -> None:
    page = (FOLDER / "page.html").read_text("utf-8")
    shown = {name for name in TEXTS["en"] if re.search(rf'["\s.]{name}\b', SCRIPT + page)}

    assert named(SCRIPT) - set(TEXTS["en"]) == set()
    assert len(named(SCRIPT)) > 15
    assert set(TEXTS["en"]) - shown - {"title"} == {"bad_code", "file_gone", "no_mail"}  # codes of the server


def test_the_builtin_texts_are_the_english_ones() -> None:
    builtin = re.findall(r'(\w+): "([^"]+)"', re.findall(r"texts: \{(.*)\}", SCRIPT)[0])

    assert builtin
    assert {name: TEXTS["en"][name] for name, _ in builtin} == dict(builtin)
