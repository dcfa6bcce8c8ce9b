"""What may be typed next in one trajectory: criteria, phases, reasons, dates, roles.

Read from the published document as plain JSON, because whoever presses Tab waits.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from click.shell_completion import CompletionItem

from commands.frame.context import Context
from commands.typed.choosing import Choice, matching, words_of
from engine.domain.words import Label
from engine.store import offers
from engine.store.naming import meant
from engine.store.offers import Standing

if TYPE_CHECKING:
    from commands.tab.offered import Items


def criteria(
    context: Context, ref: str, incomplete: str, states: Container[str] = ("open",)
) -> Items:
    """Return the criteria of a trajectory's current phase that are in one of these states."""
    at = _standing(context, ref)
    phase = at and at.document["phases"].get(at.phase)
    if not at or not phase:
        return []
    choices = _choices(context, {name: rule["label"] for name, rule in phase["criteria"].items()})
    fitting = [one for one in choices if at.states.get(one.code, "open") in states]
    return _offers(choices, incomplete, fitting)


def phases(context: Context, ref: str, incomplete: str, trigger: str | None = None) -> Items:
    """Return the phases of a trajectory; those that a trigger leads to now: advance, send_back."""
    at = _standing(context, ref)
    if at is None:
        return []
    targets = None
    if trigger is not None:
        targets = at.document["phases"].get(at.phase, {}).get(trigger, {}).get("to", [])
        targets = [targets] if isinstance(targets, str) else targets
    return _phases(context, at.document, incomplete, targets)


def phases_of(context: Context, category: str, incomplete: str) -> Items:
    """Return the phases of a category, as its newest version that was used has them."""
    with context.database().reading() as connection:
        document = offers.newest(connection, category)
    return _phases(context, document, incomplete) if document else []


def reasons(context: Context, ref: str, kind: str, incomplete: str) -> Items:
    """Return the reasons that a trajectory's workflow gives: kind pause, stop or send_back."""
    at = _standing(context, ref)
    return _offers(_choices(context, at.document["reasons"][kind]), incomplete) if at else []


def deadlines(context: Context, ref: str, incomplete: str) -> Items:
    """Return the target dates of a trajectory that stand."""
    at = _standing(context, ref)
    if at is None:
        return []
    named = {}
    for deadline, name, day in at.dates:
        phase = at.document["phases"][name]
        label = Label(phase["deadlines"][deadline].get("label") or phase["label"])
        named[deadline] = f"{context.words.label(label)}, {context.words.day(day)}"
    return _offers(_numbered(named), incomplete)


def roles(context: Context, ref: str, incomplete: str) -> Items:
    """Return the roles that a trajectory's workflow knows for contacts."""
    at = _standing(context, ref)
    known = {} if at is None else at.document["roles"]
    return [
        CompletionItem(code, help=context.words.label(Label(role["label"])))
        for code, role in known.items()
        if code.startswith(incomplete) and not role.get("actor")
    ]


def places(context: Context, ref: str) -> tuple[str, ...]:
    """Return the NIS codes of the municipalities that take part in a trajectory."""
    at = _standing(context, ref)
    return at.places if at else ()


def one_ref(context: Context, typed: str) -> str | None:
    """Return the reference that words mean; None where that is not clear."""
    with context.database().reading() as connection:
        found = meant(connection, typed)
    return found[0].ref if len(found) == 1 else None


def _standing(context: Context, typed: str) -> Standing | None:
    """Return the trajectory that words mean, as far as it is needed here."""
    ref = one_ref(context, typed)
    if ref is None:
        return None
    with context.database().reading() as connection:
        return offers.standing(connection, ref)


def _phases(
    context: Context,
    document: Mapping[str, Any],
    incomplete: str,
    among: Container[str] | None = None,
) -> Items:
    labels = {name: phase["label"] for name, phase in document["phases"].items()}
    choices = _choices(context, labels)
    fitting = [one for one in choices if among is None or one.code in among]
    return _offers(choices, incomplete, fitting)


def _choices(context: Context, labels: Mapping[str, Mapping[str, Any]]) -> list[Choice]:
    """Return choices in the order of the file, named in the reader's language."""
    return _numbered({code: context.words.label(Label(own)) for code, own in labels.items()})


def _numbered(named: Mapping[str, str]) -> list[Choice]:
    return [Choice(code, label, number) for number, (code, label) in enumerate(named.items(), 1)]


def _offers(
    choices: list[Choice], incomplete: str, fitting: Sequence[Choice] | None = None
) -> Items:
    """Return what can be typed for the choices, or for those of them that fit, to mean one."""
    typed = (
        (one, _typed(one, choices, incomplete)) for one in (choices if fitting is None else fitting)
    )
    return [CompletionItem(word, help=one.label) for one, word in typed if word]


def _typed(one: Choice, choices: list[Choice], incomplete: str) -> str | None:
    """Return the number, a word or the code that begins like this and means this choice alone."""
    number = str(one.number)
    if not incomplete or incomplete.isdecimal():
        return number if number.startswith(incomplete) else None
    begun = [word for word in words_of(one.label) if word.startswith("".join(words_of(incomplete)))]
    clear = (word for word in begun if matching(word, choices) == [one])
    by_code = one.code if one.code.startswith(incomplete) else None
    return next(clear, by_code or (number if begun else None))
