"""Hands letters to a mail server: the synchronous face of a conversation."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from engine.ports import Letter, Notice, Receipt, Step
from notifications.delivery.relay import relay_from

if TYPE_CHECKING:
    from asyncio import Runner

    from notifications.delivery.conversation import Conversation


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


class SmtpNotifier:
    """Hands letters to a mail server; satisfies `engine.ports.Notifier`."""

    writes_files = False

    def __init__(
        self, url: str, *, ca_file: Path | None = None, timeouts: Timeouts | None = None
    ) -> None:
        """Keep where to deliver; raises BadInput for a URL that must not be used."""
        self._relay = relay_from(url)
        self._ca_file = ca_file
        self._timeouts = timeouts or Timeouts()

    def __repr__(self) -> str:
        return f"SmtpNotifier({self._relay.host}:{self._relay.port}, {self._relay.security})"

    def compose(self, notice: Notice) -> Letter:
        """Return the frozen letter; raises TrajectError when the notice cannot be said."""
        from notifications.compose import compose  # jinja2 only when a mail is made

        return compose(notice)

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
            conversation = Conversation(self._relay, self._ca_file, self._timeouts)
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
