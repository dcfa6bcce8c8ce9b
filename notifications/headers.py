"""Guards what people typed before it enters a mail: names, addresses, subjects."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from engine.domain.errors import BadInput
from engine.domain.words import N_
from notifications.layout import flat

_REFUSED = frozenset({"Cc", "Cs", "Zl", "Zp"})  # controls, halves of characters, separators
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LOCAL = re.compile(rf"{_ATOM}(?:\.{_ATOM})*")
_DOMAIN = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)*[A-Za-z0-9-]{1,63}")


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A display name and one address, both fit for a header."""

    name: str
    address: str

    @property
    def domain(self) -> str:
        """Return the part after the at sign."""
        return self.address.rpartition("@")[2]


def plain(text: str) -> str:
    """Return the text unchanged; raises BadInput where it hides characters."""
    for character in text:
        if unicodedata.category(character) in _REFUSED or character in _BIDI:
            raise BadInput(
                N_("“{text}” holds an invisible character ({code}); type it again without it"),
                text=_visible(text),
                code=f"U+{ord(character):04X}",
            )
    return text


def header_text(text: str) -> str:
    """Return the text on one line; raises BadInput where it could end or forge a header."""
    if "=?" in text:
        raise BadInput(
            N_("“{text}” holds “=?”, which a mail header does not take; leave it out"),
            text=_visible(text),
        )
    return flat(plain(text))


def mailbox(name: str, address: str) -> Mailbox:
    """Return a name with its one address, the domain in ASCII; raises BadInput."""
    local, _, domain = header_text(address).rpartition("@")
    if not local.isascii():
        raise BadInput(
            N_("{address} has letters with accents before the @; ask for an address without"),
            address=address,
        )
    domain = _ascii_domain(domain)
    whole = f"{local}@{domain}"
    if not (_LOCAL.fullmatch(local) and _DOMAIN.fullmatch(domain)):
        raise BadInput(N_("{address} is not one mail address"), address=address)
    if len(local) > 64 or len(whole) > 254:
        raise BadInput(N_("{address} is too long for a mail address"), address=address)
    return Mailbox(header_text(name), whole)


def _ascii_domain(domain: str) -> str:
    """Return a domain as the wire takes it; what cannot be encoded fails the pattern."""
    try:
        return domain if domain.isascii() else domain.encode("idna").decode("ascii")
    except UnicodeError:
        return ""


def _visible(text: str) -> str:
    """Return the text with everything that is not printed as its escape."""
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text)
