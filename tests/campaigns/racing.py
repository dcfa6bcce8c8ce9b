"""Processes that write to one log at the same moment, and what each of them met with."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Sequence
from typing import Any

from engine.domain.errors import TrajectError
from engine.service import criteria, moving, people
from engine.service.desk import Terms
from engine.store.database import open_database
from tests.fakes import RecordingNotifier
from tests.world import World

WON = 0


def at_once(play: Callable[..., list[Any]], url: str, *jobs: Sequence[Any]) -> list[list[Any]]:
    """Run a function in one process a job, all released together; return what each returned."""
    context = multiprocessing.get_context("fork")  # everything is loaded already
    gate = context.Barrier(len(jobs))
    pipes = [context.Pipe(duplex=False) for _ in jobs]
    processes = [
        context.Process(target=_report, args=(play, url, job, gate, writer))
        for job, (_, writer) in zip(jobs, pipes, strict=True)
    ]
    for process in processes:
        process.start()
    for _, writer in pipes:
        writer.close()
    reports = [reader.recv() for reader, _ in pipes]
    for process in processes:
        process.join()
    return reports


def _report(
    play: Callable[..., list[Any]], url: str, job: Sequence[Any], gate: Any, writer: Any
) -> None:
    """Open the log, play, and send what came of it."""
    database = open_database(url)
    writer.send(play(World(database), job, gate))
    database.close()


def advances(world: World, job: Sequence[Any], gate: Any) -> list[Any]:
    """Advance each trajectory from its version, at the same moment as the others."""
    codes = []
    for ref, version in job:
        gate.wait()
        try:
            moving.advance(world.desk(), ref, Terms(if_version=version))
            codes.append(WON)
        except TrajectError as error:
            codes.append(error.exit_code)
    return codes


def ticks(world: World, job: Sequence[Any], gate: Any) -> list[Any]:
    """Do a round at each moment, at the same moment as the others; return what was sent."""
    relay = RecordingNotifier()
    world.notifier = relay
    for moment in job:
        gate.wait()
        world.tick_at(moment)
    return [letter.message_id for _, letter in relay.letters]


def mixed(world: World, job: Sequence[Any], gate: Any) -> list[Any]:
    """Note, meet, reopen, plan and add contacts; return (events, errors)."""
    mine, count, refs, criterion = job
    events, notes = 0, 0
    errors: list[str] = []
    gate.wait()
    for turn in range(count):
        ref = refs[(turn // 5) % len(refs)]
        text = f"{mine} wrote this in turn {turn}"
        try:
            outcome = _turn(world, ref, turn, criterion, text)
        except TrajectError as error:
            errors.append(str(error))
        else:
            events += len(outcome.events)
            notes += turn % 5 == 0
    return [events, errors, notes]


def _turn(world: World, ref: str, turn: int, criterion: str, text: str) -> Any:
    desk, kind = world.desk(), turn % 5
    if kind == 0:
        return people.note(desk, ref, text)
    if kind == 1:
        return criteria.plan(desk, ref, [criterion], day=desk.today)
    if kind == 2:
        return criteria.meet(desk, ref, [criterion], note=text)
    if kind == 3:
        return criteria.reopen(desk, ref, [criterion], reason=text)
    return moving.reschedule(desk, ref, desk.today.replace(month=6), reason=text)


def notes(world: World, job: Sequence[Any], gate: Any) -> list[Any]:
    """Write notes, an event each; return (events, errors)."""
    mine, count, refs = job
    errors: list[str] = []
    gate.wait()
    for turn in range(count):
        try:
            people.note(world.desk(), refs[turn % len(refs)], f"{mine} wrote this in turn {turn}")
        except TrajectError as error:
            errors.append(str(error))
    return [count - len(errors), errors]
