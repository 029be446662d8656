"""The commands that look at a running gateway and help its operator."""

import asyncio
import json
import re
from email.message import EmailMessage
from importlib.metadata import version
from pathlib import Path

import pytest
from redis.asyncio import Redis

from trunkline.queue.keys import Keys

from .conftest import Running
from .gateway import EXAMPLE, gateway
from .mails import deliver, written

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def _ticket(running: Running, subject: str, mail: EmailMessage) -> str:
    await deliver(running.gateway, mail)
    created = await running.api.until("ticket.created", lambda event: event["data"]["ticket"]["subject"] == subject)
    return str(created["data"]["ticket"]["number"])


async def test_explain_says_which_rule_who_was_asked_and_why_it_waits(running: Running) -> None:
    number = await _ticket(
        running, "Money", written("I want my money back.", sender="ana@example.org", subject="Money")
    )
    waiting = await running.gateway.run("explain", number)
    told = "\n".join(waiting.said)
    assert await waiting.ended() == 0
    assert "refunds go to billing → billing" in told
    assert 'yes refunds go to billing → {"queue": "billing", "tags": ["refund"]}' in told
    assert "no  mail to billing goes to billing" in told
    assert "equal: yes" in told
    assert "it waits in billing, because nobody can have it now." in told
    assert "carla is offline (load 0 of 5)" in told

    await running.api.presence("carla")
    await running.api.until("ticket.offered", lambda event: event["data"]["ticket"]["number"] == number)
    offered = "\n".join((await running.gateway.run("explain", number)).said)
    assert "to carla (load 0 → 1 of 5" in offered
    assert "carla had room for it (0 of 5 in use)" in offered
    assert "recomputed from what was seen: carla, equal: yes" in offered
    assert "it is offered to carla until" in offered
    await running.api.do("POST", f"/v1/tickets/{number}/accept", {"agent": "carla"})
    assert "carla has it." in "\n".join((await running.gateway.run("explain", number)).said)


async def test_explain_of_a_ticket_that_is_not_there_is_one_line(running: Running) -> None:
    process = await running.gateway.run("explain", "T-999999")
    assert await process.ended() == 1
    assert process.told == ["trunkline: there is no ticket T-999999"]


async def test_tail_shows_the_feed_in_words_and_as_events_and_follows_it(running: Running) -> None:
    number = await _ticket(running, "Tail", written("Show me.", sender="tom@example.org", subject="Tail"))
    words = await running.gateway.run("tail", "--no-follow", "--last", "100000")
    assert any(number in line and "opened in support" in line for line in words.said)
    assert not any("tom@example.org" in line or "Show me" in line for line in words.said)
    events = await running.gateway.run("tail", "--no-follow", "--json", "--after", "0")
    assert [json.loads(line)["cursor"] for line in events.said] == [str(n + 1) for n in range(len(events.said))]
    following = await running.gateway.launch("tail", "--last", "0")
    following_until = asyncio.create_task(following.until("opened in support"))
    while not following_until.done():
        await deliver(running.gateway, written("Once more.", sender="tom@example.org", subject="More"))
        await asyncio.wait({following_until}, timeout=0.5)
    assert await following_until
    await following.stop()


async def test_a_token_is_shown_once_works_and_is_withdrawn(running: Running) -> None:
    made = await running.gateway.run("token", "create", "ada-phone", "--agent", "ada")
    token = made.said[-1]
    async with running.gateway.api(token) as ada:
        assert (await ada.ask("PUT", "/v1/agents/ada/presence", {"presence": "busy"}))[0] == 200
        assert (await ada.ask("PUT", "/v1/agents/boris/presence", {"presence": "busy"}))[0] == 403
        assert (await ada.ask("GET", "/v1/dead"))[0] == 403
        listed = await running.gateway.run("token", "list")
        assert any(line.startswith("ada-phone  as ada  tickets:read") for line in listed.said)
        assert token not in "\n".join(listed.said)
        again = await running.gateway.run("token", "create", "ada-phone", "--agent", "ada")
        assert await again.ended() == 1
        withdraw = r"withdraw it first: TRUNKLINE_DATA=\S+ \S*trunkline token revoke ada-phone --config \S+$"
        assert re.search(withdraw, again.told[-1])
        await running.gateway.run("token", "revoke", "ada-phone")
        assert (await ada.ask("GET", "/v1/tickets"))[0] == 401


