"""Logs as they come about: people who do what comes to hand, in a random order."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random
from shutil import copyfile

from engine.audit.backing_up import back_up
from engine.audit.checkpointing import take
from engine.audit.restoring import Order, restore_file
from engine.dispatch import erasing
from engine.domain.errors import TrajectError
from engine.service import actors, amending, criteria, moving, people, starting
from engine.service.desk import PLAIN, Desk
from engine.service.people import ContactData
from engine.service.reapplying import reapplied
from engine.store import erasures
from engine.store.appending import ledger_state
from engine.store.database import open_database
from engine.store.projections import read_actors
from engine.store.transaction import Stamp
from tests.fakes import LATER, REFUSED, SENT, UNCLEAR, RecordingNotifier
from tests.world import GENT, JO, MERELBEKE_MELLE, World, category, published

CATEGORIES = ("reactiveren", "opstarten", "optimaliseren", "monitoren_evalueren")
WHY = "this was agreed with everybody"
Deed = Callable[[World, str, Random], object]


def _round(world: World, ref: str, chance: Random) -> None:
    relay = world.notifier
    assert isinstance(relay, RecordingNotifier)
    relay.answer(*chance.choices((SENT, LATER, UNCLEAR, REFUSED), (6, 1, 1, 1), k=2))
    world.now += timedelta(minutes=31)
    world.tick()


def _digests(world: World, ref: str, chance: Random) -> None:
    world.digest = not world.digest
    _round(world, ref, chance)


def _start(world: World, ref: str, chance: Random) -> None:
    world.start(chance.choice(CATEGORIES), chance.choice(((GENT,), (GENT, MERELBEKE_MELLE))))


def _follow_up(world: World, ref: str, chance: Random) -> None:
    name = chance.choice(CATEGORIES)
    starting.follow_up(world.desk(), ref, published(name), category=name)


def _criterion(world: World, ref: str, chance: Random) -> str:
    found = world.trajectory(ref)
    phase = category(found.category).workflow.phases[found.phase or ""]
    return chance.choice(list(phase.criteria))


def _criteria(world: World, ref: str, chance: Random) -> None:
    desk, name = world.desk(), _criterion(world, ref, chance)
    soon = desk.today + timedelta(days=chance.randint(1, 30))
    chance.choice((
        lambda: criteria.waive(desk, ref, [name], reason=WHY),
        lambda: criteria.reopen(desk, ref, [name], reason=WHY),
        lambda: criteria.plan(desk, ref, [name], day=soon, time="10:00"),
        lambda: criteria.ask(desk, ref, [name]),
    ))()  # fmt: skip


def _course(world: World, ref: str, chance: Random) -> None:
    desk = world.desk()
    soon = desk.today + timedelta(days=chance.randint(1, 60))
    chance.choice((
        lambda: moving.pause(desk, ref, reason="other", until=soon),
        lambda: moving.pause(desk, ref, reason="other", until=soon),
        lambda: moving.resume(desk, ref),
        lambda: moving.resume(desk, ref),
        lambda: moving.next_round(desk, ref),
        lambda: moving.reschedule(desk, ref, soon, reason=WHY),
        lambda: moving.snooze(desk, ref, soon),
        lambda: moving.recalculate(desk, ref),
        lambda: moving.stop(desk, ref, reason="other"),
    ))()  # fmt: skip


def _contact(world: World, ref: str, chance: Random) -> None:
    desk, letter = world.desk(), chance.choice("ABCDEF")
    data = ContactData(name=f"Jo {letter}", email=f"{letter.lower()}@example.org")
    chance.choice((
        lambda: people.change_contact(desk, chance.randint(1, 3), data),
        lambda: people.replace_contact(desk, ref, chance.randint(1, 3), data),
        lambda: people.add_contact(desk, ref, data, role="coordinator"),
        lambda: people.scope(desk, ref, joined=[MERELBEKE_MELLE]),
        lambda: people.scope(desk, ref, left=[MERELBEKE_MELLE]),
    ))()  # fmt: skip


def _lead(world: World) -> Desk:
    """Return the desk of the lead who is enrolled beside the coach."""
    with world.database.reading() as connection:
        return replace(world.desk(), actor=read_actors(connection)[2])


def _for_another(world: World, ref: str, chance: Random) -> None:
    desk = replace(_lead(world), on_behalf_of=world.coach)
    people.note(desk, ref, f"said on the phone: {chance.random()}")


def _away(world: World, ref: str, chance: Random) -> None:
    day = world.desk().today + timedelta(days=1)
    until = day + timedelta(days=chance.randint(1, 20))
    chance.choice((
        lambda: actors.leave(world.desk(), 1, 2, first=day, until=until),
        lambda: actors.come_back(world.desk(), 1),
        lambda: people.reassign(world.desk(), ref, chance.randint(1, 2)),
    ))()  # fmt: skip


def _amend(world: World, ref: str, chance: Random) -> None:
    with world.database.reading() as connection:
        size, _ = ledger_state(connection)
    amending.amend(_lead(world), chance.randint(1, size), f"rather {chance.random()}")


def _erase(world: World, ref: str, chance: Random) -> None:
    if chance.random() < 0.5:
        notes = [one.position for one in world.events(ref) if "text" in one.details]
        place = chance.choice(notes or [1])
        erasing.erase_text(world.desk(), place, PLAIN, reason="typed_by_mistake")
    else:
        desk, post, number = world.desk(), world.post(), chance.randint(1, 3)
        erasing.erase_contact(desk, post, number, PLAIN, reason="other", release=True)
    with world.database.reading() as connection:
        erasures.keep(connection, _beside(world, "erasures.jsonl"))


def _checkpoint(world: World, ref: str, chance: Random) -> None:
    taken = take(world.database, "example.org", world.now, stamp=Stamp(1, world.desk().today))
    assert taken.checkpoint is not None, taken.report


def _back_up(world: World, ref: str, chance: Random) -> None:
    kept = _beside(world, "kept.db")
    kept.unlink(missing_ok=True)
    done = back_up(world.database, kept, world.now)
    assert done.ok, done.problems


def _restore(world: World, ref: str, chance: Random) -> None:
    kept, place = _beside(world, "kept.db"), world.database.path
    assert place is not None
    if not kept.exists():
        _back_up(world, ref, chance)
        return
    listed, account = _beside(world, "erasures.jsonl"), world.coach.account or ""
    order = Order(kept, world.now, account, erasures=listed, reapply=reapplied)
    world.database.close()
    try:
        aside = restore_file(order, place).aside
        if aside is not None:
            aside.unlink()
    finally:
        world.database = open_database(str(place))


def _beside(world: World, name: str) -> Path:
    """Return a file that goes along with this log."""
    assert world.database.path is not None
    return world.database.path.parent / f"{world.database.path.name}.{name}"


# The last ones take the most time, and are not done each day either.
DAILY: tuple[Deed, ...] = (
    _start,
    lambda world, ref, chance: world.meet(ref),
    lambda world, ref, chance: world.advance(ref),
    lambda world, ref, chance: people.note(world.desk(), ref, f"note {chance.random()}"),
    _criteria,
    _course,
    _contact,
    _round,
    _round,
    _for_another,
    _away,
    _amend,
    _erase,
    _digests,
    _follow_up,
)
SELDOM: tuple[Deed, ...] = (_checkpoint, _back_up, _restore)


def step(world: World, chance: Random) -> None:
    """Do one thing; what is refused was tried in vain, as people do."""
    do(world, chance, chance.choice(SELDOM if chance.random() < 0.06 else DAILY))


def do(world: World, chance: Random, deed: Deed) -> None:
    """Do this, some hours later, to one of the trajectories."""
    world.now += timedelta(hours=chance.randint(1, 40))
    ref = chance.choice([f"2027-{number:03d}" for number in range(1, 4)])
    with suppress(TrajectError):
        deed(world, ref, chance)


def begun(template: Path, file: Path, chance: Random) -> World:
    """Return a new log with two people and two trajectories, of different categories."""
    for left in file.parent.glob(f"{file.name}*"):
        left.unlink()
    copyfile(template, file)
    world = World(open_database(str(file)), RecordingNotifier())
    actors.add_actor(
        world.desk(), name="Bo Aerts", email="bo@example.org", account="uid:99999", role="lead"
    )
    one, other = chance.sample(CATEGORIES, 2)
    world.start(one)
    world.start(other, places=(MERELBEKE_MELLE,), involved=(JO,))
    people.note(world.desk(), "2027-001", "the first note")
    people.note(world.desk(), "2027-002", "the second note")
    world.now += timedelta(minutes=31)
    world.tick()
    return world
