"""Erasing: what goes everywhere, what stays as it was, and who may not be erased yet."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from engine.audit import tell, verify
from engine.dispatch import desk as mail_desk
from engine.dispatch import erasing
from engine.dispatch.erasing import Erasure
from engine.dispatch.post import Keepers
from engine.domain.erasing import LastRole
from engine.domain.errors import NotFound, Refused, TryAgain
from engine.domain.events import ContactReleased, DetailsErased, MailCancelled
from engine.domain.people import Actor
from engine.language import words
from engine.ports import Receipt
from engine.service import actors, moving, people
from engine.service.desk import Terms, run
from engine.service.people import ContactData
from engine.service.reapplying import reapplied
from engine.store import clearing, erasures, outbox
from engine.store import tables as t
from engine.store.database import Database, open_database
from engine.store.due import beat, last_beat
from engine.store.enrolment import ACCOUNTS, same_accounts
from engine.store.erasing import last_roles
from engine.store.holdings import holding
from engine.store.holds import QUEUE
from engine.store.projections import read_people
from engine.store.reading import read_events
from tests.fakes import UNCLEAR, RecordingNotifier
from tests.world import World, at

above_the_store = pytest.mark.above_the_store
PLAIN = Terms()
WHY = "request_of_the_person"
HOUR = timedelta(hours=1)
LATE = date(2027, 4, 28)


@pytest.fixture
def world(database: Database) -> World:
    """A log with a trajectory, mails that left and one that waits, on either database."""
    return World(database, RecordingNotifier())


def started(world: World) -> str:
    """Start a trajectory and let its first mails leave; the coach wrote a name in a note."""
    ref = world.start()
    people.note(world.desk(), ref, "Gebeld met Jo Maes over de zaal; Rita komt ook.")
    people.note(world.desk(), ref, "De zaal is vrij.")
    world.now += HOUR
    world.tick()
    return ref


def contact(world: World, name: str) -> int:
    """Return the number of the contact with a name."""
    with world.database.reading() as connection:
        known = read_people(connection).contacts.values()
    return next(one.id for one in known if one.name == name)


def erase(world: World, number: int, *, release: bool = True, dry_run: bool = False) -> Erasure:
    """Erase a contact at the coach's desk."""
    terms = Terms(dry_run=dry_run)
    return erasing.erase_contact(
        world.desk(), world.post(), number, terms, reason=WHY, release=release
    )


def everything(world: World) -> Iterator[str]:
    """Yield every value of every table as text, the bytes of the mails too."""
    with world.database.reading() as connection:
        for table in t.metadata.sorted_tables:
            for row in connection.execute(select(table)):
                yield from (
                    one.decode("utf-8", "replace") if isinstance(one, bytes) else str(one)
                    for one in row
                )


def bodies(world: World) -> list[tuple[str, bytes]]:
    """Return the stored bytes and the hash of every event."""
    with world.database.reading() as connection:
        return [(row.body, row.hash) for row in read_events(connection)]


def history(world: World) -> str:
    """Return the whole history in Dutch."""
    told = tell(world.database, words("nl"), lambda nis: nis)
    return "\n".join(f"{one.actor} {one.text}" for one in told)


def test_a_contact_is_gone_from_every_table_and_the_history_still_verifies(world: World) -> None:
    """Details, mails, projections; the events keep their bytes, one fact says what went."""
    started(world)
    number = contact(world, "Jo Maes")
    before = bodies(world)
    assert any("jo@example.org" in value for value in everything(world))
    done = erase(world, number)
    left = [value for value in everything(world) if "Jo Maes" in value or "jo@example" in value]
    assert left == []
    assert bodies(world)[: len(before)] == before
    assert verify(world.database).problems == ()
    told = history(world)
    assert f"contactpersoon #{number} (gewist)" in told
    assert "Jo" not in told
    (fact,) = [e.fact for e in world.events() if isinstance(e.fact, DetailsErased)]
    assert fact.subject == f"contact:{number}"
    assert set(fact.mails) == {mail.id for mail in done.mails}
    assert {(one.position, one.field) for one in fact.erased} == {
        (one.position, one.field) for one in (*done.details, *done.texts)
    }


