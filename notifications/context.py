"""What a template may know of a notice: strings, lists of strings, nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from engine.domain.errors import TrajectError
from engine.domain.words import LANGUAGES, N_, Words
from engine.ports import Appointment, Notice, Person, Point
from notifications.headers import header_text, plain
from notifications.layout import uncapitalised

Value = str | list[str] | list["dict[str, Value]"] | dict[str, "Value"]
Context = dict[str, Value]

BRUSSELS = ZoneInfo("Europe/Brussels")
NO_MOMENT: Context = dict.fromkeys(("change", "day", "day_full", "at", "was"), "")
FILES = {"nl": ("afspraak", "vervallen"), "en": ("appointment", "cancelled")}


def language_of(notice: Notice) -> str:
    """Return the language that the mail is written in: the reader's, else Dutch."""
    return notice.lang if notice.lang in LANGUAGES else "nl"


def context_of(notice: Notice, words: Words) -> Context:
    """Return the values for the templates; flags are `yes` or empty.

    Raises: BadInput when a text hides characters.
    """
    context = {**_trajectory(notice), **_people(notice), **_dates(notice, words)}
    context |= _calendar(notice, words)
    for text in strings(context):
        plain(text)
    return context


def _trajectory(notice: Notice) -> Context:
    return {
        "notice": notice.id,
        "ref": notice.ref,
        "places": list(notice.municipalities),
        "category": notice.category,
        "phase": uncapitalised(notice.phase),
        "phase_short": short(notice.phase),
        "goal": uncapitalised(notice.goal),
        "phase_number": str(notice.phase_number or ""),
        "phase_count": str(notice.phase_count or ""),
        "next_phase": short(notice.phase_goal),
        "previous_phase": short(notice.previous_phase),
        "points": [_point(point) for point in notice.points],
        "coach_points": [_point(point) for point in notice.coach_points],
        "reached": [_point(point) for point in notice.reached],
        "roles": [_point(point) for point in notice.roles],
        "criterion": uncapitalised(notice.criterion),
        "reason": uncapitalised(notice.reason),
        "cause": notice.cause,
        "last": _flag(notice.last),
        "control": f"{notice.checkpoint_size}-{notice.checkpoint_root[:12]}".rstrip("-"),
    }


def _people(notice: Notice) -> Context:
    to, coach = notice.to, notice.coach
    return {
        "to_name": to.name,
        "to_first": first_name(to),
        "role": to.role,
        "my_places": list(to.municipalities),
        "formal": _flag(to.formal),
        "outside": _flag(to.outside),
        "staff": _flag(to.key.startswith("actor:")),
        "own": _flag(to.key == coach.key),
        "coach_name": coach.name,
        "coach_instead_of": coach.instead_of,
        "to_instead_of": to.instead_of,
        "coordinator": notice.coordinator,
        "organisation": notice.organisation,
    }


def _dates(notice: Notice, words: Words) -> Context:
    today = notice.created_at.astimezone(BRUSSELS).date() if notice.created_at else None

    def day(value: date | None, *, weekday: bool = True, year: bool = False) -> str:
        other_year = today is None or (value is not None and value.year != today.year)
        return words.day(value, weekday=weekday, year=year or other_year) if value else ""

    return {
        "due": day(notice.due_on),
        "due_short": day(notice.due_on, weekday=False),
        "due_past": _flag(bool(today and notice.due_on and notice.due_on < today)),
        "days_late": str(notice.days_late or ""),
        "feedback": day(notice.feedback_on),
        "feedback_full": day(notice.feedback_on, year=True),
        "at": hour(notice.feedback_at),
        "held": day(notice.held_on),
        "held_full": day(notice.held_on, year=True),
        "talk": day(notice.talk_on),
        "talk_at": hour(notice.talk_at),
        "talk_held": _flag(notice.talk_held),
        "until": day(notice.until),
        "until_past": _flag(bool(today and notice.until and notice.until < today)),
    }


def _calendar(notice: Notice, words: Words) -> Context:
    """Return what the mail does in the reader's calendar: each entry, and that of the moment."""

    def told(name: str, entry: Appointment) -> dict[str, Value]:
        year = created_at(notice).year
        return {
            "file": name,
            "moment": _flag(entry.about.startswith("feedback/")),
            "change": _change(entry),
            "day": words.day(entry.day, year=entry.day.year != year),
            "day_full": words.day(entry.day),
            "at": hour(entry.at),
            "was": words.day(entry.was, year=entry.was.year != year) if entry.was else "",
        }

    entries = [told(*named) for named in zip(file_names(notice), notice.calendar, strict=True)]
    moment = next((entry for entry in entries if entry["moment"]), NO_MOMENT)
    return {"calendar": entries, "moment": moment}


def _change(entry: Appointment) -> str:
    """Return what happens to an entry: new, moved, hour (another, the same day) or off."""
    if entry.method == "cancel":
        return "off"
    if entry.was is None:
        return "new"
    return "hour" if entry.was == entry.day else "moved"


def file_names(notice: Notice) -> tuple[str, ...]:
    """Return the names of the files in the mail, one a calendar entry, in its language."""
    dated, off = FILES[language_of(notice)]
    counted: Counter[str] = Counter()
    names = []
    for entry in notice.calendar:
        stem = off if entry.method == "cancel" else dated
        counted[stem] += 1
        names.append(f"{stem}{f'-{counted[stem]}' if counted[stem] > 1 else ''}.ics")
    return tuple(names)


def created_at(notice: Notice) -> datetime:
    """Return the instant that a mail was made at; raises TrajectError without one."""
    if notice.created_at is None or notice.created_at.tzinfo is None:
        raise TrajectError(N_("a mail needs the instant it was made at, with its time zone"))
    return notice.created_at


def _point(point: Point) -> dict[str, Value]:
    waiting = list(point.waiting_for)
    return {"label": point.label, "planned": point.planned, "waiting": waiting}


def short(label: str) -> str:
    """Return a phase's name within a sentence, without what an inside label says after it.

    `Analyse: waarom loopt het spaak` is `analyse`: a coordinator forwards mails too.
    """
    return uncapitalised(label.partition(":")[0].strip())


def first_name(person: Person) -> str:
    """Return how a greeting calls a person."""
    first = (person.name.split() or [""])[0]
    return person.name if first.endswith(".") else first  # "dr. Jo Maes" stays whole


def hour(value: time | None) -> str:
    """Return an hour as `9:30`, "" where there is none."""
    return f"{value.hour}:{value.minute:02d}" if value else ""


def _flag(value: bool) -> str:
    return "yes" if value else ""


def strings(value: Value | Mapping[str, Value]) -> Iterator[str]:
    """Yield every text in the values for a template."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from strings(inner)
    else:
        for item in value:
            yield from strings(item)


def display_name(notice: Notice) -> str:
    """Return the name in From: `An Peeters (VVSG)`."""
    organisation = f" ({notice.organisation})" if notice.organisation else ""
    return header_text(notice.coach.name + organisation)
