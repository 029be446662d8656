"""Which identities of one message are one person's, and what only speaks for it: a source's word, a company's name."""

import pytest

from trunkline.normalizer.envelope import Assurance, Identity, Sender
from trunkline.normalizer.mail_domains import is_public
from trunkline.normalizer.same_person import MOST, company_domain, full_name, named_beside, of_one_person


def identity(value: str, assurance: int) -> Identity:
    return Identity(kind="email", value=value, assurance=Assurance(assurance))


def person(*given: tuple[str, int]) -> list[str]:
    return [each.value for each in of_one_person(Sender(identities=tuple(identity(*each) for each in given)))]


@pytest.mark.parametrize(
    ("given", "one"),
    [
        ([], []),
        ([("a", 0)], ["a"]),
        ([("a", 3), ("b", 3), ("c", 4)], ["a", "b", "c"]),
        ([("a", 3), ("b", 0), ("c", 3)], ["a", "c"]),
        ([("a", 3), ("b", 2)], ["a"]),
        ([("a", 2), ("b", 3)], ["a"]),
        ([("a", 0), ("b", 3)], ["a"]),
        ([("a", 3), ("b", 3), ("b", 3), ("a", 3)], ["a", "b"]),
    ],
)
def test_only_those_of_which_control_is_proven_beside_a_first_that_is(
    given: list[tuple[str, int]], one: list[str]
) -> None:
    assert person(*given) == one


def test_a_message_with_very_many_identities_counts_for_a_few() -> None:
    assert person(*((f"a{n}", 3) for n in range(50))) == [f"a{n}" for n in range(MOST)]


def known(key: str, assurance: int) -> Identity:
    kind, _, value = key.rpartition(":")
    return Identity(kind=kind, value=value, assurance=Assurance(assurance))


@pytest.mark.parametrize(
    ("identities", "named"),
    [
        ({"email:a@x.example": 2, "phone:+4930123456": 2}, ["phone:+4930123456"]),
        ({"email:a@x.example": 2, "phone:+4930123456": 2, "http:shop:17": 2}, ["phone:+4930123456", "http:shop:17"]),
        ({"email:a@x.example": 2, "phone:+4930123456": 1}, []),
        ({"email:a@x.example": 1, "phone:+4930123456": 2}, []),
        ({"email:a@x.example": 0, "phone:+4930123456": 0}, []),
        ({"chat:web:u1": 3, "email:a@x.example": 3}, []),
        ({"chat:web:u1": 3, "email:a@x.example": 3, "phone:+4930123456": 2}, ["phone:+4930123456"]),
        ({}, []),
    ],
)
def test_what_a_message_of_proven_origin_names_beside_who_wrote_it_joins_nothing(
    identities: dict[str, int], named: list[str]
) -> None:
    sender = Sender(identities=tuple(known(key, assurance) for key, assurance in identities.items()))
    assert [each.key for each in named_beside(sender)] == named
    assert not {each.key for each in of_one_person(sender)} & set(named)


@pytest.mark.parametrize(
    ("name", "whole"),
    [
        ("Maria Lee", "lee maria"),
        ("Lee, Maria", "lee maria"),
        ("MARÍA  LEE", "lee maria"),
        ("Dr. Maria J. Lee", "dr lee maria"),
        ("Иван Петров", "иван петров"),
        ("Maria", ""),
        ("", ""),
        ("M. Lee", ""),
        ("the team that answers all of you", ""),
    ],
)
def test_a_full_name_is_one_whatever_the_order_and_the_letters(name: str, whole: str) -> None:
    assert full_name(name) == whole


@pytest.mark.parametrize(
    ("address", "domain"),
    [
        ("maria@acme.example", "acme.example"),
        ("m.lee@mail.acme.example", "mail.acme.example"),
        ("maria@gmail.com", ""),
        ("maria@gmx.co.uk", ""),
        ("maria@t-online.de", ""),
        ("info@acme.example", ""),
        ("no-reply@acme.example", ""),
        ("billing.emea@acme.example", ""),
    ],
)
def test_the_domain_of_a_company_is_that_of_a_persons_address_and_of_no_public_provider(
    address: str, domain: str
) -> None:
    assert company_domain(known(f"email:{address}", 2)) == domain


def test_families_of_public_domains_are_known_and_look_alikes_are_not() -> None:
    assert all(map(is_public, ("yahoo.co.jp", "hotmail.it", "outlook.com", "163.com", "privaterelay.appleid.com")))
    assert not any(
        map(is_public, ("yahoo-consulting.example", "gmail.com.example", "acme.example", "mail.acme.example"))
    )
    assert not company_domain(known("phone:+4930123456", 2))
