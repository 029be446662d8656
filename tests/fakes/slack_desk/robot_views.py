"""What Slack's client makes of a view that is submitted: what it demands of it first, and what of the app's answer.

After "Handling view submissions" on docs.slack.dev: an empty answer closes the view; `response_action` is `errors`,
`update`, `push` or `clear`.
"""

from typing import Any

from .block_check import controls_of
from .block_state import initial
from .readable import words_of
from .refusal import Json
from .view_methods import view_faults
from .views import View, Views


def check_filled(view: View) -> None:
    """Raises AssertionError for a field that is needed and empty, or whose text has another length than it may."""
    for block in view.blocks:
        if block["type"] != "input":
            continue
        (control,) = controls_of(block)
        value = view.filled.get((block["block_id"], control["action_id"]), initial(control) or {})
        label = words_of(block["label"])
        given = next(iter(value.values()), None)
        assert given or block.get("optional"), f"{label!r} has to be filled in"
        if isinstance(given, str):
            least, most = control.get("min_length", 0), control.get("max_length", 3_000)
            assert least <= len(given) <= most, f"{label!r} has to have {least} to {most} characters"


def submitted(views: Views, view: View, answer: Any) -> Json:
    """Do what the app answers; the complaints of a view that stays open, by the labels of its fields."""
    if not answer:
        views.shut(view.user)
        return {}
    assert isinstance(answer, dict), f"no answer to a view: {answer!r}"
    match answer.get("response_action"):
        case "errors":
            return _complaints(view, answer.get("errors"))
        case "update":
            views.update(view, _taken(answer.get("view")))
        case "push":
            views.push(view.user, _taken(answer.get("view")))
        case "clear":
            views.shut(view.user, all_of_them=True)
        case other:
            raise AssertionError(f"no response_action: {other!r}")
    return {}


def _taken(view: Any) -> Json:
    assert view_faults(view, "modal") == []
    taken: Json = view
    return taken


def _complaints(view: View, errors: Any) -> Json:
    labels = {each["block_id"]: words_of(each["label"]) for each in view.blocks if each["type"] == "input"}
    assert isinstance(errors, dict), f"no errors: {errors!r}"
    assert errors, "errors without a block"
    assert errors.keys() <= labels.keys(), (
        f"errors for blocks that are no fields: {sorted(errors.keys() - labels.keys())}"
    )
    return {labels[block]: words for block, words in errors.items()}
