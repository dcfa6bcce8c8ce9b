"""Where a mail may stand after its events."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from engine.audit import stages
from engine.audit.stages import Stage, after
from engine.dispatch import retries
from engine.domain import events as facts
from engine.domain.events import Event, Fact
from engine.store.snapshot import MailRow

NINE = datetime(2027, 3, 1, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)


def at(moment: datetime, fact: Fact) -> Event:
    """Return an event that was recorded at a moment."""
    return Event(1, "t", 1, fact, date(2027, 3, 1), moment, 0, b"")


def queued(moment: datetime, attempts: int = 0) -> facts.MailQueued:
    """Return that mail 1 waits for a moment."""
    return facts.MailQueued(1, "<a@b>", "00", attempts, moment)


def row(stage: Stage) -> MailRow:
    """Return a row of the outbox that says what a stage says."""
    empty = MailRow(*([None] * len(MailRow._fields)))  # type: ignore[arg-type]
    fields = ("status", "attempts", "uncertain", "not_before", "next_at")
    return empty._replace(**{name: getattr(stage, name) for name in fields})


def test_a_mail_that_was_held_goes_on_as_it_was_or_afresh() -> None:
    """A release and a try at once are the same event."""
    start = after((), at(NINE, queued(NINE + HOUR)))
    held = after(start, at(NINE, facts.MailHeld(1, "person")))
    let_go = after(held, at(NINE + 3 * HOUR, facts.MailReleased(1)))
    noon = NINE + 3 * HOUR
    assert let_go == (
        Stage("queued", 0, 0, NINE + HOUR, noon),
        Stage("queued", 0, 0, noon, noon),
    )


def test_refusals_and_doubts_are_counted() -> None:
    """Both count as attempts; a doubt waits as long as dispatch lets it wait."""
    (start,) = after((), at(NINE, queued(NINE)))
    again = NINE + timedelta(minutes=5)
    (refused,) = after((start,), at(NINE, queued(again, 1)))
    assert refused == replace(start, attempts=1, next_at=again)
    (doubt,) = after((refused,), at(again, facts.MailUncertain(1, "data")))
    wait = retries.UNCERTAIN_WAIT
    assert doubt == Stage("uncertain", 2, 1, NINE, again + wait)
    assert wait == stages.UNCERTAIN_WAIT


def test_a_dead_mail_starts_afresh_and_one_that_waits_may_stay_as_it_is() -> None:
    """Only a person lets a dead one go; what waits passes a hold of the queue."""
    (start,) = after((), at(NINE, queued(NINE)))
    (dead,) = after((start,), at(NINE, facts.MailDead(1, "rcpt", 550)))
    released = at(NINE + HOUR, facts.MailReleased(1))
    fresh = Stage("queued", 0, 0, NINE + HOUR, NINE + HOUR)
    assert after((dead,), released) == (fresh,)
    assert after((start,), released) == (start, fresh)


def test_a_mail_may_wait_for_working_hours_and_no_longer() -> None:
    """No event says so: earlier is wrong, and so is later than the bound."""
    (stage,) = after((), at(NINE, queued(NINE)))
    until = NINE + timedelta(days=14)
    for moment, wrong in ((NINE - HOUR, 1), (NINE, 0), (until, 0), (until + HOUR, 1)):
        found = list(stage.differences(row(replace(stage, next_at=moment)), until))
        assert [name for name, *_ in found] == ["next_at"] * wrong


def test_a_moment_of_no_time_zone_is_none_of_ours() -> None:
    """Somebody wrote it by hand; it cannot be compared, and is named."""
    (stage,) = after((), at(NINE, queued(NINE)))
    bare = row(stage)._replace(next_at=NINE.replace(tzinfo=None))
    assert [name for name, *_ in stage.differences(bare, NINE)] == ["next_at"]


def test_a_claim_is_no_event() -> None:
    """A mail that waits may be on its way; one that is held may not."""
    (stage,) = after((), at(NINE, queued(NINE)))
    sending = row(stage)._replace(status="sending")
    assert list(stage.differences(sending, NINE)) == []
    (held,) = after((stage,), at(NINE, facts.MailHeld(1, "person")))
    assert list(held.differences(sending, NINE)) == [("status", "sending", "held")]


def test_an_event_of_the_end_says_what_was_answered_last() -> None:
    """The columns of the last answer are short; other answers are no event's last word."""
    dead = at(NINE, facts.MailDead(1, "a phase too long", 550))
    assert stages.answers(dead) == {"last_phase": "a phase too ", "last_code": 550}
    assert stages.answers(at(NINE, facts.MailSent(1, 250))) == {"last_code": 250}
    assert stages.answers(at(NINE, facts.MailUncertain(1, "data"))) == {}
