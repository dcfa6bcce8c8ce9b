"""Where a database is: a URL or a path that is read, and said without its password."""

from __future__ import annotations

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from engine.domain.errors import BadInput
from engine.domain.words import N_

NO_URL = N_("The address of the database is not a URL like postgresql://host/name.")
SECRETS = ("password", "secret", "token")  # in names of what a URL may ask for


def parsed(url: str) -> URL:
    """Return the address of a database, from a URL or the path of a file. Raises: BadInput."""
    if "://" not in url:
        if url.startswith(("postgres:", "postgresql:", "sqlite:")):
            raise BadInput(NO_URL)  # never the path of a file, whose name would be told
        return URL.create("sqlite", database=url)
    try:
        found = make_url(url)
    except (ArgumentError, ValueError) as error:
        raise BadInput(NO_URL) from error
    if found.password is not None and "@" in f"{found.host}{found.database}":
        raise BadInput(
            N_("The address of the database holds more than one @: write one in a password as %40.")
        )
    if found.drivername == "sqlite" and found.database not in (None, "", ":memory:"):
        return found
    if found.drivername in ("postgresql", "postgres", "postgresql+psycopg"):
        return found.set(drivername="postgresql")
    raise BadInput(
        N_("traject keeps its data in sqlite:///file or postgresql://host/name, not in {kind}."),
        kind=found.drivername,
    )


def without_secrets(url: URL) -> str:
    """Return the address as people may see it."""
    secret = [name for name in url.query if any(word in name.casefold() for word in SECRETS)]
    return url.difference_update_query([*secret, "options"]).render_as_string(hide_password=True)
