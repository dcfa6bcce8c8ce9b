"""The one table of commands: their names in order, their groups, where their code lives.

Help is printed from this table alone, so that `traject --help` imports no command.
"""

from __future__ import annotations

from typing import NamedTuple

from engine.domain.words import N_


class Entry(NamedTuple):
    """One command: its name (`contact add` lies in the group `contact`), module and help line."""

    name: str
    module: str
    attribute: str
    summary: str


MORNING = Entry("", "commands.reading", "morning", N_("Show the coach's morning."))

DAILY = (
    Entry("start", "commands.starting", "start", N_("Start a trajectory for municipalities.")),
    Entry("accept", "commands.starting", "accept", N_("Start a trajectory that was requested.")),
    Entry("list", "commands.reading", "list_trajectories", N_("List the trajectories.")),
    Entry("show", "commands.reading", "show", N_("Show where one trajectory stands.")),
    Entry("next", "commands.reading", "next_steps", N_("Show what may happen now, and what not.")),
    Entry("meet", "commands.criteria", "meet", N_("Record criteria as met.")),
    Entry("waive", "commands.criteria", "waive", N_("Record that criteria do not apply here.")),
    Entry("reopen", "commands.criteria", "reopen", N_("Correct a slip: criteria are open again.")),
    Entry("ask", "commands.criteria", "ask", N_("Ask mayors for their consent by mail.")),
    Entry("advance", "commands.moving", "advance", N_("Move on to the next phase.")),
    Entry("send-back", "commands.moving", "send_back", N_("Go back to an earlier phase.")),
    Entry("next-round", "commands.moving", "next_round", N_("Begin the next round.")),
    Entry("pause", "commands.moving", "pause", N_("Let a trajectory rest until a day.")),
    Entry("resume", "commands.moving", "resume", N_("Go on after a pause.")),
    Entry("stop", "commands.moving", "stop", N_("End a trajectory before its goal.")),
    Entry("follow-up", "commands.starting", "follow_up", N_("Go on in another category.")),
    Entry("reschedule", "commands.moving", "reschedule", N_("Move a target date to another day.")),
    Entry("note", "commands.starting", "note", N_("Add a note to a trajectory.")),
    Entry("forecast", "commands.reading", "forecast", N_("List the mails that are to come.")),
)
PEOPLE = (
    Entry("contact", "", "", N_("Contacts and their roles.")),
    Entry("contact add", "commands.contacts", "add", N_("Give somebody a role.")),
    Entry("contact change", "commands.contacts", "change", N_("Correct a contact's data.")),
    Entry("contact assign", "commands.contacts", "assign", N_("Give a known contact a role.")),
    Entry("contact release", "commands.contacts", "release", N_("End a contact's roles.")),
    Entry(
        "contact replace", "commands.contacts", "replace", N_("Put another contact in the place.")
    ),
    Entry("contact list", "commands.directory", "list_contacts", N_("List the contacts.")),
    Entry("actor", "", "", N_("The people who work with traject.")),
    Entry("actor add", "commands.people", "actor_add", N_("Let somebody work with traject.")),
    Entry("actor change", "commands.people", "actor_change", N_("Change an actor's role.")),
    Entry("actor list", "commands.people", "actor_list", N_("List the actors.")),
    Entry("reassign", "commands.people", "reassign", N_("Hand a trajectory to another coach.")),
    Entry("scope", "", "", N_("The municipalities that take part.")),
    Entry("scope join", "commands.people", "scope_join", N_("Let municipalities join.")),
    Entry("scope leave", "commands.people", "scope_leave", N_("Let municipalities leave.")),
    Entry("whoami", "commands.people", "whoami", N_("Show who you are here.")),
)
AUDIT = (
    Entry("history", "commands.audit", "history", N_("Tell what happened, in sentences.")),
    Entry("verify", "commands.audit", "verify", N_("Check that nothing was changed unseen.")),
)
RUNNING = (
    Entry("tick", "commands.running", "tick", N_("Send what is due, once.")),
    Entry("serve", "commands.running", "serve", N_("Keep sending what is due.")),
    Entry("mail", "", "", N_("The mails that go out.")),
    Entry("mail list", "commands.mails", "mail_list", N_("List the mails.")),
    Entry("mail show", "commands.mails", "mail_show", N_("Show one mail.")),
    Entry("mail hold", "commands.mails", "mail_hold", N_("Keep mails from leaving.")),
    Entry("mail release", "commands.mails", "mail_release", N_("Let held mails leave.")),
    Entry("mail retry", "commands.mails", "mail_retry", N_("Try a mail that failed again.")),
    Entry("mail test", "commands.mails", "mail_test", N_("Try the connection to the mail server.")),
)
AUTHORING = (
    Entry("workflow", "", "", N_("The definitions of the categories.")),
    Entry("workflow list", "commands.authoring", "workflow_list", N_("List the workflows.")),
    Entry("workflow show", "commands.authoring", "workflow_show", N_("Show one workflow.")),
    Entry("workflow check", "commands.authoring", "workflow_check", N_("Check workflow files.")),
)
UPKEEP = (
    Entry("init", "commands.setup", "init", N_("Make the database and enrol yourself.")),
    Entry("upgrade", "commands.setup", "upgrade", N_("Bring the database up to date.")),
    Entry("doctor", "commands.doctor", "doctor", N_("Check that all is well.")),
    Entry("config", "", "", N_("The settings.")),
    Entry("config show", "commands.configuring", "config_show", N_("Show the settings.")),
    Entry("config set", "commands.configuring", "config_set", N_("Change a setting.")),
    Entry("rebuild", "commands.audit", "rebuild", N_("Derive the present state afresh.")),
    Entry(
        "recalculate",
        "commands.recalculating",
        "recalculate",
        N_("Work out the target dates afresh."),
    ),
    Entry("demo", "commands.demo", "demo", N_("Play nine months in a folder of its own.")),
)

GROUPS = (
    (N_("Every day"), DAILY),
    (N_("People"), PEOPLE),
    (N_("Audit"), AUDIT),
    (N_("Running"), RUNNING),
    (N_("Workflows"), AUTHORING),
    (N_("Upkeep"), UPKEEP),
)
ENTRIES = {entry.name: entry for _, entries in GROUPS for entry in entries}
# These answer whoever asks: they set up, explain, or let an outsider check. All others ask
# for an account that is enrolled.
OPEN_TO_ALL = frozenset(
    {
        *("init", "upgrade", "doctor", "config show", "config set", "demo", "whoami"),
        *("workflow list", "workflow show", "workflow check", "history", "verify"),
    }
)
# An auditor changes nothing, and that includes sending mail.
NOT_FOR_AUDITORS = frozenset({"tick", "serve"})
EXIT_CODES = (
    (0, N_("done")),
    (1, N_("something else went wrong")),
    (2, N_("something in the words typed")),
    (3, N_("no such trajectory, contact or criterion; no database yet")),
    (4, N_("rules, role or status forbid it now")),
    (5, N_("a workflow file is not valid")),
    (6, N_("somebody else was first")),
    (7, N_("a mail cannot be delivered, or the queue is held")),
    (8, N_("the history does not verify")),
    (75, N_("try again later")),
    (130, N_("interrupted")),
)
