"""The year as it counts: which days are worked in a company, which are special, and who set it."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import dates
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from config.backoffice.gate import administrators_only, page
from flow import clock
from org import calendars
from org.models import CalendarDay, CalendarVersion, Company
from org.worktime import Worktime

KINDS = {True: "bo-makeup", False: "bo-holiday"}


@dataclass(frozen=True)
class Day:
    """A day of the year; `name` says why it is special."""

    date: date
    tone: str
    name: str = ""


@administrators_only
def year(request: HttpRequest) -> HttpResponseBase:
    """The page: `?company=KG&year=2026`; without a company the calendar of the group."""
    today = localtime(clock.now()).date()
    company = Company.objects.filter(code=request.GET.get("company", "")).first()
    asked = request.GET.get("year", "")
    shown = int(asked) if re.fullmatch(r"20[0-9]{2}|2100", asked) else today.year
    versions = versions_for(company)
    special = _special(versions, shown)
    worktime = calendars.worktime(company)
    context = {
        "companies": Company.objects.filter(parent__isnull=False),
        "company": company,
        "shown": shown,
        "known": shown in worktime.years,
        "months": months(worktime, shown, special, today),
        "special": special.values(),
        "shifts": [f"{start:%H:%M}–{end:%H:%M}" for start, end in worktime.usual],
        "versions": versions,
        "weekdays": list(dates.WEEKDAYS_ABBR.values()),
    }
    return page(request, "admin/year.html", _("Year calendar"), context)


def versions_for(company: Company | None) -> list[CalendarVersion]:
    """The versions that count for a company, its own before the group's, the latest first."""
    rows = CalendarVersion.objects.select_related("issued_by", "company")
    own = list(rows.filter(company=company).order_by("-number")) if company else []
    return own + list(rows.filter(company=None).order_by("-number"))


def _special(versions: list[CalendarVersion], shown: int) -> dict[date, CalendarDay]:
    """The special days of the year by the version that knows it."""
    current = next((v for v in versions if shown in v.years), versions[0] if versions else None)
    rows = CalendarDay.objects.filter(version=current, date__year=shown)
    return {row.date: row for row in rows}


def months(
    worktime: Worktime, shown: int, special: dict[date, CalendarDay], today: date
) -> list[dict[str, Any]]:
    """The twelve months as weeks of days; a place before the first and after the last day is None."""

    def day(at: date) -> Day | None:
        if at.year != shown:
            return None
        if own := special.get(at):
            tone = KINDS[own.kind == CalendarDay.Kind.MAKEUP]
        else:
            tone = "" if worktime.is_workday(at) else "bo-rest"
        name = (own.name or str(own.get_kind_display())) if own else ""
        return Day(at, f"{tone} bo-today" if at == today else tone, name)

    weeks = calendar.Calendar()
    return [
        {
            "name": dates.MONTHS[number],
            "weeks": [
                [day(at) if at.month == number else None for at in week]
                for week in weeks.monthdatescalendar(shown, number)
            ],
        }
        for number in range(1, 13)
    ]
