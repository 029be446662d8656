"""Every mistake in a configuration is told with its place, what was found, what was expected and what to do."""

from pathlib import Path
from textwrap import dedent

import pytest
from pydantic import Field, RootModel

from trunkline.config.errors import Misconfigured
from trunkline.config.loader import load, loads
from trunkline.config.quantities import Address
from trunkline.config.section import Section


class _Mail(Section):
    addresses: tuple[str, ...] = Field(min_length=1, description="Our addresses.")
    smarthost: Address | None = Field(default=None, description="Where replies go.")


class _Source(Section):
    fields: dict[str, str] = Field(description="Where the JSON holds what.")


class _Http(RootModel[dict[str, _Source]]):
    pass


_CHANNELS = {"mail": _Mail, "http": _Http}
_DESK = "queues:\n  support: { fallback: true }\n"


def _complaints(text: str, **environ: str) -> list[str]:
    with pytest.raises(Misconfigured) as caught:
        loads(dedent(text), "desk.yaml", _CHANNELS, environ)
    return str(caught.value).splitlines()


_SINGLE = {
    "an unknown key, with the one that was meant": (
        "lisen: {}",
        'desk.yaml:3:1: found the unknown key "lisen", expected one of acknowledgement, agents, attachments, '
        "calendars, canned_replies, channels, "
        "customer_fields, data, dedup, deleted_messages, desk, durability, engine, erasure_ledger, handling, listen, "
        "macros, presence, queues, redis, rule_tests, rules, senders, sign_in, sla, teams, templates, "
        "ticket_fields, triggers, undo, webhooks, workspace; "
        "did you mean listen?",
    ),
    "an unknown key further inside": (
        "listen:\n  smpt: 127.0.0.1:25",
        'desk.yaml:4:3: found the unknown key "smpt" in listen, expected one of connections, connections_per_peer, '
        "http, smtp, trusted_proxies; did you mean smtp?",
    ),
    "a missing key": (
        "agents:\n  ada:\n    name: Ada",
        'desk.yaml:4:3: found no "queues" in agents.ada, '
        'expected "queues": The queues whose tickets are offered to them; '
        "name the agent in a team, or give the role admin",
    ),
    "a clock that no policy knows": (
        "sla: [{ name: all, targets: { delivery: 1h } }]\nrules: [{ name: a, then: { clocks: { start: [delivry] } } }]",
        'desk.yaml:4:46: found the clock "delivry", expected a clock that is configured (delivery); '
        "did you mean delivery?",
    ),
    "a clock that begins by itself": (
        "macros: { a: { then: { clocks: { stop: resolution } } } }",
        'desk.yaml:3:40: found "resolution", expected a clock of your own; '
        "resolution begins and stops by itself, by what happens to the ticket",
    ),
    "a macro for a team that is not there": (
        "teams: { money: { queues: [support] } }\nmacros: { a: { for: { teams: [mony] }, then: { tags: [a] } } }",
        'desk.yaml:4:31: found the team "mony", expected a team that is configured (money); did you mean money?',
    ),
    "a macro for nobody in particular": (
        "macros: { a: { for: {}, then: { tags: [a] } } }",
        "desk.yaml:3:21: found a mapping, expected at least one of roles, teams, queues; "
        "leave `for` out, and everybody uses it",
    ),
    "the same key twice": (
        "agents:\n  ada: { name: Ada, queues: [support] }\n  ada: { name: Eve, queues: [support] }",
        'desk.yaml:5:3: found the key "ada" again, expected each key once; '
        "the first one is in line 4; only one of them can count",
    ),
    "a key that must be there, misspelt": (
        "calendars:\n  office: { time_zone: UTC, hours: { monday: 09:00-17:00 } }",
        'desk.yaml:4:13: found the unknown key "time_zone" in calendars.office, expected one of holidays, hours, '
        "public_holidays, special_days, zone; did you mean zone?",
    ),
    "a key without a value": (
        "data:",
        "desk.yaml:3:6: found nothing, expected a value (The folder for everything that is kept; relative to the "
        "working directory); give one, or leave the key out; for the word null put it in quotes",
    ),
    "a duration without a unit": (
        "dedup: { keep: 35 }",
        'desk.yaml:3:16: found "35", expected a duration such as 30s, 5min, 1h30min or 35d; '
        "give the unit: 35s or 35min?",
    ),
    "a size that is none": (
        "engine:\n  maxmemory: lots",
        'desk.yaml:4:14: found "lots", expected a size such as 64KiB, 25MiB or 2GB; '
        "engine.maxmemory: The most memory the embedded engine may take.",
    ),
    "a port without a host": (
        'listen: { http: "8080" }',
        'desk.yaml:3:17: found "8080", expected host:port such as 127.0.0.1:8080 or [::1]:8080; '
        "listen.http: Host and port for HTTP: API, forms, hooks.",
    ),
    "a number out of its range": (
        "agents:\n  ada: { name: Ada, queues: [support], capacity: -1 }",
        'desk.yaml:4:50: found "-1", expected a number of at least 0; '
        "agents.ada.capacity: How much they work on at the same time, in units of weight over all channels; not how "
        "many tickets they look after. Left out, 3 conversations, and 2 letters of each channel.",
    ),
    "a word where a number belongs": (
        "handling: { mail: { weight: heavy } }",
        'desk.yaml:3:29: found "heavy", expected a whole number; '
        "handling.mail.weight: How much of a capacity one ticket takes.",
    ),
    "a switch that is neither on nor off": (
        "acknowledgement: { enabled: perhaps }",
        'desk.yaml:3:29: found "perhaps", expected true or false; acknowledgement.enabled: Whether it is sent at all.',
    ),
    "text where a mapping belongs": (
        "agents:\n  ada: Ada",
        'desk.yaml:4:8: found "Ada", expected a mapping; agents.ada: One agent.',
    ),
    "a mapping where a list belongs": (
        "rules: { name: x }",
        'desk.yaml:3:16: found "x", expected a list of the rules of the stage name; begin each rule with -',
    ),
    "an empty list that needs something": (
        "channels:\n  mail: { addresses: [] }",
        "desk.yaml:4:22: found 0 in channels.mail.addresses, expected at least 1; "
        "channels.mail.addresses: Our addresses.",
    ),
    "a mistake in a channel's own section": (
        "channels:\n  mail: { addresses: [a@example.test], smarthost: nowhere }",
        'desk.yaml:4:51: found "nowhere", expected host:port such as 127.0.0.1:8080 or [::1]:8080; '
        "channels.mail.smarthost: Where replies go.",
    ),
    "an unknown channel": (
        "channels: { mial: {} }",
        'desk.yaml:3:13: found the unknown key "mial" in channels, expected one of http, mail; did you mean mail?',
    ),
    "a language in three letters": (
        "agents:\n  ada: { name: Ada, queues: [support], languages: [en, eng] }",
        'desk.yaml:4:56: found "eng", expected a language as two small letters of ISO 639-1, such as en, es or ru; '
        "agents.ada.languages: The languages they answer in, best first.",
    ),
    "a name with a capital letter": (
        "calendars:\n  Office: { zone: UTC, hours: { monday: 09:00-17:00 } }",
        'desk.yaml:4:3: found "Office", expected a name of 1 to 63 of a-z, 0-9, _ and -, '
        "beginning with a letter or digit; calendars.Office: The business hours of one desk.",
    ),
    "a comparison that there is not": (
        "customer_fields: { seats: { type: number } }\n"
        "rules:\n  - { name: a, when: { customer: { seats: { at_lest: 5 } } }, then: { priority: 1 } }",
        'desk.yaml:5:45: found the unknown key "at_lest" in rules.0.when.customer.seats, expected one of after, '
        "at_least, at_most, before, contains, empty, is, last_days, less_than, more_than, next_days; "
        "did you mean at_least?",
    ),
    "a comparison that nothing can meet": (
        "ticket_fields: { parts: { type: number } }\n"
        "rules:\n  - { name: a, when: { ticket: { parts: { at_least: 5, less_than: 5 } } }, then: { priority: 1 } }",
        "desk.yaml:5:41: found a mapping, expected a range in which a value can lie; "
        "the lower end is above the upper one",
    ),
    "a time zone that is not there": (
        "calendars:\n  office: { zone: Europe/Talin, hours: { monday: 09:00-17:00 } }",
        'desk.yaml:4:19: found "Europe/Talin", expected a time zone such as Europe/Tallinn or UTC; '
        "did you mean Europe/Tallinn?",
    ),
    "a weekday that is not there": (
        "calendars:\n  office: { zone: UTC, hours: { mon: 09:00-17:00 } }",
        'desk.yaml:4:33: found "mon", expected a weekday such as monday, or a range such as monday-friday; '
        "calendars.office.hours: Weekdays (monday, or monday-friday) and the spans of time in which the desk is open.",
    ),
    "a span of time without minutes": (
        "calendars:\n  office: { zone: UTC, hours: { monday: 9-17 } }",
        'desk.yaml:4:41: found "9-17", expected a span of time such as 09:00-17:30, or 22:00-06:00 past midnight; '
        "calendars.office.hours: Weekdays (monday, or monday-friday) and the spans of time in which the desk is open.",
    ),
    "a date that is not there": (
        "calendars:\n  office: { zone: UTC, hours: { monday: 09:00-17:00 }, holidays: [2026-02-30] }",
        'desk.yaml:4:67: found "2026-02-30", expected a date such as 2026-12-25; '
        "calendars.office.holidays: Dates on which it is closed all day, as 2026-12-25.",
    ),
    "a pattern with look-around": (
        "rules:\n  - name: r\n    when: { regex: 'a(?=b)' }\n    then: { tags: [x] }",
        'desk.yaml:5:20: found "a(?=b)", expected a pattern that RE2 takes (invalid perl operator: (?=); '
        "RE2 has no look-around: use two conditions, one of them under `not`",
    ),
    "a pattern that is wrong, among others": (
        "rules:\n  - name: r\n    when: { regex: [fine, '(', fine too] }\n    then: { tags: [x] }",
        'desk.yaml:5:27: found "(", expected a pattern that RE2 takes (missing ): (); '
        "rules.0.when.regex: One of these RE2 patterns matches in subject or text; case does not matter.",
    ),
    "a keyword with an asterisk inside": (
        "rules:\n  - name: r\n    when: { keywords: re*fund }\n    then: { tags: [x] }",
        'desk.yaml:5:23: found "re*fund", expected a word or phrase, with * only at its beginning or end; '
        "rules.0.when.keywords: One of these words or phrases is in subject or text: whole words, in any case, "
        "accents aside; refund* takes every ending.",
    ),
    "a rule without a condition in its when": (
        "rules:\n  - name: r\n    when: {}\n    then: { tags: [x] }",
        "desk.yaml:5:11: found a mapping, expected at least one condition, such as channel, recipient or keywords; "
        "leave `when` out for always",
    ),
    "a rule that decides nothing": (
        "rules:\n  - name: r\n    then: {}",
        "desk.yaml:5:11: found a mapping, expected at least one action, such as queue, priority or tags; "
        "rules.0.then: What is decided. What an earlier rule has decided stands.",
    ),
    "a rule test that cannot fail": (
        "rule_tests:\n  - given: { text: hello }\n    expect: {}",
        "desk.yaml:5:13: found a mapping, expected at least one expectation, such as queue or tags; "
        "a test that expects nothing cannot fail",
    ),
    "a time without an offset": (
        'rule_tests:\n  - given: { at: "2026-01-07T12:00:00" }\n    expect: { queue: support }',
        'desk.yaml:4:18: found "2026-01-07T12:00:00", expected a time with its offset from UTC; '
        "write 2026-01-07T12:00:00+02:00 or …Z",
    ),
    "a queue that is not there, named by a rule": (
        "rules:\n  - name: r\n    then: { queue: suport }",
        'desk.yaml:5:20: found the queue "suport", expected a queue that is configured (support); '
        "did you mean support?",
    ),
    "a queue that is not there, named by an agent": (
        "agents:\n  ada: { name: Ada, queues: [support, sales] }",
        'desk.yaml:4:39: found the queue "sales", expected a queue that is configured (support); '
        "add the queue, or correct the name",
    ),
    "a queue that is not there, named by a team": (
        "teams:\n  help: { queues: [support, sales] }",
        'desk.yaml:4:29: found the queue "sales", expected a queue that is configured (support); '
        "add the queue, or correct the name",
    ),
    "an agent who is not there, named by a team": (
        "agents:\n  ada: { name: Ada }\nteams:\n  help: { members: [ada, eva], queues: [support] }",
        'desk.yaml:6:26: found the agent "eva", expected an agent that is configured (ada); '
        "add the agent, or correct the name",
    ),
    "a team that is not there, named by a group": (
        "agents: { ada: { name: Ada, queues: [support] } }\nsign_in:\n  issuer: https://login.example\n"
        "  client_id: desk\n  url: https://desk.example\n  groups: { chiefs: { leads: [money] } }",
        'desk.yaml:8:31: found the team "money", expected a team that is configured (there is none); '
        "add the team, or correct the name",
    ),
    "the secret of an identity provider": (
        "sign_in: { issuer: 'https://l.example', client_id: d, url: https://d.example, client_secret: hunter2 }",
        "desk.yaml:3:79: found a secret in sign_in.client_secret, expected no secrets in this file; take it out, set "
        "TRUNKLINE_SECRET_SIGN_IN in the environment instead, and change it if others have seen it",
    ),
    "a channel of Slack for a queue that is not there": (
        "desk:\n  slack:\n    teams:\n      acme: { team: T0ACME, channels: { suport: C0DESK } }",
        'desk.yaml:6:49: found the queue "suport", expected a queue that is configured (support); '
        "did you mean support?",
    ),
    "one workspace of Slack twice": (
        "desk:\n  slack:\n    teams:\n      acme: { team: T0ACME }\n      other: { team: T0ACME }",
        'desk.yaml:7:22: found "T0ACME", expected another workspace than acme has; '
        "one app serves all channels of a workspace",
    ),
    "the token of an app of Slack": (
        "desk:\n  slack:\n    teams:\n      acme: { team: T0ACME, token: xoxb-1 }",
        "desk.yaml:6:29: found a secret in desk.slack.teams.acme.token, expected no secrets in this file; take it out, "
        "set TRUNKLINE_SECRET_SLACK_DESK_ACME_TOKEN in the environment instead, and change it if others have seen it",
    ),
    "an identity provider without encryption": (
        "sign_in: { issuer: 'http://login.example', client_id: desk, url: https://desk.example }",
        'desk.yaml:3:20: found "http://login.example", expected an address such as https://login.example.com; '
        "http is for this machine alone",
    ),
    "a role that there is not": (
        "agents:\n  ada: { name: Ada, queues: [support], role: boss }",
        "desk.yaml:4:46: found \"boss\", expected 'agent', 'lead', 'admin' or 'auditor'; agents.ada.role: What they "
        "may do. agent: see and work their queues. lead: also force, take work from others and say how they are, in "
        "their queues. admin: everything. auditor: read everything and change nothing. Left out, agent, or lead for "
        "who leads a team; where nobody has a role and there is no team, everybody does everything.",
    ),
    "a promise that counts by a calendar that is not there": (
        "sla:\n  - { name: vip, calendar: office, targets: { first_response: 1h } }",
        'desk.yaml:4:28: found the calendar "office", expected a calendar that is configured (there is none); '
        "add the calendar, or correct the name",
    ),
    "a promise for a field that customers do not have": (
        "sla:\n  - { name: eu, when: { region: eu }, targets: { first_response: 1h } }",
        'desk.yaml:4:33: found the customer field "region", expected a customer field that is configured '
        "(there is none); add the customer field, or correct the name",
    ),
    "a target that only some priorities have": (
        "sla:\n  - { name: vip, targets: { first_response: { 1: 1h, 2: 2h } } }",
        "desk.yaml:4:45: found a mapping, expected a duration, or one for each priority from 1 to 4; "
        "sla.0.targets: How soon, by clock: first_response, next_response, resolution, assignment, or a name of your "
        "own; a duration, or one for each priority.",
    ),
    "a target that no year has room for": (
        "calendars: { office: { zone: UTC, hours: { monday: 09:00-10:00 } } }\n"
        "sla:\n  - { name: vip, calendar: office, targets: { resolution: 3d } }",
        'desk.yaml:5:59: found "3d", expected at most the 52h of open time that office has in a year; '
        "targets count open time: a working day of eight hours is 8h, not 1d",
    ),
    "a step whose time never comes": (
        "sla:\n  - name: vip\n    targets: { first_response: 1h }\n    escalation:\n"
        "      - { before: 2h, priority: 1 }",
        'desk.yaml:7:19: found "2h", expected less than the longest target, 1h; '
        "the step would be due before its clock begins",
    ),
    "a step for a clock that the policy does not have": (
        "sla:\n  - name: vip\n    targets: { first_response: 1h }\n    escalation:\n"
        "      - { at: 50%, clock: resolution, priority: 1 }",
        'desk.yaml:7:27: found the clock "resolution", expected a clock that the policy has '
        "(assignment, first_response, next_response); give it a target in `targets`",
    ),
    "a step that does nothing": (
        "sla:\n  - name: vip\n    targets: { first_response: 1h }\n    escalation: [{ at: 50% }]",
        "desk.yaml:6:18: found a mapping, expected at least one of notify, priority, queue, reassign, webhook; "
        "sla.0.escalation.0: One step.",
    ),
    "a step that posts to a webhook that is not there": (
        "sla:\n  - name: vip\n    targets: { first_response: 1h }\n    escalation: [{ at: 50%, webhook: pager }]",
        'desk.yaml:6:38: found the webhook "pager", expected a webhook that is configured (there is none); '
        "add the webhook, or correct the name",
    ),
    "a policy of the same name": (
        "sla:\n  - { name: vip, targets: { resolution: 3d } }\n  - { name: vip, targets: { resolution: 2d } }",
        'desk.yaml:5:13: found the policy name "vip" again, expected a name of its own; the policy in line 4 has it',
    ),
    "public holidays of nowhere": (
        "calendars: { office: { zone: UTC, hours: { monday: 09:00-10:00 }, public_holidays: DE-BX } }",
        'desk.yaml:3:84: found "DE-BX", expected a country of ISO 3166 such as EE, or a part of one such as DE-BY; '
        "did you mean DE-HB?",
    ),
    "a calendar that is not there, deep inside a rule": (
        "rules:\n  - name: r\n    when: { any: [{ not: { hours: { office: open } } }] }\n    then: { tags: [x] }",
        'desk.yaml:5:45: found the calendar "office", expected a calendar that is configured (there is none); '
        "add the calendar, or correct the name",
    ),
    "a channel that is not there, named by a rule": (
        "rules:\n  - name: r\n    when: { channel: [mail, fax] }\n    then: { tags: [x] }",
        'desk.yaml:5:29: found the channel "fax", expected a channel that is configured (http, mail); '
        "add the channel, or correct the name",
    ),
    "two rules of one name": (
        "rules:\n  - { name: r, then: { tags: [x] } }\n  - { name: r, then: { tags: [y] } }",
        'desk.yaml:5:13: found the rule name "r" again, expected a name of its own; '
        "the rule in line 4 has it, and explanations tell rules by their names",
    ),
    "a secret of an http source": (
        "channels:\n  http:\n    web-form: { fields: { message: text }, secret: whsec_c2VjcmV0 }",
        "desk.yaml:5:44: found a secret in channels.http.web-form.secret, expected no secrets in this file; "
        "take it out, set TRUNKLINE_SECRET_HTTP_WEB_FORM in the environment instead, "
        "and change it if others have seen it",
    ),
    "a token of an account that has two secrets": (
        "channels:\n  http:\n    shop: { fields: { message: text }, access_token: hunter2 }",
        "desk.yaml:5:40: found a secret in channels.http.shop.access_token, expected no secrets in this file; "
        "take it out, set TRUNKLINE_SECRET_HTTP_SHOP (or TRUNKLINE_SECRET_HTTP_SHOP_TOKEN, as the page of the channel "
        "says) in the environment instead, and change it if others have seen it",
    ),
    "a password in a url": (
        "redis: { url: 'redis://:hunter2@db:6379' }",
        "desk.yaml:3:10: found a secret in redis.url, expected no secrets in this file; "
        "take it out, set TRUNKLINE_REDIS__URL in the environment instead, and change it if others have seen it",
    ),
    "the admin token": (
        "admin_token: 12345",
        "desk.yaml:3:1: found a secret in admin_token, expected no secrets in this file; "
        "take it out, set TRUNKLINE_ADMIN_TOKEN in the environment instead, and change it if others have seen it",
    ),
    "a tag": (
        "workspace: !!binary bWFpbg==",
        "desk.yaml:3:12: found the tag tag:yaml.org,2002:binary, expected a plain value; leave the tag out",
    ),
    "a merge key": (
        "listen:\n  <<: { http: 127.0.0.1:80 }",
        "desk.yaml:4:3: found a merge key (<<), expected the keys themselves; write them out",
    ),
}