@pytest.mark.parametrize(
    ("words", "remedy"),
    [
        (["--agent", "zoe"], "there are ada, boris, carla"),
        (["--scope", "tickets:burn"], "there are tickets:read"),
        ([], "a token needs a scope"),
    ],
)
async def test_a_token_that_cannot_be_is_refused_with_the_remedy(
    running: Running, words: list[str], remedy: str
) -> None:
    process = await running.gateway.run("token", "create", "odd", *words)
    assert await process.ended() == 1
    assert len(process.told) == 1
    assert remedy in process.told[0]


async def test_what_is_set_aside_is_listed_shown_released_and_dropped(running: Running) -> None:
    for subject in ("First", "Second"):
        mail = EmailMessage()
        mail["Subject"], mail["To"] = subject, "support@example.test"
        mail.set_content("Nobody says who wrote this.")
        mail["Message-ID"] = f"<{subject}@example.org>"
        await deliver(running.gateway, mail, sender="x@example.org")
    while len(listed := (await running.gateway.run("suspended", "list")).said) < 2:
        pass
    ids = [line.split()[0] for line in listed]
    shown = await running.gateway.run("suspended", "show", ids[1])
    assert any(line.startswith("channel      mail") for line in shown.said)
    assert any(line.startswith("cause        ") for line in shown.said)
    assert any(line in ("subject      First", "subject      Second") for line in shown.said)
    assert "excerpt      Nobody says who wrote this." in shown.said
    assert [bool(re.fullmatch(r"at +[\d-]{10} [\d:]{8}", line)) for line in shown.said].count(True) == 1
    assert any(re.fullmatch(r"received_at +[\d-]{10} [\d:]{8}", line) for line in shown.said)
    alone = await running.gateway.run("suspended")
    assert (await alone.ended(), alone.said) == (0, listed)
    nothing = await running.gateway.run("dead")
    assert (await nothing.ended(), nothing.said) == (0, ["none"])
    raw = await running.gateway.run("suspended", "show", "--raw", ids[1])
    assert "Nobody says who wrote this." in "\n".join(raw.said)
    released = await running.gateway.run("suspended", "release", ids[1])
    assert released.told == [f"{ids[1]} is filed"]
    await running.api.until("ticket.created", lambda event: event["data"]["ticket"]["subject"] in ("First", "Second"))
    await running.gateway.run("suspended", "drop", ids[0])
    assert (await running.gateway.run("suspended", "list")).said == ["none"]
    gone = await running.gateway.run("suspended", "drop", ids[0])
    assert await gone.ended() == 1
    assert gone.told == [f"trunkline: there is no suspended message {ids[0]}"]


async def test_what_cannot_be_read_is_a_dead_letter_with_its_bytes_and_the_rest_flows(running: Running) -> None:
    depth = 60
    head = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(depth))
    raw = b"From: eve@example.org\r\nTo: support@example.test\r\nSubject: Deep\r\nMIME-Version: 1.0\r\n" + head
    await deliver(running.gateway, raw, sender="eve@example.org", to="support@example.test")
    await _ticket(running, "Behind", written("The next one flows.", sender="bea@example.org", subject="Behind"))
    while (listed := (await running.gateway.run("dead", "list")).said) == ["none"]:
        pass
    (line,) = listed
    id_ = line.split()[0]
    shown = await running.gateway.run("dead", "show", id_, "--raw")
    assert "Subject: Deep" in "\n".join(shown.said)
    about = await running.gateway.run("dead", "show", id_)
    assert about.said[0].split() == ["id", id_], "by which it is retried, whatever its work is called"
    assert any(each.startswith("cause ") for each in about.said)
    retried = await running.gateway.run("dead", "retry", id_)
    assert retried.told == [f"{id_} is tried again"]
    while (listed := (await running.gateway.run("dead", "list")).said) == ["none"]:
        pass
    assert listed[0].split()[0] == id_, "it is unreadable still, and still there"
    await running.gateway.run("dead", "drop", id_)
    assert (await running.gateway.run("dead", "list")).said == ["none"]


