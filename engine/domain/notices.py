"""The notices that a workflow file may name: each is a folder of templates per language."""

from __future__ import annotations

NOTICES = frozenset(
    {
        "start",
        "phase_started",
        "deadline_soon",
        "overdue",
        "validation_request",
        "feedback_invite",
        "feedback_changed",
        "paused",
        "resume_soon",
        "stopped",
        "completed",
        "followup_offer",
        "lead_escalation",
        "handover",
        "monthly_overview",
        "feedback_report",
        "contacts_check",
    }
)
