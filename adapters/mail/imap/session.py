"""A connection to an IMAP server, for one reader: imap-tools in a thread of its own.

Every method is called by one task, one after the other. Any trouble of connection or server is a DeliveryDeferred, a
refused sign-in CredentialsRefused; where the server answers and says no it is a Denied, and the connection goes on.
Nothing is expunged, ever: imap-tools' own `flag` and `move` would remove what others have marked as deleted.

`cut` may be called at any time: what a thread waits for breaks off at once. A literal longer than was asked for breaks
the connection, so that no server can fill our memory.
"""

import asyncio
import imaplib
import re
import ssl
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from socket import SHUT_RDWR
from time import mktime, time
from typing import Any, TypeVar

from ....config.errors import CredentialsRefused, DeliveryDeferred
from .access import Credential
from .mailbox_settings import MailboxSettings

CONNECT_SECONDS = 20.0
COMMAND_SECONDS = 60.0
HEADER_BYTES = 256 * 1024

_FRAMING = 64 * 1024
_UID = re.compile(rb"\bUID (\d+)")
_SIZE = re.compile(rb"\bRFC822\.SIZE (\d+)")
_CALLED_SENT = frozenset({"sent", "sent items", "sent messages", "sent mail"})
_NEWS = (b"EXISTS", b"EXPUNGE", b"BYE")
# RFC 5530: these are about the server, all else about us.
_LATER = re.compile(r"\[(?:UNAVAILABLE|INUSE|LIMIT|SERVERBUG|ALERT\] Too many)", re.IGNORECASE)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

Result = TypeVar("Result")


class Denied(DeliveryDeferred):
    """The server says no."""


class NoFolder(DeliveryDeferred):
    """There is no folder of this use."""


@dataclass(frozen=True)
class Folder:
    """A folder as it is now."""

    validity: int
    next_uid: int


@dataclass(frozen=True)
class Listed:
    """A mail as the server lists it; `arrived` in milliseconds since 1970."""

    uid: int
    size: int
    arrived: int


