"""Whose a mail is that was made for somebody who is not to read it any more."""

from __future__ import annotations

from dataclasses import replace

from engine.domain.recipients import Recipient, reads_now

LIES = Recipient("actor:5", "Lies De Wit", "lies@example.org", "nl", "lead")
TOM = replace(LIES, key="actor:6", name="Tom Aerts", email="tom@example.org")
BO_FOR_LIES = replace(LIES, key="actor:7", name="Bo Claes", instead_of="actor:5")
JO = Recipient("contact:1", "Jo Maes", "jo@example.org", "nl", "coordinator")


def test_who_has_the_role_reads_their_own_mail() -> None:
    """Whoever else has it too."""
    assert reads_now((LIES, TOM), "actor:6") is TOM


def test_a_substitute_reads_for_who_is_away_and_gives_it_back() -> None:
    """Of several leads the one for whom the mail was made."""
    assert reads_now((TOM, BO_FOR_LIES), "actor:5") is BO_FOR_LIES
    assert reads_now((TOM, LIES), "actor:7", made_for="actor:5") is LIES


def test_nobody_gets_the_same_mail_twice() -> None:
    """Who has it already stands in for one who is away: there is nobody left to tell."""
    assert reads_now((TOM,), "actor:5") is TOM
    assert reads_now((TOM,), "actor:5", served={"actor:6"}) is None


def test_the_mail_of_a_contact_goes_on_to_nobody() -> None:
    """The next one in that role is mailed for themselves."""
    assert reads_now((JO,), "contact:2") is None
