"""Every mail that traject writes, as samples and as snapshots: `python -m tests.mails` renews them.

A snapshot holds what a reader and Outlook see: the people, the subject, which conversation the
mail belongs to, and the plain text. Names of phases and points are those of the workflow files.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import cache
from pathlib import Path

from engine.dispatch.contacts import CHECK, roles
from engine.dispatch.conversations import ABOUT_THE_MOMENT
from engine.domain.definition import Criterion, Labels, Workflow
from engine.domain.people import COACH as COACH_ROLE
from engine.domain.people import Contact, People
from engine.domain.trajectory import Assignment, Membership, Trajectory
from engine.domain.words import LANGUAGES
from engine.language import words
from engine.ports import Appointment, Letter, Notice, Point
from notifications.compose import compose
from tests.keeping import renew
from tests.notices import COACH, COORDINATOR
from tests.samples import SAMPLES, Sample
from workflows.loader import load_category

SNAPSHOTS = Path(__file__).parent / "snapshots" / "mails"
OF_THE_WHOLE = ("start", "handover", "stopped", "completed", "followup_offer")
FIRST_DAY = date(2028, 3, 1)  # of a feedback moment that moves
GENT = ("Gent", "Merelbeke-Melle")
PLACES = ("44021", "44088")  # the same


def said(sample: Sample, lang: str) -> Notice:
    """Return the notice, worded in a language as the engine words it."""
    workflow, speak = _workflow(sample.category), words(lang)
    phases = workflow.phase_ids()
    number = phases.index(sample.phase) + 1
    following = phases[number] if number < len(phases) else ""
    of_coach = [name for name in sample.open if _criterion(workflow, name).who == COACH_ROLE]

    def phase(name: str) -> str:
        if not name:
            return ""
        found = workflow.phases[name]
        return speak.label(found.outside() if sample.to.outside else found.label)

    def points(names: list[str]) -> tuple[Point, ...]:
        return tuple(
            Point(
                speak.label(_criterion(workflow, name).label),
                _planned(sample, name, lang),
                sample.waiting.get(name, ()),
            )
            for name in names
        )

    step = workflow.phases[sample.phase].deadlines[sample.goal].label if sample.goal else None
    made = Notice(
        id=sample.notice,
        to=replace(sample.to, lang=lang),
        coach=replace(COACH, lang=lang),
        lang=lang,
        ref="2026-001",
        trajectory="9b2e4c1e-3f55-4a0a-8a55-0c8f3a3c7b11",
        municipalities=GENT,
        category=speak.label(workflow.label_outside if sample.to.outside else workflow.label),
        phase=phase(sample.phase),
        phase_number=number,
        phase_count=len(phases),
        phase_goal=phase(following),
        previous_phase=phase(sample.came_from),
        entry=14,
        conversation=_conversation(sample),
        goal=speak.label(step) if step else "",
        points=points([name for name in sample.open if name not in of_coach]),
        reached=points(list(sample.done)),
        roles=_roles(sample, workflow, lang) if sample.contacts else (),
        coach_points=points(of_coach),
        criterion=speak.label(_criterion(workflow, sample.asked).outside()) if sample.asked else "",
        coordinator=COORDINATOR.name,
        reason=speak.label(_reason(workflow, sample)) if sample.reason[1] else "",
        checkpoint_size=214,
        checkpoint_root="7f3a0b12c9e1" + "0" * 52,
        key=f"{sample.name}/{sample.to.key}",
        created_at=datetime(2027, 1, 21, 8, tzinfo=UTC),
        organisation="VVSG",
    )
    dated = replace(made, **sample.values)
    return replace(dated, calendar=_calendar(sample, dated))


def _roles(sample: Sample, workflow: Workflow, lang: str) -> tuple[Point, ...]:
    """Return who has which role, worded by the engine."""
    known = list(enumerate(sample.contacts, start=1))
    trajectory = Trajectory(
        "9b2e4c1e", "2026-001", sample.category, "", 1,
        municipalities={nis: Membership(rank, FIRST_DAY) for rank, nis in enumerate(PLACES)},
        assignments={(n, role, nis): Assignment(FIRST_DAY) for n, (role, nis, *_) in known},
    )  # fmt: skip
    contacts = {n: Contact(n, name, None, org or None, lang) for n, (*_, name, org) in known}
    return roles(trajectory, workflow, People({}, contacts), words(lang))


def snapshot(sample: Sample, lang: str) -> str:
    """Return what a reader and Outlook see of a sample."""
    made = said(sample, lang)
    letter = compose(made)
    mail = read(letter)
    heads = [f"{name}: {mail[name]}" for name in ("From", "Reply-To", "To", "Subject")]
    topic = "the subject" if mail["Thread-Topic"] == letter.subject else mail["Thread-Topic"]
    heads += [f"Thread-Topic: {topic}", f"Thread-Index: {_thread(made, mail)}"]
    heads += [f"Attached: {file}" for file in _files(mail)]
    return "\n".join([*heads, "", body(letter, "plain")])


def read(letter: Letter) -> EmailMessage:
    """Return the letter as a mail program reads it."""
    message = message_from_bytes(letter.mime, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def body(letter: Letter, kind: str) -> str:
    """Return one of the two bodies: plain or html."""
    part = read(letter).get_body((kind,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def path(sample: Sample, lang: str) -> Path:
    """Return where a snapshot is kept."""
    return SNAPSHOTS / lang / f"{sample.name}.txt"


def snapshots() -> Iterator[tuple[Path, str]]:
    """Yield (file, text) of every snapshot there should be."""
    for lang in LANGUAGES:
        for sample in SAMPLES:
            yield path(sample, lang), snapshot(sample, lang)


def _calendar(sample: Sample, made: Notice) -> tuple[Appointment, ...]:
    """Return the one entry that a sample brings into its reader's calendar, or changes there."""
    if not sample.calendar:
        return ()
    asked = sample.calendar == "due"
    day = made.due_on if asked else made.feedback_on
    assert day is not None
    was = {"moved": FIRST_DAY, "hour": day}.get(sample.calendar)
    return (
        Appointment(
            about=f"14/{sample.phase}" if asked else "feedback/0",
            uid="a3a7a8f2-5a0d-5a0e-8d55-6a1f0c9b2e11@traject.invalid",
            sequence=7,
            method="cancel" if sample.calendar == "off" else "publish" if asked else "request",
            day=day,
            at=None if asked else made.feedback_at,
            summary="LIVC R Gent",
            description="LIVC R Gent",
            invited=not asked,
            was=was,
        ),
    )


