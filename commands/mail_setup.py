"""Sets the mail server by questions: what is typed is tried first and kept when it works."""

from __future__ import annotations

from urllib.parse import urlsplit

from commands import mail_questions, settings
from commands.asking import can_ask, yes
from commands.columns import wrapped
from commands.configuring import keep
from commands.context import Context
from commands.mail_road import MICROSOFT, MICROSOFT_WAY_OUT, is_microsoft
from commands.shape import command
from commands.urls import password_in, without_password
from engine.domain.errors import BadInput, Refused
from engine.domain.words import N_

UNCHANGED = N_("The settings stay as they were.")
KEPT = 7  # the exit code when the server does not answer as it should


BY_HAND = (
    "traject config set smtp_url smtp+starttls://USER:PASSWORD@HOST:587",
    "traject config set sender ADDRESS",
    "traject config set organisation NAME",
    "traject mail test",
)


@command(
    details=N_("Asks on a terminal for server, account and sender, tries them, and keeps them.")
)
def config_mail(context: Context) -> int:
    """Set the mail server."""
    if not can_ask(context):
        lines = "\n".join(f"  {context.hint(line)}" for line in BY_HAND)
        raise BadInput(
            N_("this asks its questions on a terminal; without one, type:\n{lines}"), lines=lines
        )
    return guided(context)


def guided(context: Context, *, signed: bool = False) -> int:
    """Ask for the mail server, try it and keep it; return the exit code.

    `signed`: which organisation signs the mails was asked already.
    """
    own = context.settings
    if own.origins["smtp_url"] == settings.ENVIRONMENT:
        raise Refused(
            N_("TRAJECT_SMTP_URL is set here and goes before the settings file: take it away first")
        )
    told(context, N_("The mail server. Ctrl-C stops; the settings stay as they were then."))
    carrier = mail_questions.provider(context)
    if is_microsoft(carrier.host):
        _tell_of_microsoft(context)
    url = mail_questions.server(context, carrier)
    if password_in(url) and is_microsoft(urlsplit(url).hostname or "") and not carrier.signs_in:
        _tell_of_microsoft(context)
    sender = mail_questions.sender(context, url)
    values = {"smtp_url": url, "sender": sender}
    if not signed:
        values["organisation"] = mail_questions.organisation(context, own.organisation)
    _show(context, values)
    if not yes(context.in_words(N_("Try it, and keep it when it works?")), default=True):
        told(context, UNCHANGED)
        return 0
    return _tried_and_kept(context, values)


def told(context: Context, template: str, **values: object) -> None:
    """Say a sentence on the terminal, in lines of 80 characters."""
    for line in wrapped(context.in_words(template, **values)):
        context.talk(line)


def _tell_of_microsoft(context: Context) -> None:
    told(context, MICROSOFT)
    told(context, MICROSOFT_WAY_OUT)


def _show(context: Context, values: dict[str, str]) -> None:
    told(context, N_("This comes in the settings file, which you alone can read:"))
    context.talk(f"  {context.settings.file}")
    for key, value in values.items():
        shown = without_password(value) if key == "smtp_url" else value
        context.talk(f"  {key:<12}  {shown or '–'}")


def _tried_and_kept(context: Context, values: dict[str, str]) -> int:
    """Try the road, step by step, then write the settings; ask where it does not work."""
    from commands.mail_road import step_line, tell_failure
    from notifications.delivery import SmtpNotifier, Timeouts

    patience = Timeouts(connect=10, command=20, quit=1)
    url = values["smtp_url"]
    steps = SmtpNotifier(url, ca_file=context.settings.smtp_ca, timeouts=patience).probe()
    for step in steps:
        context.talk(step_line(context, step))
    works = all(step.ok for step in steps)
    if not works:
        tell_failure(context, steps, url)
        if not yes(context.in_words(N_("Keep it all the same?")), default=False):
            told(context, UNCHANGED)
            return KEPT
    keep(context, values)
    context.say(N_("Kept in {file}."), file=str(context.settings.file))
    if not works:
        told(context, N_("Try again with: traject mail test"))
        return KEPT
    told(context, N_("It works: mails leave at the next round. Those kept as files stay files."))
    told(context, N_("Where the queue was held, let it go: traject mail release --all"))
    return 0
