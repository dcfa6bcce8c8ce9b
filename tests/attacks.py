"""Attacks on the ledger, each with its name; docs/append-only.md lists them, tests try them."""

from __future__ import annotations

# What a daily command's own connection could be made to say, such as by a fault in the program.
SQLITE = {
    "change an event": "UPDATE events SET body = '{}' WHERE position = 2",
    "change an event, replacing another": (
        "UPDATE OR REPLACE events SET position = 1 WHERE position = 2"
    ),
    "remove an event": "DELETE FROM events WHERE position = 2",
    "remove all events": "DELETE FROM events",
    "replace an event at its position": (
        "INSERT OR REPLACE INTO events SELECT position, stream, seq, type, '{}', prev, hash "
        "FROM events WHERE position = 2"
    ),
    "replace an event by its number in the stream": (
        "REPLACE INTO events SELECT position + 1000, stream, seq, type, '{}', prev, hash "
        "FROM events WHERE position = 2"
    ),
    "insert or else change": (
        "INSERT INTO events SELECT * FROM events WHERE position = 2 "
        "ON CONFLICT (position) DO UPDATE SET body = '{}'"
    ),
    "leave a gap": (
        "INSERT INTO events SELECT max(position) + 2, 'log', "
        "(SELECT max(seq) + 1 FROM events WHERE stream = 'log'), 'X', '{}', "
        "(SELECT hash FROM events WHERE stream = 'log' ORDER BY seq DESC), x'00' FROM events"
    ),
    "put an event before the first": (
        "INSERT INTO events VALUES (0, 'log', 0, 'X', '{}', NULL, x'00')"
    ),
    "continue another event than the last": (
        "INSERT INTO events SELECT max(position) + 1, 'log', "
        "(SELECT max(seq) + 1 FROM events WHERE stream = 'log'), 'X', '{}', x'00', x'00' "
        "FROM events"
    ),
    "change a detail": "UPDATE details SET value = 'anders'",
    "erase half a detail": "UPDATE details SET salt = NULL",
    "give a detail to another event": "UPDATE details SET position = position + 1",
    "remove a detail": "DELETE FROM details",
    "replace a detail": (
        "INSERT OR REPLACE INTO details "
        "SELECT position, field, subject, x'00', 'anders' FROM details"
    ),
    "change a workflow": "UPDATE workflow_versions SET document = '{}'",
    "replace a workflow": (
        "REPLACE INTO workflow_versions SELECT digest, category, version, '{}' "
        "FROM workflow_versions"
    ),
    "change what a mail says": "UPDATE mails SET mime = x'00'",
    "change who a mail is": "UPDATE mails SET message_id = 'x'",
    "remove a mail": "DELETE FROM mails",
    "remove the head": "DELETE FROM head",
    "drop a trigger": "DROP TRIGGER events_no_update",
    "drop the table": "DROP TABLE events",
    "rename the table": "ALTER TABLE events RENAME TO old_events",
    "add a column": "ALTER TABLE events ADD COLUMN extra",
    "write in the schema itself": "PRAGMA writable_schema = ON",
    "remove the triggers from the schema": "DELETE FROM sqlite_master WHERE type = 'trigger'",
    "attach another file": "ATTACH ':memory:' AS other",
    "put a temporary table in front": "CREATE TEMP TABLE events (position, body)",
    "put a temporary view in front": "CREATE TEMP VIEW details AS SELECT 1",
    "add a trigger of one's own": (
        "CREATE TRIGGER own BEFORE INSERT ON events BEGIN SELECT RAISE(IGNORE); END"
    ),
    "add a temporary trigger": (
        "CREATE TEMP TRIGGER own BEFORE INSERT ON events BEGIN SELECT RAISE(IGNORE); END"
    ),
    "say that no migration was made": "UPDATE alembic_version SET version_num = '0001'",
    "load a library": "SELECT load_extension('x')",
}

_NEXT = (
    "(SELECT max(position) FROM events) + {step}, 'log', "
    "(SELECT max(seq) + 1 FROM events WHERE stream = 'log'), 'X', '{{}}', {prev}, '\\x00'"
)
_PREV = "(SELECT hash FROM events WHERE stream = 'log' ORDER BY seq DESC LIMIT 1)"

