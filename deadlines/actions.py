"""What is done with a periodic duty: opened by the clock, fulfilled by whoever holds the post."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from deadlines.models import Duty
from flow.actions import action, creation, draft
from flow.events import By
from flow.forms import ActionForm, HappenedAtField, ReasonForm
from flow.policy import STAFF
from org.models import Company
from org.roles import Role

# Any post may owe a duty; administering is none (C2).
POSTS = STAFF - {Role.ADMIN}


class FulfilForm(ActionForm):
    """Asks what was found and done."""

    note = forms.CharField(
        label=_("Record"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("What was found, and what was done about it."),
    )
    happened_at = HappenedAtField()


@creation(Duty, _("Open a periodic duty"))
def open(
    by: By,
    *,
    company: Company,
    rule: str,
    code: str,
    title: str,
    role: str,
    period: str,
    starts_at: datetime,
    ends_at: datetime,
) -> Duty:
    """The clock opens the turn of a duty, with a case of its own."""
    made: Duty = draft(
        Duty,
        by=by,
        company=company,
        title=title[:200],
        rule=rule,
        code=code,
        role=role,
        period=period,
        starts_at=starts_at,
        ends_at=ends_at,
    )
    return made


def _holder(duty: Any) -> frozenset[str]:
    return frozenset({duty.role})


@action(
    Duty,
    _("Record as done"),
    FulfilForm,
    may=POSTS,
    may_on=_holder,
    rules="PRD-34 PRD-35 PRD-44 PRD-53 PRD-71 PUR-05 PUR-26 QUA-06 DLV-07",
)
def fulfil(duty: Duty, by: By, *, note: str) -> None:
    """The holder of the post records what was found and done."""
    duty.fulfil()
    duty.note = note


@action(Duty, _("Withdraw"), ReasonForm, may=(Role.GM, Role.DEPUTY_GM), awaited=False, rules="SYS-03")
def withdraw(duty: Duty, by: By, *, reason: str) -> dict[str, str]:
    """The general manager lets one turn of a duty fall away (a day without work)."""
    duty.withdraw()
    return {"reason": reason}
