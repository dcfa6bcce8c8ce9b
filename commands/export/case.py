"""A case file: a folder for somebody who has no traject, with all that it takes to check it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from commands.export import command, readme, targets
from commands.export import days as export_days
from commands.export import mails as export_mails
from commands.export import page as export_page
from commands.export import tables as export_tables
from commands.export.folder import new_file, whole_folder, write
from commands.frame.context import Context
from engine.domain.checkpoint import Checkpoint, origin
from engine.domain.errors import BadInput
from engine.domain.words import N_
from engine.municipalities import by_nis

if TYPE_CHECKING:
    from commands.export.tables import Row
    from engine.audit.exporting import Extent
    from engine.domain.events import Event
    from engine.store.departures import LeftMail
    from engine.store.dossiers import Dossier

CRITERIA = (
    N_("Phase"), N_("Criterion"), N_("Required"), N_("State"), N_("Day"), N_("Date"),
    N_("Municipality"), N_("Reason"),
)  # fmt: skip
PACKED = (".tar", ".gz", ".tgz", ".7z", ".rar", ".bz2", ".xz")


def write_case(context: Context, place: Path, ref: str | None, *, redacted: bool) -> None:
    """Write the case file of a trajectory, or that of the whole log, as a folder or a zip.

    Raises: Refused where something stands there already; BadInput for another kind of archive.
    """
    from engine.audit import exporting

    if place.suffix.lower() in PACKED:
        raise BadInput(N_("a case file is a folder or a .zip file, no {kind}"), kind=place.suffix)
    with whole_folder(place) as folder:
        what = exporting.extent(context.database(), ref)
        forms = ("jsonl", "csv") if ref else ("jsonl", "csv", "xes")
        for form in forms:
            with new_file(folder / f"history.{form}") as file:
                command.write_form(context, what, form, file, ref=ref, redacted=redacted)
        states: set[str] = set()
        mails = [] if redacted else list(_mails(context, what, folder, states))
        workflows = list(_workflows(context, what, folder))
        of_it = _dossier(context, what, redacted=redacted) if ref else None
        if of_it is not None:
            _write_page(context, what, folder, mails, of_it, redacted=redacted)
        _write_check(context, what, folder)
        about = readme.About(what, of_it, workflows, export_mails.became(states), redacted=redacted)
        readme.write_readme(context, folder, about)
        exporting.require_unchanged(context.database(), what)


def _mails(context: Context, what: Extent, folder: Path, states: set[str]) -> Iterator[LeftMail]:
    """Write the mails that left, or may have, one file each; yield these, and those given up.

    Their bytes are left out. `states` gets what became of those that are files here.
    """
    from engine.store.departures import AT_ONCE, DEAD, departures, left_mails

    with context.database().reading() as connection:
        left = departures(connection, what.size, what.trajectory)
    numbers = sorted(left)
    states |= {one.status for one in left.values()} - {DEAD}
    for start in range(0, len(numbers), AT_ONCE):
        batch = {number: left[number] for number in numbers[start : start + AT_ONCE]}
        with context.database().reading() as connection:
            found = list(left_mails(connection, batch))
        for mail in found:
            if mail.mime is not None and mail.status != DEAD:
                write(folder / export_mails.mail_file(mail.id), mail.mime)
        if what.trajectory is not None:
            yield from (mail._replace(mime=mail.mime and b"") for mail in found)


def _workflows(context: Context, what: Extent, folder: Path) -> Iterator[str]:
    """Write the workflow versions that were followed; yield the names of their files."""
    from engine.store import extracts, references

    with context.database().reading() as connection:
        own = references.read_by_id(connection, what.trajectory) if what.trajectory else None
        for digest, document in extracts.documents(connection):
            if own is None or own.workflow == digest:
                name = f"workflow-{digest[:12]}.json"
                write(folder / name, document.encode())
                yield name


def _write_page(
    context: Context,
    what: Extent,
    folder: Path,
    mails: list[LeftMail],
    of_it: tuple[Dossier, list[Event]],
    *,
    redacted: bool,
) -> None:
    """Write the page of a trajectory, and its days, target dates and criteria as tables."""
    from engine.audit.telling import Teller, Wanted
    from notifications.pages import case_page

    dossier, events = of_it
    teller = Teller(context.words, lambda nis: by_nis(nis).name, redacted=redacted)
    told = list(teller.tell(context.database(), Wanted(dossier.trajectory.ref), what.size))
    days = list(export_days.standings(context, events, dossier, told))
    case = export_page.Case(what, dossier, events, told, mails, days, readme.simulated(context))
    page = case_page(context.words.lang, export_page.page_of(context, case))
    write(folder / "index.html", page.encode())
    tables: dict[str, tuple[Row, Iterable[Row]]] = {
        "criteria.csv": (CRITERIA, _criteria(context, dossier)),
        "days.csv": (export_days.COLUMNS, map(export_days.row, days)),
        "targets.csv": (targets.COLUMNS, targets.rows(context, events, dossier)),
    }
    for name, (heads, rows) in tables.items():
        with new_file(folder / name) as file:
            export_tables.write_csv(file, [context.in_words(str(one)) for one in heads], rows)


def _dossier(context: Context, what: Extent, *, redacted: bool) -> tuple[Dossier, list[Event]]:
    """Return the trajectory as the exported events make it, and those events."""
    from engine.audit.as_of import AsOf
    from engine.audit.redacting import pseudonymous, without_texts
    from engine.domain.evolution import evolve
    from engine.store import projections, workflows
    from engine.store.dossiers import Dossier
    from engine.store.history import events_of

    assert what.trajectory is not None  # only a trajectory has a page
    own, events = None, []
    with context.database().reading() as connection:
        for event in events_of(connection, what.trajectory):
            if event.position <= what.size:
                own = evolve(own, event)
                events.append(without_texts(event) if redacted else event)
        assert own is not None  # its reference was found
        pinned = workflows.read_workflow(connection, own.workflow)
        people = projections.read_people_of(connection, own.id)
    people = pseudonymous(people) if redacted else people
    return Dossier(own, pinned, people, reasons=AsOf(own, tuple(events)).reasons()), events


def _criteria(context: Context, dossier: Dossier) -> Iterator[Row]:
    """Yield the criteria of all phases, those of municipalities one by one."""
    from commands.pages.sheet import sheet_of
    from commands.pages.wording import STATES

    page = sheet_of(dossier)
    for line in page.criteria:
        begin = (
            context.words.label(page.phases[line.phase]),
            context.words.label(line.label),
            context.in_words(N_("yes") if line.required else N_("no")),
        )
        state, reason = context.words.text(STATES[line.state]), line.reason or ""
        yield *begin, state, line.on or "", line.value or "", "", reason
        for nis, day in line.consents.items():
            yield *begin, context.words.text(STATES["met"]), day, "", by_nis(nis).name, ""


def _write_check(context: Context, what: Extent, folder: Path) -> None:
    """Write what an outsider checks with: the checkpoint, and the program."""
    from engine.audit.standalone import VERIFIER

    named = origin(context.settings.owner, what.log, what.epoch)
    checkpoint = Checkpoint(named, what.size, what.root)
    write(folder / "checkpoint.txt", checkpoint.text().encode())
    write(folder / VERIFIER.name, VERIFIER.read_bytes())
