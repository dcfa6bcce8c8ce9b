"""Sets the mail server by questions: what is typed is tried first and kept when it works."""

from __future__ import annotations

from urllib.parse import urlsplit

from commands.frame.context import Context
from commands.frame.shape import command
from commands.mailing import oauth as mail_oauth
from commands.mailing import questions as mail_questions
from commands.mailing.questions import Answers
from commands.mailing.road import MICROSOFT, MICROSOFT_WAY_OUT, is_microsoft
from commands.pages.columns import wrapped
from commands.settings import layers
from commands.settings.configuring import keep
from commands.settings.urls import password_in, without_password
from commands.typed.asking import can_ask, yes
from engine.domain.errors import BadInput, Refused
from engine.domain.words import N_

UNCHANGED = N_("The settings stay as they were.")
KEPT = 7  # the exit code when the server does not answer as it should


BY_HAND = (
    "traject config set smtp_url smtp+starttls://USER@HOST:587",
    "traject config set smtp_password_file FILE",
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
    if own.origins["smtp_url"] == layers.ENVIRONMENT:
        raise Refused(
            N_("TRAJECT_SMTP_URL is set here and goes before the settings file: take it away first")
        )
    told(context, N_("The mail server. Ctrl-C stops; the settings stay as they were then."))
    carrier = mail_questions.provider(context)
    kind = ""
    if is_microsoft(carrier.host):
        _tell_of_microsoft(context)
        kind = mail_oauth.way(context)
    if kind:
        with mail_oauth.answers(context, carrier, kind) as answers:
            return _finished(context, answers, signed=signed)
    answers = mail_questions.with_password(context, carrier)
    host = urlsplit(answers.url).hostname or ""
    if password_in(answers.url) and is_microsoft(host) and not is_microsoft(carrier.host):
        _tell_of_microsoft(context)
    return _finished(context, answers, signed=signed)


def _finished(context: Context, answers: Answers, *, signed: bool) -> int:
    """Ask who sends and who signs, show it, try it and keep it; return the exit code."""
    values = dict(answers.values)
    values["sender"] = mail_questions.sender(context, answers.url)
    if not signed:
        values["organisation"] = mail_questions.organisation(context, context.settings.organisation)
    _show(context, values)
    if not yes(context.in_words(N_("Try it, and keep it when it works?")), default=True):
        told(context, UNCHANGED)
        return 0
    return _tried_and_kept(context, answers, values)


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
        if shown or key in ("sender", "organisation"):
            context.talk(f"  {key:<17}  {shown or '–'}")


def _tried_and_kept(context: Context, answers: Answers, values: dict[str, str]) -> int:
    """Try the road, step by step, then write the settings; ask where it does not work."""
    from commands.mailing.road import step_line, tell_failure
    from notifications.delivery import SmtpNotifier, Timeouts
    from notifications.delivery.tokens import keep_private

    patience = Timeouts(connect=10, command=20, quit=1)
    ca_file = context.settings.smtp_ca
    steps = SmtpNotifier(
        answers.url, ca_file=ca_file, timeouts=patience, account=answers.account
    ).probe()
    for step in steps:
        context.talk(step_line(context, step))
    works = all(step.ok for step in steps)
    if not works:
        oauth = answers.account.application is not None
        tell_failure(context, steps, answers.url, oauth=oauth)
        if not yes(context.in_words(N_("Keep it all the same?")), default=False):
            told(context, UNCHANGED)
            return KEPT
    for file, text in answers.files.items():
        keep_private(file, text())
    keep(context, values)
    context.say(N_("Kept in {file}."), file=str(context.settings.file))
    if not works:
        told(context, N_("Try again with: traject mail test"))
        return KEPT
    told(context, N_("It works: mails leave at the next round. Those kept as files stay files."))
    told(context, N_("Where the queue was held, let it go: traject mail release --all"))
    return 0