@pytest.mark.parametrize(("text", "complaint"), _SINGLE.values(), ids=_SINGLE)
def test_a_mistake_is_told_with_its_place_and_the_remedy(text: str, complaint: str) -> None:
    assert _complaints(_DESK + text) == [complaint]


def test_no_secret_is_repeated_in_the_complaint() -> None:
    text = (
        _DESK
        + "redis: { url: 'redis://:hunter2@db:6379' }\nagents: { a: { name: whsec_abcdefghijkl, queues: [support] } }"
    )
    told = "\n".join(_complaints(text))
    assert "desk.yaml:3:10" in told
    assert "desk.yaml:4:16" in told
    assert "hunter2" not in told
    assert "abcdefgh" not in told


def test_all_mistakes_are_told_at_once_in_the_order_of_the_file() -> None:
    told = _complaints(
        """\
        workspace: Main
        dedup: { keep: soon }
        queues:
          support: { fallbak: true }
          support: {}
        agents:
          ada: { queues: [suport], capacity: many }
        rules:
          - name: r
            when: { regex: "(" }
            then: { queue: nowhere, priority: 7 }
        """
    )
    assert [line.split(":", 3)[1:3] for line in told] == [
        ["1", "12"],
        ["2", "16"],
        ["3", "1"],
        ["4", "14"],
        ["5", "3"],
        ["7", "3"],
        ["7", "19"],
        ["7", "38"],
        ["10", "20"],
        ["11", "20"],
        ["11", "39"],
    ]


