"""DMARC: whose policy counts, what is aligned, and what organisations are."""

import pytest

from trunkline.adapters.mail.origin.dkim import DkimVerdict
from trunkline.adapters.mail.origin.dmarc import Policy, check_dmarc, find_policy
from trunkline.adapters.mail.origin.organisation import aligned, organisation

from .zone import Zone, ZoneLookup


@pytest.mark.parametrize(
    ("domain", "found"),
    [
        ("example.org", "example.org"),
        ("a.b.example.org", "example.org"),
        ("mail.example.co.uk", "example.co.uk"),
        ("co.uk", "co.uk"),
        ("a.one.github.io", "one.github.io"),
        ("mail.example.test", "example.test"),
        ("localhost", "localhost"),
        ("a.xn--55qx5d.cn", "a.xn--55qx5d.cn"),
    ],
)
def test_the_organisation_of_a_domain(domain: str, found: str) -> None:
    assert organisation(domain) == found


def test_alignment() -> None:
    assert aligned("mail.example.org", "example.org")
    assert not aligned("mail.example.org", "example.org", strict=True)
    assert not aligned("", "")
    assert not aligned("co.uk", "example.co.uk")


@pytest.mark.parametrize(
    ("zone", "policy"),
    [
        ({}, Policy()),
        ({"_dmarc.a.example.org": [{"TXT": "v=DMARC1; p=none; adkim=s"}]}, Policy(wish="none", strict_dkim=True)),
        ({"_dmarc.example.org": [{"TXT": "v=DMARC1; p=reject; aspf=S"}]}, Policy(wish="reject", strict_spf=True)),
        ({"_dmarc.example.org": [{"TXT": "v=DMARC1; p=reject; sp=none"}]}, Policy(wish="none")),
        ({"_dmarc.example.org": [{"TXT": "v=DMARC1; rua=mailto:a@example.org"}]}, Policy(wish="none")),
        ({"_dmarc.example.org": [{"TXT": "v=DMARC1; p=nonsense"}]}, Policy(wish="none")),
        ({"_dmarc.example.org": [{"TXT": "v=spf1 -all"}, {"TXT": "v=DMARC1;p=quarantine"}]}, Policy(wish="quarantine")),
        ({"_dmarc.example.org": [{"TXT": "v=DMARC1; p=reject"}, {"TXT": "v=DMARC1; p=none"}]}, Policy()),
        ({"_dmarc.example.org": [{"TXT": "v=DMARC1; p=reject; p=none"}]}, Policy()),
        ({"_dmarc.org": [{"TXT": "v=DMARC1; p=reject"}]}, Policy()),
    ],
)
async def test_the_policy_is_the_authors_or_the_organisations(zone: Zone, policy: Policy) -> None:
    assert await find_policy(ZoneLookup(zone), "a.example.org") == policy


@pytest.mark.parametrize(
    ("domain", "result", "vouched", "undecided"),
    [
        ("example.org", "temperror", True, False),
        ("mail.example.org", "temperror", False, True),
        ("evil.example", "temperror", False, False),
    ],
)
async def test_an_unknown_policy_matters_only_where_it_could(
    domain: str, result: str, vouched: bool, undecided: bool
) -> None:
    signature = DkimVerdict(result="pass", domain=domain)
    found = await check_dmarc(ZoneLookup({"_dmarc.example.org": ["TIMEOUT"]}), "example.org", None, [signature])
    assert (found.result, bool(found.vouched), found.undecided) == (result, vouched, undecided)
