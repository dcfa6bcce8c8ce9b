"""References as people type them."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import insert

from engine.domain.errors import NotFound
from engine.store import tables as t
from engine.store.database import Database
from engine.store.numbers import resolve
from engine.store.references import read_trajectory

REFS = ("2026-001", "2026-014", "2027-001", "2027-1014")


@pytest.fixture
def filled(database: Database) -> Database:
    """A database with trajectories of two years."""
    with database.writing() as connection:
        for number, ref in enumerate(REFS):
            connection.execute(
                insert(t.trajectories).values(
                    id=f"id-{number}", ref=ref, category="opstarten", workflow="0" * 64,
                    status="requested", requested_on=date(2026, 1, 1), coach=1, seq=1, version=1,
                    head=b"", followed_up="{}", bookings="[]", snoozes="[]",
                )
            )  # fmt: skip
    return database


@pytest.mark.parametrize(
    ("typed", "ref"),
    [
        ("2026-014", "2026-014"),
        ("2026-14", "2026-014"),
        ("014", "2026-014"),
        ("14", "2026-014"),
        ("1", "2027-001"),
        ("001", "2027-001"),
        (" 1014 ", "2027-1014"),
        ("2026-1", "2026-001"),
    ],
)
def test_a_number_is_that_of_the_newest_year_with_it(
    filled: Database, typed: str, ref: str
) -> None:
    """With or without the year, with or without the zeros in front."""
    with filled.reading() as connection:
        assert resolve(connection, typed) == ref
        assert read_trajectory(connection, ref).ref == ref


@pytest.mark.parametrize("typed", ["2", "2028-001", "gent", "", "-1", "%", "____-001", "9999999"])
def test_what_nobody_has_is_not_found(filled: Database, typed: str) -> None:
    """And no wildcard slips through."""
    with filled.reading() as connection, pytest.raises(NotFound):
        resolve(connection, typed)
