"""The course of the trajectories as an XES log (IEEE 1849), for process mining.

A trace is a trajectory; its events are the phases it entered, its pauses and its end, in the order
of the days. Who acted is a number, stable and without a name. What people wrote is not in it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import IO
from xml.sax.saxutils import XMLGenerator  # writes only
from xml.sax.xmlreader import AttributesImpl

from engine.domain.codec import instant
from engine.domain.definition import Workflow
from engine.domain.events import (
    Completed,
    Event,
    Paused,
    PhaseEntered,
    Resumed,
    Stopped,
    TrajectoryRequested,
    TrajectoryStarted,
)
from engine.domain.workdays import BRUSSELS, brussels_day
from engine.store.chosen import Choice, chosen, events_at, next_after
from engine.store.database import Database
from engine.store.reading import CHUNK
from engine.store.workflows import read_workflow

LOG = {"xes.version": "1849-2016", "xes.features": "", "xmlns": "http://www.xes-standard.org/"}
EXTENSIONS = (
    ("Concept", "concept", "http://www.xes-standard.org/concept.xesext"),
    ("Time", "time", "http://www.xes-standard.org/time.xesext"),
    ("Organizational", "org", "http://www.xes-standard.org/org.xesext"),
    ("Lifecycle", "lifecycle", "http://www.xes-standard.org/lifecycle.xesext"),
)
# What happened, and the transition of the standard life cycle that it is.
STEPS = {
    TrajectoryRequested: ("requested", "schedule"),
    PhaseEntered: ("", "start"),
    Paused: ("paused", "suspend"),
    Resumed: ("resumed", "resume"),
    Stopped: ("stopped", "pi_abort"),
    Completed: ("completed", "complete"),
}
TYPES = tuple(fact.__name__ for fact in (*STEPS, TrajectoryStarted))
NOON, A_MOMENT = time(12), timedelta(milliseconds=1)

Attribute = tuple[str, str, str]  # string or date, key, value


@dataclass(frozen=True, slots=True)
class Mined:
    """What to write: the trajectories (UUID -> reference), the log's id and size."""

    log: str
    size: int
    trajectories: Mapping[str, str]
    place: Callable[[str], str]  # NIS code -> name


def write(database: Database, mined: Mined, out: IO[bytes]) -> None:
    """Write the log to a stream; one trajectory is read at a time."""
    xml = XMLGenerator(out, "utf-8", short_empty_elements=True)
    xml.startDocument()
    with _element(xml, "log", LOG):
        _head(xml, mined)
        for stream, ref in mined.trajectories.items():
            events = list(_events(database, stream, mined.size))
            if events:
                case = list(_case(database, ref, events, mined.place))
                _trace(xml, case, events)
    xml.endDocument()


def _trace(xml: XMLGenerator, case: list[Attribute], events: list[Event]) -> None:
    with _element(xml, "trace"):
        _write(xml, case)
        for attributes in steps(events):
            with _element(xml, "event"):
                _write(xml, attributes)


def steps(events: Iterable[Event]) -> Iterator[list[Attribute]]:
    """Yield the steps of a trajectory in the order of their days, each a little later."""
    last: datetime | None = None
    told = [one for one in events if type(one.fact) in STEPS]
    for event in sorted(told, key=lambda one: (one.occurred_on, one.position)):
        at = _moment(event)
        last = at if last is None or at > last else last + A_MOMENT
        name, transition = STEPS[type(event.fact)]
        if isinstance(event.fact, PhaseEntered):
            name = event.fact.phase
        yield [
            ("string", "concept:name", name),
            ("date", "time:timestamp", instant(last)),
            ("string", "lifecycle:transition", transition),
            ("string", "org:resource", f"actor-{event.actor}"),
            ("string", "occurred_on", event.occurred_on.isoformat()),
            ("date", "recorded_at", instant(event.recorded_at)),
            ("int", "position", str(event.position)),
            *_for_whom(event),
            *_why(event),
        ]


def _for_whom(event: Event) -> Iterator[Attribute]:
    """Yield on whose behalf it was done, where somebody else did it."""
    if event.on_behalf_of is not None:
        yield "string", "on_behalf_of", f"actor-{event.on_behalf_of}"


def _why(event: Event) -> Iterator[Attribute]:
    """Yield how a phase was entered, and a reason from the closed lists."""
    for key in ("cause", "reason"):
        value = getattr(event.fact, key, None)
        if value:
            yield "string", key, value


def _moment(event: Event) -> datetime:
    """Return the instant that is known best: of what was registered later, noon of its day."""
    if brussels_day(event.recorded_at) == event.occurred_on:
        return event.recorded_at
    return datetime.combine(event.occurred_on, NOON, BRUSSELS)


def _events(database: Database, stream: str, size: int) -> Iterator[Event]:
    """Yield the events of a trajectory that are steps of its course."""
    choice, after = Choice(stream, TYPES, size=size), 0
    while True:
        with database.reading() as connection:
            rows = chosen(connection, choice, after)
            found = events_at(connection, rows)
        yield from found
        if len(rows) < CHUNK:
            return
        after = next_after(choice, rows)


def _case(
    database: Database, ref: str, events: list[Event], place: Callable[[str], str]
) -> Iterator[Attribute]:
    """Yield what is known of a trajectory as a whole."""
    yield "string", "concept:name", ref
    begun = events[0].fact
    if isinstance(begun, (TrajectoryRequested, TrajectoryStarted)):
        with database.reading() as connection:
            workflow: Workflow = read_workflow(connection, begun.workflow).workflow
        yield "string", "category", begun.category
        yield "int", "workflow_version", str(workflow.version)
        yield "string", "workflow_digest", begun.workflow
        yield "string", "municipalities", ", ".join(map(place, begun.municipalities))


def _head(xml: XMLGenerator, mined: Mined) -> None:
    """Write which keys mean what."""
    for name, prefix, uri in EXTENSIONS:
        with _element(xml, "extension", {"name": name, "prefix": prefix, "uri": uri}):
            pass
    with _element(xml, "global", {"scope": "trace"}):
        _write(xml, [("string", "concept:name", "")])
    with _element(xml, "global", {"scope": "event"}):
        _write(
            xml,
            [
                ("string", "concept:name", ""),
                ("date", "time:timestamp", "1970-01-01T00:00:00.000Z"),
                ("string", "lifecycle:transition", "start"),
            ],
        )
    with _element(xml, "classifier", {"name": "Activity", "keys": "concept:name"}):
        pass
    _write(
        xml,
        [
            ("string", "concept:name", f"traject {mined.log}"),
            ("string", "lifecycle:model", "standard"),
            ("int", "size", str(mined.size)),
        ],
    )


def _write(xml: XMLGenerator, attributes: Iterable[Attribute]) -> None:
    for kind, key, value in attributes:
        with _element(xml, kind, {"key": key, "value": value}):
            pass


@contextmanager
def _element(
    xml: XMLGenerator, name: str, attributes: Mapping[str, str] | None = None
) -> Iterator[None]:
    """Write an element around what is written while it is open."""
    xml.startElement(name, AttributesImpl(dict(attributes or {})))
    yield
    xml.endElement(name)
    xml.ignorableWhitespace("\n")
