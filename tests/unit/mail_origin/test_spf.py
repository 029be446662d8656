"""SPF beside the public suite: limits, and what a pass is worth."""

import pytest

from trunkline.adapters.mail.origin.spf import SpfVerdict, check_spf
from trunkline.config.errors import NameServiceUnavailable

from .zone import Zone, ZoneLookup

PEER = "192.0.2.7"


async def verdict(zone: Zone, mail_from: str = "maria@example.org", peer: str = PEER) -> SpfVerdict:
    return await check_spf(ZoneLookup(zone), peer, mail_from, "mail.example.org")


@pytest.mark.parametrize(
    ("record", "anybody"),
    [
        ("v=spf1 +all", True),
        ("v=spf1 ip4:128.0.0.0/1 -all", True),
        ("v=spf1 ip4:0.0.0.0/0 -all", True),
        ("v=spf1 a/4 -all", True),
        ("v=spf1 include:everybody.example ~all", True),
        ("v=spf1 redirect=everybody.example", True),
        ("v=spf1 ip4:192.0.0.0/8 -all", False),
        ("v=spf1 a -all", False),
        ("v=spf1 mx -all", False),
    ],
)
async def test_a_pass_for_everybody_is_told_apart(record: str, anybody: bool) -> None:
    zone = {
        "example.org": [{"TXT": record}, {"A": PEER}, {"MX": [1, "example.org"]}],
        "everybody.example": [{"TXT": "v=spf1 all"}],
    }
    found = await verdict(zone)
    assert (found.result, found.anybody) == ("pass", anybody)


@pytest.mark.parametrize(
    ("other", "result"),
    [
        ({"TXT": "v=spf1 ip4:192.0.2.7 -all"}, "pass"),
        ({"TXT": "v=spf1 -all"}, "fail"),
        ({"TXT": "v=spf1 a:"}, "permerror"),
        ({"A": PEER}, "permerror"),
        ("TIMEOUT", "temperror"),
    ],
)
async def test_what_another_record_says_by_redirect_is_the_verdict_on_the_domain_itself(
    other: object, result: str
) -> None:
    found = await verdict({"example.org": [{"TXT": "v=spf1 redirect=b.example"}], "b.example": [other]})
    assert (found.result, found.domain) == (result, "example.org")


async def test_an_empty_reverse_path_is_judged_by_the_name_in_helo() -> None:
    found = await verdict({"mail.example.org": [{"TXT": "v=spf1 ip4:192.0.2.7 -all"}]}, mail_from="")
    assert (found.result, found.domain) == ("pass", "mail.example.org")


@pytest.mark.parametrize("mail_from", ["maria", "maria@", "maria@org", "maria@münchen.example", "@", "maria@a..b"])
async def test_what_is_no_domain_is_not_asked_for(mail_from: str) -> None:
    lookup = ZoneLookup({})
    found = await check_spf(lookup, PEER, mail_from, "")
    assert (found.result, lookup.asked) == ("none", [])


async def test_records_that_call_each_other_come_to_an_end() -> None:
    zone = {"example.org": [{"TXT": "v=spf1 include:b.example"}], "b.example": [{"TXT": "v=spf1 include:example.org"}]}
    lookup = ZoneLookup(zone)
    assert (await check_spf(lookup, PEER, "a@example.org", "x")).result == "permerror"
    assert len(lookup.asked) == 11


@pytest.mark.parametrize("digits", ["9" * 5000, "1000", "0", "00"])
async def test_an_absurd_number_in_a_macro_is_a_mistake_of_the_record(digits: str) -> None:
    assert (
        await verdict({"example.org": [{"TXT": f"v=spf1 exists:%{{d{digits}}}.example -all"}]})
    ).result == "permerror"


async def test_no_answer_about_a_name_inside_is_a_verdict_on_nobody() -> None:
    zone = {"example.org": [{"TXT": "v=spf1 include:b.example -all"}], "b.example": ["TIMEOUT"]}
    found = await verdict(zone)
    assert (found.result, found.reason) == ("temperror", "no answer about b.example")


async def test_a_lookup_that_fails_otherwise_is_not_swallowed() -> None:
    async def broken(name: str, kind: str) -> list[str]:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await check_spf(broken, PEER, "a@example.org", "x")


def test_no_answer_is_temporary() -> None:
    assert NameServiceUnavailable.temporary