@above_the_store
def test_a_text_with_the_whole_name_goes_along_and_one_with_a_part_is_shown(world: World) -> None:
    """A program cannot know whether another Rita is meant."""
    ref = started(world)
    people.note(world.desk(), ref, "Rita belt maandag terug.")
    jo = erase(world, contact(world, "Jo Maes"), dry_run=True)
    assert [one.value for one in jo.texts] == ["Gebeld met Jo Maes over de zaal; Rita komt ook."]
    assert jo.look_at == ()
    rita = erase(world, contact(world, "Rita Claes"), dry_run=True)
    assert rita.texts == ()
    assert [one.value for one in rita.look_at] == [
        "Gebeld met Jo Maes over de zaal; Rita komt ook.",
        "Rita belt maandag terug.",
    ]


@above_the_store
def test_a_dry_run_changes_nothing(world: World) -> None:
    """The ledger and all tables are as they were, and it tells what the erasure will tell."""
    started(world)
    before = list(everything(world))
    number = contact(world, "Jo Maes")
    tried = erase(world, number, dry_run=True)
    assert list(everything(world)) == before
    assert erase(world, number) == tried


@above_the_store
def test_roles_in_open_trajectories_are_given_up_only_when_asked(world: World) -> None:
    """Who does not ask for it hears in which trajectories somebody else is to be found."""
    ref = started(world)
    number = contact(world, "Jo Maes")
    with pytest.raises(Refused, match="--release") as refused:
        erase(world, number, release=False)
    assert refused.value.sentence.values["refs"] == (ref,)
    assert erase(world, number).roles == ((ref, "coordinator", ""),)
    assert world.trajectory(ref).people("coordinator") == ()


@above_the_store
def test_what_waits_for_the_person_is_cancelled_and_for_others_written_anew(world: World) -> None:
    """In the same commit: no mail with the name leaves any more, and nobody misses theirs."""
    ref = world.start()
    world.tick()
    number = contact(world, "Jo Maes")
    waiting = {mail.id: mail for mail in world.mails(ref) if mail.status == "queued"}
    assert {mail.person for mail in waiting.values()} >= {f"contact:{number}"}
    done = erase(world, number)
    assert set(done.cancelled) | set(done.renewed) == set(waiting) & {m.id for m in done.every_mail}
    assert [waiting[one].person for one in done.renewed] == [
        f"contact:{contact(world, 'Rita Claes')}"
    ]
    statuses = {mail.id: mail.status for mail in world.mails(ref)}
    assert {statuses[one] for one in (*done.cancelled, *done.renewed)} == {"cancelled"}
    reasons = {fact.reason for fact in world.facts(ref, MailCancelled)}
    assert reasons <= {"erased", "released"}
    for mail in world.mails(ref):
        assert mail.status != "queued" or b"Jo Maes" not in (mail.mime or b"")
    world.now += HOUR
    world.tick()
    assert verify(world.database).problems == ()


@above_the_store
def test_a_mail_that_was_held_is_held_in_its_new_words(world: World) -> None:
    """Who keeps a mail from leaving has not let it go by an erasure."""
    ref = world.start()
    world.tick()
    mail_desk.hold(world.desk(), world.post(), ref=ref)
    done = erase(world, contact(world, "Jo Maes"))
    assert done.renewed
    left = [mail.status for mail in world.mails(ref) if mail.status != "cancelled"]
    assert set(left) == {"held"}
    assert verify(world.database).problems == ()


@above_the_store
def test_a_mail_on_its_way_is_waited_for(world: World) -> None:
    """Its answer would come after the erasure, and might name the reader."""
    ref = world.start()
    world.tick()
    number = contact(world, "Jo Maes")
    mine = next(m.id for m in world.mails(ref) if m.person == f"contact:{number}")
    with world.database.writing() as connection:
        outbox.change(connection, mine, status="sending")
    with pytest.raises(TryAgain, match="on its way"):
        erase(world, number)


@above_the_store
def test_nobody_is_erased_twice(world: World) -> None:
    """The second time there is nothing left, and a number that nobody has is not found."""
    started(world)
    number = contact(world, "Jo Maes")
    erase(world, number)
    with pytest.raises(Refused, match="erased already"):
        erase(world, number)
    with pytest.raises(NotFound):
        erase(world, 99)


def second_coach(world: World) -> Actor:
    """Let another coach in."""
    return actors.add_actor(
        world.desk(), name="Bo Baert", email="bo@example.org", account="uid:77", role="coach"
    )


def erase_actor(world: World, number: int) -> Erasure:
    """Erase an actor at the first coach's desk."""
    return erasing.erase_actor(world.desk(), world.post(), number, PLAIN, reason=WHY)


