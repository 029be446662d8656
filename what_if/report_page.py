"""A simulation as one page for a browser, in the look of the desk: style and picture stand in it, nothing is loaded."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from ..desk.pages import static_files
from ..desk.views.times import moment
from .charts import HEIGHT, LEFT, RIGHT, WIDTH, chart
from .measures import FULL, waiting_by_time
from .report_lines import CLOCKS, LIMITS, answers, believed, interval_words, shown, signed
from .simulation import Simulated

POINTS = 240
MOST_TOLD = 200  # tickets that are told one by one
_SHEETS = ("base.css", "board.css")
_STATIC = Path(static_files.__file__).with_name("static")


def report_page(found: Simulated) -> str:
    """The page, HTML."""
    comparison = found.comparison
    history = comparison.history
    versions = {"happened": comparison.happened, "replayed": comparison.before, "changed": comparison.after}
    lines = {
        name: waiting_by_time((each.passage for each in measures.tickets.values()), history.start, history.end, POINTS)
        for name, measures in versions.items()
    }
    return _template().render(
        styles=Markup("\n".join((_STATIC / name).read_text(encoding="utf-8") for name in _SHEETS)),  # noqa: S704 -- ours
        begin=moment(history.start),
        end=moment(history.end),
        found=found,
        comparison=comparison,
        answers=list(answers(comparison)),
        believed=[*believed(found), *found.notes, *LIMITS],
        chart=chart(lines, history.start, history.end),
        box={"width": WIDTH, "height": HEIGHT, "left": LEFT, "right": WIDTH - RIGHT},
        clocks=CLOCKS,
        full=FULL,
        most=MOST_TOLD,
    )


def _template() -> Template:
    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(shown=shown, signed=signed, interval=interval_words)
    return made.get_template("report.html")
