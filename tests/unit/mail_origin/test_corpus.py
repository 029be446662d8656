"""The corpus of our own: no spoof proves anything, and honest mail gets what it deserves."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.adapters.mail.origin import verifying
from trunkline.adapters.mail.origin.canonical import canonical_body, canonical_field
from trunkline.adapters.mail.origin.dkim import signing_domain
from trunkline.adapters.mail.origin.settings import OriginSettings
from trunkline.adapters.mail.origin.signed_message import SignedField, read_signed
from trunkline.adapters.mail.origin.verifying import OriginVerifier
from trunkline.normalizer.addresses import normalise_address, parse_addresses
from trunkline.normalizer.envelope import OriginProof, RawMessage

from .corpus import EVIL_PEER, HERS, HONEST, MARIA, OWN_PEER, SPOOFS, ZONE, Case, honest, mail, spoof
from .signing import HEADERS
from .zone import ZoneLookup

NOW = 1_795_932_000


def raw_message(case: Case) -> RawMessage:
    """As intake would store it."""
    return RawMessage(
        id="0193512e-0000-7000-8000-000000000001",
        channel="mail",
        external_id="1",
        received_at=NOW * 1000,
        content=case.mail.replace("\n", "\r\n").encode(),
        transport={"peer": case.peer, "mail_from": case.mail_from, "helo": case.helo, "trusted": case.trusted},
    )


async def proof(case: Case, **settings: Any) -> OriginProof:
    given: dict[str, Any] = {"forwarders": ["lists.example"]} | settings
    given |= {"authserv_ids": ["mx.company.example"]} if case.named else {}
    verifier = OriginVerifier(OriginSettings(**given), ZoneLookup(ZONE | dict(case.zone)), lambda: NOW)
    return await verifier.prove(raw_message(case), author(case.mail))


def author(mail: str) -> str:
    """The last From, whatever stands around it: the worst reader that there could be."""
    values = [
        line.partition(":")[2]
        for line in mail.split("\n\n", maxsplit=1)[0].split("\n")
        if line.startswith(("From:", "From :"))
    ]
    boxes = parse_addresses(values[-1]) if values else []
    return (normalise_address(boxes[0].address) or "") if boxes else ""


@pytest.mark.parametrize("case", [pytest.param(case, id=case.what) for case in SPOOFS])
async def test_a_spoof_proves_nothing(case: Case) -> None:
    found = await proof(case)
    assert case.state in ("failed", "unproven")
    assert found.state == case.state, found
    assert found.evidence


@pytest.mark.parametrize("case", [pytest.param(case, id=case.what) for case in HONEST])
async def test_honest_mail_gets_what_it_deserves(case: Case) -> None:
    found = await proof(case)
    assert found.state == case.state, found
    assert found.evidence


@pytest.mark.parametrize(
    "text",
    [
        f"From: {MARIA}\njunk\njunk\n" + "a:\n" * 10_000 + HERS,
        f"From: {MARIA}\njunk\njunk\n" + "a:\n" * 80_000,
        f"From: {MARIA}\njunk\njunk\n" + "DKIM-Signature: a=rsa-sha256; d=evil.example; s=s\n" * 20_000,
        "a:\n" * 20_000 + HERS,
        f"A: {'a' * 300_000}\n{HERS}",
        mail(sender=f"{'a ' * 10_000}<{MARIA}>"),
    ],
)
@pytest.mark.parametrize("trusted", [False, True])
async def test_headers_with_junk_or_over_the_limits_prove_nothing_and_nothing_is_asked(
    text: str, *, trusted: bool
) -> None:
    lookup = ZoneLookup(ZONE)
    case = spoof("junk", text, mail_from=MARIA, peer=OWN_PEER, trusted=trusted)
    found = await OriginVerifier(OriginSettings(), lookup, lambda: NOW).prove(raw_message(case), MARIA)
    assert (found.state, found.evidence) == ("unproven", "From cannot be told for certain")
    assert not lookup.asked


@pytest.mark.parametrize(("domain", "looked_at"), [("evil.example", 50), ("example.org", 5)])
async def test_of_many_signatures_only_so_many_are_looked_at(
    domain: str, looked_at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    fields: list[SignedField] = []

    def counted(field: SignedField) -> str:
        fields.append(field)
        return signing_domain(field)

    monkeypatch.setattr(verifying, "signing_domain", counted)
    signatures = "".join(f"DKIM-Signature: a=rsa-sha256; d={domain}; s=s{n}\n" for n in range(3000))
    assert (await proof(spoof("many", signatures + mail()))).state == "failed"
    assert len(fields) == looked_at


async def test_of_a_chain_with_many_seals_none_is_looked_at() -> None:
    seals = "".join(f"ARC-Seal: i={n}; a=rsa-sha256; d=lists.example; s=s; cv=pass; b=YQ==\n" for n in range(1, 1000))
    found = await proof(spoof("many", seals + mail()))
    assert [check.detail for check in found.checks if check.method == "arc"] == ["the chain has more than 50 sets"]


def test_the_corpus_is_large_enough() -> None:
    assert len(SPOOFS) >= 60
    assert len(HONEST) >= 40
    assert len({case.what for case in (*SPOOFS, *HONEST)}) == len(SPOOFS) + len(HONEST)


def test_the_table_in_the_docs_is_the_corpus() -> None:
    words = {"proven": "proven", "unproven": "unproven", "failed": "disowned", "pending": "checked again later"}
    cases = [f"| {case.what} | {words[case.state]} |" for case in (*SPOOFS, *HONEST)]
    assert rows_of("proof_of_origin_tests.md", "## Spoofs") == cases
    some = rows_of("proof_of_origin.md", "## What mails get")
    assert len(some) == 10
    assert set(some) <= set(cases)


def rows_of(page: str, heading: str) -> list[str]:
    """The rows of the tables of mails below a heading."""
    below = (Path(__file__).parents[3] / "docs" / page).read_text("utf-8").partition(f"{heading}\n")[2]
    return [line for line in below.splitlines() if line.startswith("| ") and not line.startswith("| a mail ")]


SIGNED = [case for case in (*SPOOFS, *HONEST) if "DKIM-Signature" in case.mail or "ARC-Seal" in case.mail]


MANGLING = (st.integers(0, 3000), st.integers(0, 40), st.text(alphabet="\n\r\0 \t;:=abFrom", max_size=20))


@given(st.sampled_from(SIGNED), *MANGLING)
async def test_no_mangled_mail_makes_it_raise(case: Case, at: int, cut: int, more: str) -> None:
    at %= len(case.mail)
    found = await proof(replace(case, mail=case.mail[:at] + more + case.mail[at + cut :]))
    assert found.evidence


@given(*MANGLING)
async def test_what_is_proven_says_what_was_signed(at: int, cut: int, more: str) -> None:
    at %= len(HERS)
    mangled = HERS[:at] + more + HERS[at + cut :]
    found = await proof(honest("mangled", mangled, peer=EVIL_PEER))
    if found.state == "proven":
        assert author(mangled) == MARIA
        whole, other = (read_signed(text.encode()) for text in (HERS, mangled))
        for name in HEADERS:
            assert [canonical_field(field.raw, relaxed=True) for field in other.all(name)] == [
                canonical_field(field.raw, relaxed=True) for field in whole.all(name)
            ]
        assert canonical_body(other.body, relaxed=True) == canonical_body(whole.body, relaxed=True)
