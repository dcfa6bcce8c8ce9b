"""How a fault in a workflow is put: its path in the file, its sentence, a suggestion."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator

from engine.domain.errors import Problem
from engine.domain.words import N_, Say

Path = tuple[str | int, ...]

MOST_KNOWN = 200  # comparing with more takes longer than a suggestion is worth


def fault(path: Path, template: str, **values: object) -> Problem:
    """Return the problem at `path`; wrap the template in `N_()` at the call."""
    return Problem(Say(template, values), path)


def nearest(word: str, known: Collection[str]) -> str | None:
    """Return the known word that was most probably meant, or None."""
    if len(known) > MOST_KNOWN:
        return None
    close = difflib.get_close_matches(word[:80], sorted(known), n=1, cutoff=0.6)
    return close[0] if close else None


def unknown(path: Path, what: Say, name: str, *, known: Collection[str]) -> Iterator[Problem]:
    """Yield the problem that `name` is not among the known names, if so."""
    if name in known:
        return
    meant = nearest(name, known)
    if meant is not None:
        template = N_("no {what} is called '{name}'; did you mean '{meant}'?")
        yield fault(path, template, what=what, name=name, meant=meant)
    elif known:
        template = N_("no {what} is called '{name}'; there are: {known}")
        yield fault(path, template, what=what, name=name, known=tuple(sorted(known)))
    else:
        yield fault(path, N_("no {what} is called '{name}'"), what=what, name=name)
