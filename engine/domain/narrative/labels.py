"""What a coach calls the notices, and the reasons why a planned mail did not leave."""

from __future__ import annotations

from engine.domain.words import N_

NOTICES = {
    "start": N_("start of the support"),
    "phase_started": N_("a new phase begins"),
    "deadline_soon": N_("reminder before the target date"),
    "overdue": N_("reminder after the target date"),
    "validation_request": N_("request for consent"),
    "feedback_invite": N_("invitation to the feedback moment"),
    "feedback_changed": N_("the feedback moment changes"),
    "paused": N_("the support is paused"),
    "resume_soon": N_("the pause ends soon"),
    "stopped": N_("the support is stopped"),
    "completed": N_("the support is completed"),
    "followup_offer": N_("how is it going, three months later"),
    "lead_escalation": N_("call, pause or stop?"),
    "handover": N_("introduction: where we are"),
    "monthly_overview": N_("overview of the month"),
    "feedback_report": N_("after the feedback moment"),
    "contacts_check": N_("are the contacts still right?"),
    "coach_digest": N_("digest of the day"),
    "weekly_account": N_("account of the week"),
    "checkpoint": N_("checkpoint"),
}
REASONS = {
    "cannot_be_said": N_("it could not be written"),
    "asked_again": N_("it is asked once more"),
    "covered": N_("another mail of that moment says more"),
    "erased": N_("it named somebody whose data was erased"),
    "followed_up": N_("other support has begun"),
    "late": N_("its day had passed"),
    "merged": N_("one mail instead of several"),
    "moved": N_("the target date was moved"),
    "no_recipient": N_("nobody has that role"),
    "nothing_open": N_("nothing was open any more"),
    "past": N_("its moment had passed"),
    "paused": N_("the trajectory was paused"),
    "phase_left": N_("the phase was left"),
    "planned": N_("an appointment was planned"),
    "readdressed": N_("its reader has another address now"),
    "released": N_("its reader has that role no longer"),
    "renewed": N_("the trajectory had moved on; a new mail was written"),
    "reopened": N_("a point was opened again"),
    "resumed": N_("the trajectory was resumed"),
    "settled": N_("settled"),
    "stopped": N_("the trajectory was stopped"),
    "substituted": N_("somebody else is to read it by now; a new mail was written"),
    "told": N_("its readers know already"),
    "withheld": N_("without mail, as was asked"),
}
