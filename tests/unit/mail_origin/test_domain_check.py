"""What is told about the DNS of a domain: each thing that keeps mail from working, and what to write instead."""

from typing import Any

import pytest

from trunkline.adapters.card import DomainFact
from trunkline.adapters.mail.domain_check import DomainCheck
from trunkline.adapters.mail.settings import MailSettings
from trunkline.adapters.mail.signing_keys import SigningKey, new_key

from .zone import ZoneLookup

DOMAIN, SENDER = "example.test", "192.0.2.7"
KEY = SigningKey.read(DOMAIN, "desk1", new_key("ed25519"))
OTHER = SigningKey.read(DOMAIN, "desk1", new_key("ed25519"))
RECORD = f"v=DKIM1; k=ed25519; p={KEY.public}"
GOOD: dict[str, list[Any]] = {
    DOMAIN: [{"MX": [10, "mx.example.test"]}, {"TXT": f"v=spf1 ip4:{SENDER} -all"}, {"TXT": "other=1"}],
    "mx.example.test": [{"A": "192.0.2.8"}],
    KEY.name: [{"TXT": RECORD}],
    f"_dmarc.{DOMAIN}": [{"TXT": "v=DMARC1; p=reject"}],
}


async def told(
    zone: dict[str, list[Any]], *, domain: str = DOMAIN, senders: tuple[str, ...] = (SENDER,), **settings: Any
) -> list[DomainFact]:
    dkim = [{"domain": DOMAIN, "selector": "desk1"}]
    given = {"addresses": [f"support@{DOMAIN}"], "hostname": "mx.example.test", "dkim": dkim}
    keys = settings.pop("keys", [KEY])
    section = MailSettings.model_validate(given | settings)
    return await DomainCheck(lookup=ZoneLookup(GOOD | zone), settings=section, keys=keys, senders=senders).told(domain)


def bad(found: list[DomainFact]) -> list[tuple[str, str]]:
    return [(each.subject, each.level) for each in found if each.level != "good"]


async def test_where_all_is_well_every_sentence_is_good() -> None:
    found = await told({})
    assert [each.subject for each in found] == ["addresses", "MX", "SPF", "DKIM", "DMARC"]
    assert bad(found) == []
    assert not any(each.write for each in found)


def of(*entries: Any) -> dict[str, list[Any]]:
    mx = [] if any("MX" in entry for entry in entries if isinstance(entry, dict)) else GOOD[DOMAIN][:1]
    return {DOMAIN: [*mx, *entries]}


SPF = GOOD[DOMAIN][1]


@pytest.mark.parametrize(
    ("zone", "expected", "words"),
    [
        ({DOMAIN: [SPF]}, ("MX", "wrong"), "example.test. IN MX 10 mx.example.test."),
        (of(SPF, {"MX": [0, "."]}), ("MX", "wrong"), "takes no mail"),
        (of(SPF, {"MX": [10, "mx.provider.example"]}), ("MX", "doubt"), "goes to mx.provider.example"),
        ({"mx.example.test": []}, ("MX", "wrong"), "has no address"),
        (of(), ("SPF", "wrong"), f'example.test. IN TXT "v=spf1 ip4:{SENDER} ~all"'),
        (of(SPF, {"TXT": "v=spf1 -all"}), ("SPF", "wrong"), "several SPF records"),
        (of({"TXT": "v=spf1 ip4:192.0.2.99 -all"}), ("SPF", "wrong"), f"add ip4:{SENDER}"),
        (of({"TXT": "v=spf1 ip4:192.0.2.999 -all"}), ("SPF", "wrong"), "permerror"),
        (of({"TXT": "v=spf1 +all"}), ("SPF", "wrong"), "everybody"),
        ({KEY.name: []}, ("DKIM", "wrong"), KEY.record),
        ({KEY.name: [{"TXT": f"v=DKIM1; k=ed25519; p={OTHER.public}"}]}, ("DKIM", "wrong"), "another key"),
        ({KEY.name: [{"TXT": "v=DKIM1; k=ed25519; p="}]}, ("DKIM", "wrong"), "another key"),
        ({KEY.name: [{"TXT": "nonsense"}]}, ("DKIM", "wrong"), "cannot be read"),
        ({KEY.name: [{"TXT": f"{RECORD}; t=y"}]}, ("DKIM", "doubt"), "t=y"),
        ({f"_dmarc.{DOMAIN}": []}, ("DMARC", "doubt"), '_dmarc.example.test. IN TXT "v=DMARC1; p=none'),
        ({DOMAIN: ["TIMEOUT"]}, ("MX", "unknown"), "no answer"),
        ({KEY.name: ["TIMEOUT"]}, ("DKIM", "unknown"), "no answer"),
        ({f"_dmarc.{DOMAIN}": ["TIMEOUT"]}, ("DMARC", "unknown"), "no answer"),
    ],
)
async def test_what_is_wrong_is_told_with_what_to_write(
    zone: dict[str, list[Any]], expected: tuple[str, str], words: str
) -> None:
    found = await told(zone)
    assert expected in bad(found)
    assert any(words in f"{each.words} {each.write}" for each in found if (each.subject, each.level) == expected)


async def test_a_policy_that_nothing_of_ours_meets_is_wrong() -> None:
    nothing = {**of({"TXT": "v=spf1 -all"}), KEY.name: []}
    assert ("DMARC", "wrong") in bad(await told(nothing))
    lax = {f"_dmarc.{DOMAIN}": [{"TXT": "v=DMARC1; p=none"}]}
    assert ("DMARC", "doubt") in bad(await told(nothing | lax))


async def test_a_key_of_the_domain_above_does_not_meet_a_strict_policy() -> None:
    domain = f"help.{DOMAIN}"
    zone = {
        f"_dmarc.{DOMAIN}": [{"TXT": "v=DMARC1; p=reject; adkim=s"}],
        f"_dmarc.{domain}": [{"TXT": "v=DMARC1; p=reject; adkim=s"}],
    }
    found = await told(zone, domain=domain, addresses=[f"a@{domain}"])
    assert any(each.level == "wrong" and "adkim=s" in each.words for each in found)


async def test_what_is_not_configured_is_told() -> None:
    assert bad(await told({}, keys=[])) == [("DKIM", "wrong")]
    assert ("DKIM", "doubt") in bad(await told({}, keys=[], dkim=[]))
    assert bad(await told({}, senders=())) == [("SPF", "doubt")]
    (ours, *_) = await told({}, domain="example.org")
    assert ours.level == "wrong"


async def test_the_smarthosts_addresses_are_those_that_send() -> None:
    zone = {"out.example.net": [{"A": SENDER}, {"AAAA": "2001:db8::1"}]}
    found = await told(zone, senders=(), smarthost="out.example.net:25")
    assert [(each.level, each.words.split()[0]) for each in found if each.subject == "SPF"] == [
        ("good", SENDER),
        ("wrong", "2001:db8::1"),
    ]
