"""The section `voice` of an account: what a caller hears, and how long they may speak."""

from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from ...config.fields import Text, matching
from ...config.quantities import Duration, at_least, at_most
from ...config.section import Section, wrong
from ...config.vendor_settings import PublicUrl

_LANGUAGE = r"[a-z]{2,3}(-[A-Z][A-Za-z]{1,3})?"


class VoiceSettings(Section):
    """A greeting, and a voicemail."""

    greeting: Text | None = Field(default=None, description="What is said to a caller before the tone.")
    greeting_file: PublicUrl | None = Field(
        default=None,
        description="A recording that is played instead: the address of an MP3 or WAV that Twilio can get.",
    )
    language: Annotated[str, AfterValidator(matching(_LANGUAGE, "a language as Twilio says it, such as en-US"))] = (
        Field(default="en-US", description="In which language the greeting is said, and callers are expected to speak.")
    )
    longest: Annotated[Duration, at_least("5s"), at_most("1h")] = Field(
        default=timedelta(minutes=2), description="How long a message may be."
    )
    transcribe: bool = Field(
        default=False, description="Whether Twilio writes down what was said: English only, and up to two minutes."
    )

    @model_validator(mode="after")
    def _has_one_greeting(self) -> "VoiceSettings":
        if (self.greeting is None) == (self.greeting_file is None):
            raise wrong("either greeting or greeting_file", "callers have to be told that they are recorded")
        return self
