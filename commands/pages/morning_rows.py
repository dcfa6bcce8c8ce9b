"""The rows of the morning: each begins with a number and a name, in columns of the whole page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from commands.frame.context import Context
from commands.pages.columns import alone, beside, grid, plain, width, wrapped
from commands.pages.morning import Page
from commands.pages.wording import places
from engine.domain.definition import Criterion
from engine.domain.machine import Pinned
from engine.domain.people import COACH
from engine.domain.trajectory import Trajectory
from engine.municipalities import names

Told = tuple[str, str]  # a line, and the words in it that tell how late something is

MOST_LINES = 12  # of the mails; who wants all of them asks for a forecast
YOU = ""  # in whose hands a point is: the reader's


@dataclass(frozen=True, slots=True)
class Rows:
    """How the rows of one page are laid out, for one reader."""

    context: Context
    readers: frozenset[int]  # the actor, and those for whom the actor stands in
    numbers: Mapping[str, str]  # by reference
    fixed: tuple[int, int]  # how wide the numbers and the names are

    def lead(self, own: Trajectory) -> tuple[str, str]:
        """Return the cells that every row begins with."""
        return self.numbers[own.ref], places(own.current_municipalities())

    def table(self, rows: Sequence[Sequence[str]]) -> list[list[str]]:
        """Return the lines of each row; the text gives way first, then the name."""
        return grid(rows, cut=((2,), (1,)), indent=1, fixed=self.fixed)

    def line(self, own: Trajectory, text: str) -> Iterator[Told]:
        """Yield one row, a text that goes on below itself."""
        for line in self.table([(*self.lead(own), text)])[0]:
            yield line, ""

    def below(self, hints: Iterable[tuple[str, str]]) -> Iterator[Told]:
        """Yield texts below a row, each with its command."""
        located = ((text, self.context.hint(line)) for text, line in hints)
        yield from ((line, "") for line in beside(located, indent=5))

    def command(self, line: str) -> Iterator[Told]:
        """Yield a command below a row."""
        yield from ((text, "") for text in alone(self.context.hint(line)))

    def stops(self, text: str, *commands: str) -> Iterator[Told]:
        """Yield a question with its commands, on one line where that holds them."""
        located = [self.context.hint(command) for command in commands]
        both = "  ·  ".join(located)
        if not plain() and len(text) + len(both) + 7 <= width():
            yield f"{' ' * 5}{text}  {both}" if text else f"{' ' * 5}{both}", ""
            return
        yield from ((line, "") for line in wrapped(text, indent=5))
        if not plain() and len(both) + 9 <= width():
            located = [both]
        for line in located:
            yield from ((one, "") for one in alone(line, 9 if text else 5))

    def hands(self, own: Trajectory, pinned: Pinned, name: str, criterion: Criterion) -> str:
        """Return who brings a point about: YOU, a role, the mayors who did not agree.

        What a role that nobody has should do falls to the coach.
        """
        vacant = criterion.per is None and not own.people(criterion.who)
        if own.coach in self.readers and (criterion.who == COACH or vacant):
            return YOU
        label = self.context.words.label(pinned.workflow.roles[criterion.who].label)
        if criterion.per is None:
            return label
        agreed = own.criterion(name).consents
        waits = (nis for nis in own.current_municipalities() if nis not in agreed)
        return f"{label} {' + '.join(names(waits))}"


def rows_of(context: Context, page: Page) -> Rows:
    """Return how the rows of a page are laid out."""
    shown = {own.ref: own for own in _trajectories(page)}
    short = context.short_refs(shown)
    longest = max((len(places(own.current_municipalities())) for own in shown.values()), default=0)
    fixed = (max(map(len, short.values()), default=0), min(longest, width() // 3))
    readers = frozenset({page.actor.id, *(away.id for away in page.away)})
    return Rows(context, readers, short, fixed)


def active_on(page: Page) -> int:
    """Return how many active trajectories the page names."""
    return len({own.ref for own in _trajectories(page) if own.status == "active"})


def _trajectories(page: Page) -> Iterator[Trajectory]:
    """Yield every trajectory that the page names."""
    today = page.morning
    yield from (one.trajectory for one in (*today.overdue, *today.soon))
    yield from (one.trajectory for one in today.today)
    yield from (one.trajectory for one in today.waiting)
    yield from (own for own, _ in (*today.pauses, *today.requests))
    yield from (dossier.trajectory for dossier, _ in page.mails[:MOST_LINES])
    yield from (dossier.trajectory for dossier, _ in page.lost)
    yield from (dossier.trajectory for dossier, _ in page.unread)
