"""For which of our addresses a mail was: by the servers on its way, by To and Cc, by RCPT."""

import pytest

from trunkline.adapters.mail.addressees import TRACES, find_addressees
from trunkline.adapters.mail.mime import read_headers
from trunkline.adapters.mail.recipients import OwnAddresses

DOOR, BILLING, SALES = "all@desk.example", "billing@desk.example", "sales@desk.example"
OWN = OwnAddresses([DOOR, BILLING, SALES], {"rechnung@alt.example": BILLING, "info@alt.example": DOOR})


def meant(*fields: str, arrived: str = DOOR, trusted: bool = True) -> tuple[str, ...]:
    headers = read_headers("\r\n".join((*fields, "", "")).encode())
    return find_addressees(headers, arrived.split(), OWN, trusted=trusted).recipients


@pytest.mark.parametrize("trace", TRACES)
@pytest.mark.parametrize("spelling", ["{}", "<{}>", "Billing <{}>", "  {} "])
def test_billing_through_a_catch_all_stays_billing(trace: str, spelling: str) -> None:
    assert meant(f"{trace}: {spelling.format(BILLING)}", "To: undisclosed-recipients:;") == (BILLING,)


@pytest.mark.parametrize("trace", TRACES)
def test_what_an_outsider_writes_there_is_not_looked_at(trace: str) -> None:
    assert meant(f"{trace}: {BILLING}", "To: friends@elsewhere.example", trusted=False) == (DOOR,)


@pytest.mark.parametrize(
    "fields",
    [
        (f"X-Forwarded-To: {DOOR}", f"X-Forwarded-For: {BILLING} {DOOR}", f"Delivered-To: {BILLING}"),
        (f"Delivered-To: {DOOR}", f"X-Original-To: {BILLING}"),
        (f"Delivered-To: {DOOR}", f"Delivered-To: {BILLING}", "To: list@elsewhere.example"),
        (f"Envelope-To: {BILLING}", "Delivery-Date: Tue, 1 Jul 2003 10:52:37 +0200", f"Delivered-To: {DOOR}"),
        (f"Received: from a by b (Postfix) with ESMTPS id 1\r\n\tfor <{BILLING}>; Tue, 1 Jul 2003 10:52:37 +0200",),
        (f"X-Original-To: {DOOR}", f"To: Billing <{BILLING.upper()}>"),
        ("X-Original-To: billing+march@desk.example",),
    ],
)
def test_the_ways_in_which_servers_forward(fields: tuple[str, ...]) -> None:
    assert meant(*fields) == (BILLING,)


@pytest.mark.parametrize("trusted", [True, False])
@pytest.mark.parametrize("field", ["To: Maria <m@elsewhere.example>, Billing <{}>", "Cc: {}"])
def test_our_address_in_to_or_cc_says_it_too_whoever_hands_over(field: str, trusted: bool) -> None:
    assert meant(field.format(BILLING), trusted=trusted) == (BILLING,)


def test_the_door_is_meant_where_it_is_written_to_and_where_nothing_else_is_told() -> None:
    assert meant(f"To: {DOOR}, {BILLING}") == (DOOR,)
    assert meant("To: friends@elsewhere.example") == (DOOR,)
    assert meant() == (DOOR,)


def test_of_several_that_were_forwarded_the_one_that_was_written_to_is_meant() -> None:
    fields = (f"X-Original-To: {BILLING}", f"X-Forwarded-For: {SALES} {DOOR}", f"To: {SALES}")
    assert meant(*fields) == (SALES,)
    assert meant(*fields[:2]) == (BILLING,)


def test_all_that_it_arrived_for_and_was_written_to_are_meant() -> None:
    assert meant(f"To: {BILLING}, {SALES}", arrived=f"{SALES} {BILLING}") == (SALES, BILLING)
    assert meant(f"To: {BILLING}, {SALES}") == (BILLING, SALES)


def test_an_address_elsewhere_counts_as_ours_and_rules_can_ask_for_it() -> None:
    assert meant("To: Rechnung <Rechnung@alt.example>", trusted=False) == (BILLING, "rechnung@alt.example")
    assert meant("X-Forwarded-For: rechnung+mai@alt.example all@desk.example") == (BILLING, "rechnung@alt.example")
    assert meant("To: info@alt.example") == (DOOR,)
    assert meant(arrived="rechnung@alt.example") == (BILLING, "rechnung@alt.example")


def test_a_token_is_looked_for_wherever_ours_is_named() -> None:
    headers = read_headers(b"X-Original-To: billing+token@desk.example\r\n\r\n")
    found = find_addressees(headers, [DOOR], OWN, trusted=False)
    assert [each.tag for each in found.named] == ["", "token"]


def test_a_file_is_believed_in_whatever_it_names() -> None:
    headers = read_headers(f"Delivered-To: {DOOR}\r\nTo: {BILLING}\r\n\r\n".encode())
    assert find_addressees(headers, [], OWN, trusted=False).recipients == (BILLING, DOOR)
