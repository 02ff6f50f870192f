"""How a due moment was computed, step by step, in words (E-40)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

_STEPS: dict[str, Any] = {
    "start": _("Started {at}."),
    "date": _("The date is {on}."),
    "moment": _("The moment is {at}."),
    "add_elapsed": _("Plus {span} of elapsed time."),
    "add_working": _("Plus {span} of working time."),
    "before": _("{span} before it is {on}."),
    "moved_back": _("That is a day off: back to {on}."),
    "opens": _("The window opens {span} before, on {on}."),
    "same_day": _("Until the end of {on}."),
    "due": _("Due {at}."),
    "other_working": _("In working time it would be {at}."),
    "other_elapsed": _("In elapsed time it would be {at}."),
    "born_late": _("That was past already: {span} of working time from then on, {at}."),
    "paused": _("Paused from {since} until {at}."),
    "provisional": _("The official days of a year in between are not known yet: Monday to Friday assumed."),
}
_SPANS: dict[str, Any] = {
    "minute": ngettext_lazy("{n} minute", "{n} minutes", "n"),
    "hour": ngettext_lazy("{n} hour", "{n} hours", "n"),
    "day": ngettext_lazy("{n} day", "{n} days", "n"),
    "workday": ngettext_lazy("{n} working day", "{n} working days", "n"),
    "half_day": ngettext_lazy("{n} half day", "{n} half days", "n"),
}


def sentences(trail: Iterable[dict[str, Any]]) -> list[str]:
    """The steps as sentences, in the language of the reader."""
    return [_sentence(step) for step in trail]


def span(amount: int, unit: str) -> str:
    """An amount of a unit in words."""
    return str(_SPANS[unit] % {"n": amount}).format(n=amount)


def _sentence(step: dict[str, Any]) -> str:
    said = {
        name: _shown(step[key])
        for name, key in (("at", "at"), ("on", "on"), ("since", "from"))
        if key in step
    }
    if "amount" in step:
        said["span"] = span(step["amount"], _unit(step))
    return str(_STEPS[step["step"]]).format(**said)


def _unit(step: dict[str, Any]) -> str:
    return step.get("unit", "hour" if step["step"] == "born_late" else "day")


def _shown(kept: str) -> str:
    if "T" not in kept:
        return date.fromisoformat(kept).isoformat()
    return f"{localtime(datetime.fromisoformat(kept)):%Y-%m-%d %H:%M}"
