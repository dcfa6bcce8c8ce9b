"""Fakes at the two true seams: a notifier that remembers and errs on request."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from engine.ports import Letter, Notice, Periodic, Receipt, Said, Step
from notifications.compose import compose, said

SENT = Receipt("sent", "dot", 250, "2.0.0 ok")
WRITTEN = Receipt("written", "file")
UNCLEAR = Receipt("uncertain", "dot", -1, "connection lost")
LATER = Receipt("retry", "rcpt", 451, "4.7.1 greylisted")
REFUSED = Receipt("dead", "rcpt", 550, "5.1.1 unknown user")
UNWELL = Receipt("pause", "connect", 0, "timed out")
MISCONFIGURED = Receipt("hold", "auth", 535, "5.7.8 wrong password")


@dataclass
class RecordingNotifier:
    """Composes real letters, keeps what it was given, and answers as told (else: sent)."""

    writes_files: bool = False
    noticed: list[Notice] = field(default_factory=list)
    letters: list[tuple[str, Letter]] = field(default_factory=list)
    on_send: Callable[[Letter], None] | None = None  # what happens while the relay is busy
    _answers: deque[Receipt] = field(default_factory=deque)

    def answer(self, *receipts: Receipt) -> None:
        """Give these answers to the next letters."""
        self._answers.extend(receipts)

    def compose(self, notice: Notice | Periodic) -> Letter:
        """Return the letter of a notice or digest, and remember the notice."""
        if isinstance(notice, Notice):
            self.noticed.append(notice)
        return compose(notice)

    def said(self, notice: Notice) -> Said:
        """Return the words of a notice."""
        return said(notice)

    @contextmanager
    def session(self) -> Iterator[RecordingNotifier]:
        """Return itself; there is nothing to open."""
        yield self

    def send(self, name: str, letter: Letter) -> Receipt:
        """Keep the letter and answer."""
        self.letters.append((name, letter))
        if self.on_send is not None:
            self.on_send(letter)
        if self._answers:
            return self._answers.popleft()
        return WRITTEN if self.writes_files else SENT

    def probe(self) -> tuple[Step, ...]:
        """Return that all is well."""
        return (Step("connect", ok=True),)

    def to(self) -> list[str]:
        """Return the addresses of the letters, in order."""
        return [letter.envelope_to for _, letter in self.letters]

    def take(self) -> list[Letter]:
        """Return the letters since the last time, and forget them."""
        taken = [letter for _, letter in self.letters]
        self.letters.clear()
        return taken


def ids(letters: Iterable[Letter]) -> list[str]:
    """Return the Message-IDs of letters."""
    return [letter.message_id for letter in letters]
