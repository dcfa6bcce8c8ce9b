"""References as people type them."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import insert

from engine.domain.errors import NotFound
from engine.store import tables as t
from engine.store.database import Database
from engine.store.numbers import numbered, short
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
        (" 1014 ", "2027-1014"),
        ("2026-1", "2026-001"),
    ],
)
def test_a_number_means_the_trajectory_that_has_it(filled: Database, typed: str, ref: str) -> None:
    """With or without the year, with or without the zeros in front."""
    with filled.reading() as connection:
        assert numbered(connection, typed) == (ref,)
        assert read_trajectory(connection, ref).ref == ref


@pytest.mark.parametrize("typed", ["2", "2028-001", "gent", "", "-1", "%", "____-001", "9999999"])
def test_what_nobody_has_is_not_found(filled: Database, typed: str) -> None:
    """And no wildcard slips through."""
    with filled.reading() as connection, pytest.raises(NotFound):
        numbered(connection, typed)


def test_a_number_of_several_years_is_that_of_the_open_one_else_of_all(
    filled: Database,
) -> None:
    """What is shown and completed as a number means the same when it is typed."""
    close = t.trajectories.update().values(status="stopped")
    with filled.reading() as connection:
        assert numbered(connection, "1") == ("2027-001", "2026-001")
        assert short(connection, REFS) == {
            "2026-001": "2026-001",
            "2026-014": "014",
            "2027-001": "2027-001",
            "2027-1014": "1014",
        }
    with filled.writing() as connection:
        connection.execute(close.where(t.trajectories.c.ref == "2027-001"))
    with filled.reading() as connection:
        assert numbered(connection, "001") == ("2026-001",)
        shown = short(connection, REFS)
        assert (shown["2026-001"], shown["2027-001"]) == ("001", "2027-001")
    with filled.writing() as connection:
        connection.execute(close.where(t.trajectories.c.ref == "2026-001"))
    with filled.reading() as connection:
        assert numbered(connection, "1") == ("2027-001", "2026-001")
        assert short(connection, ["2027-001"]) == {"2027-001": "2027-001"}
