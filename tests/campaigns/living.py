"""Logs as they come about: a coach who does what comes to hand, in a random order."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from random import Random
from shutil import copyfile

from engine.dispatch import erasing
from engine.domain.errors import TrajectError
from engine.service import criteria, moving, people
from engine.service.desk import PLAIN
from engine.service.people import ContactData
from engine.store.database import open_database
from tests.fakes import LATER, REFUSED, SENT, UNCLEAR, RecordingNotifier
from tests.world import GENT, JO, MERELBEKE_MELLE, World, category

CATEGORIES = ("reactiveren", "opstarten", "optimaliseren", "monitoren_evalueren")
WHY = "this was agreed with everybody"
Deed = Callable[[World, str, Random], object]


def _round(world: World, ref: str, chance: Random) -> None:
    relay = world.notifier
    assert isinstance(relay, RecordingNotifier)
    relay.answer(*chance.choices((SENT, LATER, UNCLEAR, REFUSED), (6, 1, 1, 1), k=2))
    world.now += timedelta(minutes=31)
    world.tick()


def _erase_text(world: World, ref: str, chance: Random) -> None:
    notes = [one.position for one in world.events(ref) if "text" in one.details]
    if notes:
        erasing.erase_text(world.desk(), chance.choice(notes), PLAIN, reason="typed_by_mistake")


def _erase_contact(world: World, ref: str, chance: Random) -> None:
    erasing.erase_contact(
        world.desk(), world.post(), chance.randint(1, 3), PLAIN, reason="other", release=True
    )


def _waive(world: World, ref: str, chance: Random) -> None:
    found = world.trajectory(ref)
    phase = category(found.category).workflow.phases[found.phase or ""]
    criteria.waive(world.desk(), ref, [chance.choice(list(phase.criteria))], reason=WHY)


DEEDS: tuple[Deed, ...] = (
    lambda world, ref, chance: world.start(
        chance.choice(CATEGORIES), chance.choice(((GENT,), (GENT, MERELBEKE_MELLE)))
    ),
    lambda world, ref, chance: world.meet(ref),
    lambda world, ref, chance: world.advance(ref),
    lambda world, ref, chance: people.note(world.desk(), ref, f"note {chance.random()}"),
    lambda world, ref, chance: moving.pause(
        world.desk(), ref, reason="other", until=world.now.date() + timedelta(days=30)
    ),
    lambda world, ref, chance: moving.resume(world.desk(), ref),
    lambda world, ref, chance: people.change_contact(
        world.desk(), 1, ContactData(name=f"Jo {chance.choice('ABCDEF')}")
    ),
    lambda world, ref, chance: people.scope(world.desk(), ref, joined=[MERELBEKE_MELLE]),
    _round,
    _round,
    _waive,
    _erase_text,
    _erase_contact,
)


def step(world: World, chance: Random) -> None:
    """Do one thing; what is refused was tried in vain, as people do."""
    world.now += timedelta(hours=chance.randint(1, 40))
    refs = [f"2027-{number:03d}" for number in range(1, 4)]
    with suppress(TrajectError):
        chance.choice(DEEDS)(world, chance.choice(refs), chance)


def begun(template: Path, file: Path) -> World:
    """Return a new log with two trajectories."""
    copyfile(template, file)
    world = World(open_database(str(file)), RecordingNotifier())
    world.start()
    world.start("opstarten", places=(MERELBEKE_MELLE,), involved=(JO,))
    people.note(world.desk(), "2027-001", "the first note")
    people.note(world.desk(), "2027-002", "the second note")
    world.now += timedelta(minutes=31)
    world.tick()
    return world
