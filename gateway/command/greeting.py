"""What a person sees who starts Trunkline in a terminal: where it listens, where the admin token is, what to try next.

A few plain lines on the error output; the log is on the standard output.
"""

from collections.abc import Iterator

from ...adapters.card import Page
from ..assembly import Assembly
from ..channels import configured, pages
from .program import command, near


def greeting(assembly: Assembly) -> str:
    """The lines for `serve`."""
    settings, configuration = assembly.settings, assembly.configuration
    engine = "embedded" if configuration.is_embedded else "the one of redis.url"
    lines = [
        f"Trunkline is ready, with {configuration.path} (version {settings.version}).",
        f"  HTTP   http://{assembly.http_address}   the API, described at /v1/openapi.json{_pages(assembly)}",
        *_channels(assembly),
        f"  Data   {near(configuration.folder.root)}   engine: {engine}",
        f"  Token  {_token_place(assembly)}",
        "Try:",
        *_examples(assembly),
        "  Ctrl-C stops it; SIGHUP reads the configuration again.",
    ]
    return "\n".join(lines)


def short_greeting(role: str, assembly: Assembly) -> str:
    """The line for a role that runs beside others."""
    place = {"web": f" on http://{assembly.http_address}", "smtp": f" on {assembly.smtp_address}"}.get(role, "")
    return f"Trunkline {role} is ready{place}."


def _pages(assembly: Assembly) -> str:
    paths = [page.path for page in pages(assembly.settings)]
    return f"; pages for people: {', '.join(paths)}" if paths else ""


def _channels(assembly: Assembly) -> Iterator[str]:
    for card, section in configured(assembly.settings):
        if told := card.greeting(section):
            listens = card.role == "smtp"
            yield f"  SMTP   {assembly.smtp_address}   {told}" if listens else f"  {card.facts.words}   {told}"


def _token_place(assembly: Assembly) -> str:
    if assembly.configuration.environ.get("TRUNKLINE_ADMIN_TOKEN"):
        return "the admin token is that of TRUNKLINE_ADMIN_TOKEN"
    return f"the admin token is in {near(assembly.configuration.folder.root / 'secrets' / 'admin_token')}"


def _examples(assembly: Assembly) -> list[str]:
    token = near(assembly.configuration.folder.root / "secrets" / "admin_token")
    given = assembly.configuration.environ.get("TRUNKLINE_ADMIN_TOKEN")
    bearer = "$TRUNKLINE_ADMIN_TOKEN" if given else f"$(cat {token})"
    url = f"http://{assembly.http_address}"
    return [
        f"  {url}/desk   in a browser: the desk; sign in with the admin token",
        *(f"  {url}{page.path}   in another: {page.words}" for page in _first_pages(assembly)),
        f'  curl -H "Authorization: Bearer {bearer}" {url}/v1/tickets',
        f"  {command('tail', assembly.configuration)}   in another terminal: everything that happens, as it happens",
    ]


def _first_pages(assembly: Assembly) -> list[Page]:
    """The first of each channel."""
    return [page for card, section in configured(assembly.settings) for page in card.pages(section)[:1]]