# What a coach's own login could say to the server, with psql or any other program.
POSTGRES = {
    "change an event": "UPDATE events SET body = '{}' WHERE position = 2",
    "remove an event": "DELETE FROM events WHERE position = 2",
    "empty the table": "TRUNCATE events",
    "empty it with all that hangs on it": "TRUNCATE head, events CASCADE",
    "insert or else change": (
        "INSERT INTO events SELECT * FROM events WHERE position = 2 "
        "ON CONFLICT (position) DO UPDATE SET body = '{}'"
    ),
    "merge": (
        "MERGE INTO events USING (SELECT 2 AS p) AS s ON events.position = s.p "
        "WHEN MATCHED THEN DELETE"
    ),
    "leave a gap": f"INSERT INTO events SELECT {_NEXT.format(step=2, prev=_PREV)}",
    "put an event before the first": (
        "INSERT INTO events VALUES (0, 'log', 0, 'X', '{}', NULL, '\\x00')"
    ),
    "continue another event than the last": (
        "INSERT INTO events SELECT " + _NEXT.format(step=1, prev="'\\x00'::bytea")
    ),
    "copy events in": (
        "COPY events FROM PROGRAM 'printf ''9999\\tlog\\t9999\\tX\\t{}\\t\\\\N\\t\\\\x00'''"
    ),
    "change a detail": "UPDATE details SET value = 'anders'",
    "erase without being an eraser": "UPDATE details SET salt = NULL, value = NULL",
    "remove a detail": "DELETE FROM details",
    "change a workflow": "UPDATE workflow_versions SET document = '{}'",
    "change what a mail says": "UPDATE mails SET mime = '\\x00'",
    "empty a mail without being an eraser": "UPDATE mails SET mime = NULL",
    "remove a mail": "DELETE FROM mails",
    "remove the head": "DELETE FROM head",
    "drop a trigger": "DROP TRIGGER events_no_change ON events",
    "switch a trigger off": "ALTER TABLE events DISABLE TRIGGER events_no_change",
    "switch all triggers off": "ALTER TABLE events DISABLE TRIGGER ALL",
    "pose as a replica": (
        "SET session_replication_role = replica; DELETE FROM events WHERE position = 2"
    ),
    "replace the function of the triggers": (
        "CREATE OR REPLACE FUNCTION traject_refuse() RETURNS trigger LANGUAGE plpgsql "
        "AS $$BEGIN RETURN NULL; END$$"
    ),
    "drop the function of the triggers": "DROP FUNCTION traject_refuse() CASCADE",
    "drop the table": "DROP TABLE events",
    "drop the schema": "DROP SCHEMA public CASCADE",
    "rename the table": "ALTER TABLE events RENAME TO old_events",
    "add a column": "ALTER TABLE events ADD COLUMN extra text",
    "take the table over": "ALTER TABLE events OWNER TO CURRENT_USER",
    "grant oneself more": "GRANT ALL ON events TO CURRENT_USER; DELETE FROM events",
    "become the owner": "SET ROLE {owner}; DELETE FROM events WHERE position = 2",
    "join the erasers": "GRANT {prefix}_erase TO CURRENT_USER",
    "put a temporary table in front": (
        "CREATE TEMP TABLE events (position bigint, stream text, seq integer, hash bytea); "
        "INSERT INTO public.events VALUES (9999, 'log', 9999, 'X', '{{}}', NULL, '\\x00')"
    ),
    "make a table of one's own": "CREATE TABLE mine (x integer)",
    "add a trigger of one's own": (
        "CREATE TRIGGER own BEFORE INSERT ON events FOR EACH ROW EXECUTE FUNCTION traject_refuse()"
    ),
    "write a rule": "CREATE RULE own AS ON INSERT TO events DO INSTEAD NOTHING",
    "let rows be hidden": "ALTER TABLE events ENABLE ROW LEVEL SECURITY",
    "write in the catalogue": "UPDATE pg_catalog.pg_trigger SET tgenabled = 'D'",
    "close the log for everybody": (
        "INSERT INTO heartbeat VALUES ('closed', now(), '{{\"why\": \"moved\"}}')"
    ),
    "close the log by another heartbeat": "UPDATE heartbeat SET name = 'closed'",
    "act in another's name": "UPDATE actors SET account = 'db:somebody' WHERE id = 1",
    "take another role": "UPDATE actors SET role = 'lead' WHERE id = 1",
    "take another's number": "UPDATE actors SET id = 99 WHERE id = 1",
    "take somebody out": "DELETE FROM actors",
    "enrol somebody unsaid": (
        "INSERT INTO actors (id, account, lang, role, active) "
        "VALUES (99, 'db:somebody', 'nl', 'lead', true)"
    ),
    "say that no migration was made": "UPDATE alembic_version SET version_num = '0001'",
    "run code as the owner": "DO $$BEGIN EXECUTE 'DELETE FROM events'; END$$",
}