def test_without_a_fallback_queue_it_is_refused() -> None:
    assert _complaints("queues: { a: {}, b: {} }") == [
        "desk.yaml:1:1: found no fallback queue, expected exactly one queue with `fallback: true`, "
        "for what no rule has placed; mark one of them"
    ]


def test_with_two_fallback_queues_it_is_refused() -> None:
    assert _complaints("queues: { a: { fallback: yes }, b: { fallback: on } }") == [
        "desk.yaml:1:48: found a second fallback queue, expected exactly one queue with `fallback: true`, "
        "for what no rule has placed; leave one of them"
    ]


def test_without_any_queue_it_is_refused() -> None:
    assert _complaints("workspace: main") == [
        'desk.yaml:1:1: found no "queues", expected "queues": The queues, by name; one is the fallback.'
    ]


def test_an_empty_file_is_refused() -> None:
    assert _complaints("# nothing yet\n") == [
        'desk.yaml:1:1: found no "queues", expected "queues": The queues, by name; one is the fallback.'
    ]


def test_text_instead_of_a_configuration_is_refused() -> None:
    assert _complaints("hello") == ['desk.yaml:1:1: found "hello", expected a mapping']


@pytest.mark.parametrize(
    ("text", "place", "remedy"),
    [
        ("queues:\n\tsupport: {}\n", "2:1", "indent with spaces, YAML takes no tabs"),
        ("queues:\n  support: a: b\n", "2:13", "put text that holds a colon, # or brackets in quotes"),
        ("workspace: \x07", "1:12", "put text that holds a colon, # or brackets in quotes"),
        ("a: *nobody", "1:4", "put text that holds a colon, # or brackets in quotes"),
    ],
)
def test_what_is_not_yaml_is_told_by_its_first_place(text: str, place: str, remedy: str) -> None:
    (told,) = _complaints(text)
    assert told.startswith(f"desk.yaml:{place}: found what YAML does not allow here (")
    assert told.endswith(f"expected `key: value` or `- item`; {remedy}")


