"""What the API takes: texts, lines, revisions, and who acts for whom."""

import re
from typing import Any
from urllib.parse import unquote

import pytest
from aiohttp.test_utils import make_mocked_request
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from trunkline.config.errors import Forbidden, PreconditionRequired, Refused
from trunkline.desk.acting_agent import acting_agent, actor_of
from trunkline.desk.ticket_models import MessageBody, NewTicketBody, TicketPatch
from trunkline.web.downloads import download_headers
from trunkline.web.preconditions import IF_MATCH_PATTERN, expected_revision
from trunkline.web.tokens import Principal

ADA = Principal(name="ada's phone", scopes=frozenset(), agent="ada")
CRM = Principal(name="crm", scopes=frozenset())


def refused_field(model: Any, **fields: Any) -> str:
    """The one field for which a request is refused."""
    with pytest.raises(ValidationError) as caught:
        model.model_validate(fields)
    (error,) = caught.value.errors()
    return ".".join(map(str, error["loc"]))


@pytest.mark.parametrize("text", ["", " \n\t", "a\0", "\0", "\x1f", "a" * 65_537, "€" * 21_846])
def test_a_text_that_says_nothing_or_too_much_is_refused(text: str) -> None:
    assert refused_field(NewTicketBody, text=text) == "text"


@pytest.mark.parametrize("text", ["a", "й\n\u0085", "a" * 65_536, "€" * 21_845, "\U0001f600", "\x7f"])
def test_a_text_of_a_person_is_taken_as_it_is(text: str) -> None:
    assert NewTicketBody(text=text).text == text


@given(st.text(max_size=50))
def test_a_subject_is_taken_exactly_when_it_is_one_line(subject: str) -> None:
    one_line = not re.search(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]", subject)
    if one_line:
        assert NewTicketBody(text="a", subject=subject).subject == subject
    else:
        assert refused_field(NewTicketBody, text="a", subject=subject) == "subject"


@pytest.mark.parametrize("address", ["nobody", "a@b@c", "a b@example.org", "@example.org", "a@", "x" * 250 + "@a.org"])
def test_an_address_that_cannot_be_one_is_refused(address: str) -> None:
    assert refused_field(NewTicketBody, text="a", email=address) == "email"


def test_an_address_is_known_by_its_one_spelling() -> None:
    assert NewTicketBody(text="a", email="Maria@BÜCHER.example").email == "maria@xn--bcher-kva.example"


@pytest.mark.parametrize("model", [TicketPatch, MessageBody])
def test_a_resolution_goes_with_an_end(model: Any) -> None:
    rest = {"kind": "note", "text": "a"} if model is MessageBody else {}
    for status in (None, "new", "open", "pending", "on_hold"):
        with pytest.raises(ValidationError, match="solved or closed"):
            model.model_validate({**rest, "status": status, "resolution": "resolved"})
    for status in ("solved", "closed"):
        assert model.model_validate({**rest, "status": status, "resolution": "cancelled"}).resolution == "cancelled"


def test_the_published_schema_says_so_too() -> None:
    schema = TicketPatch.model_json_schema()
    assert schema["then"]["properties"]["status"]["enum"] == ["closed", "solved"]
    assert schema["additionalProperties"] is False


@given(st.integers(0, 10**15 - 1), st.sampled_from(['"{}"', 'W/"{}"', "{}"]))
def test_a_revision_is_read_in_each_of_its_spellings(revision: int, form: str) -> None:
    request = make_mocked_request("PATCH", "/", headers={"If-Match": form.format(revision)})
    assert expected_revision(request) == revision
    assert re.search(IF_MATCH_PATTERN, form.format(revision))  # and the published document says so


@pytest.mark.parametrize(
    "value", ["", '""', "w/7", 'w/"7"', "W/7", '"7', '7"', '"7", "8"', "-7", '"٧"', "7 ", '"1234567890123456"', "**"]
)
def test_what_is_no_revision_is_refused(value: str) -> None:
    with pytest.raises(Refused):
        expected_revision(make_mocked_request("PATCH", "/", headers={"If-Match": value}))
    assert not re.search(IF_MATCH_PATTERN, value, re.ASCII)


def test_any_revision_is_a_star_and_none_is_asked_for() -> None:
    assert expected_revision(make_mocked_request("PATCH", "/", headers={"If-Match": "*"})) is None
    with pytest.raises(PreconditionRequired):
        expected_revision(make_mocked_request("PATCH", "/"))


def test_a_token_of_an_agent_acts_for_that_agent_and_for_nobody_else() -> None:
    assert (acting_agent(ADA, None), acting_agent(ADA, "ada"), actor_of(ADA)) == ("ada", "ada", "agent:ada")
    assert (acting_agent(CRM, None), acting_agent(CRM, "boris"), actor_of(CRM)) == (None, "boris", "token:crm")
    with pytest.raises(Forbidden, match="ada"):
        acting_agent(ADA, "boris")


@given(st.text(max_size=300))
def test_a_download_has_its_name_back_and_no_header_is_broken_by_it(name: str) -> None:
    value = download_headers(name)["Content-Disposition"]
    match = re.fullmatch(
        r"attachment; filename=\"([A-Za-z0-9._-]{1,150})\"; filename\*=UTF-8''([A-Za-z0-9._~%-]*)", value
    )
    assert match is not None
    assert unquote(match[2]) == name
