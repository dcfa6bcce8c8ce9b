"""Workflow versions in SQL: published once, immutable, parsed once a process."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, bindparam, insert, select

from engine.domain.definition import parse
from engine.domain.errors import Conflict
from engine.domain.machine import Pinned
from engine.domain.words import N_
from engine.store import tables as t

_DOCUMENT = select(t.workflow_versions.c.document).where(
    t.workflow_versions.c.digest == bindparam("digest")
)
_VERSION = select(t.workflow_versions.c.digest).where(
    t.workflow_versions.c.category == bindparam("category"),
    t.workflow_versions.c.version == bindparam("version"),
)
_PUBLISH = insert(t.workflow_versions)
_pinned: dict[str, Pinned] = {}


def read_workflow(connection: Connection, digest: str) -> Pinned:
    """Return a published workflow version; parsed once a process."""
    if digest not in _pinned:
        text = connection.execute(_DOCUMENT, {"digest": digest}).scalar_one()
        _pinned[digest] = Pinned(digest, parse(text.encode()))
    return _pinned[digest]


def unpublished(connection: Connection, document: bytes, digest: str) -> Pinned | None:
    """Return the version, its document now kept; None where it was published before.

    Raises: Conflict when the same number was published with other contents.
    """
    workflow = parse(document)
    key: dict[str, Any] = {"category": workflow.category, "version": workflow.version}
    known = connection.execute(_VERSION, key).scalar()
    if known == digest:
        return None
    if known is not None:
        raise Conflict(
            N_(
                "{category} version {version} was published with other contents; "
                "raise the version in the file"
            ),
            **key,
        )
    connection.execute(_PUBLISH, {**key, "digest": digest, "document": document.decode()})
    return _pinned.setdefault(digest, Pinned(digest, workflow))
