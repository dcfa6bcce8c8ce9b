"""The questions about a mail server: who carries the mails, which server, which account."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from commands.asking import ask, choose
from commands.context import Context
from commands.settings_file import checked
from engine.domain.errors import BadInput
from engine.domain.words import N_

if TYPE_CHECKING:
    from notifications.delivery.relay import Relay


@dataclass(frozen=True, slots=True)
class Provider:
    """Who carries the mails: what to propose for it."""

    name: str
    host: str
    signs_in: bool  # it knows us by a user and a password


PROVIDERS = (
    Provider(N_("a mail server or relay of your organisation"), "", False),
    Provider(N_("Telenet or another internet provider"), "smtp.telenet.be", True),
    Provider(N_("Microsoft 365 (Exchange Online)"), "smtp.office365.com", True),
)
SCHEMES = ("smtp+starttls", "smtps", "smtp")
SECURITIES = (
    N_("begins in the clear, then STARTTLS (usual at port 587)"),
    N_("TLS from the first byte (usual at port 465)"),
    N_("in the clear, only to this machine"),
)


def provider(context: Context) -> Provider:
    """Return who carries the mails, chosen from a list."""
    rows = [(context.words.text(one.name),) for one in PROVIDERS]
    question = context.in_words(N_("Who carries your mails? (a number)"))
    return PROVIDERS[choose(question, context, rows, _numbered(len(PROVIDERS)))]


def server(context: Context, carrier: Provider) -> str:
    """Return the URL of the server, with the account in it."""
    known = _known(context)
    host = known.host if known and not carrier.host else carrier.host
    host = ask(context.in_words(N_("Server:")), context, _host, default=host or None)
    same = known if known and known.host == host else None
    port = ask(
        context.in_words(N_("Port:")), context, _port, default=str(same.port if same else 587)
    )
    scheme = _scheme(context, host, port)
    user = _user(context, carrier, same)
    if not user:
        return f"{scheme}://{_bracketed(host)}:{port}"
    password = _password(context, same if same and same.user == user else None)
    return f"{scheme}://{quote(user, safe='')}:{quote(password, safe='')}@{_bracketed(host)}:{port}"


def _known(context: Context) -> Relay | None:
    """Return the server that is set now; None without one that can be used."""
    from notifications.delivery.relay import relay_from

    try:
        return relay_from(context.settings.smtp_url or "")
    except BadInput:
        return None


def _scheme(context: Context, host: str, port: int) -> str:
    """Return how the connection is protected; asked where the port does not tell."""
    from notifications.delivery.relay import is_loopback

    local = is_loopback(host)
    if port in (465, 587) or (port == 25 and not local):
        return "smtps" if port == 465 else "smtp+starttls"
    offered = SECURITIES if local else SECURITIES[:2]
    rows = [(context.words.text(text),) for text in offered]
    question = context.in_words(N_("How is port {port} protected? (a number)"), port=port)
    return SCHEMES[choose(question, context, rows, _numbered(len(offered)))]


def _user(context: Context, carrier: Provider, known: Relay | None) -> str:
    default = known.user if known else ""
    if carrier.signs_in:
        return ask(context.in_words(N_("User:")), context, str, default=default or None)
    question = context.in_words(N_("User (Enter: none, the server knows this machine):"))
    return ask(question, context, str, default=default)


def _password(context: Context, known: Relay | None) -> str:
    if known is not None:
        question = context.in_words(N_("Password (Enter: the one that is kept; not shown):"))
        return ask(question, context, str, default="", hidden=True) or known.password
    return ask(context.in_words(N_("Password (not shown):")), context, str, hidden=True)


def sender(context: Context, url: str) -> str:
    """Return the address in From; most servers take none but that of the user."""
    from notifications.delivery.relay import relay_from

    user = relay_from(url).user
    default = context.settings.sender or (user if "@" in user else "")
    question = context.in_words(N_("Sender (Enter: the address of each coach):"))
    if default:
        question = context.in_words(N_("Sender:"))
    return ask(question, context, _checked("sender"), default=default)


def organisation(context: Context, default: str) -> str:
    """Return the organisation that signs the mails, as somebody types it; may be empty."""
    question = context.in_words(N_("Which organisation signs the mails?"))
    if not default:
        question = context.in_words(N_("Which organisation signs the mails? (Enter: none)"))
    return ask(question, context, _checked("organisation"), default=default)


def _numbered(count: int) -> Callable[[str], int]:
    """Return a reader of the number of a line, counted from 0."""

    def read(text: str) -> int:
        if text.isascii() and text.isdigit() and 1 <= int(text) <= count:
            return int(text) - 1
        raise BadInput(N_("type a number from 1 to {count}"), count=count)

    return read


def _checked(key: str) -> Callable[[str], str]:
    """Return a reader of a setting."""
    return lambda text: str(checked(key, text, key))


def _host(text: str) -> str:
    from notifications.delivery.relay import relay_from

    try:
        return relay_from(f"smtps://{_bracketed(text)}").host
    except BadInput:
        raise BadInput(N_("this is not the name of a server, such as smtp.example.org")) from None


def _port(text: str) -> int:
    if text.isascii() and text.isdigit() and 0 < int(text) < 65536:
        return int(text)
    raise BadInput(N_("a port is a number, mostly 587 or 465"))


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host and not host.startswith("[") else host
