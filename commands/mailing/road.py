"""What is known of the road to a mail server: its steps in words, remedies, Microsoft's dates."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from commands.frame.context import Context
from commands.pages.columns import wrapped
from engine.domain.words import N_, Say, say

if TYPE_CHECKING:
    from engine.ports import Step

PHASES = {
    "connect": N_("connection"),
    "ehlo": N_("greeting"),
    "tls": N_("encryption"),
    "token": N_("token"),
    "auth": N_("sign-in"),
    "file": N_("folder"),
    "mail": N_("sender"),
}
OURS = frozenset(  # what delivery says itself, where no server did
    {
        N_("the server offers no login that we know"),
        N_("the server offers no STARTTLS"),
        N_("the server offers no sign-in with OAuth (XOAUTH2)"),
        N_("the connection closed before the letter"),
        N_("the sender is not one mail address"),
        N_("the recipient is not one mail address"),
        N_("not connected"),
    }
)
COME_BACK = N_(
    "The server is busy and asks to come back later: the name and the port are right. Mails go "
    "on by themselves once it takes them. Try again in a while: traject mail test"
)
REMEDIES = {
    "connect": N_(
        "Check the name and the port of the server. Some networks let no mail out: ask your IT "
        "department, or try from another network."
    ),
    "ehlo": N_("This does not answer like a mail server: check the name and the port."),
    "tls": N_(
        "The server offers no encryption that holds, or its certificate is not trusted. Check "
        "the port (587 or 465). Where your organisation has an authority of its own, name its "
        "PEM file in the setting smtp_ca."
    ),
    "auth": N_(
        "Check the user and the password. With two-step verification a mailbox often wants an "
        "app password of its own; and sending by a program may have to be allowed first."
    ),
    "token": N_(
        "Microsoft gives no token. Check the tenant and the application (client) ID, and whether "
        "its secret or certificate is still valid: Entra, App registrations. Then: traject "
        "config mail"
    ),
    "file": N_("Check that the folder of the mails can be written."),
}
NO_LIBRARY = N_("A library is missing; install it where traject is: {command}")
SIGN_IN_AGAIN = N_(
    "Somebody who may send as this mailbox has to sign in again, in a browser: traject config mail"
)
TOKEN_REMEDIES = {  # Microsoft's own numbers, in its answer
    "7000222": N_(
        "The secret of the application has expired. An administrator makes a new one (Entra, App "
        "registrations, Certificates & secrets); give it with traject config mail."
    ),
    "7000215": N_(
        "This is not the secret of the application. Its value is needed, not its ID; who lost it "
        "makes a new one (Entra, App registrations, Certificates & secrets)."
    ),
    "700016": N_(
        "This tenant knows no such application: check the application (client) ID, and whether "
        "it was registered in this tenant."
    ),
    "90002": N_("There is no such tenant: check the directory (tenant) ID."),
    "65001": N_(
        "Nobody agreed yet that the application may send: an administrator gives it SMTP.SendAsApp "
        "(or SMTP.Send, for a mailbox that signs in) and grants admin consent."
    ),
    "700027": N_(
        "The certificate is not one of the application: an administrator adds it (Entra, App "
        "registrations, Certificates & secrets)."
    ),
    "7000218": N_(
        "The application allows no sign-in with a code: an administrator switches on “Allow public "
        "client flows” (Entra, App registrations, Authentication)."
    ),
    **dict.fromkeys(("50173", "700082", "70008", "50078", "50076", "50079"), SIGN_IN_AGAIN),
}
EXCHANGE = N_(
    "Microsoft knows the application, but Exchange Online does not let it send as this mailbox. "
    "In Exchange PowerShell an administrator registers it (New-ServicePrincipal), gives it the "
    "mailbox (Add-MailboxPermission) and switches on authenticated SMTP (Set-CASMailbox "
    "-SmtpClientAuthenticationDisabled $false). It can take an hour before that works."
)
MICROSOFT = N_(
    "Microsoft 365: at the end of December 2026 Microsoft switches off basic authentication "
    "(user and password) for SMTP AUTH by default. An administrator can switch it on again; who "
    "comes to Microsoft 365 later does without by default. When it ends for good, Microsoft says "
    "in the second half of 2027. (As announced on 27 January 2026.)"
)
MICROSOFT_WAY_OUT = N_(
    "The way out: sign in with OAuth, which traject config mail asks for; or a mail server or "
    "relay of your own, or a connector that knows this machine by its fixed internet address "
    "(host NAME-be.mail.protection.outlook.com, port 25, without a user)."
)
TEMPORARY, REFUSED = 400, 500  # codes of SMTP: come back later; no
MICROSOFT_HOSTS = ("office365.com", "outlook.com")


def is_microsoft(host: str) -> bool:
    """Tell whether a host is one of Microsoft 365."""
    return any(
        host.lower() == name or host.lower().endswith(f".{name}") for name in MICROSOFT_HOSTS
    )


def step_line(context: Context, step: Step) -> str:
    """Return one step of a trial in words, with what the server replied."""
    mark = context.in_words(N_("in order")) if step.ok else context.in_words(N_("refused"))
    phase = context.words.text(PHASES.get(step.phase, step.phase))
    return f"{phase:<12} {mark}  {step.code or ''} {in_our_words(context, step.text)}".rstrip()


def in_our_words(context: Context, text: str) -> str:
    """Return what was said of the road, in the language of this run where the words are ours."""
    return context.words.text(text) if text in OURS else text


def remedy(step: Step, host: str, *, oauth: bool = False) -> Say:
    """Return what to do about a step that failed; `oauth`: it signs in with a token."""
    _, missing, package = step.text.partition("pip install ")
    if missing:
        return say(NO_LIBRARY, command=f"pip install {package}")
    if TEMPORARY <= step.code < REFUSED:
        return say(COME_BACK)
    if step.phase == "token":
        return say(_token_remedy(step.text))
    if step.phase == "auth" and oauth:
        return say(EXCHANGE)
    if step.phase == "auth" and is_microsoft(host):
        return say(MICROSOFT)
    return say(REMEDIES[step.phase])


def _token_remedy(text: str) -> str:
    found = re.search(r"AADSTS(\d+)", text)
    again = "traject config mail" in text or "invalid_grant" in text
    otherwise = SIGN_IN_AGAIN if again else REMEDIES["token"]
    return TOKEN_REMEDIES.get(found.group(1) if found else "", otherwise)


def tell_failure(
    context: Context, steps: Iterable[Step], url: str | None = None, *, oauth: bool | None = None
) -> None:
    """Say at which step the road ends, and the remedy; without more, of the settings' server."""
    host = urlsplit(url or context.settings.smtp_url or "").hostname or ""
    if oauth is None:
        oauth = bool(context.settings.sign_in.oauth_client)
    failed = next(step for step in steps if not step.ok)
    phase = context.words.text(PHASES[failed.phase])
    lines = [context.in_words(N_("It stops at: {phase}."), phase=phase)]
    lines.append(context.words.say(remedy(failed, host, oauth=oauth)))
    if failed.phase == "auth" and is_microsoft(host) and not oauth:
        lines.append(context.words.text(MICROSOFT_WAY_OUT))
    for text in lines:
        for line in wrapped(text):
            context.talk(line)
