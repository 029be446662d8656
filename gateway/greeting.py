"""What a person sees who starts Trunkline in a terminal: where it listens, where the admin token is, what to try next.

A few plain lines on the error output; the log is on the standard output.
"""

from ..adapters.chat.settings import ChatSettings
from ..adapters.http_source.settings import HttpSettings
from ..adapters.mail.settings import MailSettings
from .assembly import Assembly
from .program import command, near


def greeting(assembly: Assembly) -> str:
    """The lines for `serve`."""
    settings, configuration = assembly.settings, assembly.configuration
    http, smtp = assembly.http_address, assembly.smtp_address
    engine = "embedded" if configuration.is_embedded else "the one of redis.url"
    lines = [
        f"Trunkline is ready, with {configuration.path} (version {settings.version}).",
        f"  HTTP   http://{http}   the API, described at /v1/openapi.json{_forms(assembly)}",
        *_mail(assembly, str(smtp)),
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


def _forms(assembly: Assembly) -> str:
    pages = [*(f"/forms/{name}" for name in _form_sources(assembly)), *_chat_pages(assembly)]
    return f"; pages for people: {', '.join(pages)}" if pages else ""


def _chat_pages(assembly: Assembly) -> list[str]:
    chat = assembly.settings.channels.get("chat")
    return [f"/chat/{name}" for name in chat.root] if isinstance(chat, ChatSettings) else []


def _form_sources(assembly: Assembly) -> list[str]:
    http = assembly.settings.channels.get("http")
    sources = http.root if isinstance(http, HttpSettings) else {}
    return [name for name, source in sources.items() if source.form is not None and source.form.enabled]


def _mail(assembly: Assembly, smtp: str) -> list[str]:
    mail = assembly.settings.channels.get("mail")
    if not isinstance(mail, MailSettings):
        return []
    out = f"replies leave through {mail.smarthost}" if mail.smarthost else "no smarthost, so replies stay queued"
    return [f"  SMTP   {smtp}   mail for {', '.join(mail.addresses)}; {out}"]


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
        *(f"  {url}/forms/{name}   in another: a form for customers" for name in _form_sources(assembly)[:1]),
        *(f"  {url}{page}   in another: a chat with the desk" for page in _chat_pages(assembly)[:1]),
        f'  curl -H "Authorization: Bearer {bearer}" {url}/v1/tickets',
        f"  {command('tail', assembly.configuration)}   in another terminal: everything that happens, as it happens",
    ]
