"""What the API and the desk take for customers: what is asked for, and what is written into their records."""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from ..config.field_settings import CUSTOMER_FACTS, FieldSettings, label_of
from ..normalizer.envelope import Assurance, Identity, Record
from ..normalizer.field_values import LONGEST_FACTS
from ..normalizer.phone import normalise as normalise_phone
from ..router.customer_values import MOST_EXTERNAL_IDS
from ..router.customer_writing import Entry
from ..router.records import Customer, Status
from ..web.paging import PageQuery
from .request_fields import (
    ConfiguredName,
    EmailAddress,
    FieldName,
    FieldValue,
    Line,
    PersonName,
    Reason,
    RecordId,
    RequestModel,
    Words,
)


class OpenTicket(Record):
    """A ticket in a few words."""

    id: str
    number: str
    subject: str
    queue: str
    status: Status


class CustomerDetail(Customer):
    """A customer and what they wait for."""

    open_tickets: tuple[OpenTicket, ...] = Field(
        description="Their newest tickets that are neither solved nor closed; at most 100."
    )
    elsewhere: int = Field(default=0, description="How many more of these are in queues that are not seen.")


class CustomerQuery(PageQuery):
    """Which customers are asked for; all conditions hold at once."""

    q: Annotated[
        Words | None,
        Field(description="Beginnings of words in names, company, identities, ids in other systems, and fields."),
    ] = None
    segment: Line | None = None
    company: Line | None = None
    identity: Annotated[
        str | None,
        Field(pattern=r"^[a-z][a-z_]{0,40}:\S{1,400}$", description="An identity, `email:maria@example.org`."),
    ] = None
    external_id: Annotated[
        str | None, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}:.{1,200}$", description="An id, `crm:4711`.")
    ] = None
    field: Annotated[
        str | None, Field(pattern=r"^[a-z][a-z0-9_]{0,62}:.{1,200}$", description="A field's value, `plan:pro`.")
    ] = None


class CustomerPatch(RequestModel):
    """Values to write; what is left out or null stays, empty text empties, and null empties an id or a field."""

    name: PersonName | None = None
    company: Line | None = None
    segment: Annotated[str | None, Field(max_length=LONGEST_FACTS["segment"])] = None
    language: Annotated[str | None, Field(max_length=7, description="ISO 639-1, or `unknown`.")] = None
    time_zone: Annotated[str | None, Field(max_length=64, description="By its IANA name.")] = None
    notes: Annotated[str | None, Field(max_length=LONGEST_FACTS["notes"])] = None
    external_ids: Annotated[
        dict[ConfiguredName, Annotated[str, Field(min_length=1, max_length=200)] | None] | None,
        Field(max_length=MOST_EXTERNAL_IDS, description="Their ids in other systems, by the system's name."),
    ] = None
    fields: Annotated[
        dict[FieldName, FieldValue] | None,
        Field(max_length=100, description="Fields of `GET /v1/fields` with their values."),
    ] = None

    def given(self) -> dict[str, Any]:
        """What is to be written, by place (router/customer_values.py)."""
        facts = {name: value for name in CUSTOMER_FACTS if (value := getattr(self, name)) is not None}
        groups: dict[str, dict[str, Any]] = {"external_ids": self.external_ids or {}, "fields": self.fields or {}}
        return facts | {f"{group}.{name}": value for group, held in groups.items() for name, value in held.items()}


class NewCustomerBody(CustomerPatch):
    """A customer to write down; whoever holds the token vouches for what it says."""

    email: EmailAddress | None = None
    phone: Annotated[
        str | None, Field(max_length=50, description="In international form, +4930123456.", examples=["+4930123456"])
    ] = None

    @model_validator(mode="after")
    def _is_somebody(self) -> Self:
        if not (self.email or self.phone or any((self.external_ids or {}).values())):
            raise ValueError("one of email, phone and external_ids says who it is")
        if self.phone and normalise_phone(self.phone) is None:
            raise ValueError("phone is no number in international form, such as +4930123456")
        return self

    def entry(self, values: dict[str, Any], actor: str) -> Entry:
        """The customer, with values that were checked."""
        phone = normalise_phone(self.phone) if self.phone else None
        known = {"email": self.email, "phone": phone}
        identities = [
            Identity(kind=kind, value=value, assurance=Assurance.VOUCHED, evidence=f"vouched for by {actor}")
            for kind, value in known.items()
            if value
        ]
        return Entry(identities=identities, values={place: each for place, each in values.items() if each is not None})


class OtherRecord(RequestModel):
    """Another customer, by any of their records."""

    customer: Annotated[RecordId, Field(description="The other customer's id.")]


class MergeBody(OtherRecord):
    """What is decided about two customers, and why."""

    reason: Reason = ""


class CustomerDecision(MergeBody):
    """The same, with the record of the first by which it is decided."""

    decision: Literal["merge", "part", "keep_apart", "reopen"]
    record: RecordId


class DeclaredField(Record):
    """A field of the configuration."""

    name: str
    label: str
    type: str
    options: tuple[str, ...] = Field(default=(), description="What can be chosen.")

    @classmethod
    def of(cls, name: str, field: FieldSettings) -> Self:
        """As it is declared."""
        return cls(name=name, label=label_of(name, field), type=field.type, options=field.options)


class DeclaredFields(Record):
    """The fields that customers and tickets have besides those of every desk."""

    customer: tuple[DeclaredField, ...]
    ticket: tuple[DeclaredField, ...]
