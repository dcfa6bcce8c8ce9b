"""A real Postfix on loopback: with STARTTLS, its folders in a temporary one, ending by itself."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.authority import Authority
from tests.mail_server import free_port

LIFE = 900  # seconds after which it stops, whatever became of us
MASTER = Path("/usr/lib/postfix/sbin/master")
NOBODY = 65534
TRACE = (b"Return-Path", b"X-Original-To", b"Delivered-To", b"Received")  # that it adds
MAIN = """\
compatibility_level = 3.6
queue_directory = {queue}
data_directory = {data}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = postfix.example.net
mydestination =
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_tls_security_level = encrypt
smtpd_tls_cert_file = {certificate}
smtpd_tls_key_file = {certificate}
smtpd_tls_received_header = yes
virtual_mailbox_domains = example.org
virtual_mailbox_base = {boxes}
virtual_mailbox_maps = static:all/
virtual_uid_maps = static:{nobody}
virtual_gid_maps = static:{nobody}
virtual_minimum_uid = 100
alias_maps =
local_recipient_maps =
maillog_file = {log}
maillog_file_prefixes = {folder}
smtpd_client_connection_rate_limit = 0
"""
SERVICES = """\
127.0.0.1:{port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
"""


@dataclass(frozen=True)
class Postfix:
    """Where it listens, and where it puts mail."""

    port: int
    boxes: Path

    def arrived(self, count: int, patience: float = 60) -> list[bytes]:
        """Return what has arrived, once that is `count` letters or patience ends."""
        end = time.monotonic() + patience
        while len(list(self.boxes.glob("all/new/*"))) < count and time.monotonic() < end:
            time.sleep(0.1)
        time.sleep(0.5)  # for one too many
        return [file.read_bytes() for file in self.boxes.glob("all/new/*")]


def missing() -> str | None:
    """Return why there is no Postfix here; None where it can run."""
    if not MASTER.exists() or shutil.which("postfix") is None:
        return "no Postfix here: apt-get install postfix"
    return None if os.geteuid() == 0 else "Postfix runs as root only: its parts change accounts"


def without_trace(arrived: bytes) -> bytes:
    """Return a letter as it was handed over: without the headers that Postfix put on top."""
    lines = arrived.split(b"\n")
    while lines and lines[0].split(b":")[0] in TRACE:
        lines.pop(0)
        while lines and lines[0][:1] in (b" ", b"\t"):
            lines.pop(0)
    return b"\r\n".join(lines)


@contextmanager
def postfix(ours: Authority) -> Iterator[Postfix]:
    """Run Postfix in a folder of its own; nothing of it is left behind."""
    with tempfile.TemporaryDirectory(prefix="traject-postfix-") as folder:
        Path(folder).chmod(0o711)  # its parts run under other accounts
        with _running(Path(folder), ours) as server:
            yield server


@contextmanager
def _running(folder: Path, ours: Authority) -> Iterator[Postfix]:
    made = {name: folder / name for name in ("config", "queue", "data", "boxes")}
    for path in made.values():
        path.mkdir(parents=True)
    shutil.chown(made["data"], "postfix")
    shutil.chown(made["boxes"], NOBODY, NOBODY)
    port, certificate = free_port(), ours.certificate("localhost")
    values = {**made, "folder": folder, "log": folder / "postfix.log", "certificate": certificate}
    config = made["config"]
    (config / "main.cf").write_text(MAIN.format(nobody=NOBODY, **values))
    (config / "master.cf").write_text(SERVICES.format(port=port))
    subprocess.run(["postfix", "-c", config, "check"], check=True, capture_output=True)
    process = subprocess.Popen(
        [MASTER, "-c", config, "-d", "-e", str(LIFE)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "MAIL_CONFIG": str(config)},
    )
    try:
        _answers(port, process)
        yield Postfix(port, made["boxes"])
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        process.wait(20)


def _answers(port: int, process: subprocess.Popen[bytes]) -> None:
    """Wait until it greets."""
    import socket

    end = time.monotonic() + 20
    while time.monotonic() < end:
        assert process.poll() is None, "Postfix stopped at once"
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 5) as line:
            if line.recv(3) == b"220":
                return
        time.sleep(0.1)
    raise AssertionError("Postfix does not answer")
