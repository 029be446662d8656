"""The texts that are sent without an agent, one file for each text and language: `acknowledgement.es.txt`.

A file is a `Subject:` line, an empty line and the body; plain text, with jinja2 in a sandbox. It knows nothing but the
values named in `VALUES`: never what the sender wrote, so nobody can have words of their own mailed to a third person. A
text that is missing in a language is sent in English. Files in the operator's own folder go before the built-in ones.

A value may be a literal placeholder (`number="{{number}}"`) that is replaced later, by whoever knows the number.
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError, TemplateSyntaxError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from .problems import Position, Problem

BUILT_IN = Path(__file__).with_name("templates")
VALUES: Mapping[str, frozenset[str]] = {
    "acknowledgement": frozenset({"number"}),
    "chat_acknowledgement": frozenset({"number"}),
    "chat_code": frozenset({"code"}),
    "chat_handed_over": frozenset({"agent"}),
    "proof_code": frozenset({"code"}),
}
_ENGLISH = "en"
_SUBJECT = "Subject:"


class Message(NamedTuple):
    """What a template became."""

    subject: str
    body: str


def render(name: str, language: str, values: Mapping[str, str], *, folder: Path | None = None) -> Message:
    """The text in this language, else in English; `pt-BR` counts as `pt`."""
    if set(values) != VALUES[name]:
        raise ValueError(f"{name} takes {sorted(VALUES[name])}, not {sorted(values)}")
    code = language.lower().replace("_", "-").partition("-")[0]
    template = _environment(folder).select_template([f"{name}.{code}.txt", f"{name}.{_ENGLISH}.txt"])
    return _message(template.render(values))


def name_on(channel: str, name: str) -> str:
    """The text that a channel has of its own instead of this one, if it has one: `chat_acknowledgement`."""
    own = f"{channel}_{name}"
    return own if own in VALUES else name


def check(folder: Path) -> list[Problem]:
    """What is wrong with the templates in a folder of the operator's own."""
    if not folder.is_dir():
        return [Problem(Position(str(folder)), "no such folder", "a folder of message templates")]
    return [problem for path in sorted(folder.glob("*.txt")) for problem in _problems(path)]


def _problems(path: Path) -> Iterator[Problem]:
    name = path.name.split(".")[0]
    if name not in VALUES or path.name.count(".") != 2:
        expected = " or ".join(f"{each}.<language>.txt" for each in sorted(VALUES))
        yield Problem(Position(str(path)), "a name that is never asked for", expected)
        return
    sample = {value: f"%{value}%" for value in VALUES[name]}
    allowed = f"plain text in UTF-8 with no other values than {', '.join(sorted(VALUES[name]))}"
    sandbox = ImmutableSandboxedEnvironment(undefined=StrictUndefined)
    try:
        text = sandbox.from_string(path.read_text("utf-8")).render(sample)
    except TemplateSyntaxError as error:
        yield Problem(Position(str(path), error.lineno, 1), error.message or "an error", "a jinja2 template")
    except (TemplateError, ArithmeticError, TypeError, ValueError) as error:
        yield Problem(Position(str(path)), str(error).rstrip("."), allowed)
    else:
        if not text.startswith(_SUBJECT) or not all(_message(text)):
            expected = f"`{_SUBJECT} …`, an empty line, and the body"
            yield Problem(Position(str(path), 1, 1), "another beginning", expected)
        for value in sorted(each for each in sample if sample[each] not in text):
            yield Problem(Position(str(path)), f"no {value}", f"{{{{ {value} }}}} in it")


def _message(text: str) -> Message:
    head, _, body = text.strip().partition("\n")
    return Message(" ".join(head.removeprefix(_SUBJECT).split()), body.strip())


@lru_cache(maxsize=16)
def _environment(folder: Path | None) -> Environment:
    loader = FileSystemLoader([BUILT_IN] if folder is None else [folder, BUILT_IN])
    return ImmutableSandboxedEnvironment(loader=loader, undefined=StrictUndefined, autoescape=False)
