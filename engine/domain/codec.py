"""Facts to JSON-able data and back, by the types of their fields."""

from __future__ import annotations

import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from typing import Any, Union

from engine.domain import events
from engine.domain.events import Fact

INSTANT = "%Y-%m-%dT%H:%M:%S.%fZ"


def instant(value: datetime) -> str:
    """Return an instant as text, to the microsecond, in UTC."""
    return value.astimezone(UTC).strftime(INSTANT)


def read_instant(text: str) -> datetime:
    """Return the instant that `instant` wrote."""
    return datetime.fromisoformat(text)


def encode(value: Any) -> Any:
    """Return a fact, or a value in one, as JSON-able data; defaults are left out."""
    kind = type(value)
    if kind not in _writers:
        _writers[kind] = _build_writer(kind)
    return _writers[kind](value)


_writers: dict[type, Callable[[Any], Any]] = {}


def _build_writer(kind: type) -> Callable[[Any], Any]:
    """Return the function that writes a value of this type as JSON."""
    if issubclass(kind, datetime):
        return instant
    if issubclass(kind, date):
        return date.isoformat
    if issubclass(kind, (tuple, list)):
        return lambda values: [encode(item) for item in values]
    if issubclass(kind, Mapping):
        return lambda items: {key: encode(item) for key, item in items.items()}
    if is_dataclass(kind):
        return _record_writer(kind)
    return lambda value: value


def _record_writer(kind: Any) -> Callable[[Any], Any]:
    """Return the function that writes a dataclass; fields at their default are left out."""
    defaults = [(f.name, f.default) for f in fields(kind)]

    def write(record: Any) -> dict[str, Any]:
        present = ((name, getattr(record, name), default) for name, default in defaults)
        return {name: encode(item) for name, item, default in present if item != default}

    return write


def decode(type_name: str, data: Mapping[str, Any]) -> Fact:
    """Return the fact of that type.

    Raises: KeyError for a type this version does not know; TypeError or ValueError for
    data that does not have its shape.
    """
    return typing.cast(Fact, _reader(FACTS[type_name])(data))


_readers: dict[Any, Callable[[Any], Any]] = {}


def _reader(kind: Any) -> Callable[[Any], Any]:
    """Return the function that reads a value of this type from JSON, built once."""
    if kind not in _readers:
        _readers[kind] = _build_reader(kind)
    return _readers[kind]


def _build_reader(kind: Any) -> Callable[[Any], Any]:
    """Return a new reader for a type."""
    origin = typing.get_origin(kind)
    if origin in (Union, types.UnionType):
        inner = _reader(next(arg for arg in typing.get_args(kind) if arg is not types.NoneType))
        if inner is _as_it_is:
            return inner
        return lambda value: None if value is None else inner(value)
    if origin is tuple:
        item = _reader(typing.get_args(kind)[0])
        if item is _as_it_is:
            return tuple
        return lambda values: tuple([item(value) for value in values])
    if kind is date:
        return date.fromisoformat
    if kind is datetime:
        return read_instant
    if is_dataclass(kind):
        return _record_reader(kind)
    return _as_it_is


def _as_it_is(value: Any) -> Any:
    return value


def _record_reader(kind: Any) -> Callable[[Any], Any]:
    """Return the function that reads a dataclass; fields absent take their default."""
    hints = typing.get_type_hints(kind)
    readers = [(f.name, _reader(hints[f.name])) for f in fields(kind)]
    changing = [(name, reader) for name, reader in readers if reader is not _as_it_is]

    def read(data: Mapping[str, Any]) -> Any:
        found = {**data}
        for name, reader in changing:
            if name in found:
                found[name] = reader(found[name])
        return kind(**found)

    return read


def _concrete(base: type[Fact]) -> dict[str, type[Fact]]:
    """Return every fact below `base` that is no base itself, by name."""
    found: dict[str, type[Fact]] = {}
    for kind in base.__subclasses__():
        if getattr(events, kind.__name__) is not kind:
            continue  # the twin that dataclass(slots=True) leaves behind
        found |= _concrete(kind) or {kind.__name__: kind}
    return found


FACTS: dict[str, type[Fact]] = _concrete(events.Fact)
