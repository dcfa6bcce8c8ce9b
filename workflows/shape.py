"""What the models find wrong with a file, put in words for whoever wrote it.

The models speak of types and unions; here each finding becomes one sentence at one path.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from engine.domain.errors import Problem
from engine.domain.faults import Path, fault, nearest
from engine.domain.words import N_, Say
from workflows.schema import words_at

Finding = Mapping[str, Any]  # one of pydantic's errors: type, loc, input, ctx, msg

LABELS = {"nl": "x", "en": "x"}
MISSING = {"nl": "x", "en": "x", "label": LABELS, "label_outside": LABELS}
STAND_INS: Mapping[str, object] = {
    "string_type": "x",
    "string_too_short": "x",
    "string_too_long": "x",
    "int_type": 1,
    "greater_than_equal": 1,
    "less_than_equal": 1,
    "bool_type": False,
}
SENTENCES: Mapping[str, str] = {
    "string_type": N_("a text is expected at '{key}', not '{given}'; put it in quotes"),
    "string_too_short": N_("the text of '{key}' is empty"),
    "string_too_long": N_("the text of '{key}' is longer than {max_length} characters"),
    "int_type": N_("a whole number is expected at '{key}', not '{given}'"),
    "greater_than_equal": N_("'{key}' is at least {ge}, not {given}"),
    "less_than_equal": N_("'{key}' is at most {le}, not {given}"),
    "bool_type": N_("'{key}' is true or false, not '{given}'"),
    "tuple_type": N_("a list is expected at '{key}': [one, two]"),
    "too_short": N_("'{key}' is empty"),
    "dict_type": N_("'{key}' needs entries below it: 'name: value'"),
    "model_type": N_("'{key}' needs entries below it: 'name: value'"),
    "string_pattern_mismatch": N_(
        "'{given}' is no name: small letters, digits and _, a letter first, at most 40"
    ),
}


def shape_problems(findings: Sequence[Finding], data: Any) -> Iterator[Problem]:
    """Yield the findings as problems, without what a union or a slip in a key adds."""
    slips = {(path[:-1], meant_by(path)) for path in _unknown_keys(findings, data)}
    for finding in findings:
        path, value = place(finding["loc"], data)
        slipped = finding["type"] == "missing" and (path, finding["loc"][-1]) in slips
        if not slipped and not _is_noise(finding, path, value):
            yield _problem(finding, path, value)


def mended(findings: Sequence[Finding], data: Any) -> tuple[Any, tuple[Path, ...]]:
    """Return a copy with harmless stand-ins for what was found, and the paths changed.

    It serves to check how the other parts relate although these have no shape; where
    nothing harmless can stand, the fault is left in.
    """
    whole = copy.deepcopy(data)
    changed: list[Path] = []
    for finding in findings:
        path, _ = place(finding["loc"], data)
        kind, last = finding["type"], finding["loc"][-1]
        if kind == "missing":
            path = (*path, last)
            if last in MISSING:
                _container(whole, path).setdefault(last, MISSING[last])
        elif kind == "extra_forbidden":
            _rename(_container(whole, path), path)
        elif kind in STAND_INS and path:
            _container(whole, path)[path[-1]] = STAND_INS[kind]
        changed.append(path)
    return whole, tuple(changed)


def touches(path: Path, changed: Path) -> bool:
    """Tell whether a problem at `path` may come of the stand-in at `changed`."""
    in_ladder = path[:1] == ("reminders",) and changed[: len(path)] == path
    return in_ladder or path[: len(changed)] == changed


def place(loc: Sequence[str | int], data: Any) -> tuple[Path, Any]:
    """Return the path in the file that a finding is about, and what stands there.

    Steps that are not in the file (a missing key, the branch of a union) are left out.
    """
    path: list[str | int] = []
    for step in loc:
        in_map = isinstance(data, dict) and step in data
        in_list = isinstance(data, list) and isinstance(step, int) and step < len(data)
        if in_map or in_list:
            path.append(step)
            data = data[step]
    return tuple(path), data


def unknown_key(path: Path, *, library: bool = False) -> Problem:
    """Return the problem that nothing is called so there, with what was probably meant."""
    name, meant = path[-1], meant_by(path, library=library)
    if meant is not None:
        template = N_("'{name}' is not known here; did you mean '{meant}'?")
        return fault(path, template, name=name, meant=meant)
    known = words_at(path[:-1], library=library)
    return fault(path, N_("'{name}' is not known here; there are: {known}"), name=name, known=known)


def meant_by(path: Path, *, library: bool = False) -> str | None:
    """Return the key that was probably meant by the last step of `path`."""
    return nearest(str(path[-1]), words_at(path[:-1], library=library))


def shown(value: Any) -> str:
    """Return a value of a file in a few characters, as it would be written there."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict | list):
        return "{…}" if isinstance(value, dict) else "[…]"
    return str(value)[:60]


