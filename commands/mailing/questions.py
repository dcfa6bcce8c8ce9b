"""The questions about a mail server: who carries the mails, which server, which account."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from commands.frame.context import Context
from commands.mailing.sign_in import KEYS as SIGN_IN
from commands.mailing.sign_in import account_of
from commands.settings.file import checked
from commands.typed.asking import ask, choose
from engine.domain.errors import BadInput
from engine.domain.words import N_

if TYPE_CHECKING:
    from notifications.delivery.account import Account
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
    return PROVIDERS[choose(question, context, rows, numbered(len(PROVIDERS)))]


@dataclass(frozen=True, slots=True)
class Answers:
    """What was answered: settings to keep, files with secrets beside them, and as whom to try."""

    url: str
    values: dict[str, str]  # an empty one takes the setting out
    account: Account
    files: dict[Path, Callable[[], str]] = field(default_factory=dict)  # written only when kept


def with_password(context: Context, carrier: Provider) -> Answers:
    """Return a server with an account that has a password, or none."""
    place, known = server(context, carrier)
    elsewhere = account_of(replace(context.settings.sign_in, oauth_tenant=None, oauth_client=None))
    forgotten = dict.fromkeys(SIGN_IN, "")
    user = _user(context, carrier, known)
    if not user:
        return Answers(place(""), {"smtp_url": place("")} | forgotten, as_the_address_says())
    same = known if known and known.user == user else None
    kept = same is not None and not same.password and elsewhere.password is not None
    password = _password(context, same, kept=kept)
    url = place(quote(user, safe="") + (f":{quote(password, safe='')}" if password else ""))
    if kept and not password:
        stay = {key: "" for key in SIGN_IN if key.startswith("oauth")}
        return Answers(url, {"smtp_url": url} | stay, elsewhere)
    return Answers(url, {"smtp_url": url} | forgotten, as_the_address_says())


def as_the_address_says() -> Account:
    """Return that the address of the server says it all."""
    from notifications.delivery.account import Account

    return Account()


def server(context: Context, carrier: Provider) -> tuple[Callable[[str], str], Relay | None]:
    """Return what makes the URL of the server from an account, and the server as it was set."""
    known = _known(context)
    host = known.host if known and not carrier.host else carrier.host
    host = ask(context.in_words(N_("Server:")), context, _host, default=host or None)
    same = known if known and known.host == host else None
    port = ask(
        context.in_words(N_("Port:")), context, _port, default=str(same.port if same else 587)
    )
    scheme = _scheme(context, host, port)

    def place(account: str) -> str:
        return f"{scheme}://{account}{'@' if account else ''}{_bracketed(host)}:{port}"

    return place, same


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
    return SCHEMES[choose(question, context, rows, numbered(len(offered)))]


def _user(context: Context, carrier: Provider, known: Relay | None) -> str:
    default = known.user if known else ""
    if carrier.signs_in:
        return ask(context.in_words(N_("User:")), context, str, default=default or None)
    question = context.in_words(N_("User (Enter: none, the server knows this machine):"))
    return ask(question, context, str, default=default)


def _password(context: Context, known: Relay | None, *, kept: bool) -> str:
    if kept or (known is not None and known.password):
        question = context.in_words(N_("Password (Enter: the one that is kept; not shown):"))
        typed = ask(question, context, str, default="", hidden=True)
        return typed or (known.password if known is not None else "")
    return ask(context.in_words(N_("Password (not shown):")), context, str, hidden=True)


def sender(context: Context, url: str) -> str:
    """Return the address in From; most servers take none but that of the user."""
    from notifications.delivery.relay import relay_from

    user = relay_from(url).user
    default = context.settings.sender or (user if "@" in user else "")
    question = context.in_words(N_("Sender (Enter: the address of each coach):"))
    if default:
        question = context.in_words(N_("Sender:"))
    return ask(question, context, checker("sender"), default=default)


def organisation(context: Context, default: str) -> str:
    """Return the organisation that signs the mails, as somebody types it; may be empty."""
    question = context.in_words(N_("Which organisation signs the mails?"))
    if not default:
        question = context.in_words(N_("Which organisation signs the mails? (Enter: none)"))
    return ask(question, context, checker("organisation"), default=default)


def numbered(count: int) -> Callable[[str], int]:
    """Return a reader of the number of a line, counted from 0."""

    def read(text: str) -> int:
        if text.isascii() and text.isdigit() and 1 <= int(text) <= count:
            return int(text) - 1
        raise BadInput(N_("type a number from 1 to {count}"), count=count)

    return read


def checker(key: str) -> Callable[[str], str]:
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
