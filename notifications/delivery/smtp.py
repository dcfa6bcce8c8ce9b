"""Hands letters to a mail server: the synchronous face of a conversation."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from engine.domain.errors import BadInput
from engine.domain.words import N_
from engine.ports import Letter, Notice, Periodic, Receipt, Said, Step
from notifications.delivery.account import Account, Secret
from notifications.delivery.relay import Relay, relay_from

if TYPE_CHECKING:
    from asyncio import Runner

    from notifications.delivery.conversation import Conversation
    from notifications.delivery.tokens import Tokens


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds for each phase; too short a wait after the final dot would double mails."""

    connect: float = 30
    command: float = 60  # EHLO, STARTTLS, AUTH, RSET
    envelope: float = 300  # MAIL, RCPT
    data: float = 120
    dot: float = 600
    letter: float = 2400  # over everything
    quit: float = 5


@dataclass(frozen=True, slots=True)
class Keys:
    """What signs us in: a password, or else tokens; neither for a relay that knows us."""

    password: Secret = field(default_factory=Secret)
    tokens: Tokens | None = None


class SmtpNotifier:
    """Hands letters to a mail server; satisfies `engine.ports.Notifier`."""

    writes_files = False

    def __init__(
        self,
        url: str,
        *,
        ca_file: Path | None = None,
        timeouts: Timeouts | None = None,
        account: Account | None = None,
    ) -> None:
        """Keep where to deliver and as whom; raises BadInput for what cannot be used."""
        self._relay = relay_from(url)
        self._keys = _keys(self._relay, account or Account())
        self._ca_file = ca_file
        self._timeouts = timeouts or Timeouts()

    def __repr__(self) -> str:
        return f"SmtpNotifier({self._relay.host}:{self._relay.port}, {self._relay.security})"

    def compose(self, notice: Notice | Periodic) -> Letter:
        """Return the frozen letter; raises TrajectError when the notice cannot be said."""
        from notifications.compose import compose  # jinja2 only when a mail is made

        return compose(notice)

    def said(self, notice: Notice) -> Said:
        """Return the words that its letter would have; raises TrajectError like compose."""
        from notifications.compose import said

        return said(notice)

    @contextmanager
    def session(self) -> Iterator[SmtpSession]:
        """Return a context that connects at the first letter and takes its leave at the end."""
        with self._conversation() as (runner, conversation):
            yield SmtpSession(runner, conversation)

    def probe(self) -> tuple[Step, ...]:
        """Return what happened at connect, ehlo, tls and auth; nothing is sent."""
        with self._conversation() as (runner, conversation):
            return runner.run(conversation.probed())

    @contextmanager
    def _conversation(self) -> Iterator[tuple[Runner, Conversation]]:
        import asyncio  # not needed to know where mail goes

        from notifications.delivery.conversation import Conversation

        with asyncio.Runner() as runner:
            conversation = Conversation(self._relay, self._ca_file, self._timeouts, self._keys)
            try:
                yield runner, conversation
            finally:
                runner.run(conversation.leave())


class SmtpSession:
    """One connection for several letters; a failed one is replaced at the next letter."""

    def __init__(self, runner: Runner, conversation: Conversation) -> None:
        self._runner = runner
        self._conversation = conversation

    def send(self, name: str, letter: Letter) -> Receipt:
        """Deliver one letter and return what became of it. Never raises."""
        return self._runner.run(self._conversation.deliver(letter))


def _keys(relay: Relay, account: Account) -> Keys:
    """Return what signs us in. Raises: BadInput where that is nothing, or several."""
    application = account.application
    if not relay.user:
        if account.password is not None or application is not None:
            raise BadInput(N_("the address of the mail server names no user who could sign in"))
        return Keys()
    ways = sum((bool(relay.password), account.password is not None, application is not None))
    if ways == 0:
        raise BadInput(
            N_(
                "no password is known of {user}: type it in with traject config mail, or name a "
                "file with it in smtp_password_file"
            ),
            user=relay.user,
        )
    if ways > 1:
        raise BadInput(
            N_(
                "{user} would sign in to the mail server in several ways: keep one of the "
                "password in smtp_url, smtp_password_file or smtp_keyring, and oauth_client"
            ),
            user=relay.user,
        )
    if application is None:
        return Keys(account.password or Secret(relay.password))
    if not application.tenant or not application.client or len(application.proofs()) != 1:
        raise BadInput(
            N_(
                "signing in with OAuth takes oauth_tenant, oauth_client and one of "
                "oauth_secret_file, oauth_certificate and oauth_tokens; now there are: {found}"
            ),
            found=application.proofs() or ("–",),
        )
    from notifications.delivery.tokens import Tokens

    return Keys(tokens=Tokens(application))
