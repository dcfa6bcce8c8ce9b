"""What is known of the road to a mail server: its steps in words, remedies, Microsoft's dates."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from commands.columns import wrapped
from commands.context import Context
from engine.domain.words import N_, Say, say

if TYPE_CHECKING:
    from engine.ports import Step

PHASES = {
    "connect": N_("connection"),
    "ehlo": N_("greeting"),
    "tls": N_("encryption"),
    "auth": N_("sign-in"),
    "file": N_("folder"),
}
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
    "file": N_("Check that the folder of the mails can be written."),
}
MICROSOFT = N_(
    "Microsoft 365: at the end of December 2026 Microsoft switches off basic authentication "
    "(user and password) for SMTP AUTH by default. An administrator can switch it on again; who "
    "comes to Microsoft 365 later does without by default. When it ends for good, Microsoft says "
    "in the second half of 2027. (As announced on 27 January 2026.)"
)
MICROSOFT_WAY_OUT = N_(
    "The way out for now: a mail server or relay of your own, or a connector that knows this "
    "machine by its fixed internet address (host NAME-be.mail.protection.outlook.com, port 25, "
    "without a user). Signing in with OAuth comes in a later version of traject."
)
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
    return f"{phase:<12} {mark}  {step.code or ''} {step.text}".rstrip()


def remedy(step: Step, host: str) -> Say:
    """Return what to do about a step that failed."""
    if step.phase == "auth" and is_microsoft(host):
        return say(MICROSOFT)
    return say(REMEDIES[step.phase])


def tell_failure(context: Context, steps: Iterable[Step], url: str | None = None) -> None:
    """Say at which step the road ends, and the remedy; `url` is the server of the settings."""
    host = urlsplit(url or context.settings.smtp_url or "").hostname or ""
    failed = next(step for step in steps if not step.ok)
    phase = context.words.text(PHASES[failed.phase])
    lines = [context.in_words(N_("It stops at: {phase}."), phase=phase)]
    lines.append(context.words.say(remedy(failed, host)))
    if failed.phase == "auth" and is_microsoft(host):
        lines.append(context.words.text(MICROSOFT_WAY_OUT))
    for text in lines:
        for line in wrapped(text):
            context.talk(line)
