"""The automatic texts: in many languages, with nothing in them that a sender wrote."""

from pathlib import Path

import pytest

from trunkline.config.message_templates import BUILT_IN, check, render

NUMBER = {"number": "{{number}}"}
LANGUAGES = sorted(path.name.split(".")[1] for path in BUILT_IN.glob("acknowledgement.*.txt"))


def _folder(path: Path, text: str, name: str = "acknowledgement.en.txt") -> Path:
    (path / name).write_text(text)
    return path


def test_the_built_in_texts_are_sound() -> None:
    assert check(BUILT_IN) == []


def test_the_acknowledgement_speaks_the_languages_of_the_desk() -> None:
    assert set(LANGUAGES) >= {"en", "es", "ru", "de", "fr", "pt", "it", "tr", "ro", "et", "uk", "zh"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_acknowledgement_carries_the_case_number_in_subject_and_body(language: str) -> None:
    message = render("acknowledgement", language, NUMBER)
    assert "{{number}}" in message.subject
    assert "{{number}}" in message.body
    assert "\n" not in message.subject
    assert message.body == message.body.strip()


def test_no_two_languages_have_the_same_text() -> None:
    assert len({render("acknowledgement", language, NUMBER) for language in LANGUAGES}) == len(LANGUAGES)


@pytest.mark.parametrize("language", ["xx", "unknown", "", "../en", "en/../ru"])
def test_a_language_that_is_not_there_is_answered_in_english(language: str) -> None:
    assert render("acknowledgement", language, NUMBER) == render("acknowledgement", "en", NUMBER)


def test_a_regional_variant_is_answered_in_its_language() -> None:
    assert render("acknowledgement", "pt-BR", NUMBER) == render("acknowledgement", "pt", NUMBER)


def test_values_that_the_text_does_not_know_are_refused() -> None:
    with pytest.raises(ValueError, match=r"takes \['number'\]"):
        render("acknowledgement", "en", {"number": "T-1", "text": "buy now"})


def test_a_value_is_never_read_as_a_template() -> None:
    assert "{{ 7 * 7 }}" in render("acknowledgement", "en", {"number": "{{ 7 * 7 }}"}).body


def test_a_folder_of_ones_own_goes_first_and_the_built_in_texts_fill_the_gaps(tmp_path: Path) -> None:
    folder = _folder(tmp_path, "Subject: Case {{ number }}\n\nHello from us, {{ number }}.\n")
    assert render("acknowledgement", "en", {"number": "T-1"}, folder=folder) == ("Case T-1", "Hello from us, T-1.")
    assert render("acknowledgement", "ru", NUMBER, folder=folder) == render("acknowledgement", "ru", NUMBER)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("Subject: {{ number }}\n\n{{ number", "acknowledgement.en.txt:3:1: found unexpected end of template"),
        (
            "Subject: a\n\n{{ sender }} {{ number }}",
            "'sender' is undefined, expected plain text in UTF-8 with no other",
        ),
        ("Subject: a\n\nHello", "found no number, expected {{ number }} in it"),
        ("Hello {{ number }}", "acknowledgement.en.txt:1:1: found another beginning, expected `Subject: …`"),
        ("Subject:\n\n{{ number }}", "acknowledgement.en.txt:1:1: found another beginning"),
        ("Subject: a\n\n{{ number / 2 }}", "unsupported operand type(s) for /: 'str' and 'int', expected plain text"),
        ("Subject: a\n\n{{ ''.__class__.__mro__ }} {{ number }}", "is unsafe, expected plain text"),
    ],
)
def test_a_text_of_ones_own_is_checked(tmp_path: Path, text: str, complaint: str) -> None:
    told = [str(problem) for problem in check(_folder(tmp_path, text))]
    assert any(complaint in each for each in told), told


def test_a_file_that_is_never_asked_for_is_told(tmp_path: Path) -> None:
    (problem,) = check(_folder(tmp_path, "Subject: {{ number }}\n\nx", "acknowledgment.en.txt"))
    assert problem.found == "a name that is never asked for"


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    (problem,) = check(tmp_path / "nowhere")
    assert problem.found == "no such folder"
