"""What was erased, beside the events that say so: each detail that is gone is named, and gone."""

from __future__ import annotations

from typing import Any

from engine.audit.report import Findings
from engine.domain.fields import called
from engine.domain.words import N_
from engine.store.reading import DetailRow
from engine.store.snapshot import Snapshot

TYPE = "DetailsErased"
BATCH = 500  # mails in one question
Place = tuple[int, str]  # position of the event, name of its detail


class Erasures:
    """Follows the details that are gone and those that an event says are."""

    def __init__(self, problems: Findings) -> None:
        self._gone: set[Place] = set()
        self._named: dict[Place, int] = {}  # the event that says so
        self.emptied: dict[int, int] = {}  # mails without contents, and the event that says so
        self._problems = problems

    def gone(self, detail: DetailRow) -> None:
        """Take a detail whose salt and value are gone."""
        self._gone.add((detail.position, detail.field))

    def follow(self, position: int, body: dict[str, Any]) -> None:
        """Take an event that says what was erased."""
        for mail in _listed(body, "mails"):
            if isinstance(mail, int):
                self.emptied.setdefault(mail, position)
        for place in _named_in(body):
            if place[0] < position:
                self._named.setdefault(place, position)
            else:
                self._absent(place, position)

    def compare(self, snapshot: Snapshot) -> None:
        """Look for what is gone unsaid, and for what stands there though it was said to be gone.

        Others may have erased something since it was read, so that it is looked at again.
        """
        for position, name in sorted(self._gone - self._named.keys()):
            template = N_("event {position}: its {name} was erased without an event that says so")
            self._problems.add(position, template, name=called(name))
        open_ = sorted(self._named.keys() - self._gone)
        found = {
            (one.position, one.field): one
            for one in snapshot.details_at({position for position, _ in open_})
        }
        for place in open_:
            detail = found.get(place)
            if detail is None:
                self._absent(place, self._named[place])
            elif detail.salt is not None or detail.value is not None:
                template = N_(
                    "event {position}: it says that {name} of event {number} was erased; it is "
                    "still there"
                )
                self._said(template, place)

        self._compare_mails(snapshot)

    def _compare_mails(self, snapshot: Snapshot) -> None:
        """Look for mails whose contents are there though an event says that they were erased."""
        mails = list(self.emptied)
        for start in range(0, len(mails), BATCH):
            for mail in sorted(snapshot.with_contents(mails[start : start + BATCH])):
                template = N_("mail {mail}: its contents are there, an event says they were erased")
                self._problems.add(self.emptied[mail], template, mail=mail)

    def _absent(self, place: Place, position: int) -> None:
        template = N_(
            "event {position}: it says that {name} of event {number} was erased; that event had "
            "none"
        )
        self._problems.add(position, template, number=place[0], name=called(place[1]))

    def _said(self, template: str, place: Place) -> None:
        self._problems.add(self._named[place], template, number=place[0], name=called(place[1]))


def _named_in(body: dict[str, Any]) -> list[Place]:
    """Return what a body says was erased; a body in another shape says nothing."""
    return [
        (one["position"], one["field"])
        for one in _listed(body, "erased")
        if isinstance(one, dict)
        and isinstance(one.get("position"), int)
        and isinstance(one.get("field"), str)
    ]


def _listed(body: dict[str, Any], name: str) -> list[Any]:
    """Return a list in what a body says, an empty one for anything else."""
    data = body.get("data")
    listed = data.get(name) if isinstance(data, dict) else None
    return listed if isinstance(listed, list) else []