def test_an_actor_hands_over_first_and_acts_no_longer(world: World) -> None:
    """Nobody erases themselves, and no trajectory is left without a coach."""
    ref = started(world)
    bo = second_coach(world)
    with pytest.raises(Refused, match="themselves"):
        erase_actor(world, world.coach.id)
    people.reassign(world.desk(), ref, bo.id)
    with pytest.raises(Refused, match="traject reassign"):
        erase_actor(world, bo.id)
    people.reassign(world.desk(), ref, world.coach.id)
    world.now += HOUR
    world.tick()
    erase_actor(world, bo.id)
    with world.database.reading() as connection:
        gone = read_people(connection).actors[bo.id]
    assert (gone.name, gone.email, gone.account, gone.active) == (None, None, None, False)
    assert not [value for value in everything(world) if "Bo Baert" in value or "bo@ex" in value]
    assert f"medewerker #{bo.id} (gewist)" in history(world)
    assert verify(world.database).problems == ()


def test_the_text_of_one_event_is_erased_alone(world: World) -> None:
    """The trajectory's own stream says so; a second time there is nothing left."""
    ref = started(world)
    note = next(e for e in world.events(ref) if e.details.get("text") == "De zaal is vrij.")
    erasing.erase_text(world.desk(), note.position, PLAIN, reason="typed_by_mistake")
    assert not [value for value in everything(world) if "De zaal is vrij" in value]
    assert [fact.erased[0].position for fact in world.facts(ref, DetailsErased)] == [note.position]
    assert verify(world.database).problems == ()
    with pytest.raises(Refused, match="erased already"):
        erasing.erase_text(world.desk(), note.position, PLAIN, reason=WHY)


@above_the_store
def test_an_event_without_free_text_says_what_it_holds_instead(world: World) -> None:
    """Data of a person go with the person."""
    started(world)
    added = next(e for e in world.events() if e.details.get("email") == "jo@example.org")
    with pytest.raises(Refused, match="traject erase"):
        erasing.erase_text(world.desk(), added.position, PLAIN, reason=WHY)
    with pytest.raises(Refused, match="no free text"):
        erasing.erase_text(world.desk(), 1, PLAIN, reason=WHY)
    with pytest.raises(NotFound):
        erasing.erase_text(world.desk(), 9999, PLAIN, reason=WHY)


@above_the_store
def test_the_list_of_erasures_has_each_once_and_no_personal_data(
    world: World, tmp_path: Path
) -> None:
    """Written again it stays as it is; a line that is missing is made up for."""
    started(world)
    erase(world, contact(world, "Jo Maes"))
    file = tmp_path / "erasures.jsonl"
    with world.database.reading() as connection:
        assert erasures.keep(connection, file) == 1
        assert erasures.keep(connection, file) == 0
    erase(world, contact(world, "Rita Claes"))
    with world.database.reading() as connection:
        assert erasures.keep(connection, file) == 1
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert [set(line) for line in lines] == [{"log", "erased", "events", "mails", "subject"}] * 2
    assert "Jo" not in file.read_text()
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_log_that_came_back_from_a_backup_is_erased_again(
    sqlite_database: Database, tmp_path: Path
) -> None:
    """By the list alone, the roles given up once more; what was gone is left, and it verifies."""
    world = World(sqlite_database, RecordingNotifier())
    ref = started(world)
    number = contact(world, "Jo Maes")
    assert sqlite_database.path is not None
    backup = tmp_path / "backup.db"
    with closing(sqlite3.connect(sqlite_database.path)) as own:
        own.execute("VACUUM INTO ?", (str(backup),))
    erase(world, number)
    file = tmp_path / "erasures.jsonl"
    with sqlite_database.reading() as connection:
        erasures.keep(connection, file)
    restored = World(open_database(str(backup)), RecordingNotifier())
    with restored.database.reading() as connection:
        listed = list(erasures.still_meant(connection, file))
    again = reapplied(listed)
    other = [one._replace(erased=((10**6, "name"),)) for one in listed]
    assert run(restored.desk(), PLAIN, reapplied(other)) == 0  # somebody else's number by now
    assert run(restored.desk(), PLAIN, again) == 1
    assert run(restored.desk(), PLAIN, again) == 0
    assert not [value for value in everything(restored) if "Jo Maes" in value]
    (released,) = restored.facts(ref, ContactReleased)
    assert (released.contact, released.role) == (number, "coordinator")
    assert not [mail for mail in restored.mails() if mail.status in outbox.WAITING]
    assert verify(restored.database).problems == ()
    restored.database.close()


