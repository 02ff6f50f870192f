"""What narrows a list: fields with a value, ranges of days and amounts, conditions that no field says."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db import models
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_naive, localtime, make_aware
from django.utils.translation import gettext_lazy as _

from flow import cases, json_input, policy, render
from flow.forms import DocumentField, ReferenceField
from flow.models import Document
from flow.policy import Viewer
from flow.refusals import Invalid
from flow.screens import Screen
from org.models import Person

# Every document belongs to a case: every list can be narrowed to one.
CASE = "case"
# What every document has: every list can be narrowed by it.
COMMON = ("company", "created_by", "created_at")
# How the names of the two ends of a range end.
FROM, TO = "__from", "__to"
# In place of a person's name: whoever asks.
ME = "me"
Span = tuple[date | None, date | None]


# ---- conditions that no single field says ----


@dataclass(frozen=True)
class Condition:
    """A filter that no single field says: its choices, and what each of them leaves of the rows."""

    name: str
    label: Any
    choices: tuple[tuple[str, Any], ...]
    narrow: Callable[[QuerySet[Any], str, Viewer], QuerySet[Any]]


_conditions: dict[str, Condition] = {}


def condition(name: str, label: Any, choices: tuple[tuple[str, Any], ...]) -> Callable[[Any], Any]:
    """Let every list be narrowed by what the decorated `narrow(rows, choice, viewer)` leaves of it."""

    def register(narrow: Any) -> Any:
        _conditions[name] = Condition(name, label, choices, narrow)
        return narrow

    return register


def conditions() -> tuple[Condition, ...]:
    """The conditions of all lists, in the order of their registration."""
    return tuple(_conditions.values())


# ---- the filters of a list ----


def names(screen: Screen) -> tuple[str, ...]:
    """The fields by which a list may be narrowed: those of its screen, and what every document has."""
    return tuple(dict.fromkeys((*screen.filters, *COMMON)))


def field_at(model: type[Any], name: str) -> Any:
    """The stored field at the end of a lookup path, or None where the name is only computed."""
    found = None
    for step in name.split("__"):
        try:
            found = model._meta.get_field(step)
        except (FieldDoesNotExist, AttributeError):
            return None
        model = found.related_model
    return found if getattr(found, "concrete", False) else None


def is_day(model: type[Any], name: str) -> bool:
    """Whether a field holds days or moments."""
    return isinstance(field_at(model, name), models.DateField)


def is_range(model: type[Any], name: str) -> bool:
    """Whether a field can be asked for from one value to another."""
    found = field_at(model, name)
    kinds = (models.DateField, models.DecimalField, models.FloatField, models.IntegerField)
    return isinstance(found, kinds) and not found.choices and found.related_model is None


def filter_field(model: type[Document], name: str, viewer: Viewer | None) -> forms.Field:
    """The form field that reads one filter value: a choice, a reference, a yes or no, a date, a word."""
    stored = field_at(model, name)
    label = render.heading(model, name)
    if stored is None:
        raise LookupError(f"{model.label()} has no stored field {name} to filter by.")
    if stored.choices:
        return forms.ChoiceField(choices=stored.choices, label=label, required=False)
    if (target := stored.related_model) is not None:
        return _reference(target, label, viewer)
    if isinstance(stored, models.DateField):
        return forms.DateField(label=label, required=False)
    made = stored.formfield(required=False, label=label)
    made.validators = [*made.validators, *json_input.limits(made)]
    return made


def _reference(target: Any, label: str, viewer: Viewer | None) -> ReferenceField:
    if issubclass(target, Document):
        field: ReferenceField = DocumentField(target, label=label, required=False)
    else:
        keys = {f.name for f in target._meta.concrete_fields}
        by = tuple(n for n in ("code", "username", "number") if n in keys)
        field = ReferenceField(target, by=by, label=label, required=False)
    field.narrow(viewer)
    return field


def narrowed(
    rows: QuerySet[Any], screen: Screen, viewer: Viewer, asked: Mapping[str, Any], own: tuple[str, ...]
) -> QuerySet[Any]:
    """The rows that fit every filter in `asked` but for the names in `own`, which are none.

    Several values of one name are alternatives. Raises Invalid for a filter that the screen does not declare
    or a value that it cannot have.
    """
    trouble: dict[str, Any] = {}
    for name in asked:
        said = [word for word in words(asked, name) if word != ""]
        if name in own or not said:
            continue
        try:
            rows = _by(rows, screen, viewer, name, said)
        except ValidationError as wrong:
            trouble[name] = wrong.messages
    if trouble:
        raise Invalid(trouble)
    return rows


def words(asked: Mapping[str, Any], name: str) -> list[str]:
    """What was said under a name, each value apart."""
    return [str(w) for w in asked.getlist(name)] if isinstance(asked, QueryDict) else [str(asked[name])]


def _by(rows: QuerySet[Any], screen: Screen, viewer: Viewer, name: str, said: list[str]) -> QuerySet[Any]:
    if sentence := json_input.unspeakable(said):
        raise ValidationError(sentence)
    if name == CASE:
        return rows.filter(case_id__in=_cases(said[-1]))
    if (found := _conditions.get(name)) is not None and name not in screen.filters:
        if unknown := set(said) - {code for code, _label in found.choices}:
            raise ValidationError(_("“{word}” is none of the choices.").format(word=min(unknown)))
        return _any(rows, [found.narrow(rows, word, viewer) for word in said])
    bare = name.removesuffix(FROM).removesuffix(TO)
    if bare not in names(screen) or not render.readable(screen.model, bare, viewer):
        raise ValidationError(_("The list has no such filter."))
    if (where := policy.open_in(screen.model, bare, viewer)) is not None:
        # What is closed to somebody in a company is not guessed by asking for it there.
        rows = rows.filter(Q(company_id__in=where) | Q(case__company_id__in=where))
    if bare != name:
        return rows.filter(_end(screen.model, bare, said[-1], viewer, upper=name.endswith(TO)))
    return rows.filter(_alternatives(screen.model, name, said, viewer))


def _any(rows: QuerySet[Any], found: list[QuerySet[Any]]) -> QuerySet[Any]:
    """The rows in any of the narrowed ones."""
    if len(found) == 1:
        return found[0]
    return rows.filter(Q(*[Q(pk__in=one.order_by().values("pk")) for one in found], _connector=Q.OR))


def _alternatives(model: type[Document], name: str, said: list[str], viewer: Viewer) -> Q:
    if is_day(model, name):
        return Q(*[_span(model, name, period_of(word, viewer.at)) for word in said], _connector=Q.OR)
    field = filter_field(model, name, viewer)
    return Q(**{f"{name}__in": [value_of(field, word, viewer) for word in said]})


def value_of(field: forms.Field, word: str, viewer: Viewer) -> Any:
    """What a word means as a value of a filter. Raises ValidationError."""
    if isinstance(field, forms.BooleanField):
        if word not in ("true", "false"):
            raise ValidationError(_("This must be true or false."))
        return word == "true"
    if word == ME and isinstance(field, ReferenceField) and field.model is Person:
        return viewer.person
    return field.clean(word)


def _cases(word: str) -> list[int]:
    """The cases meant by the public id of one: itself and those that serve it."""
    try:
        return cases.family(UUID(word))
    except ValueError as wrong:
        raise ValidationError(_("A case is named by its id.")) from wrong


# ---- ranges ----


def _end(model: type[Document], name: str, word: str, viewer: Viewer, *, upper: bool) -> Q:
    """The rows up to (or from) a value; of a day until its midnight."""
    if not is_range(model, name):
        raise ValidationError(_("The list has no such filter."))
    if not is_day(model, name):
        return Q(**{f"{name}__{'lte' if upper else 'gte'}": filter_field(model, name, viewer).clean(word)})
    if isinstance(field_at(model, name), models.DateTimeField) and (moment := _moment(word)):
        return Q(**{f"{name}__{'lte' if upper else 'gte'}": moment})
    first, last = period_of(word, viewer.at)
    return _span(model, name, (None, last) if upper else (first, None))


def _moment(word: str) -> datetime | None:
    """A moment in ISO form, by the clock of the house where it names none; None for a day alone."""
    if len(word) <= len("2026-03-31"):
        return None
    try:
        found = parse_datetime(word)
    except ValueError as wrong:
        raise ValidationError(_("This is no moment.")) from wrong
    if found is None:
        return None
    if found.year not in json_input.YEARS:
        raise ValidationError(_("This is no moment."))
    return make_aware(found) if is_naive(found) else found


def _span(model: type[Document], name: str, span: Span) -> Q:
    """The rows whose day lies in a span; a moment by its local day."""
    first, last = span
    moments = isinstance(field_at(model, name), models.DateTimeField)
    found = Q()
    if first is not None:
        found &= Q(**{f"{name}__gte": _midnight(first) if moments else first})
    if last is not None:
        found &= Q(
            **{f"{name}__lt": _midnight(last + timedelta(days=1))} if moments else {f"{name}__lte": last}
        )
    return found


def _midnight(day: date) -> datetime:
    return make_aware(datetime.combine(day, time()))


def _week(today: date, later: int) -> Span:
    monday = today - timedelta(days=today.weekday()) + timedelta(weeks=later)
    return monday, monday + timedelta(days=6)


def _month(today: date, later: int) -> Span:
    number = today.year * 12 + today.month - 1 + later
    first, following = (date(n // 12, n % 12 + 1, 1) for n in (number, number + 1))
    return first, following - timedelta(days=1)


# Words for a span that moves with the day on which they are read.
PERIODS: dict[str, tuple[Any, Callable[[date], Span]]] = {
    "today": (_("today"), lambda day: (day, day)),
    "this_week": (_("this week"), lambda day: _week(day, 0)),
    "next_week": (_("next week"), lambda day: _week(day, 1)),
    "this_month": (_("this month"), lambda day: _month(day, 0)),
    "next_month": (_("next month"), lambda day: _month(day, 1)),
    "next_7_days": (_("the next 7 days"), lambda day: (day, day + timedelta(days=6))),
    "last_7_days": (_("the last 7 days"), lambda day: (day - timedelta(days=6), day)),
    "last_30_days": (_("the last 30 days"), lambda day: (day - timedelta(days=29), day)),
    "past": (_("before today"), lambda day: (None, day - timedelta(days=1))),
}


def period_of(word: str, at: datetime) -> Span:
    """The days meant by a word: one day, or a period as seen from the moment. Raises ValidationError."""
    if word in PERIODS:
        return PERIODS[word][1](localtime(at).date())
    field = forms.DateField()
    field.validators = [*field.validators, *json_input.limits(field)]
    found = field.clean(word)
    return found, found


def open_to(screen: Screen, viewer: Viewer) -> Iterator[str]:
    """The fields by which this person may narrow the list."""
    yield from render.readable_names(screen.model, names(screen), viewer)
