"""`views.*`: what the app shows in modals and in the App Home.

After the pages of the methods and "Views" on docs.slack.dev. What is wrong with a view is `invalid_arguments` with its
places. A view in which something is filled in needs a button to submit it.
"""

import json
from collections.abc import Callable
from typing import Any

from .block_check import faults
from .element_shapes import IDENTIFIER
from .methods import Call, Method, words
from .refusal import Json, Refused, refused_with
from .shapes import Check, boolean, complaint, record, string
from .text_shapes import plain_text
from .views import View, Views

LARGEST = 250_000
_ANY: Check = lambda _, __: iter(())  # noqa: E731
_COMMON = {"private_metadata": string(3_000, 0), "callback_id": string(255, 0), "external_id": IDENTIFIER}
_BUTTON = plain_text(24)
_MODAL = record(
    {"title": plain_text(24), "blocks": _ANY},
    {
        **_COMMON,
        "close": _BUTTON,
        "submit": _BUTTON,
        **dict.fromkeys(("clear_on_close", "notify_on_close", "submit_disabled"), boolean),
    },
)
_HOME = record({"blocks": _ANY}, _COMMON)


def view_faults(view: Any, kind: str) -> list[str]:
    """All that is wrong with a view of this kind, `modal` or `home`."""
    if not isinstance(view, dict):
        return [complaint("must be an object", "/view")]
    if view.get("type") != kind:
        return [complaint(f"must be a {kind}", "/view/type")]
    found = list((_MODAL if kind == "modal" else _HOME)(view, "/view"))
    if "blocks" in view:
        found += faults(view["blocks"], "/view/blocks", of_a_view=True)
    if not found and kind == "modal" and "submit" not in view and _is_filled_in(view):
        found.append(complaint("missing required field: submit", "/view"))
    return found


def demand_view(view: Any, kind: str) -> Json:
    """That Slack takes the view. Refused as `invalid_arguments` and `view_too_large`."""
    if found := view_faults(view, kind):
        raise refused_with("invalid_arguments", found)
    if len(json.dumps(view, ensure_ascii=False)) > LARGEST:
        raise Refused("view_too_large")
    checked: Json = view
    return checked


class ViewMethods:
    """The methods on the views of a workspace."""

    def __init__(self, views: Views) -> None:
        self._views = views

    @property
    def methods(self) -> dict[str, Method]:
        """By their names."""

        def method(run: Callable[[Call], Json], needs: str, takes: str = "") -> Method:
            return Method(run=run, a_minute=100, needs=words(needs), takes=words(takes))

        return {
            "views.open": method(self._open, "trigger_id view"),
            "views.push": method(self._push, "trigger_id view"),
            "views.update": method(self._update, "view", "view_id external_id hash"),
            "views.publish": method(self._publish, "user_id view", "hash"),
        }

    def _open(self, call: Call) -> Json:
        view = self._given(call, "modal")
        return self._told(self._views.open(self._views.take_trigger(call.given.text("trigger_id")).user, view))

    def _push(self, call: Call) -> Json:
        view = self._given(call, "modal")
        trigger = self._views.take_trigger(call.given.text("trigger_id"))
        if not trigger.view:
            raise Refused("invalid_trigger_id")
        return self._told(self._views.push(trigger.user, view))

    def _update(self, call: Call) -> Json:
        name, other = call.given.text("view_id"), call.given.text("external_id")
        if bool(name) == bool(other):
            words_of_it = complaint("exactly one of view_id and external_id is required", "/")
            raise refused_with("invalid_arguments", [words_of_it])
        found = self._views.find(
            lambda each: name == each.id or (bool(other) and each.body.get("external_id") == other)
        )
        if found is None:
            raise Refused("not_found")
        view = self._given(call, found.body["type"], found)
        self._demand_hash(call, found)
        return self._told(self._views.update(found, view))

    def _publish(self, call: Call) -> Json:
        person = call.person("user_id")
        view = self._given(call, "home", self._views.homes.get(person.id))
        if person.id in self._views.homes:
            self._demand_hash(call, self._views.homes[person.id])
        return self._told(self._views.publish(person.id, view))

    def _given(self, call: Call, kind: str, other_than: View | None = None) -> Json:
        """The view of the call, whose external id nobody else has."""
        view = demand_view(call.given.structure("view"), kind)
        external = view.get("external_id")
        if external:
            holder = self._views.find(lambda each: each.body.get("external_id") == external)
            if holder is not None and holder is not other_than:
                raise Refused("duplicate_external_id")
        return view

    def _demand_hash(self, call: Call, view: View) -> None:
        if call.given.text("hash", view.hash) != view.hash:
            raise Refused("hash_conflict")

    def _told(self, view: View) -> Json:
        return {"view": self._views.told(view)}


def _is_filled_in(view: Json) -> bool:
    return any(each["type"] == "input" for each in view["blocks"])
