"""The Dutch catalogue knows every message, with the same places, and is compiled."""

from __future__ import annotations

import ast
import gettext
import io
import string

from babel.messages.catalog import Message

from engine.domain import errors
from tests import catalogue

PERCENT = "%("


def places(template: str) -> set[str]:
    """Return the names of the `{places}` or `%(places)s` in a template."""
    if PERCENT in template:
        return {part.partition(")")[0] for part in template.split(PERCENT)[1:]}
    return {name.split(".")[0] for _, name, _, _ in string.Formatter().parse(template) if name}


def forms(value: object) -> tuple[str, ...]:
    """Return the singular and plural forms of a message, or its one form."""
    return (value,) if isinstance(value, str) else tuple(value)  # type: ignore[arg-type]


def messages() -> list[Message]:
    """Return the messages of the code, each with the translation that the `.po` has."""
    return [message for message in catalogue.updated() if message.id]


def faults_of(message: Message) -> list[str]:
    """Return what is wrong with the translation of one message."""
    where = message.locations[0][0]
    if not message.string or not all(forms(message.string)):
        return [f"{where}: no Dutch for {message.id!r}"]
    pairs = zip(forms(message.id), forms(message.string), strict=True)
    return [
        f"{where}: {source!r} has the places {sorted(places(source))}, its Dutch {dutch!r} not"
        for source, dutch in pairs
        if places(source) != places(dutch)
    ]


def test_every_message_has_dutch_words_with_the_same_places() -> None:
    """Whatever the code can say it can say in Dutch."""
    faults = [fault for message in messages() for fault in faults_of(message)]
    assert not faults, "\n" + "\n".join([*faults, "then run: python -m tests.catalogue"])


def test_the_catalogue_holds_no_message_that_the_code_has_not() -> None:
    """A sentence that nobody says any more leaves the catalogue."""
    obsolete = {m.id for m in catalogue.written() if m.id} - {m.id for m in messages()}
    assert not obsolete, f"run python -m tests.catalogue: {sorted(map(str, obsolete))}"


def test_the_compiled_catalogue_is_the_written_one() -> None:
    """The `.mo` that users load says what the `.po` says."""
    fresh = gettext.GNUTranslations(io.BytesIO(catalogue.compiled(catalogue.written())))
    stored = gettext.GNUTranslations(io.BytesIO(catalogue.MO.read_bytes()))
    assert texts(fresh) == texts(stored), "run python -m tests.catalogue"


def texts(translations: gettext.GNUTranslations) -> dict[object, str]:
    """Return all texts of a compiled catalogue, without its header."""
    loaded: dict[object, str] = translations._catalog  # type: ignore[attr-defined]
    return {key: text for key, text in loaded.items() if key not in ("", ("", 0))}


def family() -> set[str]:
    """Return the names of the errors whose first argument is a sentence."""
    kinds = [value for value in vars(errors).values() if isinstance(value, type)]
    return {kind.__name__ for kind in kinds if issubclass(kind, errors.TrajectError)}


def name_of(function: ast.expr) -> str:
    """Return the last name of a called function: `Refused` of `errors.Refused`."""
    return str(getattr(function, "attr", None) or getattr(function, "id", ""))


def test_every_sentence_in_the_code_is_marked_for_the_catalogue() -> None:
    """A bare literal in an error or in say() would stay English for everybody."""
    sayers = family() | {"say", "Say"}
    bare = [
        f"{name}:{node.lineno}"
        for name, path in catalogue.sources()
        if not name.startswith("click/")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and name_of(node.func) in sayers and node.args
        if isinstance(node.args[0], (ast.Constant, ast.JoinedStr))
    ]
    assert not bare, f"wrap these in N_(): {bare}"
