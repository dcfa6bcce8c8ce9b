"""A case file: a folder for somebody who has no traject, with all that it takes to check it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from commands import export, export_days, export_page, export_tables
from commands.context import Context
from commands.export_folder import new_file, whole_folder, write
from engine.domain.checkpoint import Checkpoint, origin
from engine.domain.errors import BadInput
from engine.domain.words import N_
from engine.municipalities import by_nis

if TYPE_CHECKING:
    from commands.export_tables import Row
    from engine.audit.exporting import Extent
    from engine.domain.events import Event
    from engine.store.departures import LeftMail
    from engine.store.dossiers import Dossier

README = {"nl": "LEESMIJ.txt", "en": "README.txt"}
CRITERIA = (
    N_("Phase"), N_("Criterion"), N_("Required"), N_("State"), N_("Day"), N_("Date"),
    N_("Municipality"), N_("Reason"),
)  # fmt: skip
PROVEN = {
    "history.jsonl": N_("every event as it was recorded, with its hashes: the proof"),
    "mails": N_("the mails as they left, or may have, for a mail program"),
}
TOOLS = {
    "verify_history.py": N_("the program that checks it; it can be read in an hour"),
    "checkpoint.txt": N_("how many events there were, and the root over all of them"),
}
READING = {
    "index.html": N_(
        "the page to begin with, in any browser: day by day, the course, what was in order when, "
        "people, all that happened with who did it, mails"
    ),
    "days.csv": N_("how it stood, day by day, for a spreadsheet"),
    "criteria.csv": N_("the criteria, for a spreadsheet"),
    "history.csv": N_("the history, for a spreadsheet"),
    "history.xes": N_("the course of the phases, for process mining"),
}
WORKFLOW = N_("the workflow that was followed, as it was published")
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
                export.write_form(context, what, form, file, ref=ref, redacted=redacted)
        mails = [] if redacted else list(_mails(context, what, folder))
        workflows = list(_workflows(context, what, folder))
        if ref:
            _write_page(context, what, folder, mails, redacted=redacted)
        _write_check(context, what, folder)
        _write_readme(context, what, folder, workflows, redacted=redacted)
        exporting.require_unchanged(context.database(), what)


def _mails(context: Context, what: Extent, folder: Path) -> Iterator[LeftMail]:
    """Write the mails that left, or may have, one file each; yield them, their bytes left out."""
    from engine.store.departures import AT_ONCE, departures, left_mails

    with context.database().reading() as connection:
        left = departures(connection, what.size, what.trajectory)
    numbers = sorted(left)
    for start in range(0, len(numbers), AT_ONCE):
        batch = {number: left[number] for number in numbers[start : start + AT_ONCE]}
        with context.database().reading() as connection:
            found = list(left_mails(connection, batch))
        for mail in found:
            if mail.mime is not None:
                write(folder / export_page.mail_file(mail.id), mail.mime)
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
    context: Context, what: Extent, folder: Path, mails: list[LeftMail], *, redacted: bool
) -> None:
    """Write the page of a trajectory, and its days and criteria as tables."""
    from engine.audit.telling import Teller, Wanted
    from notifications.pages import case_page

    dossier, events = _dossier(context, what, redacted=redacted)
    teller = Teller(context.words, lambda nis: by_nis(nis).name, redacted=redacted)
    told = list(teller.tell(context.database(), Wanted(dossier.trajectory.ref), what.size))
    days = list(export_days.standings(context, events, dossier, told))
    case = export_page.Case(what, dossier, events, told, mails, days)
    page = case_page(context.words.lang, export_page.page_of(context, case))
    write(folder / "index.html", page.encode())
    tables: dict[str, tuple[Row, Iterable[Row]]] = {
        "criteria.csv": (CRITERIA, _criteria(context, dossier)),
        "days.csv": (export_days.COLUMNS, map(export_days.row, days)),
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
    from commands.sheet_page import sheet_of
    from commands.wording import STATES

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


def _write_readme(
    context: Context, what: Extent, folder: Path, workflows: Iterable[str], *, redacted: bool
) -> None:
    """Write what an outsider is told first, in the language of this run."""
    from notifications.pages import case_readme

    lang = context.words.lang
    listed = {"proven": PROVEN, "tools": TOOLS, "to_read": READING}
    listed["workflows"] = dict.fromkeys(workflows, WORKFLOW)
    about, title = _about(context, what)
    values: dict[str, Any] = {
        "title": title,
        "line": "=" * len(title),
        "about": about,
        "size": str(what.size),
        "day": context.words.day(context.today(), weekday=False),
        **{name: list(_listed(context, folder, files)) for name, files in listed.items()},
        "command": f"{export_page.COMMAND} --lang {lang}",
        "plain_command": export_page.COMMAND,
        "part": "" if what.positions is None else "yes",
        "root": what.root,
        "control": export_page.control(what),
        "redacted": "yes" if redacted else "",
    }
    write(folder / README[lang], case_readme(lang, values).encode())


def _listed(context: Context, folder: Path, files: Mapping[str, str]) -> Iterator[str]:
    """Yield the files that are there, each with what it is."""
    for name, text in files.items():
        if (folder / name).exists():
            yield f"{name}: {context.in_words(text)}"


def _about(context: Context, what: Extent) -> tuple[str, str]:
    """Return what a case file is about, within a sentence and as a title."""
    if what.trajectory is None:
        title = context.in_words(N_("The whole history of log {log}"), log=what.log)
        return context.in_words(N_("everything")), title
    dossier, _ = _dossier(context, what, redacted=True)
    title = export_page.title(context, dossier)
    return context.in_words(N_("the history of {title}"), title=title), title