def test_an_anchor_inside_itself_is_refused() -> None:
    (told,) = _complaints(_DESK + "rules: &again [*again]")
    assert told.startswith("desk.yaml:3:8: found an anchor inside itself, or too much, expected")


def test_anchors_that_multiply_are_refused_before_they_fill_the_memory() -> None:
    doublings = "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 30))
    told = _complaints(_DESK + "a0: &a0 [x, x]\n" + doublings)
    assert any("too much" in line for line in told)


def test_a_file_that_is_not_there_is_told_with_where_to_name_one(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured) as caught:
        load(tmp_path / "desk.yaml", _CHANNELS, {})
    assert str(caught.value) == (
        f"{tmp_path}/desk.yaml: found no such file or directory, expected a configuration file; "
        "name one with --config or TRUNKLINE_CONFIG"
    )


def test_a_file_that_is_not_utf8_is_told_with_the_place(tmp_path: Path) -> None:
    path = tmp_path / "desk.yaml"
    path.write_bytes(b"queues: {}\nname: caf\xe9\n")
    with pytest.raises(Misconfigured) as caught:
        load(path, _CHANNELS, {})
    assert str(caught.value) == f"{path}:2:10: found bytes that are not UTF-8, expected UTF-8; save the file as UTF-8"


def test_the_error_carries_the_problems_one_by_one() -> None:
    with pytest.raises(Misconfigured) as caught:
        loads(_DESK + "data:\nlisten: {http: x}", "desk.yaml", _CHANNELS, {})
    assert [(each.position.line, each.position.column) for each in caught.value.facts["problems"]] == [(3, 6), (4, 16)]


def test_message_templates_of_ones_own_are_checked_along(tmp_path: Path) -> None:
    (tmp_path / "acknowledgement.en.txt").write_text("Subject: Hello\n\nHello {{ sender }}\n")
    (told,) = _complaints(_DESK + f"templates: {tmp_path}")
    assert told == (
        f"{tmp_path}/acknowledgement.en.txt: found 'sender' is undefined, "
        "expected plain text in UTF-8 with no other values than number"
    )
