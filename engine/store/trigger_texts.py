"""The SQL of the triggers, for SQLite and for PostgreSQL."""

from __future__ import annotations

# What a mail keeps for ever, and what an erasure may empty but nobody may change.
MAIL_FIXED = ("id", "key", "message_id", "sha256")
# last_text is erased with it, but is no part of what is frozen: each attempt has its answer.
MAIL_ERASABLE = ("subject", "recipient", "envelope_from", "envelope_to", "mime")


def _sqlite(name: str, event: str, table: str, reason: str, condition: str = "") -> str:
    when = f" WHEN {condition}" if condition else ""
    return (
        f"CREATE TRIGGER {name} BEFORE {event} ON {table}{when} "
        f"BEGIN SELECT RAISE(ABORT, '{reason}'); END"
    )


def _exists(table: str, *keys: str) -> str:
    # INSERT OR REPLACE deletes the old row without asking the DELETE trigger.
    same = " OR ".join(
        "(" + " AND ".join(f"{column} IS NEW.{column}" for column in key.split()) + ")"
        for key in keys
    )
    return f"EXISTS (SELECT 1 FROM {table} WHERE {same})"  # noqa: S608 (names of ours)


# A log that moved away takes no event any more, whoever asks.
_CLOSED = "EXISTS (SELECT 1 FROM {schema}heartbeat WHERE name = 'closed')"

_SQLITE_NEXT_EVENT = (
    "NEW.position IS NOT (SELECT coalesce(max(position), 0) + 1 FROM events)"
    " OR NEW.seq IS NOT"
    " (SELECT coalesce(max(seq), 0) + 1 FROM events WHERE stream = NEW.stream)"
    " OR NEW.prev IS NOT"
    " (SELECT hash FROM events WHERE stream = NEW.stream AND seq = NEW.seq - 1)"
)
_SQLITE_NOT_ERASED = (
    "NEW.salt IS NOT NULL OR NEW.value IS NOT NULL OR NEW.position IS NOT OLD.position"
    " OR NEW.field IS NOT OLD.field OR NEW.subject IS NOT OLD.subject"
)
_SQLITE_MAIL_CHANGED = " OR ".join(
    [f"NEW.{name} IS NOT OLD.{name}" for name in MAIL_FIXED]
    + [f"(NEW.{name} IS NOT NULL AND NEW.{name} IS NOT OLD.{name})" for name in MAIL_ERASABLE]
)

_SQLITE = (
    ("events_no_update", "UPDATE", "events", "the ledger is append-only"),
    ("events_no_delete", "DELETE", "events", "the ledger is append-only"),
    ("events_next", "INSERT", "events", "not the next event", _SQLITE_NEXT_EVENT),
    ("events_open", "INSERT", "events", "this log only reads", _CLOSED.format(schema="")),
    ("details_erase_only", "UPDATE", "details", "only erasing", _SQLITE_NOT_ERASED),
    ("details_no_delete", "DELETE", "details", "only erasing"),
    (
        "details_no_replace",
        "INSERT",
        "details",
        "only erasing",
        _exists("details", "position field"),
    ),
    ("workflow_versions_no_update", "UPDATE", "workflow_versions", "published for good"),
    ("workflow_versions_no_delete", "DELETE", "workflow_versions", "published for good"),
    (
        "workflow_versions_no_replace",
        "INSERT",
        "workflow_versions",
        "published for good",
        _exists("workflow_versions", "digest", "category version"),
    ),
    (
        "mails_frozen",
        f"UPDATE OF {', '.join(MAIL_FIXED + MAIL_ERASABLE)}",
        "mails",
        "a mail is frozen",
        _SQLITE_MAIL_CHANGED,
    ),
    ("mails_no_delete", "DELETE", "mails", "mails are kept"),
    (
        "mails_no_replace",
        "INSERT",
        "mails",
        "mails are kept",
        _exists("mails", "id", "key", "message_id"),
    ),
)

# name: table, statement
SQLITE_TRIGGERS: dict[str, tuple[str, str]] = {
    trigger[0]: (trigger[2], _sqlite(*trigger)) for trigger in _SQLITE
}

# An integrity error, as SQLite's RAISE(ABORT) gives. No percent sign: drivers read those.
_REFUSE = (
    "RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', "
    "MESSAGE = TG_OP || ' refused on ' || TG_TABLE_NAME"
)
_POSTGRES_MAIL_CHANGED = " OR ".join(
    [f"NEW.{name} IS DISTINCT FROM OLD.{name}" for name in MAIL_FIXED]
    + [
        f"(NEW.{name} IS NOT NULL AND NEW.{name} IS DISTINCT FROM OLD.{name})"
        for name in MAIL_ERASABLE
    ]
)


def _guard(condition: str) -> str:
    return f"BEGIN IF {condition} THEN {_REFUSE}; END IF; RETURN NEW; END"


# ORDER BY … LIMIT 1, not max(): without statistics PostgreSQL reads the whole stream for
# max(), ten times the cost of the insert after some thousand events.
_LAST_EVENT = (
    "DECLARE last_position bigint; last_seq integer; last_hash bytea; BEGIN"
    " SELECT position INTO last_position FROM {schema}.events ORDER BY position DESC LIMIT 1;"
    " SELECT seq, hash INTO last_seq, last_hash FROM {schema}.events"
    " WHERE stream = NEW.stream ORDER BY seq DESC LIMIT 1;"
)
_NEXT_EVENT = (
    f"{_LAST_EVENT} IF NEW.position IS DISTINCT FROM coalesce(last_position, 0) + 1"
    " OR NEW.seq IS DISTINCT FROM coalesce(last_seq, 0) + 1"
    f" OR NEW.prev IS DISTINCT FROM last_hash THEN {_REFUSE}; END IF; RETURN NEW; END"
)

