"""The election of the one active sender, by a lock that dies with its holder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout
from sqlalchemy import Engine

from engine.domain.errors import Refused
from engine.domain.words import N_
from engine.store.postgres import FREE_SENDER, TRY_SENDER

NO_PLACE = N_(
    "The lock file {file}, which keeps two from sending at once, cannot be written ({reason}); "
    "no mail was sent. Let this account write there, and try again."
)


@contextmanager
def file_lock(database: Path) -> Iterator[bool]:
    """Yield whether this process got the lock file beside the database.

    The kernel lets go of it when the holder dies, without asking a clock.

    Raises: Refused where the file cannot be written.
    """
    lock = FileLock(f"{database}.sender.lock", timeout=0, mode=0o600, is_singleton=False)
    try:
        lock.acquire()
    except Timeout:
        yield False
        return
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise Refused(NO_PLACE, file=lock.lock_file, reason=reason) from None
    try:
        yield True
    finally:
        lock.release()


@contextmanager
def session_lock(engine: Engine) -> Iterator[bool]:
    """Yield whether a session of its own got the server's lock; the session is its life."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        # Out of the pool: closing it ends the session, and with it the lock.
        connection.detach()
        elected = bool(connection.execute(TRY_SENDER).scalar())
        yield elected
        if elected:  # the server notices the end of a session only a moment later
            connection.execute(FREE_SENDER)
