"""The stages of a document's way: what is done, in hand, at risk and to come, by whom and until when."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils.timezone import localtime, make_aware
from django.utils.translation import gettext_lazy as _

from flow import panels
from flow.models import Event
from flow.panels import Asked, Course, Mark

DONE, NOW, RISK, NEXT = "done", "now", "risk", "next"
WORDS = {DONE: _("done"), NOW: _("in hand"), RISK: _("will be late"), NEXT: _("to come"), "": _("left out")}
_DOTS = {DONE: "d", NOW: "n", RISK: "r", NEXT: "", "": ""}


@dataclass(frozen=True)
class Step:
    """A stage as the bar shows it; `shape` is done, now, risk or next, "" where the way ended before it."""

    title: Any
    shape: str
    owner: Any = ""
    due: datetime | date | None = None
    done: datetime | date | None = None
    forecast: date | None = None
    late: timedelta | None = None

    @property
    def word(self) -> Any:
        """The shape in a word: never colour alone."""
        return WORDS[self.shape]

    @property
    def slips(self) -> bool:
        """Whether it is expected after the day it is due."""
        return self.forecast is not None and self.due is not None and self.forecast > day_of(self.due)


@dataclass(frozen=True)
class Dot:
    """A stage as a list shows it: one letter of look, and the word that is read out."""

    title: Any
    shape: str

    @property
    def letter(self) -> str:
        """d(one), n(ow) or "" for what is to come."""
        return _DOTS[self.shape]

    @property
    def word(self) -> Any:
        """The shape in a word."""
        return WORDS[self.shape]


@dataclass(frozen=True)
class Bar:
    """All stages, and the day that was promised beside the day that is expected now."""

    steps: list[Step]
    promised: date | None = None
    expected: date | None = None

    @property
    def late_days(self) -> int:
        """By how many days the expected day is later than the promised one."""
        if self.promised is None or self.expected is None:
            return 0
        return max((self.expected - self.promised).days, 0)


def dots(document: Any) -> list[Dot]:
    """The stages of a document by its state alone, for a row of a list; empty where its type has none."""
    course = panels.course_of(document.label())
    if course is None:
        return []
    return [Dot(stage.title, _shape(course, document.state, n)) for n, stage in enumerate(course.stages)]


def bar(asked: Asked) -> Bar | None:
    """The stages of a document with owner, due and done; None where its type has none.

    One query for its own history; what the departments add is a constant number too.
    """
    course = panels.course_of(asked.document.label())
    if course is None:
        return None
    marks, passed = panels.marks_of(asked), _passed(asked, course)
    steps: list[Step] = []
    slip, before = timedelta(), None
    for n, stage in enumerate(course.stages):
        mark = marks.get(stage.key, Mark())
        step = _step(asked, course, n, mark, passed.get(n))
        if step.shape in (NOW, NEXT) and step.due is not None:
            due = day_of(step.due)
            moved = max(due, before) if stage.absorbs and before else due + slip
            step = _expected(asked, step, max(moved, mark.forecast or moved))
            before = step.forecast
            slip = max(before - due, timedelta()) if before else slip
        steps.append(step)
    return _with_promise(asked, course, steps)


def _with_promise(asked: Asked, course: Course, steps: list[Step]) -> Bar:
    """The bar with the day promised to the customer and the one expected now."""
    known = (step for step, stage in zip(steps, course.stages, strict=True) if stage.key == course.promised)
    promised = next(known, None)
    if promised is None or promised.due is None or asked.document.state in course.left:
        return Bar(steps)
    reached = promised.done or promised.forecast
    return Bar(steps, day_of(promised.due), day_of(reached) if reached else None)


def _shape(course: Course, state: str, n: int) -> str:
    if state in course.left:
        return DONE if n < course.at.get(state, 0) else ""
    now = course.at.get(state, 0)
    return DONE if n < now else NOW if n == now else NEXT


def _passed(asked: Asked, course: Course) -> dict[int, tuple[datetime, Any]]:
    """When each stage was left behind for the last time, and by whom. One query."""
    document = asked.document
    rows = Event.objects.filter(
        subject_type=document.label(), subject_id=document.pk, version__isnull=False
    ).order_by("pk")
    found: dict[int, tuple[datetime, Any]] = {}
    place = 0
    for event in rows.select_related("actor").only("state_to", "at", "actor__name", "actor__username"):
        now = course.at.get(event.state_to, place)
        if event.state_to in course.left:
            continue
        for n in range(place, now):
            found[n] = (event.at, event.actor)
        for n in range(now, place):
            found.pop(n, None)
        place = now
    return found


def _step(asked: Asked, course: Course, n: int, mark: Mark, passed: tuple[datetime, Any] | None) -> Step:
    """One stage from what the document's history and the department say."""
    stage, shape = course.stages[n], _shape(course, asked.document.state, n)
    if mark.open is not None and asked.document.state not in course.left and shape != NEXT:
        shape = (NOW if shape == DONE else shape) if mark.open else shape
    owner = mark.owner or (passed[1] if passed and shape == DONE else "") or stage.role
    done = (mark.done or (passed[0] if passed else None)) if shape == DONE else None
    late = mark.late if shape == DONE else None
    if late is None and shape == DONE and done and mark.due and _moment(done) > _end(mark.due):
        late = _moment(done) - _end(mark.due)
    return Step(stage.title, shape, owner, mark.due, done, None, late)


def _expected(asked: Asked, step: Step, day: date) -> Step:
    """A stage that is not done with the day on which it is expected: if in hand, no earlier than today."""
    assert step.due is not None
    in_hand = step.shape == NOW
    forecast = max(day, localtime(asked.at).date()) if in_hand else day
    late = asked.at - _end(step.due) if in_hand and _end(step.due) < asked.at else None
    at_risk = in_hand and (late is not None or forecast > day_of(step.due))
    return replace(step, shape=RISK if at_risk else step.shape, forecast=forecast, late=late)


def day_of(moment: datetime | date) -> date:
    """The local day of a moment."""
    return localtime(moment).date() if isinstance(moment, datetime) else moment


def _end(due: datetime | date) -> datetime:
    """The moment after which it is late: a day lasts until midnight."""
    return due if isinstance(due, datetime) else make_aware(datetime.combine(due, time.max))


def _moment(done: datetime | date) -> datetime:
    return done if isinstance(done, datetime) else make_aware(datetime.combine(done, time.min))
