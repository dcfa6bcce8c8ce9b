"""The door to the database: opening it, transactions that write or read, the sender's lock.

Drivers' errors are put into words here, once; nobody above this door catches them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import URL, Connection, text
from sqlalchemy.exc import DBAPIError, ResourceClosedError

from engine.domain.errors import BadInput, NotFound, Refused
from engine.domain.words import N_
from engine.store.addresses import parsed, without_secrets
from engine.store.authorizer import guard, lift
from engine.store.closing import has_tables, require_open
from engine.store.faults import lost, translated
from engine.store.postgres import LOCK_LEDGER, postgres_engine, read_only, require_rights
from engine.store.revisions import NO_DATABASE, require_head, require_known, revision
from engine.store.sqlite import begin_immediate, make_file, open_to_others, sqlite_engine

if TYPE_CHECKING:
    from engine.store.sender import Tenure

WAIT = 10.0  # seconds that a writer waits for another one

_SESSION_USER = text("SELECT session_user")


def open_database(
    url: str,
    *,
    create: bool = False,
    any_schema: bool = False,
    older: bool = False,
    guarded: bool = False,
    wait: float = WAIT,
) -> Database:
    """Return the database at a URL or a file path.

    `create` makes the file of a SQLite database; its tables come from `engine.store.schema`.
    `any_schema` opens one with a pending migration too, for upgrade and doctor; `older` as well,
    for who reads what was recorded, but none without tables and none that is newer. `guarded`,
    for the daily commands: SQLite refuses what would lift the triggers, such as DROP TRIGGER.
    """
    database = Database(parsed(url), wait=wait, guarded=guarded)
    try:
        database.prepare(create=create)
        if not (create or any_schema):
            database.require_tables(require_known if older else require_head)
    except BaseException:
        database.close()
        raise
    return database


def open_as_owner(url: str, schema: str) -> Database:
    """Return a PostgreSQL database as the owner of a schema logs in to it."""
    return Database(parsed(url), schema=schema)


class Database:
    """A SQLite file or a PostgreSQL schema; one per process."""

    def __init__(
        self, url: URL, *, wait: float = WAIT, schema: str | None = None, guarded: bool = False
    ) -> None:
        """Connect lazily; `schema` overrides the search path of a PostgreSQL session."""
        self.url = url
        self._guarded, self._has_tables, self._wait = guarded, False, wait
        self.is_postgres = url.get_backend_name() == "postgresql"
        self.path: Path | None = None
        if self.is_postgres:
            self.url_for_people = without_secrets(url)
            self._engine = postgres_engine(url, wait, schema)
        else:
            self.path = Path(url.database or "").expanduser().absolute()
            self.url_for_people = str(self.path)
            self._engine = sqlite_engine(self.path, wait, guarded=guarded)

    def prepare(self, *, create: bool) -> None:
        """Make sure that the SQLite file is there; a PostgreSQL server is not ours to make."""
        if self.path is None:
            return
        if self.path.is_dir():
            raise BadInput(N_("{where} is a folder, not a database."), where=self.url_for_people)
        if create:
            make_file(self.path)
        elif not self.path.exists():
            raise NotFound(NO_DATABASE, where=self.url_for_people)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Yield a connection that holds the writers' lock; commit at the end, or undo all.

        Raises: Refused where the log moved away, or was set aside.
        """
        with self._closing(self._begin(writing=True)) as connection:
            self._require_open(connection)
            yield connection
            self._commit(connection)

    @contextmanager
    def altering(self) -> Iterator[Connection]:
        """Yield one that writes, may change the schema, and asks not whether the log is closed."""
        with self._closing(self._begin(writing=True)) as connection:
            driver = connection.connection.driver_connection
            if self._guarded:
                lift(driver)
            try:
                yield connection
            finally:
                if self._guarded:
                    guard(driver)
            self._commit(connection)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Yield a connection that sees one moment of the database and cannot write."""
        with self._closing(self._begin(writing=False)) as connection:
            try:
                yield connection
            finally:
                if not self.is_postgres and not connection.invalidated:
                    connection.exec_driver_sql("PRAGMA query_only=OFF")

    @contextmanager
    def sender_lock(self) -> Iterator[Tenure | None]:
        """Yield the place of the one active sender where this process got it, else None."""
        from engine.store.sender import file_lock, session_lock  # only who sends needs it

        lock: AbstractContextManager[Tenure | None]
        lock = file_lock(self.path) if self.path else session_lock(self._engine)
        try:
            elected = lock.__enter__()
        except DBAPIError as error:
            raise translated(error, self.url_for_people) or error from error
        try:
            yield elected
        finally:
            with suppress(DBAPIError):  # a session that broke has lost the lock already
                lock.__exit__(None, None, None)

    def session_user(self) -> str | None:
        """Return the login that the PostgreSQL server recognised; None on SQLite."""
        if not self.is_postgres:
            return None
        with self.reading() as connection:
            return str(connection.execute(_SESSION_USER).scalar())

    def schema(self) -> str:
        """Return the name of the PostgreSQL schema that holds the tables."""
        with self.reading() as connection:
            return str(connection.exec_driver_sql("SELECT current_schema()").scalar())

    def wait_long(self, connection: Connection) -> None:
        """Let this transaction rest as long as it takes, while another database is filled."""
        if self.is_postgres:
            connection.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = 0")
            connection.exec_driver_sql("SET LOCAL statement_timeout = 0")

    def insecure(self) -> list[Path]:
        """Return the paths of a SQLite database that group or others may use."""
        return open_to_others(self.path) if self.path else []

    def close(self) -> None:
        """Close all connections; the next use opens new ones."""
        self._engine.dispose()

    def require_tables(self, require: Callable[[str | None, str], None]) -> None:
        """Refuse a database without our tables, marked as of a good version, or rights on them."""
        try:
            with self.reading() as connection:
                require(revision(connection), self.url_for_people)
        except (NotFound, Refused) as error:
            with self.reading() as connection:
                if self.is_postgres:
                    require_rights(connection, self.url_for_people)
                if isinstance(error, NotFound):
                    from engine.store.parts import refuse_unmarked  # the tables are heavy to import

                    refuse_unmarked(connection, self.url_for_people)
            raise

    def _require_open(self, connection: Connection) -> None:
        self._has_tables = self._has_tables or has_tables(connection)
        if self._has_tables:
            require_open(connection, self.url_for_people)

    def _begin(self, *, writing: bool) -> Connection:
        """Return a connection inside a fresh transaction, with the lock where it will write.

        Tried once more when a pooled connection proves dead: nothing was done on it yet.
        """
        try:
            return self._begin_once(writing=writing)
        except DBAPIError as error:
            if not lost(error):
                raise translated(error, self.url_for_people) or error from error
        try:
            return self._begin_once(writing=writing)
        except DBAPIError as error:
            raise translated(error, self.url_for_people) or error from error

    def _begin_once(self, *, writing: bool) -> Connection:
        connection = self._engine.connect()
        try:
            if self.is_postgres and writing:
                connection.begin()
                LOCK_LEDGER.run(connection)
            elif self.is_postgres:
                read_only(connection)
            elif writing:
                begin_immediate(connection, self._wait)
            else:
                connection.exec_driver_sql("PRAGMA query_only=ON")
                connection.exec_driver_sql("BEGIN")
        except BaseException:
            connection.invalidate()
            connection.close()
            raise
        return connection

    @contextmanager
    def _closing(self, connection: Connection) -> Iterator[Connection]:
        """Undo what is not committed, give the connection back, put driver errors in words."""
        try:
            yield connection
        except DBAPIError as error:
            raise translated(error, self.url_for_people) or error from error
        finally:
            try:
                connection.close()
            except DBAPIError:
                with suppress(ResourceClosedError):  # closed for all that, where the server went
                    connection.invalidate()

    def _commit(self, connection: Connection) -> None:
        try:
            connection.commit()
        except DBAPIError as error:
            # After a refused COMMIT the driver is still inside the transaction, while
            # SQLAlchemy holds it for ended and would give it back to the pool like that.
            connection.invalidate()
            raise translated(error, self.url_for_people, saving=True) or error from error
