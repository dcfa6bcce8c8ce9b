"""What stands in for a mail server that the settings name wrongly: mails are made, none leaves."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from commands.effects.resting import SETTINGS
from engine.domain.errors import BadInput
from engine.ports import Letter, Notice, Periodic, Receipt, Said, Step


class NoRoad:
    """Makes letters and holds the queue at the first; satisfies `engine.ports.Notifier`."""

    writes_files = False

    def __init__(self, mistake: BadInput) -> None:
        self.mistake = mistake

    def compose(self, notice: Notice | Periodic) -> Letter:
        """Return the frozen letter; raises TrajectError when the notice cannot be said."""
        from notifications.compose import compose

        return compose(notice)

    def said(self, notice: Notice) -> Said:
        """Return the words that its letter would have; raises TrajectError like compose."""
        from notifications.compose import said

        return said(notice)

    @contextmanager
    def session(self) -> Iterator[NoRoad]:
        """Return a context in which no letter gets anywhere."""
        yield self

    def send(self, name: str, letter: Letter) -> Receipt:
        """Return that our own settings hold the queue."""
        return Receipt("hold", SETTINGS, text=str(self.mistake))

    def probe(self) -> tuple[Step, ...]:
        """Return one step, which fails for what is wrong."""
        return (Step(SETTINGS, False, text=str(self.mistake)),)
