"""What may be typed next to name a trajectory, a municipality, a category or a contact."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from click.shell_completion import CompletionItem

from commands.frame.context import Context
from commands.pages.wording import places, status
from engine.municipalities import by_nis, names
from engine.register import Municipality, form, register
from engine.store import offers
from engine.store.numbers import short
from engine.store.queries import CLOSED, OPEN, Labels, Line, labels, overview

if TYPE_CHECKING:
    from commands.tab.offered import Items


def trajectories(context: Context, incomplete: str, statuses: Sequence[str] = OPEN) -> Items:
    """Return trajectories by a municipality that takes part, or by number; else closed ones."""
    today = context.today()
    with context.database().reading() as connection:
        found: list[tuple[str, list[Line]]] = []
        for chosen in (statuses, CLOSED) if incomplete else (statuses,):
            lines = overview(connection, today, chosen)
            numbers = short(connection, [line.ref for line in lines])
            found = found or _named(lines, numbers, incomplete)
        known = labels(connection, {one.workflow for _, own in found for one in own})
    return [CompletionItem(name, help=_about(context, own, known)) for name, own in found]


def categories(incomplete: str) -> Items:
    """Return the categories that can be started."""
    from importlib.resources import files

    names = sorted(file.name for file in files("workflows").iterdir())
    known = [name.removesuffix(".yaml") for name in names if name.endswith(".yaml")]
    return [CompletionItem(name) for name in known if name.startswith(incomplete.casefold())]


def municipalities(incomplete: str, among: Iterable[str] | None = None) -> Items:
    """Return the municipalities, all or those with one of these NIS codes, in one word each."""
    known = _all_names() if among is None else [(by_nis(nis).name, by_nis(nis)) for nis in among]
    wanted, kept = form(incomplete), str if incomplete[:1].isupper() else str.casefold
    return [
        CompletionItem(kept(in_one_word(name)), help=today.name)
        for name, today in known
        if form(name).startswith(wanted) and (incomplete or name == today.name)
    ]


def contacts(context: Context, incomplete: str, ref: str | None = None) -> Items:
    """Return contacts by number, or by the address that begins like this."""
    with context.database().reading() as connection:
        known = offers.contacts(connection, ref)
    return _persons(known, incomplete)


def colleagues(context: Context, incomplete: str) -> Items:
    """Return the actors for whom another may act, by number, or by the address."""
    from commands.frame.identity import account

    own = account(context.database())
    with context.database().reading() as connection:
        return _persons(offers.colleagues(connection, own), incomplete)


def _persons(known: Iterable[offers.Person], incomplete: str) -> Items:
    """Return persons by number, or by the address that begins like this."""
    return [
        CompletionItem(value, help=f"{one.name or ''} {one.email or ''}".strip())
        for one in known
        for value in (str(one.id), one.email or "")
        if value.casefold().startswith(incomplete.casefold()) and (value.isdecimal() or incomplete)
    ]


def in_one_word(name: str) -> str:
    """Return a municipality's name as it can be typed without quotes: De-Haan."""
    return name.replace(" ", "-").replace("'", "")


def _all_names() -> list[tuple[str, Municipality]]:
    """Return every name, present and old, with the municipality that it means today."""
    present = [(one.name, one) for one in register().present.values()]
    old = [(match.via, match.municipality) for match in register().matches.values() if match.via]
    return list(dict.fromkeys((*present, *old)))


def _about(context: Context, lines: Sequence[Line], known: dict[str, Labels]) -> str:
    """Return what tells a trajectory from another; of several with one name, the references."""
    if len(lines) > 1:
        return ", ".join(one.ref for one in lines)
    one, own = lines[0], known[lines[0].workflow]
    if one.status != "active" or one.phase is None:
        return f"{one.ref} {places(one.municipalities)}, {status(context, one.status)}"
    return f"{one.ref} {places(one.municipalities)}, {context.words.label(own.phases[one.phase])}"


def _named(
    lines: Sequence[Line], numbers: Mapping[str, str], incomplete: str
) -> list[tuple[str, list[Line]]]:
    """Return (what can be typed, the trajectories that it means)."""
    by_name: dict[str, list[Line]] = {}
    for line in lines:
        for name in names(line.municipalities):
            by_name.setdefault(in_one_word(name).casefold(), []).append(line)
    if incomplete and not incomplete[0].isdecimal():
        wanted = form(incomplete)
        return sorted((name, own) for name, own in by_name.items() if form(name).startswith(wanted))
    single = {own[0].ref: name for name, own in reversed(by_name.items()) if len(own) == 1}
    found = []
    for line in lines:
        number = numbers[line.ref]  # the reference where the number alone is not clear
        ways = list(dict.fromkeys((number.lstrip("0"), number, line.ref)))
        first = next((way for way in ways if way.startswith(incomplete)), None)
        if not incomplete:
            found.append((single.get(line.ref) or number, [line]))
        elif first:
            found.append((first, [line]))
    return found
