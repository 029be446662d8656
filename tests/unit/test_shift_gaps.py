"""What `check` says of times in which something is promised and nobody is on shift."""

from textwrap import dedent

import pytest

from trunkline.config.loader import loads
from trunkline.gateway.channels import models
from trunkline.gateway.shift_gaps import shift_gaps

MONDAY = 1_799_625_600_000  # 2027-01-11 00:00 UTC


def findings(shifts: str, agreement: str = "calendar: office") -> list[str]:
    text = f"""\
        channels: {{ mail: {{ addresses: [a@example.test] }} }}
        calendars:
          office: {{ zone: Europe/Tallinn, hours: {{ monday-friday: "09:00-18:00" }} }}
          early: {{ zone: Europe/Tallinn, hours: {{ monday-friday: "08:00-16:00" }} }}
          manila: {{ zone: Asia/Manila, hours: {{ monday-friday: "21:00-24:00" }} }}
        queues: {{ help: {{ fallback: true }} }}
        agents:
          ada: {{ name: Ada, queues: [help], languages: [en], shifts: [early] }}
          bo: {{ name: Bo, queues: [help], languages: [en], {shifts} }}
        sla:
          - name: Office
            {agreement}
            targets: {{ first_response: 4h }}
        """
    settings = loads(dedent(text), "desk.yaml", models(), {})
    return [str(finding) for finding in shift_gaps(settings, MONDAY)]


def test_a_gap_is_told_with_its_hours_and_the_first_of_them() -> None:
    (told,) = findings("shifts: [early]")
    assert told == (
        "desk.yaml:12:15: warning: nobody of help is on shift for 10 h of the coming week (first Monday 16:00 to "
        '18:00, Europe/Tallinn), when "Office" promises something; give an agent another shift, or the agreement '
        "another calendar"
    )


@pytest.mark.parametrize("shifts", ["shifts: [manila]", "email: b@example.test"])
def test_no_gap_is_told_where_another_zone_takes_over_or_somebody_has_no_shifts(shifts: str) -> None:
    """From 15:00 to 18:00 in Tallinn it is 21:00 to 24:00 in Manila."""
    assert findings(shifts) == []


def test_what_is_promised_round_the_clock_or_elsewhere_is_left_alone() -> None:
    assert findings("shifts: [early]", "pause: [pending]") == []
