"""A mail server on loopback that follows a script, errs where it is told to, and remembers.

It is small and strict on purpose: what it heard before and after TLS is kept apart, so
that a test can say what left in clear text.
"""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

PATIENCE = 10.0  # seconds without a word after which a server ends by itself
HANG_UP = ""  # a reply that closes the connection instead
SILENCE = "-"  # a reply that never comes
PLAY = {
    "greeting": "220 loopback ESMTP",
    "EHLO": "250-loopback\r\n250-STARTTLS\r\n250-AUTH LOGIN PLAIN\r\n250 SIZE 1000000",
    "STARTTLS": "220 go ahead",
    "AUTH": "235 2.7.0 welcome",
    "MAIL": "250 2.1.0 ok",
    "RCPT": "250 2.1.5 ok",
    "DATA": "354 go ahead",
    "dot": "250 2.0.0 queued as 42",
    "RSET": "250 ok",
    "QUIT": "221 bye",
}


@dataclass
class Heard:
    """What the server heard, in order, over all connections."""

    connections: int = 0
    clear: list[str] = field(default_factory=list)
    private: list[str] = field(default_factory=list)
    letters: list[bytes] = field(default_factory=list)

    def verbs(self) -> list[str]:
        """Return the first words of all commands."""
        return [line.split(" ")[0].split(":")[0].upper() for line in self.clear + self.private]


class ScriptedServer:
    """Answers each command from the script; a list gives a new answer each time."""

    def __init__(
        self,
        script: Mapping[str, str | list[str]],
        context: ssl.SSLContext | None = None,
        implicit: bool = False,
    ) -> None:
        self.heard = Heard()
        self._script = {**PLAY, **script}
        self._context, self._implicit = context, implicit
        self._ended, self._moved_on = threading.Event(), threading.Event()
        self._guests: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(PATIENCE)
        self.port: int = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def start(self) -> None:
        """Listen, in a thread of its own."""
        self._thread.start()

    def behave(self) -> None:
        """Do what a sound server does, from now on."""
        self._script = dict(PLAY)
        self._moved_on.set()

    def stop(self) -> None:
        """Close the door and wait until the last guest has gone."""
        self._ended.set()
        self._moved_on.set()
        with suppress(OSError):
            socket.create_connection(("127.0.0.1", self.port), 1).close()
        self._thread.join(PATIENCE)
        for guest in self._guests:
            guest.join(PATIENCE)
        self._listener.close()

    def _serve(self) -> None:
        with suppress(OSError):  # nobody came within our patience
            while not self._ended.is_set():
                connection, _ = self._listener.accept()
                if self._ended.is_set():
                    connection.close()
                    return
                connection.settimeout(PATIENCE)
                guest = threading.Thread(target=self._talk, args=(connection,), daemon=True)
                self._guests.append(guest)
                guest.start()

    def _talk(self, connection: socket.socket) -> None:
        self.heard.connections += 1
        lines = self.heard.private if self._implicit else self.heard.clear
        with suppress(OSError, _HungUpError):
            if self._implicit and self._context is not None:
                connection = self._context.wrap_socket(connection, server_side=True)
            self._converse(connection, lines)
        connection.close()

    def _converse(self, connection: socket.socket, lines: list[str]) -> None:
        self._reply(connection, "greeting")
        stream = connection.makefile("rb")
        while line := stream.readline():
            command = line.decode("utf-8", "replace").rstrip("\r\n")
            lines.append(command)
            verb = command.split(" ")[0].upper()
            answer = self._reply(connection, verb if verb in self._script else "QUIT")
            if verb == "STARTTLS" and answer.startswith("220") and self._context is not None:
                connection = self._context.wrap_socket(connection, server_side=True)
                stream, lines = connection.makefile("rb"), self.heard.private
            if verb == "AUTH" and answer.startswith("334"):
                lines.append(stream.readline().decode().rstrip("\r\n"))
                connection.sendall(b"235 2.7.0 welcome\r\n")
            if verb == "DATA" and answer.startswith("354"):
                self.heard.letters.append(_letter(iter(stream.readline, b"")))
                self._reply(connection, "dot")
            if verb == "QUIT":
                return

    def _reply(self, connection: socket.socket, verb: str) -> str:
        """Say what the script says here, and return it."""
        lines = self._script[verb]
        line = lines if isinstance(lines, str) else (lines.pop(0) if lines else PLAY[verb])
        if line == SILENCE:
            self._moved_on.wait(PATIENCE)
        if line in (HANG_UP, SILENCE):
            connection.shutdown(socket.SHUT_RDWR)
            raise _HungUpError
        connection.sendall(f"{line}\r\n".encode())
        return line


class _HungUpError(Exception):
    """The script says to close."""


def _letter(lines: Iterator[bytes]) -> bytes:
    """Return the letter as DATA carried it, dots undone."""
    taken: list[bytes] = []
    for line in lines:
        if line == b".\r\n":
            return b"".join(taken)
        taken.append(line[1:] if line.startswith(b".") else line)
    raise _HungUpError


@contextmanager
def smtp_server(
    script: Mapping[str, str | list[str]] | None = None,
    context: ssl.SSLContext | None = None,
    implicit: bool = False,
) -> Iterator[ScriptedServer]:
    """Run a scripted server for the length of a test."""
    server = ScriptedServer(script or {}, context, implicit)
    server.start()
    try:
        yield server
    finally:
        server.stop()
