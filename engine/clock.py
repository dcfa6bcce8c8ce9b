"""The one place in the project that reads the time."""

from __future__ import annotations

from datetime import UTC, datetime


class SystemClock:
    """Reads this machine's clock."""

    def now(self) -> datetime:
        """Return the present instant in UTC."""
        return datetime.now(UTC)


class FixedClock:
    """Says one instant; what `--now` gives a simulated log."""

    def __init__(self, instant: datetime) -> None:
        self._instant = instant.astimezone(UTC)

    def now(self) -> datetime:
        """Return the instant it was given."""
        return self._instant
