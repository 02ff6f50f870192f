"""The words in which a step of a clock is told."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from deadlines.addressees import Taken
from deadlines.rules import rule_of
from flow.models import Case, Document, Event
from integration.notices import Word
from org.models import Person
from org.roles import Role

TITLES = {
    "warn": _("Due soon: {document}"),
    "due": _("Overdue: {document}"),
    "escalate": _("Still overdue: {document}"),
}


def of_step(one: Taken, person: Person, event: Event, document: Document) -> Word:
    """What one person hears of one step."""
    row = one.row
    said = [sentence_of(row.rule), str(_("Due {moment}.")).format(moment=shown(row.due_at))]
    if row.line_label:
        said.insert(0, row.line_label)
    if one.late:
        said.append(
            str(_("This step fell due {moment} and was caught up late.")).format(moment=shown(one.at))
        )
    if one.to.vacant:
        said.append(str(_("Nobody holds the post: {roles}.")).format(roles=role_names(one.to.vacant)))
    return Word(
        person=person,
        title=str(TITLES[one.kind]).format(document=document),
        text=" ".join(said),
        path=document.path,
        at=one.at,
        key=f"deadline:{row.pk}:{one.step}",
        case=Case(pk=row.case_id),
        event=event,
    )


def summary(person: Person, count: int, *, at: datetime) -> Word:
    """What a person hears instead of a storm; the same one from every sweep of the same ten minutes."""
    text = _("{count} steps of your deadlines came due at once. Your list of deadlines shows them all.")
    return Word(
        person=person,
        title=_("Many deadlines at once"),
        text=str(text).format(count=count),
        path="",
        at=at,
        key=f"deadlines:{at:%Y%m%d%H}{at.minute // 10}",
    )


def sentence_of(rule: str) -> str:
    """What a rule says; its name where it is no longer declared."""
    found = rule_of(rule)
    return str(found.sentence) if found else rule


def role_names(roles: Any) -> str:
    """Roles in words."""
    names = dict(Role.choices)
    return "、".join(str(names.get(role, role)) for role in roles)


def shown(at: datetime) -> str:
    """A moment as the house writes it."""
    return f"{localtime(at):%Y-%m-%d %H:%M}"
