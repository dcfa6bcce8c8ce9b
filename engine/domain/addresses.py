"""Reads `Name <address>` as people type it, and refuses what could forge a mail header."""

from __future__ import annotations

import re
import unicodedata

from engine.domain.errors import BadInput
from engine.domain.lint import UNSEEN, check, clean
from engine.domain.words import N_

LONGEST_NAME = 100
LONGEST_ADDRESS = 254  # RFC 5321, with its angle brackets
LONGEST_LOCAL = 64

SHAPE = re.compile(r"([^<>]*)<([^<>]*)>")
PLACE = re.compile(r"([^:<>\"@]+):\s*(.*)", re.DOTALL)
LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
DOMAIN = re.compile(rf"(?:{LABEL}\.)+(?!\d+$){LABEL}")


def parse(text: str) -> tuple[str, str]:
    """Return (name, address) of `Name <address>`, the domain in lower case.

    Raises: BadInput when it is not one name with one address, or not safe in a header.
    """
    _refuse_unsafe(text)
    shape = SHAPE.fullmatch(text.strip())
    if shape is None:
        raise BadInput(
            N_("{text} is not one name with one address; write it as Name <name@example.org>"),
            text=clean(text),
        )
    return _name(shape.group(1)), address(shape.group(2))


def parse_for(text: str) -> tuple[str | None, str, str]:
    """Return (place, name, address) of `Place: Name <address>`; the place may be missing.

    Raises: BadInput as `parse` does.
    """
    placed = PLACE.fullmatch(text.strip())
    if placed is None:
        return (None, *parse(text))
    _refuse_unsafe(placed.group(1))
    return (placed.group(1).strip() or None, *parse(placed.group(2)))


def address(text: str) -> str:
    """Return one bare address, the domain in lower case. Raises: BadInput when it is none."""
    _refuse_unsafe(text)
    text = text.strip()
    local, _, domain = text.rpartition("@")
    fits = len(text) <= LONGEST_ADDRESS and len(local) <= LONGEST_LOCAL
    if not (fits and LOCAL.fullmatch(local) and DOMAIN.fullmatch(domain)):
        raise BadInput(
            N_("{text} is not a mail address that mail can be sent to, such as name@example.org"),
            text=clean(text),
        )
    return f"{local}@{domain.lower()}"


def safe(text: str) -> str:
    """Return the text unchanged; raises BadInput where a mail header must not hold it."""
    _refuse_unsafe(text)
    return text


def _name(text: str) -> str:
    name = unicodedata.normalize("NFC", " ".join(text.split()))
    if len(name) > 1 and name[0] == name[-1] == '"':
        name = name[1:-1].strip()
    if not name:
        raise BadInput(N_("a name is missing before the address: write Name <name@example.org>"))
    if len(name) > LONGEST_NAME:
        raise BadInput(
            N_("the name has {n} characters, {most} at most; shorten it"),
            n=len(name),
            most=LONGEST_NAME,
        )
    if "@" in name or '"' in name:
        raise BadInput(
            N_("{name} is not a name: write the name only, with the address in <> behind it"),
            name=name,
        )
    return check(name)


def _refuse_unsafe(text: str) -> None:
    """Refuse what a header must not hold: line ends, unseen characters, encoded words."""
    if unseen := UNSEEN.search(text):
        raise BadInput(
            N_("a name or address cannot hold {found}; type it again without"),
            found=clean(unseen.group()),
        )
    if "=?" in text:
        raise BadInput(
            N_("{found} may not stand in a name or address, mail programs read it as a code"),
            found="=?",
        )
