"""Addresses of other systems to which we post of our own accord, signed as Standard Webhooks says.

    webhooks:
      oncall: { url: https://pager.example/hooks/trunkline }

The secret is `webhook_<name>`. An address that is not https has to be allowed, with all of one's own network.
"""

import re
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator
from yarl import URL

from .section import Section, wrong

EXPECTED = "a URL such as https://shop.example/hooks/trunkline"


def _url(value: str) -> str:
    try:
        url = URL(value)
    except ValueError:
        raise wrong(EXPECTED) from None
    if not re.fullmatch("https?", url.scheme) or not url.host or url.user is not None or url.fragment:
        raise wrong(f"{EXPECTED}, without user, password and fragment")
    return value


class WebhookSettings(Section):
    """An address that signed posts go to."""

    url: Annotated[str, AfterValidator(_url)] = Field(description="The address; https unless it is private.")
    allow_private: bool = Field(
        default=False, description="Allow loopback and private addresses, and http; link-local ones never."
    )

    @model_validator(mode="after")
    def _encrypted(self) -> Self:
        if URL(self.url).scheme != "https" and not self.allow_private:
            raise wrong("an https URL", "or set allow_private: true when it stays in your own network")
        return self
