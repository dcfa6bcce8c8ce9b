"""A trajectory in memory whose facts come with their envelopes, as events read back have them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time

from engine.domain.decisions.decision import Decision
from engine.domain.events import Event, Fact
from tests.course import Course


class Recorded(Course):
    """Plays decisions and keeps their events, recorded at ten (UTC) of the day."""

    def __init__(self, category: str = "reactiveren") -> None:
        super().__init__(category)
        self.events: list[Event] = []

    def do(
        self,
        day: str,
        decide: Callable[[Decision], None],
        *,
        on: str | None = None,
        mail: bool = True,
    ) -> list[Fact]:
        """Decide, and keep the events."""
        facts = super().do(day, decide, on=on, mail=mail)
        at = datetime.combine(date.fromisoformat(day), time(10), UTC)
        for fact in facts:
            number = len(self.events) + 1
            happened = date.fromisoformat(on or day)
            self.events.append(
                Event(number, self.trajectory.id, number, fact, happened, at, 1, b"")
            )
        return facts