def _files(mail: EmailMessage) -> list[str]:
    """Return the attached files, with what they ask of a calendar."""
    return [
        f"{part.get_filename()}, {_method(part.get_content())}" for part in mail.iter_attachments()
    ]


def _method(content: bytes | str) -> str:
    text = content if isinstance(content, str) else content.decode()
    return next(line for line in text.splitlines() if line.startswith("METHOD:"))


def _thread(made: Notice, mail: EmailMessage) -> str:
    """Return whose conversation Outlook shows a mail in."""
    of_phase = replace(made, id="phase_started", conversation=_of_phase(), key="first")
    first = read(compose(of_phase))
    same = str(mail["Thread-Index"])[:28] == str(first["Thread-Index"])[:28]  # 21 bytes of 22
    return "the conversation of the phase" if same else "a conversation of its own"


def _of_phase() -> str:
    return "9b2e4c1e-3f55-4a0a-8a55-0c8f3a3c7b11/14"


def _conversation(sample: Sample) -> str:
    """Return what the engine would hang the mail's thread on."""
    if sample.asked:
        return f"{_of_phase()}/{sample.asked}"
    if sample.notice == CHECK:
        return f"{_of_phase().partition('/')[0]}/{CHECK}/14"
    if sample.notice in ABOUT_THE_MOMENT:
        return f"{_of_phase().partition('/')[0]}/feedback/0"
    if sample.notice in OF_THE_WHOLE:
        return f"{_of_phase().partition('/')[0]}/{sample.notice}"
    return _of_phase()


@cache
def _workflow(category: str) -> Workflow:
    return load_category(category).workflow


def _criterion(workflow: Workflow, name: str) -> Criterion:
    found = workflow.criterion(name)
    assert found is not None, name
    return found


def _reason(workflow: Workflow, sample: Sample) -> Labels:
    kind, code = sample.reason
    label: Labels = getattr(workflow.reasons, kind)[code]
    return label


def _planned(sample: Sample, name: str, lang: str) -> str:
    if name not in sample.planned:
        return ""
    day, hour = sample.planned[name]
    return words(lang).day(day) + (f", {hour}" if hour else "")


if __name__ == "__main__":
    renew(SNAPSHOTS, dict(snapshots()))
