"""Keeps the Dutch catalogue in step with the code: `python -m tests.catalogue`.

Adds the messages that are new, drops those that are gone, and compiles the `.mo`.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import click
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from engine.language import DOMAIN, LOCALE_DIR

HOUSE = Path(__file__).parent.parent
OURS = ("cli.py", "commands", "engine", "notifications", "workflows")
KEYWORDS = {"N_": None, "_": None, "gettext": None, "ngettext": (1, 2)}
PO = LOCALE_DIR / "nl" / "LC_MESSAGES" / f"{DOMAIN}.po"
MO = PO.with_suffix(".mo")
# A fixed day: a header that changes at every run would be a change in every commit.
CREATED = datetime(2026, 11, 20, tzinfo=UTC)
COMMENT = "# Dutch words of traject, and of click whose messages its users meet."

Id = str | tuple[str, ...]


def sources() -> Iterator[tuple[str, Path]]:
    """Yield (name in the catalogue, path) of every Python file that may hold messages."""
    for entry in OURS:
        path = HOUSE / entry
        files = [path] if path.is_file() else sorted(path.rglob("*.py"))
        yield from ((file.relative_to(HOUSE).as_posix(), file) for file in files)
    package = Path(click.__file__).parent
    for file in sorted(package.glob("*.py")):
        yield f"click/{file.name}", file


def template() -> Catalog:
    """Return the catalogue of every message in the code, without translations."""
    catalog = _empty()
    for name, path in sources():
        for _, message, comments, context in extract_from_file("python", path, keywords=KEYWORDS):
            catalog.add(message, None, [(name, 0)], auto_comments=comments, context=context)
    return catalog


def written() -> Catalog:
    """Return the Dutch catalogue as it stands in the `.po`."""
    if not PO.exists():
        return _empty()
    with PO.open("rb") as file:
        return read_po(file, locale="nl", domain=DOMAIN)


def updated() -> Catalog:
    """Return the messages of the code with the translations that the `.po` has for them."""
    known = {message.id: message.string for message in written() if message.id}
    catalog = template()
    for message in catalog:
        if message.id in known:
            message.string = known[message.id]
    return catalog


def compiled(catalog: Catalog) -> bytes:
    """Return the bytes of the `.mo`."""
    buffer = io.BytesIO()
    write_mo(buffer, catalog)
    return buffer.getvalue()


def store(catalog: Catalog) -> None:
    """Write the `.po` and the `.mo`."""
    PO.parent.mkdir(parents=True, exist_ok=True)
    with PO.open("wb") as file:
        write_po(file, catalog, width=100, include_lineno=False, ignore_obsolete=True)
    MO.write_bytes(compiled(catalog))


def _empty() -> Catalog:
    return Catalog(
        locale="nl", domain=DOMAIN, project=DOMAIN, version="1", header_comment=COMMENT,
        creation_date=CREATED, revision_date=CREATED, fuzzy=False,
        msgid_bugs_address="none", last_translator="the traject authors",
        language_team="nl",
    )  # fmt: skip


def main() -> None:
    """Bring the catalogue in step and say what still lacks a translation."""
    before = {message.id for message in written() if message.id}
    catalog = updated()
    store(catalog)
    now = {message.id for message in catalog if message.id}
    print(f"{len(now)} messages, {len(now - before)} new, {len(before - now)} dropped")
    for message in catalog:
        if message.id and not all(_forms(message.string)):
            print(f"  to translate: {message.id!r}  ({message.locations[0][0]})")


def _forms(string: str | tuple[str, ...] | list[str] | None) -> tuple[str, ...]:
    return (string,) if isinstance(string, str) else tuple(string or ("",))


if __name__ == "__main__":
    os.umask(0o022)
    main()
