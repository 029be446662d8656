"""What a person sees who starts Trunkline in a terminal: where it listens, where the admin token is, what to try next.

A few plain lines on the error output; the log is on the standard output.
"""

from collections.abc import Iterator

from ...adapters.card import Page
from ...config.quantities import HostPort
from ...config.settings import Settings
from ..channels import configured, pages
from ..configuration import Configuration
from .program import command, near


def greeting(configuration: Configuration, http: HostPort, smtp: HostPort) -> str:
    """The lines for `serve`, which is reached at these addresses."""
    settings = configuration.settings
    engine = "embedded" if configuration.is_embedded else "the one of redis.url"
    lines = [
        f"Trunkline is ready, with {configuration.path} (version {settings.version}).",
        f"  HTTP   http://{http}   the API, described at /v1/openapi.json{_pages(settings)}",
        *_channels(settings, smtp),
        f"  Data   {near(configuration.folder.root)}   engine: {engine}",
        f"  Token  {_token_place(configuration)}",
        "Try:",
        *_examples(configuration, f"http://{http}"),
        "  Ctrl-C stops it; SIGHUP reads the configuration again.",
    ]
    return "\n".join(lines)


def short_greeting(role: str, http: HostPort, smtp: HostPort) -> str:
    """The line for a role that runs beside others."""
    place = {"web": f" on http://{http}", "smtp": f" on {smtp}"}.get(role, "")
    return f"Trunkline {role} is ready{place}."


def _pages(settings: Settings) -> str:
    paths = [page.path for page in pages(settings)]
    return f"; pages for people: {', '.join(paths)}" if paths else ""


def _channels(settings: Settings, smtp: HostPort) -> Iterator[str]:
    for card, section in configured(settings):
        if told := card.greeting(section):
            listens = card.role == "smtp"
            yield f"  SMTP   {smtp}   {told}" if listens else f"  {card.facts.words}   {told}"


def _token_place(configuration: Configuration) -> str:
    if configuration.environ.get("TRUNKLINE_ADMIN_TOKEN"):
        return "the admin token is that of TRUNKLINE_ADMIN_TOKEN"
    return f"the admin token is in {near(configuration.folder.root / 'secrets' / 'admin_token')}"


def _examples(configuration: Configuration, url: str) -> list[str]:
    token = near(configuration.folder.root / "secrets" / "admin_token")
    given = configuration.environ.get("TRUNKLINE_ADMIN_TOKEN")
    bearer = "$TRUNKLINE_ADMIN_TOKEN" if given else f"$(cat {token})"
    return [
        f"  {url}/desk   in a browser: the desk; sign in with the admin token",
        *(f"  {url}{page.path}   in another: {page.words}" for page in _first_pages(configuration.settings)),
        f'  curl -H "Authorization: Bearer {bearer}" {url}/v1/tickets',
        f"  {command('tail', configuration)}   in another terminal: everything that happens, as it happens",
    ]


def _first_pages(settings: Settings) -> list[Page]:
    """The first of each channel."""
    return [page for card, section in configured(settings) for page in card.pages(section)[:1]]