def test_a_contact_is_due_so_long_after_the_last_role(world: World) -> None:
    """A role ends with the release or with the trajectory; who has one is never due."""
    ref = started(world)
    jo, rita = contact(world, "Jo Maes"), contact(world, "Rita Claes")
    with world.database.reading() as connection:
        assert last_roles(connection) == [LastRole(jo, None), LastRole(rita, None)]
    people.release(world.desk(), ref, rita)
    released = world.desk().today
    with world.database.reading() as connection:
        assert last_roles(connection) == [LastRole(jo, None), LastRole(rita, released)]
    world.now += timedelta(days=10)
    moving.stop(world.desk(), ref, reason="other")
    with world.database.reading() as connection:
        assert last_roles(connection) == [
            LastRole(jo, world.desk().today),
            LastRole(rita, released),
        ]
    erase(world, rita)
    with world.database.reading() as connection:
        assert [one.contact for one in last_roles(connection)] == [jo]


def test_all_that_is_held_of_a_contact_is_found(world: World) -> None:
    """Data with their day, roles with theirs, mails, and texts with the name."""
    ref = started(world)
    number = contact(world, "Jo Maes")
    people.change_contact(world.desk(), number, ContactData(email="jo@example.net"))
    with world.database.reading() as connection:
        found = holding(connection, number)
    assert found.contact.email == "jo@example.net"
    assert {(one.field, one.value) for one in found.details if one.field != "reply"} == {
        ("name", "Jo Maes"), ("email", "jo@example.org"), ("email", "jo@example.net"),
    }  # fmt: skip
    assert [(one.ref, one.role, one.until_on) for one in found.roles] == [
        (ref, "coordinator", None)
    ]
    assert any(one.to_them and one.subject for one in found.mails)
    assert [one.field for one in found.texts] == ["text"]
    assert found.look_at == ()
    with world.database.reading() as connection:
        rita = holding(connection, contact(world, "Rita Claes"))
    assert rita.texts == ()
    assert [one.value for one in rita.look_at] == [found.texts[0].value]


@above_the_store
def test_a_mail_about_no_trajectory_that_names_a_contact_is_found_too(world: World) -> None:
    """A checkpoint that goes to their address; an erasure reaches it as well."""
    world.keepers = Keepers(("jo@example.org",), "nl", "example.org")
    world.start()
    world.tick_at(at(LATE, 8))
    number = contact(world, "Jo Maes")
    with world.database.reading() as connection:
        found = holding(connection, number)
    assert [one.ref for one in found.mails if one.notice == "checkpoint"] == [""]
    done = erase(world, number, dry_run=True)
    assert {one.number for one in found.mails} == {mail.id for mail in done.every_mail}


def test_nothing_of_it_is_left_in_the_pages_of_the_file(sqlite_database: Database) -> None:
    """A byte search finds neither name nor address after the erasure, also once vacuumed."""
    world = World(sqlite_database, RecordingNotifier())
    started(world)
    path = sqlite_database.path
    assert path is not None
    assert clearing.occurs(path, [b"jo@example.org"])
    done = erase(world, contact(world, "Jo Maes"))
    assert clearing.clear(sqlite_database, done.values) == clearing.CLEAN
    for side in path.parent.iterdir():
        assert not clearing.occurs(side, [b"jo@example.org", b"Jo Maes"])


def test_postgres_tables_are_written_anew_by_their_owner(postgres_database: Database) -> None:
    """And others are told what the owner is to do."""
    world = World(postgres_database, RecordingNotifier())
    started(world)
    done = erase(world, contact(world, "Jo Maes"))
    assert clearing.clear(postgres_database, done.values) == clearing.CLEAN
    assert verify(postgres_database).problems == ()


def test_what_a_server_repeated_goes_from_other_mails_and_heartbeats_too(world: World) -> None:
    """An answer to a mail for Rita that names Jo; a queue that rests for one; accounts."""
    ref = started(world)
    jo, rita = contact(world, "Jo Maes"), contact(world, "Rita Claes")
    with world.database.writing() as connection:
        hers = next(m for m in world.mails(ref) if m.person == f"contact:{rita}")
        outbox.change(connection, hers.id, last_text="2.1.5 and <jo@example.org> as well")
        resting = {"state": "paused", "until": "2027-03-01T00:00:00+00:00", "pauses": 1}
        beat(connection, QUEUE, world.now, {**resting, "text": "no mailbox Jo Maes"})
    erase(world, jo)
    assert not [value for value in everything(world) if "Jo Maes" in value or "jo@ex" in value]
    with world.database.reading() as connection:
        left = outbox.mail(connection, hers.id)
        assert last_beat(connection, QUEUE)[1] == {**resting, "text": "***"}  # type: ignore[index]
    assert left is not None
    assert (left.status, left.last_text) == ("sent", None)


