"""Tests of the kinds of events that a coach tells apart."""

from __future__ import annotations

from commands import history
from engine.audit.kinds import KINDS, types_of
from engine.domain.codec import FACTS
from engine.store.chosen import OF_A_MAIL


def test_every_fact_is_of_some_kind() -> None:
    """What nobody gave another one is upkeep."""
    assert {name for kind in KINDS for name in types_of(kind)} == FACTS.keys()


def test_the_command_offers_every_kind() -> None:
    """It has them by itself, as importing them takes time."""
    assert history.KINDS == KINDS


def test_every_fact_about_one_mail_is_known_as_such() -> None:
    """They name a mail by its number, so that whose it is must be looked up."""
    named = {name for name, fact in FACTS.items() if "mail" in getattr(fact, "__slots__", ())}
    assert named == {*OF_A_MAIL}
