"""A mail server in a process of its own, that remembers, dawdles, and kills clients at a word.

It writes a line for each thing it meets: the moment, the client's port, what, which letter.
"""

from __future__ import annotations

import hashlib
import os
import re
import signal
import socket
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

MESSAGE_ID = re.compile(rb"^Message-ID:\s*(\S+)", re.IGNORECASE | re.MULTILINE)
REPLIES = {"EHLO": "250 loopback", "DATA": "354 go ahead", "QUIT": "221 bye"}
NOBODY = "0 -1"  # an order to kill nobody


@dataclass(frozen=True)
class Met:
    """One thing that the server met."""

    at: float  # on the monotonic clock, which all processes share
    port: int
    what: str  # connect, mail, taken, gone
    letter: str = ""


@dataclass(frozen=True)
class Sink:
    """Where the server is, and what it wrote down; an order names whom to kill, and when."""

    port: int
    folder: Path

    @property
    def url(self) -> str:
        """Return the server as the settings name it."""
        return f"smtp://127.0.0.1:{self.port}"

    @property
    def diary(self) -> Path:
        """Return the file of what was met."""
        return self.folder / "diary"

    @property
    def order(self) -> Path:
        """Return the file with the process to kill and the word at which to do it."""
        return self.folder / "order"

    @property
    def words(self) -> Path:
        """Return the file of the words that were said since the last order."""
        return self.folder / "words"

    def command(self, order: str = NOBODY) -> None:
        """Give an order, and let the words be counted anew."""
        self.words.unlink(missing_ok=True)
        self.order.write_text(order)

    def met(self, what: str | None = None) -> list[Met]:
        """Return what was met, all of it or of one kind."""
        if not self.diary.exists():
            return []
        rows = [line.split(" ", 3) for line in self.diary.read_text().splitlines()]
        found = [Met(float(at), int(port), kind, letter) for at, port, kind, letter in rows]
        return [one for one in found if what in (None, one.what)]

    def accepted(self) -> list[str]:
        """Return each letter that was accepted, as Message-ID and digest, in order."""
        return [one.letter for one in self.met("taken")]


@contextmanager
def sink(folder: Path, seconds: float = 0.0) -> Iterator[Sink]:
    """Run the server; it takes so many seconds over each letter before it accepts it."""
    folder.mkdir(parents=True, exist_ok=True)
    listener = socket.create_server(("127.0.0.1", 0), backlog=50)
    here = Sink(listener.getsockname()[1], folder)
    here.command()
    child = os.fork()
    if child == 0:
        try:
            _serve(listener, here, seconds)
        finally:
            traceback.print_exc()
            os._exit(1)
    listener.close()
    try:
        yield here
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def _serve(listener: socket.socket, here: Sink, seconds: float) -> None:
    sys.setswitchinterval(0.001)
    while True:
        connection, (_, port) = listener.accept()
        guest = _Guest(connection, port, here, seconds)
        threading.Thread(target=guest.receive, daemon=True).start()


@dataclass
class _Guest:
    connection: socket.socket
    port: int
    here: Sink
    seconds: float

    def receive(self) -> None:
        """Talk until the client leaves or dies."""
        self.note("connect")
        with suppress(OSError):
            self.say("greeting", "220 loopback ESMTP")
            stream = self.connection.makefile("rb")
            while line := stream.readline():
                verb = line[:4].decode("ascii", "replace").upper()
                self.pass_by(f"heard {verb}")
                if verb == "MAIL":
                    self.note("mail")
                self.say(verb, REPLIES.get(verb, "250 ok"))
                if verb == "QUIT":
                    break
                if verb == "DATA" and not self.take(stream):
                    break
        self.note("gone")
        with suppress(OSError):
            self.connection.close()

    def take(self, stream: object) -> bool:
        """Take a letter; tell whether it was whole."""
        lines: list[bytes] = []
        for line in stream:  # type: ignore[attr-defined]
            if line == b".\r\n":
                break
            lines.append(line[1:] if line.startswith(b".") else line)
        else:
            return False
        self.pass_by("heard the dot")
        time.sleep(self.seconds)
        letter = b"".join(lines)
        found = MESSAGE_ID.search(letter)
        name = found[1].decode() if found else "?"
        self.note("taken", f"{name} {hashlib.sha256(letter).hexdigest()}")
        self.pass_by("taken")
        self.say("the dot", "250 2.0.0 queued")
        return True

    def say(self, verb: str, reply: str) -> None:
        """Reply, and pass the point after it."""
        self.connection.sendall(f"{reply}\r\n".encode())
        self.pass_by(f"answered {verb}")

    def note(self, what: str, letter: str = "") -> None:
        """Write down what was met, in one write so that lines stay whole."""
        line = f"{time.monotonic():.6f} {self.port} {what} {letter}\n"
        with self.here.diary.open("a") as diary:
            diary.write(line)

    def pass_by(self, word: str) -> None:
        """Count a word, and kill the client where the order says so."""
        with self.here.words.open("a") as words:
            words.write(f"{word}\n")
        pid, at = self.here.order.read_text().split()
        if int(at) < 0 or len(self.here.words.read_text().splitlines()) != int(at) + 1:
            return
        with suppress(ProcessLookupError):
            os.kill(int(pid), signal.SIGKILL)
