"""A mail server in a process of its own: it takes every letter, at once or after a while."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from ssl import SSLContext

REPLIES = {
    b"EHLO": b"250-loopback\r\n250-STARTTLS\r\n250 SIZE 10000000\r\n",
    b"STAR": b"220 go ahead\r\n",
    b"DATA": b"354 go ahead\r\n",
    b"QUIT": b"221 bye\r\n",
}
OK = b"250 2.0.0 ok\r\n"


@dataclass(frozen=True)
class Relay:
    """Where the server is, and the file in which it counts."""

    port: int
    diary: Path

    def taken(self) -> tuple[int, int]:
        """Return how many connections and letters it took since the last time; it waits a bit."""
        until = time.monotonic() + 5
        while not self.diary.exists() and time.monotonic() < until:
            time.sleep(0.01)
        words = self.diary.read_text().split()
        self.diary.unlink()
        return words.count("connection"), words.count("letter")


@contextmanager
def relay(folder: Path, *, seconds: float = 0.0, tls: SSLContext | None = None) -> Iterator[Relay]:
    """Run the server; it takes so many seconds over each letter before it accepts it."""
    listener = socket.create_server(("127.0.0.1", 0))
    here = Relay(listener.getsockname()[1], folder / f"diary-{listener.getsockname()[1]}")
    child = os.fork()
    if child == 0:
        try:
            asyncio.run(_serve(listener, here.diary, seconds, tls))
        finally:
            traceback.print_exc()
            os._exit(1)
    listener.close()
    try:
        yield here
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


async def _serve(
    listener: socket.socket, diary: Path, seconds: float, tls: SSLContext | None
) -> None:
    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        letters = 0
        writer.write(b"220 loopback ESMTP\r\n")
        while line := await reader.readline():
            verb = line[:4].upper()
            writer.write(REPLIES.get(verb, OK))
            if verb == b"STAR" and tls is not None:
                await writer.start_tls(tls)
            if verb == b"DATA":
                await reader.readuntil(b"\r\n.\r\n")
                await asyncio.sleep(seconds)
                letters += 1
                writer.write(OK)
            if verb == b"QUIT":
                break
        writer.close()
        whole = diary.with_suffix(".part")
        whole.write_text("connection " + letters * "letter ")
        whole.rename(diary)

    server = await asyncio.start_server(greet, sock=listener, limit=1 << 20)
    await server.serve_forever()