async def test_a_backup_is_checked_and_comes_back_with_all_that_was_in_it_but_who_was_erased_since(
    running: Running,
) -> None:
    await _ticket(running, "Keep me", written("Keep me well.", sender="kim@example.org", subject="Keep me"))
    number = await _ticket(running, "Not me", written("Forget me.", sender="noor@example.org", subject="Not me"))
    target = running.gateway.folder / "backup"
    sealed = {"TRUNKLINE_SECRET_BACKUP_PASSPHRASE": "correct horse battery"}
    made = await running.gateway.run("backup", str(target), **sealed)
    assert await made.ended() == 0, made.transcript
    assert "every hash was checked" in made.said[0]
    customer = (await running.api.get(f"/v1/tickets/{number}"))["customer"]
    erased = await running.gateway.run("customers", "erase", customer, "--confirm", customer)
    assert await erased.ended() == 0, erased.transcript
    async with gateway(config=EXAMPLE) as restored:
        refused = await restored.run("restore", str(target))
        assert (await refused.ended(), "TRUNKLINE_SECRET_BACKUP_PASSPHRASE" in refused.told[0]) == (1, True)
        lost = await restored.run("restore", str(target), "--erased", "nowhere", "--erased-unknown", **sealed)
        assert (await lost.ended(), "nowhere is no folder" in lost.told[0]) == (1, True)
        back = await restored.run("restore", str(target), **sealed)
        assert await back.ended() == 0, back.transcript
        token = "data/secrets/reply_token"
        assert (restored.folder / token).read_text() == (running.gateway.folder / token).read_text()
        await restored.start()
        async with restored.api() as api:
            before = {ticket["number"] for ticket in await running.api.tickets()}
            assert before <= {ticket["number"] for ticket in await api.tickets()} | before
            assert any(ticket["subject"] == "Keep me" for ticket in await api.tickets())
            again = await api.get(f"/v1/tickets/{number}")
            assert (again["subject"], again["erased_at"] is not None) == ("", True), "who was erased stays erased"


async def test_a_backup_over_another_is_refused(running: Running) -> None:
    target = running.gateway.folder / "taken"
    target.mkdir()
    process = await running.gateway.run("backup", str(target))
    assert await process.ended() == 1
    assert "exists" in process.told[0]


async def test_wrong_usage_is_status_2(running: Running) -> None:
    assert await (await running.gateway.run("explain")).ended() == 2
    assert await (await running.gateway.run("nonsense")).ended() == 2


async def test_lists_are_as_long_and_as_open_as_one_asks(running: Running) -> None:
    for subject in ("Open one", "Open two"):
        await _ticket(running, subject, written("Look.", sender="olga@example.org", subject=subject))
    words = await running.gateway.launch("tail", "--follow", "--words", "-n", "1000")
    assert await words.until("Open one")
    assert await words.until("Open two")
    await words.stop()
    one = await running.gateway.run("tail", "--no-follow", "-n", "1")
    assert len(one.said) == 1
    for number in range(2):
        mail = written("Who?", sender="", subject=f"Nobody {number}")
        await deliver(running.gateway, mail, sender="x@example.org")
    while len((await running.gateway.run("suspended", "list")).said) < 2:
        pass
    (kept,) = (await running.gateway.run("suspended", "list", "--limit", "1")).said
    for line in (await running.gateway.run("suspended", "list", "-n", "10")).said:
        await running.gateway.run("suspended", "drop", line.split()[0])
    assert kept != "none"
    assert (await running.gateway.run("dead", "list", "--limit", "1")).said == ["none"]


async def test_the_clock_and_the_memory_for_repeats_are_shown_and_put_right(running: Running) -> None:
    shown = await running.gateway.run("clock", "show")
    assert (await shown.ended(), shown.said[-1].startswith("they agree")) == (0, True)
    reset = await running.gateway.run("clock", "reset", "--yes")
    assert reset.told == ["The workspace's time is not ahead of the engine's; there is nothing to set back."]
    assert (await running.gateway.run("dedup", "resume")).told == ["The sweep is not stopped."]
    record = json.loads((running.gateway.data / "engine.json").read_bytes())
    async with Redis(unix_socket_path=record["socket"]) as engine:
        await engine.set(Keys("main")("dedup", "stopped"), 1_700_000_000_000)
    stopped = await running.gateway.run("dedup", "show")
    assert stopped.said == ["stopped since 2023-11-14 22:13:20 UTC, because the clock stepped; nothing is forgotten"]
    resumed = await running.gateway.run("dedup", "resume")
    assert resumed.told == ["Old records are forgotten again, from the next turn on (every five minutes)."]
    assert (await running.gateway.run("dedup", "show")).said[0].startswith("last swept ")


async def test_it_says_its_version(running: Running) -> None:
    assert (await running.gateway.run("--version")).said[-1].endswith(version("trunkline"))


