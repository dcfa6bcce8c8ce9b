"""Finds what was meant among a few things by number, code or words, and asks where unclear."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from commands.pages.columns import columns
from commands.typed.asking import ask, can_ask
from engine.domain.errors import BadInput, Refused, TrajectError
from engine.domain.words import N_

if TYPE_CHECKING:
    from commands.frame.context import Context
    from engine.store.naming import Candidate

LONGEST_NUMBER = 6  # digits
SHORTEST = 2  # letters; one letter is rather a slip than the beginning of a word


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing that can be meant: its code, and its label in the reader's language."""

    code: str
    label: str
    number: int  # as it is printed before it; never shifts; 0: it has none


Refusal = Callable[[str, str], TrajectError]  # (typed, the list) -> what is raised


def matching(typed: str, choices: Sequence[Choice]) -> list[Choice]:
    """Return what words may mean: one choice where they are clear, none where they fit none.

    A number is that number; a code or a whole label is that one; else every word typed must
    begin a word of the label, or of the code, in any order.
    """
    plain = typed.strip()
    if plain.isdecimal():
        if len(plain) > LONGEST_NUMBER:
            return []
        return [one for one in choices if one.number == int(plain) > 0]
    wanted = words_of(plain)
    whole = [c for c in choices if plain == c.code or wanted == words_of(c.label)]
    if whole or len("".join(wanted)) < SHORTEST:
        return whole
    return [
        one
        for one in choices
        if _begins(wanted, words_of(one.label)) or _begins(wanted, words_of(one.code))
    ]


def pick(
    context: Context,
    typed: str | None,
    choices: Sequence[Choice],
    question: str,
    refusal: Refusal,
) -> Choice:
    """Return the one that was meant; at a terminal asks where it was left out or is unclear.

    In a pipe `refusal` is raised for what is missing or unknown, BadInput for what could be
    several things. `question` is in the reader's language.
    """
    if typed is None:
        if not choices:
            raise Refused(N_("there is nothing to choose from here"))
        if not can_ask(context):
            raise refusal("", listed(choices))
        return _asked(context, choices, question)
    found = matching(typed, choices)
    if not found:
        raise refusal(typed, listed(choices))
    if len(found) == 1:
        return found[0]
    if not can_ask(context):
        raise _several(typed, found)
    return _asked(context, found, question)


def listed(choices: Sequence[Choice]) -> str:
    """Return the choices as lines of a list: number, label, code."""
    rows = [(str(one.number or ""), one.label, one.code) for one in choices]
    return "".join(f"\n{line}" for line in columns(rows, cut=((1,),), indent=2))


def one_of(context: Context, typed: str, found: Sequence[Candidate]) -> str:
    """Return the reference of the trajectory that was meant among several.

    Each goes by the number that it has everywhere; there is no other number to mistake it for.
    Raises: BadInput with the list where nobody can be asked.
    """
    rows = _described(context, found)
    lines = columns(rows, cut=((1, 2, 3),), indent=2)
    if not can_ask(context):
        raise BadInput(
            N_("{text} may be several trajectories; type the number:{possible}"),
            text=typed,
            possible="".join(f"\n{line}" for line in lines),
        )
    names = {name: one.ref for one, (name, *_) in zip(found, rows, strict=True)}

    def read(answer: str) -> str:
        for name, ref in names.items():
            if answer in (ref, name, name.lstrip("0")):
                return ref
        raise BadInput(N_("type one of these: {possible}"), possible=tuple(names))

    context.talk(context.in_words(N_("{text} may be several trajectories. Which one?"), text=typed))
    for line in lines:
        context.talk(line)
    return ask(">", context, read)


def _asked(context: Context, choices: Sequence[Choice], question: str) -> Choice:
    """Return the choice a person makes from the list."""

    def read(answer: str) -> Choice:
        found = matching(answer, choices)
        if len(found) == 1:
            return found[0]
        raise _several(answer, found) if found else _none_of(answer, choices)

    context.talk(question)
    rows = [(str(one.number), one.label) for one in choices]
    for line in columns(rows, cut=((1,),), indent=2):
        context.talk(line)
    return ask(">", context, read)


def _none_of(typed: str, choices: Sequence[Choice]) -> BadInput:
    numbers = [one.number for one in choices]
    return BadInput(
        N_("{text} is none of these; type a number from {first} to {last}, or words of one"),
        text=typed,
        first=min(numbers),
        last=max(numbers),
    )


def _several(typed: str, found: Sequence[Choice]) -> BadInput:
    return BadInput(
        N_("{text} may be several; type the number:{possible}"),
        text=typed,
        possible=listed(found),
    )


def _described(context: Context, found: Sequence[Candidate]) -> list[tuple[str, str, str, str]]:
    """Return trajectories as rows: number, municipalities, category, phase or status."""
    from commands.pages.wording import places, status
    from engine.store.queries import labels

    with context.database().reading() as connection:
        known = labels(connection, [one.workflow for one in found])
    numbers = context.short_refs(one.ref for one in found)
    rows = []
    for one in found:
        own = known[one.workflow]
        category = context.words.label(own.category)
        active = one.status == "active" and one.phase is not None
        phase = context.words.label(own.phases[one.phase or ""]) if active else ""
        where = phase or status(context, one.status)
        rows.append((numbers[one.ref], places(one.municipalities), category, where))
    return rows


def words_of(text: str) -> tuple[str, ...]:
    """Return the words of a text as they are compared: no accents, case or punctuation."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(c for c in plain if not unicodedata.combining(c))
    return tuple(re.findall(r"[a-z0-9]+", bare))


def _begins(wanted: Sequence[str], words: Sequence[str]) -> bool:
    """Tell whether every word typed begins a word, each another one."""
    left = list(words)
    for word in wanted:
        fitting = next((one for one in left if one.startswith(word)), None)
        if fitting is None:
            return False
        left.remove(fitting)
    return True
