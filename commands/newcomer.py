"""Asks somebody who sets traject up what `init` was not told, with what is usual as proposal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from commands.frame.context import Context
from commands.frame.identity import full_name, mail_address
from commands.health.own_disk import require_own_disk
from commands.mailing.questions import organisation
from commands.mailing.setup import told
from commands.settings import layers
from commands.settings.urls import file_of, without_password
from commands.typed.asking import ask, can_ask, yes
from engine.domain import addresses
from engine.domain.errors import BadInput
from engine.domain.words import N_

HELLO = N_(
    "This sets traject up for you, with a few questions. Enter takes what stands between "
    "brackets; Ctrl-C stops, and nothing is changed then. Only the questions about the mail server "
    "come after that: by then the rest is in place."
)


@dataclass(frozen=True, slots=True)
class Wishes:
    """What somebody who sets traject up wants."""

    name: str
    email: str
    database: str
    settings: Mapping[str, str] = field(default_factory=dict)  # to keep in the settings file
    mail_server: bool = False  # set one now


def wishes(context: Context, name: str | None, email: str | None) -> Wishes:
    """Return what was given, with what is missing asked at a terminal.

    Raises: BadInput in a pipe, naming what is missing; Refused for a place that is not safe.
    """
    if name is not None and email is not None:
        place = context.settings.database
        require_safe(place)
        return Wishes(*addresses.parse(f"{name} <{email}>"), place)
    if not can_ask(context):
        lacking = tuple(o for o, v in (("--name", name), ("--email", email)) if v is None)
        raise BadInput(
            N_(
                "missing: {options}. For instance: "
                "traject init --name 'An Peeters' --email an.peeters@example.org"
            ),
            options=lacking,
        )
    return _asked(context, name, email)


def require_safe(database: str) -> None:
    """Refuse a database file in a synchronised or a network folder."""
    if (file := file_of(database)) is not None:
        require_own_disk(file)


def _asked(context: Context, name: str | None, email: str | None) -> Wishes:
    """Ask, in the order in which one thinks of it: who, where, in whose name."""
    own = context.settings
    told(context, HELLO)
    if name is None:
        name = ask(context.in_words(N_("Your name:")), context, _name, default=full_name())
    if email is None:
        email = ask(context.in_words(N_("Your mail address:")), context, _email, default=_known())
    place, kept = own.database, {}
    if own.origins["database"] in (layers.FILE, layers.DEFAULT):
        place = _database(context, own.database)
        if place != own.database:
            kept["database"] = place
    else:
        require_safe(place)
    signed = organisation(context, own.organisation)
    if signed != own.organisation:
        kept["organisation"] = signed
    server = not own.smtp_url and _wants_server(context)
    return Wishes(*addresses.parse(f"{name} <{email}>"), place, kept, server)


def _known() -> str | None:
    found = mail_address()
    return found if found and "@" in found else None


def _name(text: str) -> str:
    """Return a name that may stand before an address."""
    return addresses.parse(f"{text} <name@example.org>")[0]


def _email(text: str) -> str:
    return addresses.address(text)


def _database(context: Context, proposed: str) -> str:
    """Return where the database goes: a file, or a server for several people."""

    def read(text: str) -> str:
        if text == without_password(proposed):
            text = proposed
        file = file_of(text)
        if file is None:
            return text
        if file.is_dir():
            file /= "traject.db"
        require_own_disk(file)
        return text if "://" in text else str(file)

    question = context.in_words(N_("Where does the database go?"))
    return ask(question, context, read, default=without_password(proposed))


def _wants_server(context: Context) -> bool:
    return yes(
        context.in_words(N_("Set the mail server now? Without one mails are kept as files.")),
        default=False,
    )
