"""Who may erase in a PostgreSQL database: the logins in the role for it, told to who is not."""

from __future__ import annotations

from sqlalchemy import Connection, text

from engine.domain.errors import Refused
from engine.domain.words import N_

ENDING, PREFIX = "_erase", "traject"
MAY_NOT = N_(
    "The login {login} may not erase: that takes the role {role}. Who has it runs this command as "
    "{erasers}; or who owns the tables gives it to {login}: "
    "traject roles --eraser {login}{prefix} --owner-url URL"
)
NOBODY_YET = N_(
    "The login {login} may not erase: that takes the role {role}, which nobody has yet. Who owns "
    "the tables gives it to {login}: traject roles --eraser {login}{prefix} --owner-url URL"
)

# Not the owner of the tables, who may all of it and is nobody's daily login.
_FOUND = text(
    """
    SELECT r.rolname, r.rolcanlogin
      FROM pg_catalog.pg_roles r, pg_catalog.pg_class c
     WHERE c.oid = 'details'::regclass AND NOT pg_has_role(r.oid, c.relowner, 'USAGE')
       AND has_column_privilege(r.oid, c.oid, 'value', 'UPDATE')
     ORDER BY r.rolname
    """
)
_OWN = text("SELECT session_user, has_column_privilege('details', 'value', 'UPDATE')")


def require_eraser(connection: Connection) -> None:
    """Refuse a login of PostgreSQL that may not empty details, with who may, and how to."""
    if connection.dialect.name != "postgresql":
        return
    login, may = connection.execute(_OWN).one()
    if may:
        return
    found = connection.execute(_FOUND).all()
    roles = [row.rolname for row in found if not row.rolcanlogin] or [PREFIX + ENDING]
    logins = [row.rolname for row in found if row.rolcanlogin]
    role = next((name for name in roles if name.endswith(ENDING)), roles[0])
    raise Refused(
        MAY_NOT if logins else NOBODY_YET,
        login=login,
        role=role,
        erasers=", ".join(logins),
        prefix="" if role == PREFIX + ENDING else f" --prefix {role.removesuffix(ENDING)}",
    )
