"""The section `channels.http` of the configuration: sources by name, each a system that writes to us over HTTP.

    http:
      form:
        fields: {name: name, email: email, subject: subject, message: message, conversation: conversation}
        form: {title: {en: Contact us}}
      shop:
        assurance: A2
        reply: callback
        callback: {url: https://shop.example/hooks/trunkline}
        fields: {customer: user.id, email: user.email, message: body.text, conversation: thread, order: order.number,
                 customer.plan: user.plan, external_ids.crm: user.crm_id}

Secrets are not among it: a source's signing secret is the secret `http_<source>`.
"""

import base64
import secrets
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, ConfigDict, Field, RootModel, model_validator

from ...config.field_settings import EXTERNAL_ID
from ...config.fields import LanguageCode, Name, Text, matching
from ...config.quantities import Size, parse_size
from ...config.secret_store import Secret
from ...config.section import Section, wrong
from ...config.webhook_settings import WebhookSettings

KNOWN = ("name", "email", "phone", "customer", "subject", "message", "conversation", "language", "sequence")
"""The fields that mean something to the channel; any other is one of the ticket or the customer."""

SHOWN = ("name", "email", "phone", "subject", "message")
"""The fields that a form page asks for when they are mapped; others it asks for when they have a label."""

_REQUIRED_IF_MAPPED = ("email", "message", "sequence")

MappedName = Annotated[
    str,
    AfterValidator(
        matching(
            rf"((customer|ticket)\.)?[a-z][a-z0-9_]{{0,62}}|{EXTERNAL_ID}",
            "a field such as email, order_number, customer.plan or external_ids.crm: small letters, digits, _",
        )
    ),
]
DottedPath = Annotated[
    str,
    AfterValidator(
        matching(
            r"[^.\x00-\x1f]{1,100}(\.[^.\x00-\x1f]{1,100}){0,9}", "a path into the JSON such as email or user.email"
        )
    ),
]
ByLanguage = Mapping[LanguageCode, Text]


class CallbackSettings(WebhookSettings):
    """Where replies of a source are posted to, signed with its secret."""


class FormSettings(Section):
    """The page for people."""

    enabled: bool = Field(default=True, description="Whether the page is served.")
    language: LanguageCode = Field(default="en", description="The language for browsers whose own is not there.")
    title: ByLanguage = Field(default_factory=dict, description="The heading, by language.")
    introduction: ByLanguage = Field(default_factory=dict, description="The words above the form, by language.")
    thanks: ByLanguage = Field(default_factory=dict, description="The words beside the receipt, by language.")
    labels: Mapping[MappedName, ByLanguage] = Field(
        default_factory=dict, description="Labels of fields, by language; a field of yours with a label is asked for."
    )
    per_minute: float = Field(default=6, gt=0, le=600, description="Messages of one peer a minute in the long run.")
    burst: int = Field(default=20, ge=1, le=1000, description="Messages of one peer at once.")


class SourceSettings(Section):
    """One system that writes to us."""

    fields: Mapping[MappedName, DottedPath] = Field(
        description=f"Where the JSON holds what: {', '.join(KNOWN)}; any other name is a field of the ticket or "
        "the customer: one that `ticket_fields` or `customer_fields` declares, company, segment, time_zone, notes, or "
        "`external_ids.crm` for their id in a system of yours."
    )
    required: tuple[MappedName, ...] | None = Field(
        default=None, description="Fields that must be there; left out: email, message and sequence when mapped."
    )
    assurance: Literal["A0", "A1", "A2"] = Field(
        default="A0", description="How well signed posts prove who wrote; A2 when the system knows its users."
    )
    country: Annotated[str, AfterValidator(matching("[A-Z]{2}", "a country of ISO 3166 such as DE"))] | None = Field(
        default=None, description="The country of phone numbers without a country code."
    )
    reply: Literal["mail", "callback"] = Field(default="mail", description="How replies go back.")
    callback: CallbackSettings | None = Field(default=None, description="Where replies are posted to.")
    form: FormSettings | None = Field(default=None, description="The page for people at /forms/<source>; none without.")
    max_body: Size = Field(default=parse_size("256KiB"), ge=1024, le=4 * 1024 * 1024, description="The largest body.")

    @model_validator(mode="after")
    def _consistent(self) -> "SourceSettings":
        if "message" not in self.fields:
            raise wrong("a path for the field message")
        if missing := [name for name in self.required or () if name not in self.fields]:
            raise wrong(f"only mapped fields in required, not {', '.join(missing)}")
        if self.reply == "callback" and self.callback is None:
            raise wrong("callback.url, because replies go by callback")
        if self.form is not None and (unknown := [name for name in self.form.labels if name not in self.fields]):
            raise wrong(f"labels of mapped fields only, not {', '.join(unknown)}")
        if self.form is not None and self.form.enabled and "email" not in self.fields:
            raise wrong("a path for the field email, because a form page is answered by mail")
        return self

    @property
    def demanded(self) -> frozenset[str]:
        """The fields that must be there."""
        if self.required is not None:
            return frozenset(self.required) | {"message"}
        return frozenset(name for name in _REQUIRED_IF_MAPPED if name in self.fields)

    @property
    def own_fields(self) -> tuple[str, ...]:
        """The mapped fields that are those of tickets and customers."""
        return tuple(name for name in self.fields if name not in KNOWN)

    @property
    def form_fields(self) -> tuple[str, ...]:
        """The fields that the form page asks for, in its order."""
        labels: Mapping[str, object] = {} if self.form is None else self.form.labels
        shown = [name for name in SHOWN if name in self.fields]
        return (*shown, *(name for name in labels if name not in KNOWN))


class HttpSettings(RootModel[Mapping[Name, SourceSettings]]):
    """HTTP: signed posts of other systems, and form pages for people; sources by name."""

    model_config = ConfigDict(frozen=True)

    root: Mapping[Name, SourceSettings] = Field(description="The sources, by name.")


def signing_secret(source: str) -> Secret:
    """The secret of a source. Standard Webhooks, "Signature scheme": `whsec_` and the base64 of 24 to 64 bytes."""
    loss = "what the source signs is refused until it is given the new one"
    return Secret(f"http_{source}", lambda: "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode(), loss=loss)
