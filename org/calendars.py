"""Which working calendar counts for a company, and how a new version of one is issued (SYS-05)."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time
from functools import lru_cache
from typing import Any

from django.db import connections, transaction
from django.db.models import BigIntegerField, Q

from org import china
from org.composed import Composed, Place
from org.models import Company, Person
from org.models.calendar import CalendarDay, CalendarVersion, Shift
from org.worktime import USUAL_SHIFT, Segment, Worktime

Shifts = Mapping[int | None, Sequence[Segment]]
HOLIDAY, MAKEUP = CalendarDay.Kind.HOLIDAY, CalendarDay.Kind.MAKEUP
SEEDED_AT = datetime(2025, 11, 4, 4, tzinfo=UTC)


def worktime(company: Company | None) -> Worktime:
    """The working calendar of a company: its own latest version, else the group's, else Monday to Friday.

    One query; the calendar itself is kept in the process by version. In years that only the group's
    version knows, the group's days count.
    """
    newest = dict(_known(company=company.pk if company else None))
    return _read(newest.get(company.pk) if company else None, newest.get(None))


def worktimes(company_ids: Iterable[int]) -> dict[int, Worktime]:
    """The working calendars of several companies, as `worktime`. One query."""
    wanted = set(company_ids)
    newest = _newest(Q(company_id__in=wanted))
    return {pk: _read(newest.get(pk), newest.get(None)) for pk in wanted}


def newest_version() -> uuid.UUID | None:
    """The public id of the version issued last, whoever's it is; None when there is none. One query."""
    return CalendarVersion.objects.order_by("-pk").values_list("public_id", flat=True).first()


@transaction.atomic
def issue_version(
    *,
    company: Company | None,
    by: Person | None,
    at: datetime,
    note: str = "",
    days: Mapping[date, tuple[str, str] | None] | None = None,
    years: Iterable[int] = (),
    shifts: Shifts | None = None,
    weekdays: Iterable[int] | None = None,
    zone: str | None = None,
) -> CalendarVersion:
    """Issue a new version: the calendar that counts now, with these changes.

    `days` maps a date to (kind, name), or to None to take a special day away; `years` become known;
    `shifts` maps a weekday (None: all) to its segments and replaces all shifts; `weekdays` are the
    working ones. Raises ValueError where the result would have no working time.
    """
    if company:
        # Locked, so that two versions of a company never get the same number.
        Company.objects.select_for_update(no_key=True).get(pk=company.pk)
    newest = _newest(Q(company=company))
    before = _version((company and newest.get(company.pk)) or newest.get(None))
    made = CalendarVersion.objects.create(
        company=company,
        number=CalendarVersion.objects.filter(company=company).count() + 1,
        note=note,
        zone=zone or (before.zone if before else china.ZONE),
        weekdays=_digits(weekdays) if weekdays is not None else (before.weekdays if before else "01234"),
        years=sorted({*(before.years if before else ()), *years}),
        issued_by=by,
        issued_at=at,
    )
    CalendarDay.objects.bulk_create(_days(made, before, days or {}))
    Shift.objects.bulk_create(_shifts(made, before, shifts))
    _build(made, ())
    return made


def seed(*, at: datetime = SEEDED_AT) -> CalendarVersion | None:
    """Issue the group's first calendar with the official days; None when there is one already."""
    if CalendarVersion.objects.filter(company=None).exists():
        return None
    days = {day: (str(MAKEUP if worked else HOLIDAY), name) for day, worked, name in china.special_days()}
    return issue_version(
        company=None, by=None, at=at, days=days, years=china.OFFICIAL, note="国务院办公厅节假日安排"
    )


def seed_after_migrate(using: str, **kwargs: Any) -> None:
    """Seed the calendar once the tables of the organisation stand."""
    if CalendarVersion._meta.db_table in connections[using].introspection.table_names():
        seed()


def unknown_years(company: Company | None, *, on: date) -> list[int]:
    """The years, of this one and from July on the next, whose official days are still to be entered."""
    near = [on.year] if on.month < 7 else [on.year, on.year + 1]
    return [year for year in near if year not in worktime(company).years]


def _newest(whose: Q) -> dict[int | None, uuid.UUID]:
    """The latest version by company; None stands for the group."""
    rows = CalendarVersion.objects.filter(whose | Q(company__isnull=True)).order_by("pk")
    return dict(rows.values_list("company_id", "public_id"))


# A condition on no company holds for none: then the group's alone are found.
_known = Composed(
    lambda: (
        CalendarVersion.objects.filter(
            Q(company=Place("company", BigIntegerField())) | Q(company__isnull=True)
        )
        .order_by("pk")
        .values_list("company_id", "public_id")
    )
)


@lru_cache(maxsize=256)
def _read(own: uuid.UUID | None, group: uuid.UUID | None) -> Worktime:
    # By the random id, not the key: a key may be given again after a transaction was rolled back.
    found = [version for public_id in (own, group) if (version := _version(public_id))]
    return _build(found[0], found[1:]) if found else Worktime()


def _version(public_id: uuid.UUID | None) -> CalendarVersion | None:
    return CalendarVersion.objects.filter(public_id=public_id).first() if public_id else None


def _build(version: CalendarVersion, others: Iterable[CalendarVersion]) -> Worktime:
    days = {d.date: d.kind == MAKEUP for d in version.days.all()}
    years = set(version.years)
    for other in others:
        new = set(other.years) - years
        days |= {d.date: d.kind == MAKEUP for d in other.days.all() if d.date.year in new}
        years |= new
    segments: dict[int | None, list[Segment]] = {}
    for shift in version.shifts.order_by("starts_at"):
        segments.setdefault(shift.weekday, []).append((shift.starts_at, shift.ends_at))
    return Worktime(
        zone=version.zone,
        usual=tuple(segments.get(None, ())),
        shifts={w: tuple(s) for w, s in segments.items() if w is not None},
        weekdays=frozenset(int(digit) for digit in version.weekdays),
        special=days,
        years=frozenset(years),
        key="-".join(str(v.pk) for v in (version, *others)),
    )


def _days(
    made: CalendarVersion, before: CalendarVersion | None, changed: Mapping[date, tuple[str, str] | None]
) -> list[CalendarDay]:
    kept = {d.date: (str(d.kind), d.name) for d in before.days.all()} if before else {}
    return [
        CalendarDay(version=made, date=day, kind=entry[0], name=entry[1])
        for day, entry in sorted({**kept, **changed}.items())
        if entry is not None
    ]


def _shifts(made: CalendarVersion, before: CalendarVersion | None, given: Shifts | None) -> list[Shift]:
    if given is None and before is not None:
        rows: list[tuple[int | None, time, time]] = [
            (s.weekday, s.starts_at, s.ends_at) for s in before.shifts.all()
        ]
    else:
        plan: Shifts = given or {None: USUAL_SHIFT}
        rows = [(weekday, start, end) for weekday, segments in plan.items() for start, end in segments]
    return [Shift(version=made, weekday=w, starts_at=start, ends_at=end) for w, start, end in rows]


def _digits(weekdays: Iterable[int]) -> str:
    return "".join(str(w) for w in sorted(set(weekdays)))
