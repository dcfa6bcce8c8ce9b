"""PostgreSQL as traject uses it: the settings of a session and the keys of its locks."""

from __future__ import annotations

from sqlalchemy import URL, Connection, Engine, create_engine, text

from engine.domain.errors import NoRights, TrajectError
from engine.domain.words import N_
from engine.store.prepared import Prepared

# Any two numbers nobody else is likely to use; the second half of a lock's key is a hash of
# the schema, so that installations in several schemas of one database do not wait for each
# other. (A missing schema must not make the key NULL: that takes no lock and says nothing.)
LEDGER, SENDER = 0x7A6A_0001, 0x7A6A_0002
_SCHEMA = "hashtext(coalesce(current_schema(), ''))"
LOCK_LEDGER = Prepared(text(f"SELECT pg_advisory_xact_lock({LEDGER}, {_SCHEMA})"))
TRY_SENDER = text(f"SELECT pg_try_advisory_lock({SENDER}, {_SCHEMA})")
STILL_THERE = text("SELECT 1")
FREE_SENDER = text(f"SELECT pg_advisory_unlock({SENDER}, {_SCHEMA})")

SETTINGS = {
    "statement_timeout": "30s",
    "idle_in_transaction_session_timeout": "60s",
    "synchronous_commit": "on",
    "default_transaction_isolation": r"read\ committed",
    "timezone": "UTC",
    # A machine that lost its power must not keep the locks of its sessions.
    "tcp_keepalives_idle": "30",
    "tcp_keepalives_interval": "10",
    "tcp_keepalives_count": "3",
}

NO_RIGHTS = N_(
    "The login {login} has no rights on the tables in {where}. Who owns those gives it what its "
    "work asks with {roles}: --coach {login} to work with traject, --eraser {login} to erase as "
    "well, --auditor {login} to read and no more, --backup {login} for back-ups alone."
)
# A value, so that no address is put in it: the one of this login is none for the owner.
_ROLES = "traject roles"
# Tables in the search path that this login may not see; to it they might as well not be there.
_HIDDEN = text("""
    SELECT session_user FROM pg_catalog.pg_class c
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relname = 'alembic_version'
       AND n.nspname = ANY (regexp_split_to_array(
           replace(replace(current_setting('search_path'), '"', ''), '$user', session_user),
           ' *, *'))
       AND NOT (has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT'))
""")


def require_rights(connection: Connection, where: str) -> None:
    """Refuse a login to whom nobody gave rights on the tables that are there. Raises: NoRights."""
    login = connection.execute(_HIDDEN).scalar()
    if login is not None:
        raise NoRights(NO_RIGHTS, login=str(login), where=where, roles=_ROLES)


def postgres_engine(url: URL, wait: float, schema: str | None) -> Engine:
    """Return an engine; its settings go with the connection, not in a round trip each."""
    settings = {**SETTINGS, "lock_timeout": f"{int(wait * 1000)}ms"}
    if schema is not None:
        settings["search_path"] = schema
    options = " ".join(f"-c {name}={value}" for name, value in settings.items())
    given = " ".join(url.normalized_query.get("options", ()))
    # Ours last: what stands last wins, and durability is not up to a URL.
    arguments = {"options": f"{given} {options}".strip(), "application_name": "traject"}
    try:
        return create_engine(
            url.set(drivername="postgresql+psycopg").difference_update_query(["options"]),
            connect_args={"connect_timeout": max(1, round(wait)), **arguments},
            use_native_hstore=False,  # saves a question at every start
            hide_parameters=True,  # an error's text must not hold personal data
        )
    except ModuleNotFoundError as error:
        raise TrajectError(
            N_("PostgreSQL needs a driver: pip install 'livc-traject[postgres]'")
        ) from error


def read_only(connection: Connection) -> Connection:
    """Return the connection set to see one moment and to refuse writes, as SQLite's does."""
    return connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
