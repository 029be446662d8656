"""Whatever a configuration holds, it is either taken or refused with places; nothing else ever comes out."""

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from trunkline.adapters.chat.settings import ChatSettings
from trunkline.adapters.http_source.settings import HttpSettings
from trunkline.adapters.mail.settings import MailSettings
from trunkline.config.errors import Misconfigured
from trunkline.config.lint import lint
from trunkline.config.loader import loads
from trunkline.router.rule_tests import run_rule_tests

EXAMPLE = (Path(__file__).parents[2] / "config" / "example.yaml").read_text("utf-8")
LINES = EXAMPLE.splitlines()
CHANNELS = {"mail": MailSettings, "http": HttpSettings, "chat": ChatSettings}

_FRAGMENTS = st.sampled_from(
    [
        *("", "null", "no", "[]", "{}", "-1", "1e400", "9" * 40, '"', "*x", "&x [*x]", "!!int x", "<<: {}", "a: b: c"),
        *("\t", "- -", "9999999w", "9999999999999GiB", "{ a: [ b, { c: d } ] }", "\u2028", "(?=x)", "99:99-25:00"),
        *("Etc", "..", "/", "@", "@*."),
    ]
)


@st.composite
def _broken(draw: st.DrawFn) -> str:
    lines = list(LINES)
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(lines) - 1))
        match draw(st.sampled_from(["drop", "repeat", "value", "indent", "cut", "insert"])):
            case "drop":
                lines[at] = ""
            case "repeat":
                lines.insert(at, lines[at])
            case "value":
                lines[at] = lines[at].partition(":")[0] + ": " + draw(_FRAGMENTS)
            case "indent":
                lines[at] = " " * draw(st.integers(0, 6)) + lines[at].strip()
            case "cut":
                lines[at] = lines[at][: draw(st.integers(0, len(lines[at])))]
            case "insert":
                lines[at] += draw(_FRAGMENTS)
    return "\n".join(lines)


def _refused_or_sound(text: str, environ: dict[str, str]) -> None:
    try:
        loaded = loads(text, "desk.yaml", CHANNELS, environ)
    except Misconfigured as error:
        problems = error.facts["problems"]
    else:
        lint(loaded)
        run_rule_tests(loaded)
        return
    assert problems
    for problem in problems:
        assert problem.found
        assert problem.expected
        place = problem.position
        assert place.source in environ if not place.line else place.line <= text.count("\n") + 2


@settings(max_examples=400, deadline=None)
@given(_broken())
def test_a_broken_example_is_refused_with_places(text: str) -> None:
    _refused_or_sound(text, {})


@settings(max_examples=300, deadline=None)
@given(st.text(st.sampled_from("ab:-[]{}&*!|>'\"#%@,? \n\t\u00e9\x00"), max_size=40))
def test_any_text_is_refused_with_places(text: str) -> None:
    _refused_or_sound(text, {})


_NAMES = st.lists(
    st.sampled_from(
        ["listen", "HTTP", "agents", "ada", "capacity", "rules", "0", "1", "then", "tags", "channels", "form", "x", ""]
    ),
    min_size=1,
    max_size=4,
).map("__".join)


@settings(max_examples=300, deadline=None)
@given(name=_NAMES, value=_FRAGMENTS)
def test_any_variable_is_taken_or_refused_by_its_name(name: str, value: str) -> None:
    _refused_or_sound(EXAMPLE, {f"TRUNKLINE_{name}": value})
