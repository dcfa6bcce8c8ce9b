"""The questions about signing in with OAuth: which application, and what it proves itself by."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from commands.frame.context import Context
from commands.mailing.questions import Answers, Provider, checker, numbered, server
from commands.mailing.sign_in import KEYS as SIGN_IN
from commands.pages.columns import wrapped
from commands.typed.asking import ask, choose
from engine.domain.errors import BadInput, Refused
from engine.domain.words import N_

if TYPE_CHECKING:
    from notifications.delivery.account import Application, SignInError

SECRET, CERTIFICATE, PERSON = "secret", "certificate", "person"
WAYS = (
    (SECRET, N_("OAuth: an application of your organisation, with a secret")),
    (CERTIFICATE, N_("OAuth: an application of your organisation, with a certificate")),
    (PERSON, N_("OAuth: a mailbox, of which somebody signs in once in a browser")),
    ("", N_("user and password, for as long as Microsoft takes them")),
)
TO_PREPARE = N_(
    "For OAuth an administrator of Microsoft 365 first registers traject as an application in "
    "Entra, and lets it send; the README of traject names the steps."
)


def way(context: Context) -> str:
    """Return how traject is to sign in at Microsoft; empty for user and password."""
    rows = [(context.words.text(text),) for _, text in WAYS]
    question = context.in_words(N_("How does traject sign in there? (a number)"))
    chosen = WAYS[choose(question, context, rows, numbered(len(WAYS)))][0]
    if chosen and find_spec("msal") is None:
        from notifications.delivery.account import OAUTH_EXTRA

        raise Refused(
            N_("signing in with OAuth needs a library; install it where traject is: {command}"),
            command=OAUTH_EXTRA,
        )
    return chosen


@contextmanager
def answers(context: Context, carrier: Provider, kind: str) -> Iterator[Answers]:
    """Yield a server with an application that signs in; while it lasts it can be tried."""
    from tempfile import TemporaryDirectory

    from notifications.delivery.account import MICROSOFT, Account, Application

    own = context.settings.sign_in
    _say(context, TO_PREPARE)
    place, known = server(context, carrier)
    user = _ask(
        context, N_("Mailbox that sends (its address):"), "sender", known.user if known else None
    )
    tenant = _ask(context, N_("Directory (tenant) ID:"), "oauth_tenant", own.oauth_tenant)
    client = _ask(context, N_("Application (client) ID:"), "oauth_client", own.oauth_client)
    values = dict.fromkeys(SIGN_IN, "")
    values |= {"oauth_tenant": tenant, "oauth_client": client}
    values["oauth_authority"] = own.oauth_authority or ""
    url = place(quote(user, safe=""))
    known_as = Application(tenant, client, authority=own.oauth_authority or MICROSOFT)
    with TemporaryDirectory(prefix="traject-") as folder:
        prove = {SECRET: _secret, CERTIFICATE: _certificate, PERSON: _person}[kind]
        application, more, files = prove(context, known_as, Path(folder))
        values |= {"smtp_url": url} | more
        yield Answers(url, values, Account(application=application), files)


Proof = tuple["Application", dict[str, str], dict[Path, Callable[[], str]]]


def _secret(context: Context, known: Application, _: Path) -> Proof:
    """Ask for the secret, which comes in a file of its own beside the settings."""
    from dataclasses import replace

    from notifications.delivery.account import Secret

    own = context.settings.sign_in
    kept = own.oauth_secret_file
    question = N_("Secret of the application: its value, not its ID (not shown):")
    if kept is not None:
        question = N_("Secret of the application (Enter: the one that is kept; not shown):")
    default = "" if kept is not None else None
    typed = ask(context.in_words(question), context, str, default=default, hidden=True)
    ends = ask(
        context.in_words(N_("Until when is it valid, such as 2028-05-07? (Enter: unknown)")),
        context,
        _day,
        default=str(own.oauth_ends or ""),
    )
    file = kept or context.settings_file().parent / "oauth-secret"
    more = {"oauth_secret_file": str(file), "oauth_ends": ends}
    if not typed:
        return replace(known, secret=Secret(file=file)), more, {}
    return replace(known, secret=Secret(typed)), more, {file: lambda: f"{typed}\n"}


def _certificate(context: Context, known: Application, _: Path) -> Proof:
    """Ask for the file with the certificate and its key."""
    from dataclasses import replace

    question = context.in_words(N_("PEM file with the certificate and its private key:"))
    kept = context.settings.sign_in.oauth_certificate
    file = ask(question, context, _file, default=str(kept) if kept else None)
    return replace(known, certificate=file), {"oauth_certificate": str(file)}, {}


def _person(context: Context, known: Application, folder: Path) -> Proof:
    """Let somebody sign in with a browser, anywhere; the tokens are kept beside the settings."""
    from dataclasses import replace

    from notifications.delivery.account import SignInError, read_text
    from notifications.delivery.tokens import keep_private, sign_in

    def show(page: str, code: str) -> None:
        _say(context, N_("Open {page} in a browser, on any device."), page=page)
        _say(context, N_("Type the code {code} there, and sign in as the mailbox."), code=code)
        _say(context, N_("This waits until that is done; Ctrl-C stops."))

    draft = folder / "tokens"
    try:
        keep_private(draft, sign_in(known, show))
    except SignInError as error:
        raise _refused(context, error) from None
    file = context.settings.sign_in.oauth_tokens
    file = file or context.settings_file().parent / "oauth-tokens"
    files = {file: lambda: read_text(draft)}  # as the trial left it
    return replace(known, tokens=draft), {"oauth_tokens": str(file)}, files


def _refused(context: Context, error: SignInError) -> Refused:
    from commands.mailing.road import remedy
    from engine.ports import Step

    advice = context.words.say(remedy(Step("token", ok=False, text=error.text), ""))
    return Refused(N_("nobody signed in ({reason}). {advice}"), reason=error.text, advice=advice)


def _ask(context: Context, question: str, key: str, known: str | None) -> str:
    return ask(context.in_words(question), context, _filled(checker(key)), default=known or None)


def _filled(read: Callable[[str], str]) -> Callable[[str], str]:
    def reader(text: str) -> str:
        if not (found := read(text)):
            raise BadInput(N_("this cannot stay empty"))
        return found

    return reader


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat() if text else ""
    except ValueError:
        raise BadInput(N_("a day is written as 2028-05-07")) from None


def _file(text: str) -> Path:
    from notifications.delivery.account import SignInError
    from notifications.delivery.tokens import certificate_ends

    file = Path(text).expanduser().absolute()
    try:
        certificate_ends(file)
    except SignInError as error:
        raise BadInput(N_("this file cannot be used: {reason}"), reason=error.text) from None
    return file


def _say(context: Context, template: str, **values: object) -> None:
    for line in wrapped(context.in_words(template, **values)):
        context.talk(line)
