"""The kinds of tampering, each with its name; docs/reliability.md says what tells of each."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, timedelta

from engine.domain.ledger import canonical, commitment, leaf
from tests.campaigns.forging import Deed, Entry, Forger

STATE = ("trajectories", "municipalities", "criteria", "deadlines", "assignments", "actors",
         "contacts")  # fmt: skip
SALT = b"\x07" * 32
WAITING = "('queued', 'held', 'uncertain', 'cancelled')"  # their last answer is no event
INSTANT = "2031-01-01T00:00:00.000000Z"


@dataclass(frozen=True)
class Kind:
    """A kind of tampering: whether there is a thorough way, whether nothing tells by itself."""

    deed: Deed
    may_be_thorough: bool = False
    always_thorough: bool = False
    hidden: bool = False  # without a checkpoint


# --- events -------------------------------------------------------------------------------


def _edit(forger: Forger) -> None:
    at = forger.one()
    (body,) = forger.db.execute("SELECT body FROM events WHERE position = ?", (at,)).fetchone()
    said = json.loads(body)
    name = forger.chance.choice(("occurred_on", "recorded_at", "actor", "type", "form"))
    if name != "form":
        said[name] = {
            "occurred_on": _other_day(said["occurred_on"]),
            "recorded_at": "2026-01-01T00:00:00.000000Z",
            "actor": {"id": said["actor"]["id"] + 1},
            "type": "Completed" if said["type"] != "Completed" else "NoteAdded",
        }[name]
    raw = canonical(said) if name != "form" else json.dumps(said).encode()
    if forger.chance.random() < 0.5:
        forger.db.execute("UPDATE events SET body=? WHERE position=?", (raw.decode(), at))
    else:
        row = (raw.decode(), leaf(raw), said["type"], at)
        forger.db.execute("UPDATE events SET body=?, hash=?, type=? WHERE position=?", row)


def _column(forger: Forger) -> None:
    name, value = forger.chance.choice(
        (("seq", "seq + 1000"), ("type", "'Completed2'"), ("prev", "randomblob(32)"),
         ("hash", "randomblob(32)"), ("stream", "stream || 'x'"))
    )  # fmt: skip
    where = (forger.one(),)
    forger.db.execute(f"UPDATE events SET {name} = {value} WHERE position = ?", where)


def _delete(forger: Forger) -> None:
    at = forger.one()
    if forger.thorough:
        entries = forger.load()
        del entries[at - 1]
        forger.store(entries)
        return
    forger.db.execute("DELETE FROM events WHERE position = ?", (at,))
    if forger.chance.random() < 0.7:
        forger.db.execute("DELETE FROM details WHERE position = ?", (at,))
        if forger.chance.random() < 0.5:
            _shift(forger, at, -1)


def _insert(forger: Forger) -> None:
    entries = forger.load()
    first = next(at for at, entry in enumerate(entries, 1) if entry.of_trajectory)
    stream = entries[first - 1].body["stream"]
    at = forger.chance.randint(first + 1, forger.size)
    body = {**entries[-1].body, "stream": stream, "type": "NoteAdded", "data": {}}
    body.pop("subjects", None)
    text = "this was never said"
    body["commit"] = {"text": commitment(SALT, "text", text)}
    if forger.thorough:
        entries.insert(at - 1, Entry(body, [("text", None, SALT, text)]))
        forger.store(entries)
        return
    _shift(forger, at - 1, 1)
    raw = canonical({**body, "position": at})
    row = (at, stream, 10_000, "NoteAdded", raw.decode(), None, leaf(raw))
    forger.db.execute("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?)", row)


def _reorder(forger: Forger) -> None:
    first = forger.chance.randint(1, forger.size - 1)
    second = forger.chance.randint(first + 1, forger.size)
    if forger.thorough:
        entries = forger.load()
        entries[first - 1], entries[second - 1] = entries[second - 1], entries[first - 1]
        forger.store(entries)
        return
    for old, new in ((first, -1), (second, first), (-1, second)):
        for table in ("events", "details"):
            query = f"UPDATE {table} SET position = ? WHERE position = ?"
            forger.db.execute(query, (new, old))


def _truncate(forger: Forger) -> None:
    left = forger.chance.randint(max(1, forger.size - 20), forger.size - 1)
    if forger.thorough:
        forger.store(forger.load()[:left])
        return
    forger.db.execute("DELETE FROM events WHERE position > ?", (left,))
    if forger.chance.random() < 0.8:
        forger.db.execute("DELETE FROM details WHERE position > ?", (left,))


def _swap(forger: Forger) -> None:
    entries = forger.load()
    places: dict[str, list[int]] = {}
    for at, entry in enumerate(entries[: forger.size]):
        if entry.of_trajectory:
            places.setdefault(entry.body["stream"], []).append(at)
    one, other = forger.chance.sample(sorted(places), 2)
    first, second = forger.chance.choice(places[one]), forger.chance.choice(places[other])
    if forger.thorough:
        mine, theirs = entries[first].body, entries[second].body
        mine["stream"], theirs["stream"] = theirs["stream"], mine["stream"]
        forger.store(entries)
        return
    place = {at: (entries[at].body["stream"], entries[at].body["seq"]) for at in (first, second)}
    for at, stream in ((first, ("", 0)), (second, place[first]), (first, place[second])):
        forger.db.execute("UPDATE events SET stream=?, seq=? WHERE position=?", (*stream, at + 1))


def _of_itself(forger: Forger) -> None:
    entries = forger.load()
    told = [
        entry
        for entry in entries[: forger.size]
        if entry.body["type"] in ("LogOpened", "LogRestored", "CheckpointTaken")
    ]
    entry = forger.chance.choice(told)
    data = entry.body["data"]
    if entry.body["type"] == "LogOpened":
        data["log"] = f"{forger.chance.getrandbits(128):032x}"
    elif entry.body["type"] == "LogRestored":
        data |= forger.chance.choice(({"found_size": data["found_size"] + 9}, {"epoch": 9}))
    else:  # whoever makes everything anew makes this one right
        data["root"] = f"{forger.chance.getrandbits(256):064x}"
        raw, at = canonical(entry.body), entry.body["position"]
        row = (raw.decode(), leaf(raw), at)
        forger.db.execute("UPDATE events SET body=?, hash=? WHERE position=?", row)
        return
    forger.store(entries)


def _rewrite(forger: Forger) -> None:
    entries = forger.load()
    change(forger, entries, forger.one() - 1)
    forger.store(entries)


def change(forger: Forger, entries: list[Entry], at: int) -> None:
    """Change what an event says, or a text of it with a commitment that fits."""
    entry = entries[at]
    body = entry.body
    actors = {one.body["data"]["number"] for one in entries[:at] if _enrols(one)}
    others = sorted(actors - {body["actor"]["id"]})
    texts = [n for n, one in enumerate(entry.details) if one[3] is not None]
    if texts and forger.chance.random() < 0.6:
        number = forger.chance.choice(texts)
        name, subject, _, value = entry.details[number]
        entry.details[number] = (name, subject, SALT, f"{value}, they said")
        body["commit"] = {**body["commit"], name: commitment(SALT, name, f"{value}, they said")}
        if name == "reply" and not any(
            _of_mail(one) == _of_mail(entry) for one in entries[at + 1 :]
        ):
            row = (f"{value}, they said", _of_mail(entry))  # the outbox repeats the last answer
            forger.db.execute("UPDATE mails SET last_text = ? WHERE id = ?", row)
    elif others and body["actor"]["id"] and forger.chance.random() < 0.5:
        body["actor"] = {"id": forger.chance.choice(others)}
    else:
        body["occurred_on"] = _other_day(body["occurred_on"])


def _of_mail(entry: Entry) -> int | None:
    """Return the mail of which an event tells how it fared."""
    data = entry.body["data"]
    return data.get("mail") if entry.body["type"].startswith("Mail") else None


def _enrols(entry: Entry) -> bool:
    return str(entry.body["type"]) == "ActorAdded"


# --- details ------------------------------------------------------------------------------


def _details(forger: Forger) -> None:
    query = "SELECT position, field, value IS NULL FROM details WHERE position <= ?"
    found = forger.db.execute(query, (forger.size,)).fetchall()
    position, name, erased = forger.chance.choice(found)
    changes = ["value = 'somebody else', salt = randomblob(32)", "subject = 'contact:99'"]
    if not erased:
        changes += ["value = value || '.'", "salt = randomblob(32)", "field = field || '2'"]
    deed = forger.chance.choice(changes)
    where = "WHERE position = ? AND field = ?"
    statement = f"UPDATE details SET {deed} {where}"
    if forger.chance.random() < 0.15:
        statement = f"DELETE FROM details {where}"
    forger.db.execute(statement, (position, name))


def _kept(entries: list[Entry]) -> list[tuple[Entry, int, str]]:
    """Return the details that are there: their event, their number in it, their name."""
    return [
        (entry, number, name)
        for entry in entries
        for number, (name, _, _, value) in enumerate(entry.details)
        if value is not None
    ]


def _erasure(forger: Forger) -> None:
    """Empty a detail that nobody erased, without a word; or make an earlier erasure name it."""
    entries = forger.load()
    entry, number, name = forger.chance.choice(_kept(entries[: forger.size]))
    position = entry.body["position"]
    sayers = [
        other.body["data"]
        for other in entries[position : forger.size]
        if other.body["type"] == "DetailsErased"
    ]
    if not forger.thorough or not sayers:
        half = forger.chance.choice(("value = NULL, salt = NULL", "value = NULL", "salt = NULL"))
        statement = f"UPDATE details SET {half} WHERE position = ? AND field = ?"
        forger.db.execute(statement, (position, name))
        return
    data = forger.chance.choice(sayers)
    data["erased"] = [*data["erased"], {"position": position, "field": name}]
    entry.details[number] = (name, entry.details[number][1], None, None)
    forger.store(entries)


# --- what stands beside the ledger ----------------------------------------------------------


def _projection(forger: Forger) -> None:
    _row(forger, forger.chance.choice([name for name in STATE if _rows(forger, name)]))


def _reminder(forger: Forger) -> None:
    _row(forger, "reminders")


def _row(forger: Forger, table: str) -> None:
    """Change, remove or invent a row of the present state."""
    chance = forger.chance
    row = chance.choice(_rows(forger, table))
    columns = [
        (name, kind, key)
        for _, name, kind, _, _, key in forger.db.execute(f"PRAGMA table_info({table})")
    ]
    way = chance.random()
    if way < 0.15:
        forger.db.execute(f"DELETE FROM {table} WHERE rowid = ?", (row,))
    elif way < 0.3:
        other = [
            _other(name, kind) if key or name == "ref" else name for name, kind, key in columns
        ]
        copied = f"INSERT INTO {table} SELECT {', '.join(other)} FROM {table} WHERE rowid = ?"
        forger.db.execute(copied, (row,))
    else:
        name, kind, _ = chance.choice(columns)
        value = _other(name, kind) if way < 0.9 else f"coalesce({name}, '') || '9'"
        forger.db.execute(f"UPDATE {table} SET {name} = {value} WHERE rowid = ?", (row,))


def _other(name: str, kind: str) -> str:
    """Return, in SQL, another value that a column could hold."""
    if kind == "BOOLEAN":
        return f"NOT {name}"
    if "INT" in kind:
        return f"coalesce({name}, 0) + 1000"
    if kind == "DATE":
        return "'2031-01-01'"
    if name == "at":
        return f"'{INSTANT}'"
    if kind == "BLOB":
        return "randomblob(32)"
    return f"substr('9' || coalesce({name}, ''), 1, 5)"


def _rows(forger: Forger, table: str) -> list[int]:
    return [row for (row,) in forger.db.execute(f"SELECT rowid FROM {table}")]


def _mail(forger: Forger) -> None:
    rows = forger.db.execute("SELECT id, mime IS NULL FROM mails").fetchall()
    mail, emptied = forger.chance.choice(rows)
    changes = [
        "status = CASE status WHEN 'sent' THEN 'dead' ELSE 'sent' END", "notice = notice || 'x'",
        "person = 'contact:99'", "sha256 = substr('A' || sha256, 1, 64)",
        "message_id = message_id || 'x'", "mime = x'20'", "reminder = 'x'",
        "trajectory = 'people2'", f"sent_at = '{INSTANT}'", "id = id + 1000",
        "attempts = attempts + 1", "uncertain = uncertain + 1", "entry = coalesce(entry, 0) + 7",
        f"next_at = '{INSTANT}'", f"not_before = '{INSTANT}'",
    ]  # fmt: skip
    if not emptied:
        changes += [
            "subject = subject || '!'", "envelope_to = 'eve@example.org'", "mime = NULL",
            "recipient = 'Eve <eve@example.org>'", "mime = mime || x'20'",
            "envelope_from = 'eve@example.org'",
        ]  # fmt: skip
    statement = f"UPDATE mails SET {forger.chance.choice(changes)} WHERE id = ?"
    way = forger.chance.random()
    if way < 0.1:
        statement = "DELETE FROM mails WHERE id = ?"
    elif way < 0.2:
        statement = "INSERT INTO mail_people VALUES (?, 'contact:99')"
    elif way < 0.3 and _names(forger, mail):
        statement = "DELETE FROM mail_people WHERE mail = ?"
    forger.db.execute(statement, (mail,))


def _names(forger: Forger, mail: int) -> int:
    query = "SELECT count(*) FROM mail_people WHERE mail = ?"
    return int(forger.db.execute(query, (mail,)).fetchone()[0])


def _workflow(forger: Forger) -> None:
    pick = f"WHERE rowid = {forger.chance.choice(_rows(forger, 'workflow_versions'))}"
    statement = forger.chance.choice((
        f"UPDATE workflow_versions SET document = replace(document, '1', '2') {pick}",
        f"UPDATE workflow_versions SET version = version + 100 {pick}",
        f"UPDATE workflow_versions SET category = category || '2' {pick}",
        f"DELETE FROM workflow_versions {pick}",
        f"UPDATE workflow_versions SET digest = substr('X' || digest, 1, 64) {pick}",
        "INSERT INTO workflow_versions SELECT 'abc', category, 99, document "
        f"FROM workflow_versions {pick}",
    ))  # fmt: skip
    forger.db.execute(statement)


def _head(forger: Forger) -> None:
    statement = forger.chance.choice((
        "UPDATE head SET size = size + 1", "UPDATE head SET size = size - 1",
        "UPDATE head SET frontier = randomblob(length(frontier))",
        "UPDATE head SET frontier = substr(frontier, 33)", "DELETE FROM head",
    ))  # fmt: skip
    forger.db.execute(statement)


def _guard(forger: Forger) -> None:
    name = forger.chance.choice(sorted(forger.guards))
    statement = forger.guards.pop(name)
    table = forger.chance.choice(("events", "details", "mails", "workflow_versions"))
    way = forger.chance.randrange(3)
    if way == 1:
        forger.guards[name] = statement.replace("BEGIN SELECT", "BEGIN SELECT 1 OR", 1)
    elif way == 2:
        forger.guards[name] = statement
        forger.guards["helpful"] = (
            f"CREATE TRIGGER helpful AFTER INSERT ON {table} BEGIN DELETE FROM details; END"
        )


# --- what comes after ---------------------------------------------------------------------


def after_the_witness(forger: Forger) -> None:
    """Change an event that came after what was witnessed, and make everything else anew."""
    entries = forger.load()
    change(forger, entries, forger.chance.randrange(forger.size, len(entries)))
    forger.store(entries)


def erased_by_hand(forger: Forger) -> None:
    """Empty a detail, and say so in an event at the end as an erasure does."""
    entries = forger.load()
    entry, number, name = forger.chance.choice(_kept(entries))
    entry.details[number] = (name, entry.details[number][1], None, None)
    data = {"erased": [{"position": entry.body["position"], "field": name}]}
    said = {**entries[-1].body, "stream": "log", "type": "DetailsErased", "data": data}
    said |= {"commit": {}, "workflow": None}
    said.pop("subjects", None)
    forger.store([*entries, Entry(said, [])])


def beside_the_ledger(forger: Forger) -> None:
    """Change what the machine notes for itself: no event tells it."""
    statement = forger.chance.choice((
        f"UPDATE mails SET claimed_at = '{INSTANT}'", "UPDATE mails SET key = key || 'x'",
        f"UPDATE mails SET last_text = 'all well', last_code = 250 WHERE status IN {WAITING}",
        "DELETE FROM heartbeat",
        f"UPDATE heartbeat SET at = '{INSTANT}'", "UPDATE heartbeat SET state = '{}'",
    ))  # fmt: skip
    forger.db.execute(statement)


def _shift(forger: Forger, after: int, by: int) -> None:
    """Number the events past a position anew, and their details along with them."""
    for table in ("events", "details"):
        sign = f"UPDATE {table} SET position = -(position + ?) WHERE position > ?"
        forger.db.execute(sign, (by, after))
        forger.db.execute(f"UPDATE {table} SET position = -position WHERE position < 0")


def _other_day(text: str) -> str:
    return (date.fromisoformat(text) + timedelta(days=1)).isoformat()


KINDS: dict[str, Kind] = {
    "an event's text is edited": Kind(_edit),
    "a column beside the text is edited": Kind(_column),
    "an event is deleted": Kind(_delete, may_be_thorough=True),
    "an event is inserted": Kind(_insert, may_be_thorough=True),
    "two events change places": Kind(_reorder, may_be_thorough=True),
    "the end is cut off": Kind(_truncate, may_be_thorough=True),
    "two trajectories swap events": Kind(_swap, may_be_thorough=True),
    "what the log says of itself is edited": Kind(_of_itself),
    "a detail is changed, given away or put back": Kind(_details),
    "an erasure is faked": Kind(_erasure, may_be_thorough=True),
    "the present state is edited": Kind(_projection),
    "a reminder is edited": Kind(_reminder),
    "a mail is edited": Kind(_mail),
    "a workflow document is edited": Kind(_workflow),
    "the head is edited": Kind(_head),
    "a trigger is taken away, altered or added": Kind(_guard),
    "everything is rewritten consistently": Kind(_rewrite, always_thorough=True, hidden=True),
}