_OWNER = "(SELECT relowner FROM pg_class WHERE oid = TG_RELID)"

# Looked at when all is committed: a rebuild takes the rows away and puts the same ones back.
_UNTOLD = (
    "DECLARE own integer; told jsonb; kept text; BEGIN"
    " IF pg_has_role(current_user, (SELECT relowner FROM pg_class WHERE oid = TG_RELID), 'USAGE')"
    " THEN RETURN NULL; END IF;"
    " FOREACH own IN ARRAY ARRAY[OLD.id, NEW.id] LOOP CONTINUE WHEN own IS NULL;"
    " SELECT body::jsonb -> 'data' INTO told FROM {schema}.events WHERE stream = 'people'"
    " AND type IN ('ActorAdded', 'ActorChanged')"
    " AND (body::jsonb -> 'data' ->> 'number')::integer = own ORDER BY seq DESC LIMIT 1;"
    " SELECT value INTO kept FROM {schema}.details WHERE subject = 'actor:' || own"
    " AND field = 'account' ORDER BY position DESC LIMIT 1;"
    " IF EXISTS (SELECT FROM {schema}.actors WHERE id = own"
    " AND (account IS DISTINCT FROM kept OR role IS DISTINCT FROM told ->> 'role'"
    " OR active IS DISTINCT FROM coalesce((told ->> 'active')::boolean, told IS NOT NULL)))"
    " OR (told IS NOT NULL AND NOT EXISTS (SELECT FROM {schema}.actors WHERE id = own))"
    " THEN"
)

POSTGRES_FUNCTIONS: dict[str, str] = {
    "traject_refuse": f"BEGIN {_REFUSE}; END",
    "traject_next_event": _NEXT_EVENT,
    "traject_open": (
        f"BEGIN IF {_CLOSED.format(schema='{schema}.')} THEN {_REFUSE}; END IF; RETURN NULL; END"
    ),
    # Who owns the tables opens and closes a log: nobody's daily login could undo a move.
    "traject_mark": (
        "BEGIN IF (NEW.name = 'closed' OR OLD.name = 'closed')"
        f" AND NOT pg_has_role(current_user, {_OWNER}, 'USAGE')"
        f" THEN {_REFUSE}; END IF; IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END"
    ),
    "traject_erase_only": _guard(
        "NEW.salt IS NOT NULL OR NEW.value IS NOT NULL"
        " OR NEW.position IS DISTINCT FROM OLD.position"
        " OR NEW.field IS DISTINCT FROM OLD.field OR NEW.subject IS DISTINCT FROM OLD.subject"
    ),
    "traject_as_told": f"{_UNTOLD} {_REFUSE}; END IF; END LOOP; RETURN NULL; END",
    "traject_frozen_mail": _guard(_POSTGRES_MAIL_CHANGED),
}

_ROW = "{event} ON {{table}} FOR EACH ROW"
_UPDATE, _DELETE, _INSERT = (_ROW.format(event=one) for one in ("UPDATE", "DELETE", "INSERT"))
_CHANGE = _ROW.format(event="DELETE OR UPDATE")  # in the order in which PostgreSQL tells it
_ANY = _ROW.format(event="INSERT OR DELETE OR UPDATE")
_TRUNCATE = "TRUNCATE ON {table} FOR EACH STATEMENT"
_ADD = "INSERT ON {table} FOR EACH STATEMENT"
_FROZEN = _ROW.format(event=f"UPDATE OF {', '.join(MAIL_FIXED + MAIL_ERASABLE)}")

_AT_LAST = "AFTER INSERT OR DELETE OR UPDATE ON {table} DEFERRABLE INITIALLY DEFERRED FOR EACH ROW"

# name: table, moment, function; before it, unless it says after
POSTGRES_TRIGGERS: dict[str, tuple[str, str, str]] = {
    "events_no_change": ("events", _CHANGE, "traject_refuse"),
    "events_no_truncate": ("events", _TRUNCATE, "traject_refuse"),
    "events_next": ("events", _INSERT, "traject_next_event"),
    "events_open": ("events", _ADD, "traject_open"),
    "details_erase_only": ("details", _UPDATE, "traject_erase_only"),
    "details_no_delete": ("details", _DELETE, "traject_refuse"),
    "details_no_truncate": ("details", _TRUNCATE, "traject_refuse"),
    "workflow_versions_no_change": ("workflow_versions", _CHANGE, "traject_refuse"),
    "workflow_versions_no_truncate": ("workflow_versions", _TRUNCATE, "traject_refuse"),
    "mails_frozen": ("mails", _FROZEN, "traject_frozen_mail"),
    "mails_no_delete": ("mails", _DELETE, "traject_refuse"),
    "mails_no_truncate": ("mails", _TRUNCATE, "traject_refuse"),
    "actors_as_told": ("actors", _AT_LAST, "traject_as_told"),
    "heartbeat_closed": ("heartbeat", _ANY, "traject_mark"),
}
