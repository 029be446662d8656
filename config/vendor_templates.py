"""Message templates that a vendor has approved, which may be sent when a channel's window for free answers is shut.

    templates:
      parcel:
        vendor: HXb5b62575e6e4ff6129ad7c8efe1f983e
        language: en
        text: "Hello {{1}}, there is news about {{2}}. Answer to hear more."
        parameters: { "1": "{customer}", "2": "{number}" }

A channel that has such templates takes them as a field `templates` of an account, of the type `Templates`, and its card
tells them. One whose vendor approves none, and shows buttons below a message, takes `ChoiceTemplates`. Values are
filled in when one is sent; whoever sends it can give others, and has to give those left empty.
"""

import re
from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from .canned_replies import known_placeholders
from .fields import Name, Text
from .section import Section, wrong

LONGEST_CHOICE = 64
"""Bytes of UTF-8: what a button of Telegram gives back when it is pressed."""

PLACE = re.compile(r"\{\{\s*([A-Za-z0-9_]{1,100})\s*\}\}")


class TemplateText(Section):
    """What a template says."""

    language: Text = Field(default="en", description="Its language, as the vendor writes it: en, pt_BR.")
    text: Text = Field(description="What it says, with {{1}} or {{name}} where a value stands; the ticket shows that.")
    parameters: Mapping[str, Annotated[str, AfterValidator(known_placeholders)]] = Field(
        default_factory=dict,
        description="The values by the vendor's names, in its order; {customer}, {agent} and {number} are filled in, "
        "and an empty one is asked for when it is sent.",
    )

    @model_validator(mode="after")
    def _has_all(self) -> Self:
        missing = [name for name in PLACE.findall(self.text) if name not in self.parameters]
        if missing:
            raise wrong(f"a value for {missing[0]} in parameters", 'an empty one ("") is asked for when it is sent')
        return self


class TemplateSettings(TemplateText):
    """One template, as the vendor has approved it."""

    vendor: Text = Field(description="What the vendor calls it: a name, or an id such as HX….")


def _choice(value: str) -> str:
    if not value.strip() or not value.isprintable() or len(value.encode()) > LONGEST_CHOICE:
        raise wrong(f"the words of a button, one line of up to {LONGEST_CHOICE} bytes")
    return value.strip()


class ChoiceTemplate(TemplateText):
    """A text that is kept ready, with buttons below it."""

    choices: tuple[Annotated[str, AfterValidator(_choice)], ...] = Field(
        default=(),
        max_length=10,
        description="Buttons below it; whoever presses one has answered with its words.",
    )


Templates = Mapping[Name, TemplateSettings]
ChoiceTemplates = Mapping[Name, ChoiceTemplate]