async def test_followers_are_listed_and_made_anew(running: Running) -> None:
    await _ticket(running, "Follow", written("Follow me.", sender="fay@example.org", subject="Follow"))
    listed = await running.gateway.run("followers", "list")
    assert await listed.ended() == 0
    assert [line.split()[0] for line in listed.said] == ["counters", "board", "triggers"]
    opened = await running.api.metric("trunkline_tickets_opened_total")
    assert await running.api.metric('trunkline_dead{queue="board"}') == 0
    rebuilt = await running.gateway.run("followers", "rebuild", "counters")
    assert await rebuilt.ended() == 0
    assert await running.api.metric("trunkline_tickets_opened_total") == opened
    unknown = await running.gateway.run("followers", "rebuild", "nobody")
    assert unknown.told == ["trunkline: there is no follower nobody; there are counters, board, triggers"]


async def test_a_person_is_erased_and_no_file_of_the_data_folder_has_a_word_of_theirs(running: Running) -> None:
    record = json.loads((running.gateway.data / "engine.json").read_bytes())
    async with Redis(unix_socket_path=record["socket"]) as engine:
        await engine.config_set("rdbcompression", "no")  # so that words can be found in its files
    mail = written("Forget zqtextqz " + "and so on " * 9_000, sender="zqzoeqz@zoe.example", subject="zqsubjectqz")
    await _ticket(running, "zqsubjectqz", mail)

    def left() -> set[str]:
        files = [path for path in running.gateway.data.rglob("*") if path.is_file()]
        return {
            word for word in ("zqtextqz", "zqzoeqz", "zqsubjectqz") for f in files if word.encode() in f.read_bytes()
        }

    assert left() == {"zqtextqz", "zqzoeqz", "zqsubjectqz"}
    (ticket,) = (await running.api.do("GET", "/v1/tickets?q=zqsubjectqz"))["items"]
    exported = running.gateway.folder / "zoe.json"
    written_out = await running.gateway.run("customers", "export", ticket["customer"], "--out", str(exported))
    assert await written_out.ended() == 0
    assert json.loads(exported.read_bytes())["tickets"][0]["ticket"]["subject"] == "zqsubjectqz"
    assert exported.stat().st_mode & 0o777 == 0o600
    twice = await running.gateway.run("customers", "export", ticket["customer"], "--out", str(exported))
    assert "name a new file" in twice.told[-1]
    words = ("customers", "erase", ticket["customer"], "--reason", "asked by letter")
    refused = await running.gateway.run(*words, "--confirm", "somebody else")
    assert "it must say who is meant" in refused.told[-1]
    erased = await running.gateway.run(*words, "--confirm", "zqzoeqz@zoe.example")
    assert (await erased.ended(), erased.said[-1].split("  ")[1]) == (0, "1 records, 1 tickets, 2 articles")
    assert left() == set()
    again = await running.gateway.run("customers", "erase", ticket["customer"], "--confirm", ticket["customer"])
    assert again.told == [f"trunkline: {ticket['customer']} is erased already"]
    explained = await running.gateway.run("explain", ticket["number"])
    assert "is not kept any more" in "\n".join(explained.said)


async def test_customers_are_read_from_a_table_and_written_into_one(running: Running, tmp_path: Path) -> None:
    table, out = tmp_path / "crm.csv", tmp_path / "out.csv"
    rows = "Kürzel;Wer;external_ids.crm;E-Mail;phone\nK1;Zoë Zebra;77;zoe@zebra.example;030 1234567\n;;;zoe(at);\n"
    table.write_bytes(rows.encode("cp1252"))
    words = ["customers", "import", str(table), "--map", "Wer=name", "--map", "Kürzel=-", "--country", "DE"]
    words += ["--encoding", "cp1252", "--assurance", "A4"]
    tried = await running.gateway.run(*words, "--dry-run")
    assert await tried.ended() == 1
    assert "2 rows: 1 would be new, 0 would be changed, 0 as they were, 1 wrong" in tried.said[-1]
    assert any(":3: email 'zoe(at)': expected an e-mail address" in line for line in tried.told)
    assert "1 new" in (await running.gateway.run(*words)).said[-1]
    assert "0 new, 0 changed, 1 as they were" in (await running.gateway.run(*words)).said[-1]
    (zoe,) = (await running.api.get("/v1/customers?external_id=crm:77"))["items"]
    assert (zoe["name"], len(zoe["identities"])) == ("Zoë Zebra", 2)
    assert await (await running.gateway.run("customers", "export-table", str(out))).ended() == 0
    assert "Zoë Zebra" in out.read_text(encoding="utf-8-sig")
