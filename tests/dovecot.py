"""A real Dovecot for the tests: an IMAP server of its own on loopback, with a mailbox, TLS and a master's tools.

It is killed and begun again in one folder, so that what lay there lies there still. Without it (Debian's package
dovecot-imapd) the tests are skipped, and fail when CI=true.
"""

import contextlib
import getpass
import imaplib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import trustme

from .ports import free_port
from .programs import program

_NOBODY = 65534
USER, PASSWORD = "support@example.test", 'p"ss wört\\'

_CONFIG = """
protocols = imap
listen = 127.0.0.1
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
mail_location = maildir:{folder}/mail/%u
first_valid_uid = 0
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {login}
mail_uid = {uid}
mail_gid = {gid}
disable_plaintext_auth = no
auth_failure_delay = 0
auth_mechanisms = {mechanisms}
ssl = yes
ssl_cert = <{folder}/server.pem
ssl_key = <{folder}/server.pem
imap_idle_notify_interval = 30 s
maildir_very_dirty_syncs = no
mailbox_idle_check_interval = 1 s
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {plain}
  }}
  inet_listener imaps {{
    port = {implicit}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {folder}/users
}}
{more}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/home/%u
}}
namespace inbox {{
  inbox = yes
  separator = /
  mailbox Sent {{
    auto = create
    special_use = \\Sent
  }}
  mailbox Rubbish {{
    auto = create
    special_use = \\Junk
  }}
}}
"""


class Dovecot:
    """The server; `plain` and `implicit` are its ports."""

    def __init__(self, folder: Path, *, more: str = "", mechanisms: str = "plain login") -> None:
        self._binary, self._doveadm = program("dovecot"), program("doveadm")
        self.folder = folder
        self.plain, self.implicit = free_port(), free_port()
        self.authority = folder / "authority.pem"
        self._process: subprocess.Popen[bytes] | None = None
        authority = trustme.CA()
        authority.cert_pem.write_to_path(self.authority)
        issued = authority.issue_cert("localhost", "127.0.0.1")
        issued.private_key_and_cert_chain_pem.write_to_path(folder / "server.pem")
        folder.chmod(0o755)  # Dovecot gives up its rights
        user = getpass.getuser()
        root = os.geteuid() == 0
        uid, gid = (_NOBODY, _NOBODY) if root else (os.getuid(), os.getgid())  # it serves no mail of root's
        for name in ("run", "state", "mail", "home"):
            (folder / name).mkdir(exist_ok=True)
            os.chown(folder / name, *((uid, gid) if name in ("mail", "home") else (-1, -1)))
        self.password(PASSWORD)
        config = _CONFIG.format(
            folder=folder,
            user="dovecot" if root else user,
            login="dovenull" if root else user,
            group="dovecot" if root else user,
            uid=uid,
            gid=gid,
            plain=self.plain,
            implicit=self.implicit,
            more=more,
            mechanisms=mechanisms,
        )
        (folder / "dovecot.conf").write_text(config)

    def password(self, password: str) -> None:
        """From now on this one is right."""
        (self.folder / "users").write_text(f"{USER}:{{PLAIN}}{password}\n", encoding="utf-8")

    def start(self) -> None:
        """Begin, or begin again; returns when it takes connections."""
        config = self.folder / "dovecot.conf"
        self._process = subprocess.Popen([self._binary, "-F", "-c", config], start_new_session=True)
        for _ in range(500):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.plain), 5) as line:
                assert line.recv(4) == b"* OK"
                return
            if self._process.poll() is not None:
                break
            time.sleep(0.02)
        log = self.folder / "log"
        raise AssertionError(log.read_text(errors="replace")[-2000:] if log.exists() else "Dovecot does not start")

    def kill(self) -> None:
        """End everything with SIGKILL."""
        if self._process is not None:
            process, self._process = self._process, None
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            (self.folder / "run" / "master.pid").unlink(missing_ok=True)

    @contextlib.contextmanager
    def client(self) -> Iterator[imaplib.IMAP4]:
        """Somebody's own mail program."""
        client = imaplib.IMAP4("127.0.0.1", self.plain, timeout=20)
        client.authenticate("PLAIN", lambda _: f"\0{USER}\0{PASSWORD}".encode())
        try:
            yield client
        finally:
            client.logout()

    def deliver(self, *contents: bytes, folder: str = "INBOX") -> None:
        """Put mails into a folder."""
        with self.client() as client:
            for content in contents:
                status, words = client.append(folder, "", "", content)
                assert status == "OK", words

    def flags(self, folder: str = "INBOX") -> list[str]:
        """Of every mail there, in their order, whether it is seen, deleted or neither."""
        with self.client() as client:
            _, [count] = client.select(folder, readonly=True)
            _, lines = client.fetch("1:*", "(FLAGS)") if int(count or 0) else ("OK", [])
            return [_flags(line) for line in lines if line]

    def renumber(self, validity: int, folder: str = "INBOX") -> None:
        """Number a folder anew."""
        self._tool("mailbox", "update", "-u", USER, "--uid-validity", str(validity), folder)

    def make(self, folder: str) -> None:
        """Make a folder."""
        self._tool("mailbox", "create", "-u", USER, folder)

    def remove(self, folder: str = "INBOX") -> None:
        """Remove all mails of a folder."""
        self._tool("expunge", "-u", USER, "mailbox", folder, "all")

    def _tool(self, *words: str) -> None:
        command = [self._doveadm, "-c", str(self.folder / "dovecot.conf"), *words]
        subprocess.run(command, check=True, capture_output=True, timeout=20)


def _flags(line: Any) -> str:
    text = line.decode() if isinstance(line, bytes) else str(line)
    return "deleted" if "\\Deleted" in text else "seen" if "\\Seen" in text else ""
