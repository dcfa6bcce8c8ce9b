"""The election of the one active sender, by a lock that dies with its holder."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from engine.domain.errors import Refused
from engine.domain.os_errors import why
from engine.domain.words import N_
from engine.store.postgres import FREE_SENDER, STILL_THERE, TRY_SENDER

NO_PLACE = N_(
    "The lock file {file}, which keeps two from sending at once, cannot be written ({reason}); "
    "no mail was sent. Let this account write there, and try again."
)


@dataclass(frozen=True, slots=True)
class Tenure:
    """The place of the active sender, as long as it lasts.

    A sender that was stopped for long may wake up when its session is gone or its file was
    taken away, and somebody else sends: it asks once a mail is claimed, before it leaves.
    """

    lasts: Callable[[], bool]


@contextmanager
def file_lock(database: Path) -> Iterator[Tenure | None]:
    """Yield the place where this process got the lock file beside the database, else None.

    The kernel lets go of it when the holder dies, without asking a clock.

    Raises: Refused where the file cannot be written.
    """
    lock = FileLock(f"{database}.sender.lock", timeout=0, mode=0o600, is_singleton=False)
    try:
        lock.acquire()
    except Timeout:
        yield None
        return
    except OSError as error:
        raise Refused(NO_PLACE, file=lock.lock_file, reason=why(error)) from None
    try:
        file = Path(lock.lock_file)
        mine = _identity(file)
        yield Tenure(lambda: _identity(file) == mine)
    finally:
        lock.release()


def _identity(file: Path) -> tuple[int, int] | None:
    try:
        status = file.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


@contextmanager
def session_lock(engine: Engine) -> Iterator[Tenure | None]:
    """Yield the place where a session of its own got the server's lock; it lasts as long."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        # Out of the pool: closing it ends the session, and with it the lock.
        connection.detach()
        elected = bool(connection.execute(TRY_SENDER).scalar())
        yield Tenure(lambda: _answers(connection)) if elected else None
        if elected and not connection.invalidated:  # an end is noticed only a moment later
            connection.execute(FREE_SENDER)


def _answers(connection: Connection) -> bool:
    """Tell whether the session is still there, and with it the lock."""
    try:
        connection.execute(STILL_THERE)
    except DBAPIError:
        return False
    return True