class ImapSession:
    """One connection; `open` begins it, `close` ends it, and then it is not used any more."""

    def __init__(self, settings: MailboxSettings) -> None:
        self._settings = settings
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="imap")
        self._box: Any = None
        self._readable = asyncio.Event()
        self._idling = False
        self._sent = ""

    async def open(self, credential: Credential) -> None:
        """Connect and sign in. Raises DeliveryDeferred, CredentialsRefused."""
        await self._call(lambda: self._open(credential))

    @property
    def has_idle(self) -> bool:
        """Whether the server tells of mails by itself (RFC 2177)."""
        return "IDLE" in self._box.client.capabilities

    async def folders(self) -> list[str]:
        """The names of all folders. Raises DeliveryDeferred."""
        return [str(each.name) for each in await self._call(self._box.folder.list)]

    async def special(self, use: str) -> str:
        r"""The folder of a use such as `\Junk` (RFC 6154), empty when there is none. Raises DeliveryDeferred."""
        folders = await self._call(self._box.folder.list)
        wanted = use.lower()
        return next((each.name for each in folders if wanted in {flag.lower() for flag in each.flags}), "")

    async def sent_folder(self) -> str:
        r"""The folder of sent mails: by its use, else one that is called so. Raises DeliveryDeferred, NoFolder."""
        if not self._sent:
            names = [each.name for each in await self._call(self._box.folder.list)]
            called = (each for each in names if re.split(r"[./]", each)[-1].lower() in _CALLED_SENT)
            self._sent = await self.special(r"\Sent") or next(called, "")
        if not self._sent:
            raise NoFolder("the IMAP server has no folder of sent mails")
        return self._sent

    async def append(self, folder: str, content: bytes) -> None:
        """Put a mail into a folder, as one that is read. Raises DeliveryDeferred."""
        await self._call(lambda: self._append(folder, content))

    async def select(self, folder: str) -> Folder:
        """Go into a folder. Raises DeliveryDeferred, also when there is no such folder."""
        return await self._call(lambda: self._select(folder))

    async def uids(self, criteria: str) -> list[int]:
        """The UIDs of the mails that meet them, in their order. Raises DeliveryDeferred."""
        return sorted(map(int, await self._call(lambda: self._box.uids(criteria, charset=None))))

    async def listed(self, uids: Sequence[int]) -> list[Listed]:
        """What is known of these mails, those that are gone left out. Raises DeliveryDeferred."""
        return await self._call(lambda: self._listed(uids))

    async def fetch(self, uid: int, largest: int) -> bytes:
        """The bytes of a mail. Raises DeliveryDeferred."""
        return await self._call(lambda: self._fetch(uid, "BODY.PEEK[]", largest))

    async def header(self, uid: int) -> bytes:
        """The beginning of its headers. Raises DeliveryDeferred."""
        return await self._call(lambda: self._fetch(uid, f"BODY.PEEK[HEADER]<0.{HEADER_BYTES}>", HEADER_BYTES))

    async def mark_seen(self, uid: int) -> None:
        """Mark a mail as read. Raises DeliveryDeferred."""
        await self._call(lambda: _done(self._box.client.uid("STORE", str(uid), "+FLAGS.SILENT", r"(\Seen)")))

    async def move(self, uid: int, folder: str) -> None:
        """Move a mail into a folder, which is made when there is none. Raises DeliveryDeferred."""
        await self._call(lambda: self._move(uid, folder))

    async def wait(self, seconds: float) -> bool:
        """Return when the server tells of something in the selected folder, or after so many seconds.

        True says that there is news. A server without IDLE is asked at the end. Raises DeliveryDeferred.
        """
        if not self.has_idle:
            await asyncio.sleep(seconds)
            return bool(await self._call(lambda: _is_news(self._noop())))
        self._idling = True
        told = await self._call(self._begin_idle) or await self._until_readable(seconds)
        told = await self._call(self._end_idle) or told
        self._idling = False
        return told

    def cut(self) -> None:
        """Break off whatever is under way."""
        if self._box is not None:
            with suppress(OSError):
                self._box.client.sock.shutdown(SHUT_RDWR)

    async def close(self) -> None:
        """Take leave, at once where the server waits for the end of IDLE; never raises."""
        if self._idling:
            self.cut()
        if self._box is not None:
            with suppress(DeliveryDeferred, TimeoutError):
                async with asyncio.timeout(2):
                    await self._call(self._box.client.logout)
            self.cut()
            with suppress(OSError):
                self._box.client.shutdown()
        self._thread.shutdown(wait=False, cancel_futures=True)

    # In the thread

    def _open(self, credential: Credential) -> None:
        context = _tls(self._settings)
        self._box = _connected(self._settings, context)
        client = self._box.client
        if self._settings.imap_tls == "starttls":
            _done(client.starttls(context))
        client.sock.settimeout(COMMAND_SECONDS)
        _bounded(client, HEADER_BYTES)
        _sign_in(self._box, credential)
        client._get_capabilities()  # others than before the sign-in

    def _select(self, folder: str) -> Folder:
        self._box.folder.set(folder, readonly=self._settings.after == "nothing")
        validity, following = (self._box.client.response(name)[1][0] for name in ("UIDVALIDITY", "UIDNEXT"))
        if validity is None:
            raise DeliveryDeferred(f"the server does not number the mails of {folder} (no UIDVALIDITY)")
        if following is None:
            following = self._box.folder.status(folder, ["UIDNEXT"])["UIDNEXT"]
        return Folder(int(validity), int(following))

    def _listed(self, uids: Iterable[int]) -> list[Listed]:
        numbers = ",".join(map(str, uids))
        found = _done(self._box.client.uid("FETCH", numbers, "(UID RFC822.SIZE INTERNALDATE)"))
        lines = [line if isinstance(line, bytes) else b" ".join(line or ()) for line in found]
        return sorted(filter(None, map(_read_listed, lines)), key=lambda each: each.uid)

    def _fetch(self, uid: int, part: str, largest: int) -> bytes:
        _bounded(self._box.client, largest + _FRAMING)
        status, found = self._box.client.uid("FETCH", str(uid), f"(UID {part})")
        if status != "OK":
            raise Denied(f"the IMAP server: {_words(found)}")
        for each in found:
            if isinstance(each, tuple) and (uid_of := _UID.search(each[0])) and int(uid_of[1]) == uid and each[1]:
                return bytes(each[1])
        raise Denied("the IMAP server gives nothing")

    def _move(self, uid: int, folder: str) -> None:
        from imap_tools.utils import encode_folder  # noqa: PLC0415

        name, client = encode_folder(folder), self._box.client
        verb = "MOVE" if "MOVE" in client.capabilities else "COPY"
        status, found = client.uid(verb, str(uid), name)
        if status != "OK" and "TRYCREATE" in _words(found).upper():
            _done(client.create(name))
            status, found = client.uid(verb, str(uid), name)
        _done((status, found))
        if verb == "COPY":
            _done(client.uid("STORE", str(uid), "+FLAGS.SILENT", r"(\Seen \Deleted)"))

    def _append(self, folder: str, content: bytes) -> None:
        from imap_tools.utils import encode_folder  # noqa: PLC0415

        _done(self._box.client.append(encode_folder(folder), r"(\Seen)", None, content))

    def _noop(self) -> list[bytes]:
        client = self._box.client
        client.untagged_responses.clear()
        _done(client.noop())
        return [name.encode() for name in client.untagged_responses]

    def _begin_idle(self) -> bool:
        self._box.idle.start()
        return _is_news(_waiting_lines(self._box.client))

    def _end_idle(self) -> bool:
        _, told = self._box.idle.stop()
        return _is_news(told)

    async def _until_readable(self, seconds: float) -> bool:
        loop, descriptor = asyncio.get_running_loop(), self._box.client.sock.fileno()
        if descriptor < 0:
            raise DeliveryDeferred("the connection is closed")
        self._readable.clear()
        loop.add_reader(descriptor, self._readable.set)
        try:
            async with asyncio.timeout(seconds):
                await self._readable.wait()
            return True
        except TimeoutError:
            return False
        finally:
            loop.remove_reader(descriptor)

    async def _call(self, work: Callable[[], Result]) -> Result:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, _translated, work)
        except asyncio.CancelledError:
            self.cut()
            raise


