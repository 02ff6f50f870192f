"""The terms of a timed rule in words: what it ships with, what is set instead, what a setting changed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _

from deadlines.models import RuleSetting
from deadlines.notices import role_names
from deadlines.registrar import changed
from deadlines.rules import Rule
from deadlines.terms import LEADER, Lead, Terms
from deadlines.trail import span
from org.roles import Role

NOTHING = "—"
UNITS = {"workday_before": "workday"}
# Units of a limit that is counted back from a date.
BEFORE = ("day", "workday_before", "half_day")
LEADS: dict[str, Any] = {
    "opening": _("when the window opens"),
    "percent": _("when {amount}% of the time is left"),
    "shift": _("{amount} hours before the shift ends"),
    "noon": _("at noon of the due day"),
}


def limit(terms: Terms) -> str:
    """How long it runs, or until when."""
    if terms.unit == "date":
        return str(_("on the date itself"))
    if terms.unit == "same_day":
        return str(_("until the end of the day"))
    said = span(terms.amount, UNITS.get(terms.unit, terms.unit))
    if terms.unit not in BEFORE:
        return said
    if terms.opens is None:
        return str(_("{span} before")).format(span=said)
    return str(_("from {opens} to {span} before")).format(
        opens=span(terms.opens, UNITS.get(terms.unit, terms.unit)), span=said
    )


def clock(terms: Terms) -> str:
    """Elapsed or working time."""
    return str(RuleSetting.Clock(terms.clock).label)


def warning(lead: Lead | None) -> str:
    """When the owner is warned."""
    if lead is None:
        return NOTHING
    if lead.unit in LEADS:
        return str(LEADS[lead.unit]).format(amount=lead.amount)
    return str(_("{span} before")).format(span=span(lead.amount, lead.unit))


def chain(levels: Iterable[Iterable[str]]) -> str:
    """Who is told after the owner, level by level."""
    return " → ".join(posts(level) for level in levels) or NOTHING


def posts(roles: Iterable[str]) -> str:
    """Roles in words; one's own leader too."""
    return "、".join(str(_("direct leader")) if r == LEADER else role_names([r]) for r in roles)


def parsed_chain(text: str) -> tuple[list[list[str]], list[str]]:
    """The levels of an escalation as typed (commas between levels, a plus within one), and what is unknown.

    A post is given by its code or by its name in the language of whoever types.
    """
    known = {str(label): str(code) for code, label in Role.choices} | {str(_("direct leader")): LEADER}
    codes = {LEADER, *Role.values}
    levels, unknown = [], []
    for level in text.replace("，", ",").replace("→", ",").split(","):
        names = [name.strip() for name in level.replace("＋", "+").replace("、", "+").split("+")]
        unknown += [name for name in names if name not in codes and name not in known]
        levels.append([known.get(name, name) for name in names])
    return levels, unknown


def said(terms: Terms) -> dict[str, str]:
    """Everything that can be set, in words, by the name of its field."""
    return {
        "amount": limit(terms),
        "clock": clock(terms),
        "warn_amount": warning(terms.warn),
        "chain": chain(terms.chain),
        "active": str(_("yes") if terms.active else _("no")),
    }


def differences(rule: Rule, before: RuleSetting | None, after: RuleSetting) -> list[tuple[str, str, str]]:
    """What a setting changed: (field, old words, new words); what a setting leaves empty is as shipped."""
    old = said(changed(rule.terms, before) if before else rule.terms)
    new = said(changed(rule.terms, after))
    return [(name, old[name], new[name]) for name in new if old[name] != new[name]]
