"""Guards what people typed before it enters a mail: names, addresses, subjects."""

from __future__ import annotations

from dataclasses import dataclass

from engine.domain.addresses import DOMAIN, LOCAL, LONGEST_ADDRESS, LONGEST_LOCAL
from engine.domain.errors import BadInput
from engine.domain.lint import UNSEEN, clean
from engine.domain.words import N_
from notifications.layout import flat


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
    if unseen := UNSEEN.search(text):
        raise BadInput(
            N_("“{text}” holds a character that cannot be seen ({found}); type it again without"),
            text=clean(text),
            found=clean(unseen.group()),
        )
    return text


def header_text(text: str) -> str:
    """Return the text on one line; raises BadInput where it could end or forge a header."""
    if "=?" in text:
        raise BadInput(
            N_("“{text}” holds “=?”, which a mail header does not take; leave it out"),
            text=clean(text),
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
    if not (LOCAL.fullmatch(local) and DOMAIN.fullmatch(domain)):
        raise BadInput(N_("{address} is not one mail address"), address=address)
    if len(local) > LONGEST_LOCAL or len(whole) > LONGEST_ADDRESS:
        raise BadInput(N_("{address} is too long for a mail address"), address=address)
    return Mailbox(header_text(name), whole)


def _ascii_domain(domain: str) -> str:
    """Return a domain as the wire takes it; what cannot be encoded fails the pattern."""
    try:
        return domain if domain.isascii() else domain.encode("idna").decode("ascii")
    except UnicodeError:
        return ""
