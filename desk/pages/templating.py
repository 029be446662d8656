"""The templates: Jinja, every value escaped, a name that is not given is an error.

Filters: `ago`, `age`, `clock` (times as elements), `local_time` (of a zone), `span`, `number`, `size`, `language`,
`status`, `initials`; functions: `asset(name)`, `channels` (their facts), `channel_mark(channel, words)`,
`channel_name(channel)`, `icon(name)`; the tables `priorities` and `declines`; `longest_text` in bytes, `longest_list`
in rows.
"""

from collections.abc import Callable
from pathlib import Path
from typing import cast

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from ...normalizer.channel_facts import Channels
from ...normalizer.mail_domains import is_public
from ..request_fields import TEXT_BYTES
from ..views import times
from ..views.deadlines import Deadline
from ..views.fact_marks import mark_of
from ..views.inbox import LONGEST
from ..views.labels import DECLINES, PRIORITIES, standing, status_tone, status_words, urgency
from ..views.language_names import language_name
from ..views.person_names import addressee_words, mailbox
from .marks import channel_mark, icon
from .static_files import StaticFiles
from .time_tags import local_time_tag, time_tag

_DESK = Path(__file__).parents[1]
_PLACES = (_DESK / "pages", _DESK / "board")


def version() -> str:
    """A mark that changes with any template, and with all that words what stands in one."""
    files = sorted(path for path in _DESK.rglob("*") if path.suffix in (".html", ".py"))
    return mark_of([path.read_text(encoding="utf-8") for path in files])


def static_folders() -> list[Path]:
    """Where style sheets and scripts lie."""
    return [place / "static" for place in _PLACES if (place / "static").is_dir()]


def environment(static: StaticFiles, channels: Channels) -> Environment:
    """The templates of the desk and the board."""
    folders = [place / "templates" for place in _PLACES if (place / "templates").is_dir()]
    made = Environment(
        loader=FileSystemLoader(folders),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.globals.update(
        asset=static.address,
        version=static.version,
        channels=channels,
        channel_mark=lambda channel, words="": channel_mark(channel, channels, words),
        channel_name=lambda channel: channels[channel].words,
        icon=icon,
        deadline=Deadline,
        priorities=PRIORITIES,
        longest_text=TEXT_BYTES,
        longest_list=LONGEST,
        declines=DECLINES,
    )
    made.tests["public_domain"] = is_public
    made.filters.update(
        ago=_timed("ago"),
        age=_timed("age"),
        clock=_timed("clock"),
        local_time=_local_time,
        span=times.span,
        number=times.number,
        size=times.size,
        language=language_name,
        standing=standing,
        status=status_words,
        status_tone=status_tone,
        urgency=urgency,
        initials=initials,
        addressees=addressee_words,
        mailbox=mailbox,
    )
    return made


@pass_context
def _local_time(context: Context, zone: str) -> Markup:
    return local_time_tag(zone, cast("int", context["now"]))


def initials(name: str) -> str:
    """One or two letters that stand for a name."""
    words = [word for word in name.split() if word[0].isalnum()]
    chosen = [words[0], words[-1]] if len(words) > 1 else words
    return "".join(word[0] for word in chosen).upper() or "?"


def _timed(style: times.Style) -> Callable[[Context, int], Markup]:
    @pass_context
    def filter_(context: Context, at: int) -> Markup:
        return time_tag(at, cast("int", context["now"]), style)

    return filter_