def _problem(finding: Finding, path: Path, value: Any) -> Problem:
    """Return one finding as a problem."""
    kind, context = finding["type"], finding.get("ctx", {})
    given = str(path[-1]) if finding["loc"][-1] == "[key]" else shown(value)
    if kind == "missing":
        return _missing(str(finding["loc"][-1]), path)
    if kind == "extra_forbidden":
        return unknown_key(path)
    if kind == "literal_error":
        return _not_in_list(path, given, str(context["expected"]))
    if kind == "value_error":
        return _one_of(path, str(context["error"]))
    if kind in SENTENCES:
        values = {"key": _key(path), "given": given, **context}
        return Problem(Say(SENTENCES[kind], values), path)
    return fault(path, N_("this is not understood: {message}"), message=finding["msg"])


def _missing(name: str, path: Path) -> Problem:
    """Return the problem that a key is missing, at its parent."""
    if not path:
        return fault(path, N_("'{name}' is missing"), name=name)
    return fault(path, N_("'{name}' is missing at '{parent}'"), name=name, parent=_key(path))


def _not_in_list(path: Path, given: str, expected: str) -> Problem:
    """Return the problem that a value is none of a closed list; pydantic writes it quoted."""
    known = tuple(re.findall(r"[\w]+", expected.replace(" or ", " ")))
    meant = nearest(given, known)
    if meant is not None:
        template = N_("'{given}' is not possible here; did you mean '{meant}'?")
        return fault(path, template, given=given, meant=meant)
    template = N_("'{given}' is not possible here; one of: {known}")
    return fault(path, template, given=given, known=known)


def _one_of(path: Path, message: str) -> Problem:
    """Return the problem that a model wants exactly one of some keys."""
    keys = tuple(message.removeprefix("give exactly one of ").split(", "))
    template = N_("'{key}' needs exactly one of: {keys}")
    return fault(path, template, key=_key(path), keys=keys)


def _key(path: Path) -> str:
    """Return the last key of a path, to name what an index points into."""
    return next((step for step in reversed(path) if isinstance(step, str)), "")


def _is_noise(finding: Finding, path: Path, value: Any) -> bool:
    """Tell whether the finding is of the branch of a union that was not meant."""
    in_branch = bool(path) and finding["loc"][-1] != path[-1]
    if in_branch and finding["type"] == "string_type":
        return isinstance(value, list)
    return in_branch and finding["type"] == "tuple_type" and not isinstance(value, list)


def _unknown_keys(findings: Sequence[Finding], data: Any) -> Iterator[Path]:
    """Yield the paths of the keys that are not known."""
    for finding in findings:
        if finding["type"] == "extra_forbidden":
            yield place(finding["loc"], data)[0]


def _rename(container: dict[str, Any], path: Path) -> None:
    """Give an unknown key the name that was meant, or take it out."""
    value, meant = container.pop(str(path[-1]), None), meant_by(path)
    if meant is not None:
        container.setdefault(meant, value)


def _container(data: Any, path: Path) -> Any:
    """Return the map or list that holds the last step of `path`."""
    for step in path[:-1]:
        data = data[step]
    return data
