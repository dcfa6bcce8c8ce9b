"""Sets the mail server by questions: what is typed is tried first and kept when it works."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from commands import settings
from commands.asking import ask, can_ask, choose, yes
from commands.columns import wrapped
from commands.configuring import keep
from commands.context import Context
from commands.mail_road import MICROSOFT, MICROSOFT_WAY_OUT, is_microsoft
from commands.settings_file import checked
from commands.shape import command
from commands.urls import without_password
from engine.domain.errors import BadInput, Refused
from engine.domain.words import N_

if TYPE_CHECKING:
    from notifications.delivery.relay import Relay

KEPT = 7  # the exit code when the server does not answer as it should


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


def guided(context: Context) -> int:
    """Ask for the mail server, try it and keep it; return the exit code."""
    own = context.settings
    if own.origins["smtp_url"] == settings.ENVIRONMENT:
        raise Refused(
            N_("TRAJECT_SMTP_URL is set here and goes before the settings file: take it away first")
        )
    told(context, N_("The mail server. Ctrl-C stops; nothing is changed then."))
    provider = _provider(context)
    if is_microsoft(provider.host):
        told(context, MICROSOFT)
        told(context, MICROSOFT_WAY_OUT)
    url = _server(context, provider)
    sender = _sender(context, url)
    values = {
        "smtp_url": url,
        "sender": sender,
        "organisation": organisation(context, own.organisation),
    }
    _show(context, values)
    if not yes(context.in_words(N_("Try it, and keep it when it works?")), default=True):
        told(context, N_("Nothing was changed."))
        return 0
    return _tried_and_kept(context, values)


def told(context: Context, template: str, **values: object) -> None:
    """Say a sentence on the terminal, in lines of 80 characters."""
    for line in wrapped(context.in_words(template, **values)):
        context.talk(line)


def _provider(context: Context) -> Provider:
    rows = [(context.words.text(provider.name),) for provider in PROVIDERS]
    question = context.in_words(N_("Who carries your mails? (a number)"))
    return PROVIDERS[choose(question, context, rows, _numbered(len(PROVIDERS)))]


def _server(context: Context, provider: Provider) -> str:
    """Return the URL of the server, with the account in it."""
    known = _known(context)
    host = known.host if known and not provider.host else provider.host
    host = ask(context.in_words(N_("Server:")), context, _host, default=host or None)
    same = known if known and known.host == host else None
    port = ask(
        context.in_words(N_("Port:")), context, _port, default=str(same.port if same else 587)
    )
    scheme = _scheme(context, host, port)
    user = _user(context, provider, same)
    if not user:
        return f"{scheme}://{_bracketed(host)}:{port}"
    password = _password(context, same if same and same.user == user else None)
    return f"{scheme}://{quote(user, safe='')}:{quote(password, safe='')}@{_bracketed(host)}:{port}"


def _known(context: Context) -> Relay | None:
    """Return the server that is set now."""
    from notifications.delivery.relay import relay_from

    return relay_from(context.settings.smtp_url) if context.settings.smtp_url else None


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


def _user(context: Context, provider: Provider, known: Relay | None) -> str:
    default = known.user if known else ""
    if provider.signs_in:
        return ask(context.in_words(N_("User:")), context, str, default=default or None)
    question = context.in_words(N_("User (Enter: none, the server knows this machine):"))
    return ask(question, context, str, default=default)


def _password(context: Context, known: Relay | None) -> str:
    if known is not None:
        question = context.in_words(N_("Password (Enter: the one that is kept; not shown):"))
        return ask(question, context, str, default="", hidden=True) or known.password
    return ask(context.in_words(N_("Password (not shown):")), context, str, hidden=True)


def _sender(context: Context, url: str) -> str:
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
            told(context, N_("Nothing was changed."))
            return KEPT
    keep(context, values)
    context.say(N_("Kept in {file}."), file=str(context.settings.file))
    if not works:
        told(context, N_("Try again with: traject mail test"))
        return KEPT
    told(context, N_("It works: mails leave at the next round. Those kept as files stay files."))
    told(context, N_("Where the queue was held, let it go: traject mail release --all"))
    return 0


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
