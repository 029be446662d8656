"""What the steps of a macro will do, in plain sentences for whoever is about to take them. Pure."""

from collections.abc import Iterator, Mapping, Sequence

from ...config.rule_actions import StepSettings
from .labels import status_words

LONGEST = 160  # characters of a text


def macro_words(
    then: StepSettings, names: Mapping[str, str], replies: Mapping[str, Mapping[str, str]]
) -> Sequence[str]:
    """A sentence for each step, in the order in which they are taken; `names` are those of the agents."""
    return tuple(_steps(then, names, replies))


def _steps(then: StepSettings, names: Mapping[str, str], replies: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    if then.note:
        yield f"adds the note “{_short(then.note)}”"
    yield from _fields(then)
    if then.clocks is not None:
        yield from (f"begins the clock {name.replace('_', ' ')}" for name in then.clocks.start)
        yield from (f"stops the clock {name.replace('_', ' ')}" for name in then.clocks.stop)
    if then.assignee is not None:
        yield (
            "takes it from whoever has it" if then.assignee == "none" else f"gives it to {_name(then.assignee, names)}"
        )
    if then.reply is not None:
        yield _reply(then.reply, replies.get(then.reply, {}))
    if then.notify is not None:
        told = [*(_name(agent, names) for agent in then.notify.agents), *then.notify.addresses]
        yield f"tells {', '.join(told)} by mail"
    if then.webhook is not None:
        yield f"posts it to {then.webhook}"
    if then.status is not None:
        cancelled = " as cancelled" if then.resolution == "cancelled" else ""
        yield f"makes it {status_words(then.status)}{cancelled}"


def _fields(then: StepSettings) -> Iterator[str]:
    if then.queue is not None:
        yield f"moves it to {then.queue}"
    for name in ("priority", "impact", "urgency", "language"):
        if (value := getattr(then, name)) is not None:
            yield f"sets the {name} to {value}"
    if then.tags:
        yield f"adds {_tags(then.tags)}"
    if then.remove_tags:
        yield f"takes away {_tags(then.remove_tags)}"
    if skills := (*then.require_skills, *then.prefer_skills):
        yield f"asks for {', '.join(skills)}"
    yield from (f"sets {name} to {_short(value)}" for name, value in then.fields.items())


def _tags(tags: Sequence[str]) -> str:
    return f"the tag{'s' if len(tags) > 1 else ''} {', '.join(tags)}"


def _reply(name: str, texts: Mapping[str, str]) -> str:
    text = texts.get("en") or next(iter(texts.values()), "")
    return f"answers with “{_short(text)}” in the customer’s language" if text else f"answers with {name}"


def _short(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= LONGEST else f"{words[: LONGEST - 1]}…"


def _name(agent: str, names: Mapping[str, str]) -> str:
    return names.get(agent, agent)
