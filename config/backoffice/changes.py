"""Who changed which setting: the histories of all master data and settings in one list, the latest first."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from config.backoffice.gate import administrators_only, page
from deadlines import wording
from deadlines.admin import clock_word, field_label
from deadlines.models import RuleSetting
from deadlines.notices import sentence_of
from deadlines.rules import rule_of
from org import changes
from org.adminbase import Echo, guarded
from org.changes import Change, Field
from org.history import CHANGED, MADE, past_of, watched
from org.models import CalendarVersion, Person

SHOWN = 50
EXPORTED = 5_000
Model = type[models.Model]


@dataclass(frozen=True)
class Source:
    """Rows that each tell a change: when (`at`), by whom (`by`), and how they are told."""

    model: Model
    rows: QuerySet[Any]
    at: str
    by: str
    tell: Callable[[QuerySet[Any]], list[Change]]


class AskedForm(forms.Form):
    """Whose changes, of what, in which time."""

    kind = forms.ChoiceField(label=_("Kind"), required=False)
    person = forms.ModelChoiceField(
        Person.objects.order_by("name", "username"),
        label=_("Person"),
        required=False,
        empty_label=_("Everybody"),
    )
    since = forms.DateField(label=_("From"), required=False)
    until = forms.DateField(label=_("Until"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = [(s.model._meta.label_lower, capfirst(s.model._meta.verbose_name)) for s in sources()]
        self.fields["kind"].choices = [("", _("All")), *kinds]  # type: ignore[attr-defined]
        for field in self.fields.values():
            select = isinstance(field, forms.ChoiceField)
            field.widget.attrs["class"] = "bo-select" if select else "bo-input"
        for name in ("since", "until"):
            self.fields[name].widget.input_type = "date"


@administrators_only
def latest(request: HttpRequest) -> HttpResponseBase:
    """The page; `before` goes on from a moment, `export` hands out the same as CSV."""
    query = request.GET.copy()
    before, wanted = query.pop("before", [""])[0], query.pop("export", None)
    form = AskedForm(query)
    asked = form.cleaned_data if form.is_valid() else {}
    if wanted:
        answer = StreamingHttpResponse(_lines(collected(asked, None, EXPORTED)), content_type="text/csv")
        answer["Content-Disposition"] = 'attachment; filename="changes.csv"'
        return answer
    found = collected(asked, parse_datetime(before) if before else None, SHOWN + 1)
    shown = found[:SHOWN]
    more = f"?{_with(query, 'before', shown[-1].at.isoformat())}" if len(found) > SHOWN else ""
    context = {
        "form": form,
        "changes": [linked(change) for change in shown],
        "more": more,
        "export_address": f"?{_with(query, 'export', 'csv')}",
    }
    return page(request, "admin/all_changes.html", _("Changes of settings"), context)


def sources() -> list[Source]:
    """The histories of everything that is watched, and the settings that are histories themselves."""
    found = [_history(model) for model in watched()]
    rules = RuleSetting.objects.select_related("company", "set_by")
    years = CalendarVersion.objects.select_related("company", "issued_by")
    return [
        *found,
        Source(RuleSetting, rules, "set_at", "set_by", _of_rules),
        Source(CalendarVersion, years, "issued_at", "issued_by", _of_years),
    ]


def _history(model: Model) -> Source:
    def tell(rows: QuerySet[Any]) -> list[Change]:
        return changes.of(model, rows)

    return Source(model, past_of(model)._default_manager.all(), "history_date", "history_user", tell)


def collected(asked: dict[str, Any], before: datetime | None, most: int) -> list[Change]:
    """The latest changes that were asked for. One query for each kind, and some more for those that occur."""
    heads: list[tuple[datetime, int, Source]] = []
    for source in sources():
        if asked.get("kind") in (None, "", source.model._meta.label_lower):
            rows = _narrowed(source, asked, before).order_by(f"-{source.at}", "-pk")
            heads += [(at, pk, source) for at, pk in rows.values_list(source.at, "pk")[:most]]
    heads.sort(key=lambda head: head[:2], reverse=True)
    wanted: dict[Model, list[int]] = defaultdict(list)
    by_model = {source.model: source for _at, _pk, source in heads}
    for _at, pk, source in heads[:most]:
        wanted[source.model].append(pk)
    found = [
        change
        for model, keys in wanted.items()
        for change in by_model[model].tell(by_model[model].rows.filter(pk__in=keys).order_by("-pk"))
    ]
    return sorted(found, key=lambda change: change.at, reverse=True)


def _narrowed(source: Source, asked: dict[str, Any], before: datetime | None) -> QuerySet[Any]:
    wanted: dict[str, Any] = {}
    if asked.get("person"):
        wanted[source.by] = asked["person"]
    for name, how in (("since", "date__gte"), ("until", "date__lte")):
        if isinstance(day := asked.get(name), date):
            wanted[f"{source.at}__{how}"] = day
    if before:
        wanted[f"{source.at}__lt"] = before
    return source.rows.filter(**wanted)


def _of_rules(rows: QuerySet[RuleSetting]) -> list[Change]:
    """Settings of timed rules, each against the one before it for the same rule and company."""
    found = list(rows)
    earlier = RuleSetting.objects.filter(rule__in={row.rule_id for row in found}).order_by("pk")
    before: dict[int, RuleSetting] = {}
    last: dict[tuple[str, int | None], RuleSetting] = {}
    for row in earlier:
        if (key := (row.rule_id, row.company_id)) in last:
            before[row.pk] = last[key]
        last[key] = row
    return [_of_rule(row, before.get(row.pk)) for row in found]


def _of_rule(row: RuleSetting, before: RuleSetting | None) -> Change:
    rule = rule_of(row.rule_id)
    if rule is None:
        told = [("clock", clock_word(before) if before else wording.NOTHING, clock_word(row))]
    else:
        told = wording.differences(rule, before, row)
    fields = tuple(Field(field_label(name), old, new) for name, old, new in told)
    name = f"{rule.code if rule else ''} {sentence_of(row.rule_id) if rule else _('All rules')}".strip()
    name = f"{name}（{row.company or _('Group')}）"
    return Change(row.set_at, CHANGED, RuleSetting, row.rule_id, name, str(row.set_by), fields, row.note)


def _of_years(rows: QuerySet[CalendarVersion]) -> list[Change]:
    return [
        Change(
            row.issued_at,
            MADE,
            CalendarVersion,
            row.pk,
            str(row),
            str(row.issued_by or changes.NOTHING),
            (),
            row.note,
        )
        for row in rows
    ]


@dataclass(frozen=True)
class Linked:
    """A change with the way to what was changed."""

    change: Change
    href: str

    def __getattr__(self, name: str) -> Any:
        return getattr(self.change, name)


def linked(change: Change) -> Linked:
    """The change with the address of the row's page, where it still has one."""
    meta = change.model._meta
    if change.model is RuleSetting:
        return Linked(change, reverse("admin:deadlines_timedrule_change", args=[change.key]))
    if change.kind == "-" or not admin.site.is_registered(change.model):
        return Linked(change, "")
    return Linked(change, reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[change.key]))


def _with(query: Any, name: str, value: str) -> str:
    fresh = query.copy()
    fresh[name] = value
    return str(fresh.urlencode())


def _lines(found: Iterable[Change]) -> Iterator[str]:
    writer = csv.writer(Echo())
    heads = (
        _("When"),
        _("Who"),
        _("Kind"),
        _("Where"),
        _("What"),
        _("Field"),
        _("Old"),
        _("New"),
        _("Reason"),
    )
    yield "\ufeff" + writer.writerow([str(head) for head in heads])
    for change in found:
        for field in change.fields or (Field("", "", ""),):
            cells = (
                f"{change.at:%Y-%m-%d %H:%M:%S%z}", change.person, change.subject, change.name, change.what,
                field.label, field.old, field.new, change.reason,
            )  # fmt: skip
            yield writer.writerow([guarded(cell) for cell in cells])
