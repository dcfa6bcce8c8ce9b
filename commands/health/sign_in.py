"""Looks at what signs us in to the mail server: the files, the library, until when it holds."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

from commands.frame.context import Context
from commands.health.finding import REMARK, WELL, WRONG, Finding
from commands.mailing.sign_in import SignIn, account_of
from engine.domain.words import N_, Say, say

if TYPE_CHECKING:
    from notifications.delivery.account import Application

SOON = 30  # days before the end from which it is told
CERTIFICATE, SECRET = N_("the certificate"), N_("the secret of the application")
OPEN = N_("others can read {file}, which signs you in to the mail server")
UNUSABLE = N_("what signs you in to the mail server cannot be used: {reason}")
RENEW = N_(
    "An administrator of Microsoft 365 makes a new one (Entra, App registrations, Certificates "
    "& secrets); give it here:"
)


def examine(context: Context, user: str) -> Iterator[Finding]:
    """Yield what is wrong with what signs `user` in, and whether it soon ends."""
    from notifications.delivery.account import SignInError

    own = context.settings.sign_in
    account = account_of(own)
    try:
        if account.application is not None:
            yield from _application(account.application)
        elif account.password is not None:
            account.password.read(user)
    except SignInError as error:
        remedies = _installing(error.text) or ("traject config mail",)
        yield Finding("sign_in", WRONG, say(UNUSABLE, reason=error.text), remedies)
    else:
        yield from _ends(context, own)
    yield from _readable(own)


def _application(application: Application) -> Iterator[Finding]:
    """Yield that the application can prove itself. Raises: SignInError where it cannot."""
    from notifications.delivery.tokens import ready

    ready(application)
    known = say(N_("signs in with OAuth as the application {client}"), client=application.client)
    yield Finding("sign_in", WELL, known)


def _installing(text: str) -> tuple[str, ...]:
    """Return the line that installs what is missing, which may not be ours to run."""
    _, found, package = text.partition("pip install ")
    return (f"pip install {package}",) if found else ()


def _ends(context: Context, own: SignIn) -> Iterator[Finding]:
    """Yield when the certificate or the secret ends, once that is near."""
    for what, ends in _known_ends(own):
        days = (ends - context.today()).days
        if days < 0:
            past = say(N_("{what} has expired on {day}: no mail leaves"), what=what, day=ends)
            yield Finding("sign_in_ends", WRONG, past, (say(RENEW), "traject config mail"))
        elif days <= SOON:
            soon = say(
                N_("{what} that signs you in to the mail server ends on {day}"), what=what, day=ends
            )
            yield Finding("sign_in_ends", REMARK, soon, (say(RENEW), "traject config mail"))


def _known_ends(own: SignIn) -> Iterator[tuple[Say, date]]:
    if own.oauth_certificate is not None:
        from notifications.delivery.tokens import certificate_ends

        yield say(CERTIFICATE), certificate_ends(own.oauth_certificate).date()
    if own.oauth_ends is not None:
        yield say(SECRET), own.oauth_ends


def _readable(own: SignIn) -> Iterator[Finding]:
    """Yield each file with a secret that other accounts can read."""
    for file in own.files().values():
        if os.name != "nt" and file.exists() and file.stat().st_mode & 0o077:
            remedy = shlex.join(["chmod", "600", str(file)])
            yield Finding("sign_in_file", WRONG, say(OPEN, file=str(file)), (remedy,))
