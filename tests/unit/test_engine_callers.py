"""Key names are built, and the engine is asked, in few places: whoever shows something reads records."""

import ast
from collections.abc import Iterator

from .test_layout import ROOT, imports, modules

ROOMS = ("queue", "router", "desk/stores")

STORES = {
    "adapters/chat/address_codes.py": "the codes by which visitors prove an address",
    "adapters/line/pushes.py": "which pushes of an answer LINE has taken, and since when it may have one",
    "adapters/mail/imap/cursor.py": "how far mailboxes have been read, and by whom",
    "adapters/poll_place.py": "up to where vendors were asked for messages, and who asks",
    "adapters/public_files.py": "the key of the addresses of files",
    "adapters/sent_parts.py": "which parts of a reply have arrived",
    "adapters/telegram/albums.py": "which message stands for an album",
    "adapters/wechat/access_token.py": "the access tokens of accounts of WeChat, sealed",
    "adapters/twilio/wishes.py": "who wants no more messages",
    "demo/simulation/demo_workspace.py": "the mark of a workspace that a demo began",
    "desk/access/audit.py": "what was allowed and refused, as lines of the feed",
    "desk/access/trail.py": "where these lines are",
    "desk/board/board_query.py": "the board's look at everything in one step, and its samples",
    "desk/board/feed_counts.py": "the board's counts of the feed",
    "desk/openid/signed_in_people.py": "who is signed in by way of a provider, and its sealed refresh token",
    "gateway/configuration.py": "the name of the workspace",
    "gateway/workspace_counters.py": "the counts that belong to no process",
}
"""Modules outside those rooms, and what of their own they keep in the engine."""

KEY_MAKERS = {"Keys", "TicketKeys"}
ENGINE_CALLS = {"call", "run", "client", "pool"}


def name_of(node: ast.expr) -> str:
    """The last part of a dotted name."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def engine_calls(source: str) -> Iterator[str]:
    """Line and words of each call that builds a key's name, loads a script or asks the engine."""
    for call in (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)):
        name, owner = name_of(call.func), name_of(call.func.value) if isinstance(call.func, ast.Attribute) else ""
        of_engine = owner.lstrip("_").endswith("engine")
        builds = name.lstrip("_") == "keys" and call.args and (of_engine or owner in {"", "self"})
        if builds or name in {*KEY_MAKERS, "beside"} or (of_engine and name in ENGINE_CALLS):
            yield f"{call.lineno}: {ast.unparse(call.func)}"


def callers() -> dict[str, list[str]]:
    """What is found in each module outside the rooms."""
    paths = {path.relative_to(ROOT).as_posix(): path for path in modules()}
    outside = {name: path for name, path in paths.items() if not name.startswith(tuple(f"{room}/" for room in ROOMS))}
    assert 100 < len(outside) < len(paths) - 60
    found = {name: list(engine_calls(path.read_text(encoding="utf-8"))) for name, path in outside.items()}
    return {name: calls for name, calls in found.items() if calls}


def test_key_names_and_engine_calls_stand_where_records_are_kept_and_in_the_stores_that_are_named_here() -> None:
    found = callers()

    assert {name: calls for name, calls in found.items() if name not in STORES} == {}
    assert set(STORES) == set(found)


def test_the_client_of_the_engine_is_known_to_the_queue_alone() -> None:
    knowing = {
        path.relative_to(ROOT).parts[0]
        for path in modules()
        for _, name in imports(("trunkline",), path.read_text(encoding="utf-8"))
        if name.split(".")[0] in {"redis", "valkey"}
    }

    assert knowing == {"queue"}


def test_a_call_that_builds_a_key_or_asks_the_engine_is_seen() -> None:
    source = """
key = engine.keys("ticket", id_)
await self._engine.call("GET", key)
found = await desk_engine.run(script, {}, {})
_SCRIPT = Script.beside(__file__, "a.lua")
keys, named = TicketKeys(engine), self._keys("index")
"""

    assert sorted(engine_calls(source)) == [
        "2: engine.keys",
        "3: self._engine.call",
        "4: desk_engine.run",
        "5: Script.beside",
        "6: TicketKeys",
        "6: self._keys",
    ]
    assert list(engine_calls("mapping.keys()\nprogram.run(1)\nguide.keys(path)")) == []
