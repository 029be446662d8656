"""Templates of vendors in the configuration: what is refused, and with which words."""

import pytest
from pydantic import TypeAdapter, ValidationError

from trunkline.config.vendor_templates import ChoiceTemplates, Templates

TEMPLATES = TypeAdapter[Templates](Templates)
CHOICES = TypeAdapter[ChoiceTemplates](ChoiceTemplates)


def template(**given: object) -> object:
    return {"parcel": {"vendor": "HX1", "text": "Hello {{1}}, about {{ 2 }}.", **given}}


def test_a_template_has_a_value_for_each_place_and_may_leave_one_to_whoever_sends_it() -> None:
    parcel = TEMPLATES.validate_python(template(parameters={"1": "{customer}", "2": ""}))["parcel"]
    assert (parcel.language, list(parcel.parameters)) == ("en", ["1", "2"])


@pytest.mark.parametrize(
    ("parameters", "words"),
    [({"1": "{customer}"}, "a value for 2"), ({"1": "{customr}", "2": "x"}, "what is {customr}?")],
)
def test_a_place_without_a_value_and_a_variable_that_is_not_known_are_refused(
    parameters: dict[str, str], words: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        TEMPLATES.validate_python(template(parameters=parameters))
    (error,) = refused.value.errors()
    assert words in f"{error['msg']} {error['ctx']['remedy']}"


def test_a_choice_is_as_long_as_a_button_gives_back() -> None:
    (which,) = CHOICES.validate_python({"which": {"text": "Which?", "choices": [" ü" * 16, "é" * 32]}}).values()
    assert which.choices == (("ü " * 16).strip(), "é" * 32)
    for odd in ("é" * 33, " ", "two\nlines"):
        with pytest.raises(ValidationError, match="the words of a button"):
            CHOICES.validate_python({"which": {"text": "Which?", "choices": [odd]}})
