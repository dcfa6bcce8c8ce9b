"""The one table of commands: their names in order, their groups, where their code lives.

Help is printed from this table alone, so that `traject --help` imports no command.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from engine.domain.words import N_


class Entry(NamedTuple):
    """One command: its name (`contact add` lies in the group `contact`), module and help line.

    `alias` is its Dutch name, which works in every language: `toevoegen` in `contact`.
    """

    name: str
    module: str
    attribute: str
    summary: str
    alias: str = ""

    @property
    def own(self) -> str:
        """The name within its group: `add` of `contact add`."""
        return self.name.rpartition(" ")[2]

    @property
    def group(self) -> str:
        """The English name of the group it lies in; empty for the outermost."""
        return self.name.rpartition(" ")[0]

    @property
    def names(self) -> tuple[str, ...]:
        """The own name, and the Dutch one where that is another."""
        return (self.own,) if self.alias in ("", self.own) else (self.own, self.alias)


def _row(name: str, alias: str, where: str, summary: str) -> Entry:
    """Return the entry of a command at `module:attribute`, or of a group, which is nowhere."""
    module, _, attribute = where.partition(":")
    return Entry(name, module and f"commands.{module}", attribute, summary, alias)


MORNING = Entry("", "commands.reading", "morning", N_("Show the coach's morning."))

DAILY = (
    _row("start", "start", "starting:start", N_("Start a trajectory for municipalities.")),
    _row("accept", "aanvaard", "starting:accept", N_("Start a trajectory that was requested.")),
    _row("list", "lijst", "reading:list_trajectories", N_("List the trajectories.")),
    _row("show", "toon", "reading:show", N_("Show where one trajectory stands.")),
    _row("next", "watnu", "reading:next_steps", N_("Show what may happen now, and what not.")),
    _row("meet", "vink", "criteria:meet", N_("Record criteria as met.")),
    _row("waive", "nvt", "criteria:waive", N_("Record that criteria do not apply here.")),
    _row("reopen", "heropen", "criteria:reopen", N_("Correct a slip: criteria are open again.")),
    _row("ask", "vraag", "criteria:ask", N_("Ask mayors for their consent by mail.")),
    _row("advance", "verder", "moving:advance", N_("Move on to the next phase.")),
    _row("send-back", "terug", "moving:send_back", N_("Go back to an earlier phase.")),
    _row("next-round", "ronde", "moving:next_round", N_("Begin the next round.")),
    _row("pause", "pauzeer", "pausing:pause", N_("Let a trajectory rest until a day.")),
    _row("resume", "hervat", "pausing:resume", N_("Go on after a pause.")),
    _row("stop", "stop", "pausing:stop", N_("End a trajectory before its goal.")),
    _row("follow-up", "vervolg", "starting:follow_up", N_("Go on in another category.")),
    _row("reschedule", "verzet", "moving:reschedule", N_("Move a target date to another day.")),
    _row("snooze", "sluimer", "snoozing:snooze", N_("Let reminders rest until a day.")),
    _row("note", "noteer", "starting:note", N_("Add a note to a trajectory.")),
    _row("forecast", "vooruitblik", "reading:forecast", N_("List the mails that are to come.")),
)
PEOPLE = (
    _row("contact", "contact", "", N_("Contacts and their roles.")),
    _row("contact add", "toevoegen", "contacts:add", N_("Give somebody a role.")),
    _row("contact change", "wijzigen", "contacts:change", N_("Correct a contact's data.")),
    _row("contact assign", "toewijzen", "contacts:assign", N_("Give a known contact a role.")),
    _row("contact release", "afmelden", "contacts:release", N_("End a contact's roles.")),
    _row(
        "contact replace", "vervangen", "contacts:replace", N_("Put another contact in the place.")
    ),
    _row("contact list", "lijst", "directory:list_contacts", N_("List the contacts.")),
    _row(
        "contact export",
        "uitvoer",
        "privacy.held_data:contact_export",
        N_("Show all that is kept of one contact."),
    ),
    _row("actor", "medewerker", "", N_("The people who work with traject.")),
    _row("actor add", "toevoegen", "people:actor_add", N_("Let somebody work with traject.")),
    _row("actor change", "wijzigen", "people:actor_change", N_("Change an actor's role.")),
    _row("actor list", "lijst", "people:actor_list", N_("List the actors.")),
    _row("reassign", "draag-over", "people:reassign", N_("Hand a trajectory to another coach.")),
    _row("away", "afwezig", "absence:away", N_("Let a colleague stand in for a while.")),
    _row("scope", "gemeenten", "", N_("The municipalities that take part.")),
    _row("scope join", "erbij", "people:scope_join", N_("Let municipalities join.")),
    _row("scope leave", "eruit", "people:scope_leave", N_("Let municipalities leave.")),
    _row("whoami", "wie-ben-ik", "people:whoami", N_("Show who you are here.")),
)
AUDIT = (
    _row("history", "geschiedenis", "history:history", N_("Tell what happened, in sentences.")),
    _row("amend", "zet-recht", "amending:amend", N_("Correct what was recorded, beside it.")),
    _row("verify", "controleer", "audit:verify", N_("Check that nothing was changed unseen.")),
    _row("checkpoint", "controlepunt", "audit:checkpoint", N_("Take a checkpoint for others.")),
    _row("export", "exporteer", "export.command:export", N_("Hand the history over to others.")),
    _row("erase", "wis", "privacy.erasing:erase", N_("Erase personal data or a text, for good.")),
)
RUNNING = (
    _row("tick", "mailronde", "rounds.running:tick", N_("Send what is due, once.")),
    _row("serve", "dienst", "rounds.running:serve", N_("Keep sending what is due.")),
    _row("mail", "mail", "", N_("The mails that go out.")),
    _row("mail list", "lijst", "mailing.desk:mail_list", N_("List the mails.")),
    _row("mail show", "toon", "mailing.desk:mail_show", N_("Show one mail.")),
    _row("mail hold", "houd-tegen", "mailing.desk:mail_hold", N_("Keep mails from leaving.")),
    _row("mail release", "laat-gaan", "mailing.desk:mail_release", N_("Let held mails leave.")),
    _row("mail retry", "opnieuw", "mailing.desk:mail_retry", N_("Try a mail that failed again.")),
    _row(
        "mail test", "test", "mailing.desk:mail_test", N_("Try the connection to the mail server.")
    ),
)
AUTHORING = (
    _row("workflow", "werkwijze", "", N_("The definitions of the categories.")),
    _row("workflow list", "lijst", "authoring:workflow_list", N_("List the workflows.")),
    _row("workflow show", "toon", "authoring:workflow_show", N_("Show one workflow.")),
    _row("workflow check", "kijk-na", "authoring:workflow_check", N_("Check workflow files.")),
)
UPKEEP = (
    _row("init", "begin", "setup:init", N_("Make the database and enrol yourself.")),
    _row("upgrade", "werk-bij", "setup:upgrade", N_("Bring the database up to date.")),
    _row("doctor", "dokter", "health.doctor:doctor", N_("Check that all is well.")),
    _row("config", "instellingen", "", N_("The settings.")),
    _row("config show", "toon", "settings.configuring:config_show", N_("Show the settings.")),
    _row("config set", "zet", "settings.configuring:config_set", N_("Change a setting.")),
    _row(
        "config mail", "mail", "mailing.setup:config_mail", N_("Set the mail server by questions.")
    ),
    _row(
        "backup", "reservekopie", "copies.backing_up:backup", N_("Copy the database, and check it.")
    ),
    _row("restore", "zet-terug", "copies.restoring:restore", N_("Put a back-up in its place.")),
    _row("move", "verhuis", "copies.relocating:move", N_("Move the database to another place.")),
    _row("roles", "rollen", "roles:roles", N_("Give logins of PostgreSQL no more than they need.")),
    _row("rebuild", "herbouw", "audit:rebuild", N_("Derive the present state afresh.")),
    _row(
        "recalculate",
        "herbereken",
        "recalculating:recalculate",
        N_("Work out the target dates afresh."),
    ),
    _row(
        "completion",
        "aanvulling",
        "tab.completion:completion",
        N_("Let the Tab key complete words."),
    ),
    _row("demo", "demo", "demo:demo", N_("Play nine months in a folder of its own.")),
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
# (group, a name in it) -> the command; both languages, whichever one reads
NAMED = {(entry.group, name): entry for entry in ENTRIES.values() for name in entry.names}


def dutch(entry: Entry) -> str:
    """Return the whole Dutch name of a command: `instellingen toon`."""
    group = (ENTRIES[entry.group].alias,) if entry.group else ()
    return " ".join((*group, entry.alias))


# What a coach needs; the other commands are on the page that shows all.
ALSO_DAILY = tuple(ENTRIES[name] for name in ("contact", "mail", "history"))
# Who may run what: each command is in one of these sets. These answer whoever asks: they set up,
# explain, or let an outsider check. All others ask for an account that is enrolled.
OPEN_TO_ALL = frozenset(
    {
        *("init", "upgrade", "doctor", "config show", "config set", "demo", "whoami", "completion"),
        *("config mail", "backup", "restore", "roles"),
        *("workflow list", "workflow show", "workflow check", "history", "verify"),
    }
)
# Every role may; an auditor reads all of it.
FOR_EVERY_ROLE = frozenset(
    {
        *("list", "show", "next", "forecast", "contact list", "contact export", "actor list"),
        *("checkpoint", "export", "mail list", "mail show", "mail test"),
    }
)
FOR_LEADS = frozenset({"amend"})  # besides, a lead says another's absence
# An auditor changes nothing, which includes sending mail, and hears so before anything is asked.
NOT_FOR_AUDITORS = frozenset(
    {
        *(entry.name for entry in DAILY if entry.name not in ("list", "show", "next", "forecast")),
        *("contact add", "contact change", "contact assign", "contact release", "contact replace"),
        *("actor add", "actor change", "reassign", "away", "scope join", "scope leave"),
        "erase",
        *("tick", "serve", "mail hold", "mail release", "mail retry", "rebuild", "recalculate"),
        "move",
        *FOR_LEADS,
    }
)
# Records something about a trajectory or people, so that a colleague can ask somebody to do it.
FOR_A_COLLEAGUE = NOT_FOR_AUDITORS - {"tick", "serve", "rebuild", "move"}
LOOKS_WITH = {"rebuild": "dry_run", "erase": "due"}  # with this option it only shows something
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


def writes(name: str, given: Mapping[str, object]) -> bool:
    """Tell whether a command, with what was given to it, is none for an auditor."""
    looks = name in LOOKS_WITH and bool(given.get(LOOKS_WITH[name]))
    return name in NOT_FOR_AUDITORS and not looks
