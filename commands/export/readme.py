"""The readme of a case file: what is in the folder, how to check it, and how much it holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from commands.export import page as export_page
from commands.export.folder import write
from commands.frame.context import Context
from engine.domain.words import N_

if TYPE_CHECKING:
    from engine.audit.exporting import Extent
    from engine.domain.events import Event
    from engine.store.dossiers import Dossier

README = {"nl": "LEESMIJ.txt", "en": "README.txt"}
HISTORY = {"history.jsonl": N_("every event as it was recorded: the proof")}
MAILS = {
    "written": N_("the mails as files; none was sent, as no mail server was set at the time"),
    "mixed": N_("the mails as they left, or may have, or were kept as a file and not sent"),
    "sent": N_("the mails as they left, or may have, for a mail program"),
}
TOOLS = {
    "verify_history.py": N_("the program that checks it"),
    "checkpoint.txt": N_("how many events there were, and the control number over all, in full"),
}
READING = {
    "index.html": N_(
        "the page to begin with, in any browser: day by day, target dates, the course, the "
        "criteria, people, all that happened with who did it, mails"
    ),
    "days.csv": N_("how it stood, day by day, for a spreadsheet"),
    "targets.csv": N_("the target dates and whether each was met, for a spreadsheet"),
    "criteria.csv": N_("the criteria as they stand at the end, for a spreadsheet"),
    "history.csv": N_("the history, for a spreadsheet"),
    "history.xes": N_("the course of the phases, for process mining"),
}
WORKFLOW = N_("the workflow that was followed, as it was published")


@dataclass(frozen=True, slots=True)
class About:
    """What a readme tells of."""

    what: Extent
    of_it: tuple[Dossier, Sequence[Event]] | None  # of a trajectory; None: of the whole log
    workflows: Sequence[str]  # the names of their files
    mails: str  # what became of them: written | sent | mixed | "" where there are none
    redacted: bool = False


def write_readme(context: Context, folder: Path, about: About) -> None:
    """Write what an outsider is told first, in the language of this run."""
    from notifications.pages import case_readme

    lang, what = context.words.lang, about.what
    proven = {**HISTORY, **({"mails": MAILS[about.mails]} if about.mails else {})}
    listed = {"proven": proven, "tools": TOOLS, "to_read": READING}
    listed["workflows"] = dict.fromkeys(about.workflows, WORKFLOW)
    subject, title = _subject(context, about)
    values: dict[str, Any] = {
        "title": title,
        "line": "=" * len(title),
        "about": subject,
        "warning": context.in_words(export_page.SIMULATED) if simulated(context) else "",
        "size": str(what.size),
        "day": context.words.day(context.today(), weekday=False),
        **{name: list(_listed(context, folder, files)) for name, files in listed.items()},
        "command": f"{export_page.COMMAND} --lang {lang}",
        "plain_command": export_page.COMMAND,
        "part": "" if what.positions is None else "yes",
        **_counts(about),
        "unsent": "yes" if about.mails == "written" else "",
        "root": what.root,
        "control": export_page.control(what),
        "redacted": "yes" if about.redacted else "",
    }
    write(folder / README[lang], case_readme(lang, values).encode())


def simulated(context: Context) -> bool:
    """Tell whether the log says that its clock was simulated."""
    from engine.store.log import clock_of

    with context.database().reading() as connection:
        return clock_of(connection) == "simulated"


def _counts(about: About) -> dict[str, str]:
    """Return how many events a part holds, and which are the trajectory's own."""
    if about.of_it is None:
        return {}
    events = about.of_it[1]
    return {
        "count": str(len(about.what.positions or ())),
        "own": str(len(events)),
        "first": str(events[0].position),
        "last": str(events[-1].position),
    }


def _listed(context: Context, folder: Path, files: Mapping[str, str]) -> Iterator[str]:
    """Yield the files that are there, each with what it is."""
    for name, text in files.items():
        if (folder / name).exists():
            yield f"{name}: {context.in_words(text)}"


def _subject(context: Context, about: About) -> tuple[str, str]:
    """Return what a case file is about, within a sentence and as a title."""
    if about.of_it is None:
        title = context.in_words(N_("The whole history of log {log}"), log=about.what.log)
        return context.in_words(N_("everything")), title
    title = export_page.title(context, about.of_it[0])
    return context.in_words(N_("the history of {title}"), title=title), title