def test_the_other_account_of_an_actor_goes_with_them(world: World) -> None:
    """That of a log that came from elsewhere; the colleague's stays."""
    started(world)
    bo = second_coach(world)
    with world.database.writing() as connection:
        beat(connection, ACCOUNTS, world.now, {"db:bo": "uid:77", "db:an": world.coach.account})
    erase_actor(world, bo.id)
    with world.database.reading() as connection:
        assert same_accounts(connection) == {"db:an": world.coach.account}


@above_the_store
def test_the_answer_to_a_mail_is_erased_with_the_text_of_its_event(world: World) -> None:
    """It stands with the event that says so, and with the mail."""
    relay = world.notifier
    assert isinstance(relay, RecordingNotifier)
    relay.answer(Receipt("dead", "rcpt", 550, "5.1.1 Zaal de Kring"))
    started(world)
    (dead,) = [event for event in world.events() if "Kring" in (event.details.get("reply") or "")]
    erasing.erase_text(world.desk(), dead.position, PLAIN, reason="other")
    assert not [value for value in everything(world) if "Kring" in value]


def away_with_digest(world: World) -> Actor:
    """Let the digest of who stands in for an absent colleague wait; return that colleague."""
    relay = world.notifier
    assert isinstance(relay, RecordingNotifier)
    first, second = world.coach, second_coach(world)
    world.coach = second
    ref = world.start()
    until = world.desk().today + timedelta(days=60)
    actors.leave(world.desk(), second.id, first.id, first=world.desk().today, until=until)
    world.coach = first
    world.tick_at(at(LATE, 7))  # the first date is past, and its mails are out
    relay.answer(UNCLEAR)
    world.digest = True
    world.tick_at(at(LATE, 8))
    people.reassign(world.desk(), ref, first.id)
    (waiting,) = [mail for mail in world.mails() if mail.notice == "coach_digest"]
    assert waiting.status == "uncertain"
    assert b"Bo Baert" in (waiting.mime or b"")
    return second


def test_a_digest_that_names_who_is_away_goes_with_them(world: World) -> None:
    """That of who stands in for them; it says so, and waited to leave once more."""
    bo = away_with_digest(world)
    done = erase_actor(world, bo.id)
    (digest,) = [mail for mail in world.mails() if mail.notice == "coach_digest"]
    assert digest.id in done.cancelled
    assert (digest.status, digest.mime, digest.person) == ("cancelled", None, "actor:1")
    assert not [value for value in everything(world) if "Bo Baert" in value or "bo@ex" in value]
    assert verify(world.database).problems == ()


def test_a_digest_that_came_back_from_a_backup_is_cancelled_too(
    sqlite_database: Database, tmp_path: Path
) -> None:
    """Its facts stand in the stream of people."""
    world = World(sqlite_database, RecordingNotifier())
    bo = away_with_digest(world)
    assert sqlite_database.path is not None
    backup = tmp_path / "backup.db"
    with closing(sqlite3.connect(sqlite_database.path)) as own:
        own.execute("VACUUM INTO ?", (str(backup),))
    erase_actor(world, bo.id)
    file = tmp_path / "erasures.jsonl"
    with sqlite_database.reading() as connection:
        erasures.keep(connection, file)
        listed = list(erasures.still_meant(connection, file))
    restored = World(open_database(str(backup)), RecordingNotifier())
    assert run(restored.desk(), PLAIN, reapplied(listed)) == 1
    (digest,) = [mail for mail in restored.mails() if mail.notice == "coach_digest"]
    assert digest.status == "cancelled"
    with restored.database.reading() as connection:
        assert not read_people(connection).actors[bo.id].active
    assert not [value for value in everything(restored) if "Bo Baert" in value]
    assert verify(restored.database).problems == ()
    restored.database.close()


@above_the_store
def test_an_account_of_the_week_that_names_a_colleague_goes_with_them(world: World) -> None:
    """Who was let in has done nothing, and stands in a line of who let them in."""
    world.weekly_account = True
    bo = second_coach(world)
    world.tick_at(at(world.desk().today + timedelta(days=7), 9))
    (account,) = [mail for mail in world.mails() if mail.notice == "weekly_account"]
    assert b"Bo Baert" in (account.mime or b"")
    erase_actor(world, bo.id)
    assert not [value for value in everything(world) if "Bo Baert" in value]
