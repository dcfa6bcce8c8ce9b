"""What verify prints: the outcome, what was found, what it proves, and what to do now."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from commands.frame.context import Context
from commands.pages.columns import wrapped
from engine.audit.report import DISAGREES, OTHER_LOG, RESTORED
from engine.domain.words import N_

if TYPE_CHECKING:
    from engine.audit import Report, Witness

SHORT = 12  # characters of the root in a control number, as mails carry it
PROBLEMS = (N_("1 problem"), N_("{n} problems"))
TRAJECTORIES = (N_("1 trajectory"), N_("{n} trajectories"))
IN_ORDER = N_("In order: {events} events in {trajectories}, nothing missing, nothing changed.")
UNTOLD = N_(
    "What was compared is in order, {events} events in {trajectories}; this cannot tell whether "
    "all is: {tables} could not be compared. Bring the database up to date with traject upgrade, "
    "and check it again."
)
BROKEN = N_("NOT in order: {problems} in {events} events of {trajectories}.")
FIRST = N_("The first event where it shows: {first}.")
CONTROL = N_("Control number {control}; compare it with that in an old mail.")
AGREES = N_("The number given, {control}, agrees: the first {count} events are as they were then.")
FILE_AGREES = N_("{file} agrees: the first {count} events are as they were then.")
UNPROVEN = N_(
    "Not proven: that nobody rewrote all of it. Only an old number or checkpoint proves that "
    "(--control, --checkpoint)."
)
SINCE = N_(
    "Not proven: that nobody rewrote what came after event {count}. Only a younger number proves "
    "that."
)
MISSING = N_(
    "NOT in order: {problems}. Nothing else was checked: for that all tables and columns have to "
    "be there."
)
APART = N_(
    "In itself in order: {events} events in {trajectories}. But what was given does not agree "
    "with it."
)
CANNOT_TELL = N_(
    "In itself in order: {events} events in {trajectories}. Whether anything was rewritten cannot "
    "be told by what is of another log."
)
RIGHT_FILE = N_("Is it the right file? And is {where} the right database?")
RIGHT_NUMBER = N_(
    "First look: is it the right file, or the right number, sign by sign as it stands in the mail? "
    "And is it of this log, {where}? Where it is, go on with 2."
)
WHICH_RESTORE = N_(
    "The history tells when it was put back and by whom: traject history --kind upkeep"
)
KNOWN_RESTORE = N_(
    "Ask {people} whether they know of that restore. What was done after the back-up has to be "
    "done again. Where nobody knows of it, somebody may have rewritten the log by a restore."
)
NOTICED = N_("Noticed besides, which is no problem:")
NOW = N_("What to do now:")
MEND = N_(
    "The events themselves are in order. What is derived from them is made anew by: traject rebuild"
)
STILL = N_("Find out who changed the database by hand, and tell the team lead.")
STOP = N_("Write nothing more in it: stop the rounds of mail, and tell your colleagues.")
KEEP = N_("Keep {where} as it is, and a copy of it elsewhere: it shows what was done.")
TELL = N_("Tell {people}, today: what was found, and who could have written in the database.")
SOMEBODY = N_("the team lead and the auditor")
RESTORE = N_(
    "Once it is known what happened, a back-up that is in order comes in its place. How: traject "
    "restore --help"
)


def as_json(context: Context, report: Report) -> dict[str, object]:
    """Return the report as scripts read it."""

    def listed(findings: object) -> list[dict[str, object]]:
        return [
            {"position": found.position, "text": context.words.say(found.sentence)}
            for found in findings  # type: ignore[attr-defined]
        ]

    return {
        "ok": report.ok,
        "events": report.events,
        "trajectories": report.trajectories,
        "size": report.size,
        "root": report.root,
        "problems": listed(report.problems),
        "remarks": listed(report.remarks),
        "first_broken": report.first_broken,
        "mendable": report.mendable,
        "left_out": list(report.left_out),
        "witnessed": [
            {"size": one.size, "root": one.root, "file": one.source or None}
            for one in report.witnessed
        ],
    }


def print_report(context: Context, report: Report) -> None:
    """Print the outcome in a sentence, what was found, and what no check can prove."""
    for found in report.problems:
        _print(context, f"- {context.words.say(found.sentence)}", 2)
    _print(context, _outcome(context, report))
    if report.ok:
        for one in _proven(context, report):
            _print(context, one)
    if report.remarks:
        _print_remarks(context, report)
    if not report.ok:
        _print_steps(context, report)


def _print_remarks(context: Context, report: Report) -> None:
    """Print what was noticed and is no problem, so that nobody takes it for one."""
    context.echo()
    context.echo(context.in_words(NOTICED), heading=True)
    for found in report.remarks:
        for line in wrapped(context.words.say(found.sentence), indent=2, hanging=2):
            context.echo(line)


def _print_steps(context: Context, report: Report) -> None:
    context.echo()
    context.echo(context.in_words(NOW), heading=True)
    for number, one in enumerate(_steps(context, report), 1):
        _print(context, f"{number}. {one}", 3)


def _print(context: Context, text: str, hanging: int = 0) -> None:
    for line in wrapped(text, hanging=hanging):
        context.echo(line)


def _outcome(context: Context, report: Report) -> str:
    outcome = context.in_words(
        _headline(report),
        tables=report.left_out,
        problems=_counted(context, PROBLEMS, report.count),
        events=report.events,
        trajectories=_counted(context, TRAJECTORIES, report.trajectories),
    )
    if report.ok:
        control = f"{report.size}-{report.root[:SHORT]}"
        return f"{outcome} {context.in_words(CONTROL, control=control)}"
    if report.first_broken is None or report.doubts:
        return outcome
    return f"{outcome} {context.in_words(FIRST, first=report.first_broken)}"


def _headline(report: Report) -> str:
    """Return the sentence of the outcome; a log that is in order in itself is called so."""
    if report.ok:
        return UNTOLD if report.left_out else IN_ORDER
    if not report.compared:
        return MISSING
    if cannot_tell(report):
        return CANNOT_TELL
    return APART if report.doubts else BROKEN


def cannot_tell(report: Report) -> bool:
    """Tell whether nothing is wrong but that what was given is of another log."""
    return report.doubts == {OTHER_LOG}


def _proven(context: Context, report: Report) -> Iterator[str]:
    """Yield which witnesses agree, and what stays unproven."""
    for one in report.witnessed:
        yield _agreeing(context, one)
    proven = max((one.size for one in report.witnessed), default=0)
    if not proven:
        yield context.in_words(UNPROVEN)
    elif proven < report.size:
        yield context.in_words(SINCE, count=proven)


def _agreeing(context: Context, one: Witness) -> str:
    if one.source:
        return context.in_words(FILE_AGREES, file=one.source, count=one.size)
    return context.in_words(AGREES, control=f"{one.size}-{one.root[:SHORT]}", count=one.size)


def _steps(context: Context, report: Report) -> Iterator[str]:
    """Yield what to do about a log that is not in order."""
    if report.mendable:
        yield context.in_words(MEND)
        yield context.in_words(STILL)
        return
    where = context.database().url_for_people
    if report.doubts and DISAGREES not in report.doubts:
        yield from _calm_steps(context, report, where)
        return
    if report.doubts:
        yield context.in_words(RIGHT_NUMBER, where=where)
    yield context.in_words(STOP)
    yield context.in_words(KEEP, where=where)
    yield context.in_words(TELL, people=_to_be_told(context))
    yield context.in_words(RESTORE)


def _calm_steps(context: Context, report: Report, where: str) -> Iterator[str]:
    """Yield what to do where no log was proven to be rewritten: another one, or a restore."""
    if OTHER_LOG in report.doubts:
        yield context.in_words(RIGHT_FILE, where=where)
    if RESTORED in report.doubts:
        yield context.in_words(WHICH_RESTORE)
        yield context.in_words(KNOWN_RESTORE, people=_to_be_told(context))


def _to_be_told(context: Context) -> str:
    """Return who leads and who audits, as far as the database still says."""
    from engine.domain.errors import TrajectError
    from engine.domain.people import AUDITOR, LEAD
    from engine.store.projections import read_actors

    try:
        with context.database().reading() as connection:
            known = tuple(read_actors(connection).values())
    except (TrajectError, ValueError):
        known = ()
    names = [str(a.name) for a in known if a.active and a.role in (LEAD, AUDITOR) and a.name]
    return ", ".join(sorted(names)) or context.in_words(SOMEBODY)


def _counted(context: Context, templates: tuple[str, str], count: int) -> str:
    """Return a number of things in words."""
    return context.in_words(templates[count != 1], n=count)
