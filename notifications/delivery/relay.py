"""Reads the address of the mail server: how to reach it, with which account."""

from __future__ import annotations

import base64
import ipaddress
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import SplitResult, unquote, urlsplit

from engine.domain.errors import BadInput
from engine.domain.words import N_

Security = Literal["starttls", "tls", "none"]

_SCHEMES: dict[str, tuple[Security, int]] = {
    "smtp+starttls": ("starttls", 587),
    "smtps": ("tls", 465),
    "smtp": ("none", 25),
}


@dataclass(frozen=True, slots=True)
class Relay:
    """A mail server and our account there; the password stays out of every repr.

    A user without a password signs in with what the settings name beside the address.
    """

    host: str
    port: int
    security: Security
    user: str = ""
    password: str = field(default="", repr=False)


def disguises(user: str, secret: str) -> tuple[str, ...]:
    """Return what must never be shown: a password or token, plain and as the wire carries it."""
    if not secret:
        return ()
    token = f"user={user}\1auth=Bearer {secret}\1\1"
    wires = (f"\0{user}\0{secret}", token, secret)
    coded = (base64.b64encode(text.encode()).decode() for text in wires)
    return (*coded, secret)


def relay_from(url: str) -> Relay:
    """Return the relay that a URL names.

    Raises: BadInput, whose words never repeat the URL, as that holds the password.
    """
    try:
        parts = urlsplit(url)
        security, port = _SCHEMES[parts.scheme]
        host, port = (parts.hostname or "").encode("idna").decode("ascii"), parts.port or port
    except KeyError:
        raise BadInput(
            N_("a mail server begins with smtp+starttls://, smtps:// or, to this machine, smtp://")
        ) from None
    except ValueError:
        host = ""
    if not host or parts.path.strip("/") or parts.query or parts.fragment:
        raise BadInput(
            N_(
                "the mail server is written as smtp+starttls://USER:PASSWORD@HOST:587; "
                "write special characters in user and password as %XX"
            )
        )
    return _checked(Relay(host, port, security, *_account(parts)))


def _account(parts: SplitResult) -> tuple[str, str]:
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if password and not user:
        raise BadInput(N_("the mail server needs a user beside the password"))
    return user, password


def _checked(relay: Relay) -> Relay:
    if relay.security == "none" and not is_loopback(relay.host):
        raise BadInput(
            N_(
                "smtp:// sends in clear text and works only to this machine; "
                "for {host} use smtp+starttls:// or smtps://"
            ),
            host=relay.host,
        )
    return relay


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine by its very name, without asking anyone."""
    if host.lower() == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return address.is_loopback and (address.version == 4 or str(address) == "::1")
