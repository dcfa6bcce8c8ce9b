"""Delivers letters over one line, phase by phase, and says what became of each."""

from __future__ import annotations

import asyncio
import re
from contextlib import suppress
from pathlib import Path

from engine.domain.errors import BadInput
from engine.ports import Letter, Receipt, Step
from notifications.delivery.faults import RelayError, reason
from notifications.delivery.line import Line
from notifications.delivery.relay import Relay
from notifications.delivery.replies import NO_ANSWER, judge
from notifications.delivery.smtp import Keys, Timeouts
from notifications.headers import mailbox

_GO_AHEAD = 354
_CLOSING = 421  # after the dot: refused, but some relays say so of a mail that they took
_TOO_BIG = 552
_DOTS = re.compile(rb"(?m)^\.")


class Conversation:
    """Our side of the talk with a relay."""

    def __init__(self, relay: Relay, ca_file: Path | None, timeouts: Timeouts, keys: Keys) -> None:
        self._line = Line(relay, ca_file, timeouts, keys)
        self._timeouts = timeouts

    async def deliver(self, letter: Letter) -> Receipt:
        """Return the receipt of one letter, whatever happens."""
        line = self._line
        try:
            async with asyncio.timeout(self._timeouts.letter):
                return await self._deliver(letter)
        except RelayError as fault:
            await self._recover(fault)
            text = line.tidy(fault.text)
            return Receipt(fault.outcome, fault.phase, max(fault.code, 0), text)
        except Exception as error:  # noqa: BLE001  the port promises a receipt, always
            line.close()
            outcome = judge(line.phase, NO_ANSWER)
            return Receipt(outcome, line.phase, text=line.tidy(reason(error)))
        except BaseException:  # stopped by somebody: no goodbye to a relay that may not answer
            line.close()
            raise

    async def probed(self) -> tuple[Step, ...]:
        """Return how each step of opening the line went."""
        with suppress(RelayError):
            await self._line.open()
        return tuple(self._line.steps)

    async def leave(self) -> None:
        """Say goodbye and close; whatever the relay answers, the mails are sent already."""
        if self._line.is_open:
            with suppress(Exception):
                await self._line.client.quit(timeout=self._timeouts.quit)
        self._line.close()

    async def _deliver(self, letter: Letter) -> Receipt:
        _check_envelope(letter)
        await self._mail(letter)
        rcpt = self._line.client.rcpt(letter.envelope_to, timeout=self._timeouts.envelope)
        await self._line.said("rcpt", rcpt)
        await self._data()
        return await self._content(letter.mime)

    async def _mail(self, letter: Letter) -> None:
        """Say MAIL, on a fresh line where the relay hung up between two letters."""
        reused = self._line.is_open
        if not reused:
            await self._line.open()
        try:
            await self._say_mail(letter)
        except RelayError as fault:
            if not reused or fault.code not in (NO_ANSWER, 421):
                raise
            await self._line.open()
            await self._say_mail(letter)

    async def _say_mail(self, letter: Letter) -> None:
        client = self._line.client
        _check_size(letter, client.esmtp_extensions.get("size", ""))
        options = [f"SIZE={len(letter.mime)}"] if client.supports_extension("size") else []
        seconds = self._timeouts.envelope
        mail = client.mail(letter.envelope_from, options=options, timeout=seconds)
        await self._line.said("mail", mail)

    async def _data(self) -> None:
        data = self._line.client.execute_command(b"DATA", timeout=self._timeouts.data)
        reply = await self._line.said("data", data)
        if reply.code != _GO_AHEAD:
            raise RelayError("data", reply.code, reply.message)

    async def _content(self, mime: bytes) -> Receipt:
        """Send the letter and the final dot; raises RelayError unless the relay takes it.

        The library's own `data()` waits as long for the go-ahead as for the answer after
        the dot, and does not tell which of the two failed.
        """
        protocol = self._line.client.protocol
        if protocol is None or not protocol.is_connected:
            raise RelayError("data", NO_ANSWER, "the connection closed before the letter")
        self._line.phase = "dot"
        protocol.write(_stuffed(mime))
        reply = await self._line.said("dot", protocol.read_response(self._timeouts.dot))
        if judge("dot", reply.code) != "sent":
            closing = " (it may have arrived all the same)" if reply.code == _CLOSING else ""
            raise RelayError("dot", reply.code, f"{reply.message}{closing}")
        return Receipt("sent", "dot", reply.code, self._line.tidy(reply.message))

    async def _recover(self, fault: RelayError) -> None:
        """Keep a sound line for the next letter, close any other."""
        clear_answer = fault.phase in ("mail", "rcpt", "data", "dot") and 400 <= fault.code < 600
        if not (clear_answer and self._line.is_open):
            self._line.close()
            return
        rset = self._line.client.rset(timeout=self._timeouts.command)
        try:
            await self._line.said("mail", rset)
        except RelayError:  # a relay that cannot even do that gets a new call
            self._line.close()


def _check_envelope(letter: Letter) -> None:
    """Do nothing when both addresses are one plain address each; else raise RelayError.

    The library would send to the part of an address that it understands, in silence.
    """
    if not _is_plain(letter.envelope_from):
        raise RelayError("mail", NO_ANSWER, "the sender is not one mail address", "hold")
    if not _is_plain(letter.envelope_to):
        raise RelayError("rcpt", NO_ANSWER, "the recipient is not one mail address", "dead")


def _check_size(letter: Letter, limit: str) -> None:
    """Do nothing when the relay takes letters of this size; else raise RelayError.

    Relays refuse a large letter in words of their own; as a refusal of our sender it would
    hold the whole queue.
    """
    if limit.isdigit() and 0 < int(limit) < len(letter.mime):
        text = f"5.3.4 larger than the {limit} bytes that the server takes"
        raise RelayError("mail", _TOO_BIG, text, "dead")


def _is_plain(address: str) -> bool:
    try:
        return mailbox("", address).address == address
    except BadInput:
        return False


def _stuffed(mime: bytes) -> bytes:
    """Return the letter as DATA carries it: CRLF at its end, dots doubled, the final dot."""
    ending = b"" if mime.endswith(b"\r\n") else b"\r\n"
    return _DOTS.sub(b"..", mime + ending) + b".\r\n"