def _translated(work: Callable[[], Result]) -> Result:
    """What the thread does, with our errors."""
    from imap_tools.errors import ImapToolsError  # noqa: PLC0415

    try:
        return work()
    except (imaplib.IMAP4.abort, OSError, EOFError) as error:  # TimeoutError is an OSError
        raise DeliveryDeferred(f"the IMAP server: {_cause(error)}") from error
    except (imaplib.IMAP4.error, ImapToolsError) as error:
        raise Denied(f"the IMAP server: {_cause(error)}") from error


def _tls(settings: MailboxSettings) -> ssl.SSLContext | None:
    return None if settings.imap_tls == "none" else ssl.create_default_context(cafile=settings.authority)


def _connected(settings: MailboxSettings, context: ssl.SSLContext | None) -> Any:
    from imap_tools import MailBox, MailBoxUnencrypted  # noqa: PLC0415

    host, port = settings.imap_server.host, settings.imap_server.port
    if settings.imap_tls == "implicit":
        return MailBox(host, port, timeout=CONNECT_SECONDS, ssl_context=context)
    return MailBoxUnencrypted(host, port, timeout=CONNECT_SECONDS)


def _sign_in(box: Any, credential: Credential) -> None:
    """PLAIN takes every character; LOGIN is what servers without it know. Raises CredentialsRefused."""
    login, secret = credential.login, credential.secret
    from imap_tools.errors import MailboxLoginError  # noqa: PLC0415

    try:
        if credential.bearer:
            _done(box.client.authenticate("XOAUTH2", _bearer(login, secret)))
        elif "AUTH=PLAIN" in box.client.capabilities or not f"{login}{secret}".isascii():
            box.login_utf8(login, secret, initial_folder=None)
        else:
            box.login(login, secret, initial_folder=None)
    except (imaplib.IMAP4.abort, OSError):
        raise
    except (imaplib.IMAP4.error, MailboxLoginError) as error:
        words = _cause(error)
        if _LATER.search(words):
            raise
        raise CredentialsRefused(f"the IMAP server does not let {login} in: {words}") from error


def _bearer(login: str, token: str) -> Callable[[bytes], bytes]:
    """What answers the challenges of XOAUTH2: the token, and to the words of a refusal nothing."""
    answers = iter([f"user={login}\1auth=Bearer {token}\1\1".encode()])
    return lambda _: next(answers, b"")


def _bounded(client: Any, largest: int) -> None:
    """Literals longer than this break the connection."""
    read = type(client).read

    def bounded(size: int) -> bytes:
        if size > largest:
            raise imaplib.IMAP4.abort(f"a literal of {size} bytes")
        return bytes(read(client, size))

    client.read = bounded


def _waiting_lines(client: Any) -> list[bytes]:
    """What has come together with something else and lies in our buffer already."""
    patience = client.sock.gettimeout()
    client.sock.settimeout(0)
    lines: list[bytes] = []
    try:
        while True:
            lines.append(client._get_line())
    except (imaplib.IMAP4.abort, OSError):
        return lines
    finally:
        client.sock.settimeout(patience)


def _is_news(lines: Iterable[bytes]) -> bool:
    return any(word in line for line in lines if line for word in _NEWS)


def _done(answer: tuple[str, Any]) -> list[Any]:
    """What the server gave; raises when it refused."""
    status, found = answer
    if status != "OK":
        raise imaplib.IMAP4.error(_words(found))
    return [each for each in found if each is not None]


def _read_listed(line: bytes) -> Listed | None:
    uid, size, date = _UID.search(line), _SIZE.search(line), imaplib.Internaldate2tuple(line)
    if uid is None or size is None:
        return None
    return Listed(int(uid[1]), int(size[1]), _milliseconds(date))


def _milliseconds(date: Any) -> int:
    """Of a moment in local time, as imaplib reads it; now for one that it cannot read."""
    return int((mktime(date) if date else time()) * 1000)


def search_date(moment: int) -> str:
    """The day before a moment as SEARCH wants it: the server's days may begin elsewhere."""
    day = datetime.fromtimestamp(moment / 1000 - 86_400, UTC)
    return f"{day.day}-{_MONTHS[day.month - 1]}-{day.year}"


def _words(found: Any) -> str:
    lines = [each.decode("utf-8", "replace") for each in found or () if isinstance(each, bytes)]
    return " ".join(" ".join(lines).split())[:300]


def _cause(error: BaseException) -> str:
    result = getattr(error, "command_result", None)
    if isinstance(result, tuple) and len(result) == 2:
        return _words(result[1]) or type(error).__name__
    first = error.args[0] if error.args else ""
    text = first.decode("utf-8", "replace") if isinstance(first, bytes) else str(error)
    return " ".join(text.split())[:300] or type(error).__name__
