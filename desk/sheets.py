"""Decides how the form of an action looks: its widgets, the grid of its lines, the list of its errors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from flow import binding, picking
from flow.actions import Action
from flow.binding import Bound
from flow.forms import ActionForm, CompanyField, ReferenceField
from flow.html import company_options

BLANK_ROWS = 3


def dress(form: ActionForm, action: Action, *, grid: bool = False) -> None:
    """Give the fields the widgets of our pages; what was typed wrongly can still be shown in them."""
    for name, wanted in form.fields.items():
        attrs = wanted.widget.attrs
        if isinstance(wanted, CompanyField) and form.viewer:
            _offer_companies(form, name, wanted, action)
        elif isinstance(wanted, ReferenceField):
            part = "lines" if grid else "form"
            attrs |= {
                "data-pick": reverse("desk:pick", args=[action.verb, part, name]),
                "autocomplete": "off",
            }
        elif isinstance(wanted.widget, forms.NumberInput):
            # A number input drops what it cannot read; a clerk who typed "2面" must see it again.
            wanted.widget.input_type = "text"
            attrs["inputmode"] = "numeric" if type(wanted) is forms.IntegerField else "decimal"
        elif type(wanted.widget) is forms.DateInput:
            wanted.widget = forms.DateInput(attrs={**attrs, "type": "date"}, format="%Y-%m-%d")
        elif isinstance(wanted.widget, forms.DateTimeInput):
            wanted.widget = forms.DateTimeInput(
                attrs={**attrs, "type": "datetime-local"}, format="%Y-%m-%dT%H:%M"
            )
        elif grid and isinstance(wanted.widget, forms.Textarea):
            attrs["rows"] = 1
        elif type(wanted.widget) is forms.Select and wanted.required and wanted.initial is None:
            # Nobody decides by leaving the first entry as it stands; and a row not begun stays blank.
            wanted.widget.choices = [("", _("Please choose")), *_true_choices(wanted)]
        if grid:
            wanted.widget.attrs.setdefault("aria-label", str(wanted.label or name))


def decide(form: ActionForm) -> Any:
    """The field whose few choices are the buttons of the form, as its class says (`decide`); else None."""
    name = getattr(form, "decide", "")
    if not name:
        return None
    return {"field": form[name], "choices": _true_choices(form.fields[name])}


def _true_choices(wanted: forms.Field) -> list[tuple[Any, Any]]:
    return [pair for pair in wanted.widget.choices if pair[0] != ""]


def _offer_companies(form: ActionForm, name: str, wanted: CompanyField, action: Action) -> None:
    if form.document is not None:
        options = [(form.document.company.code, form.document.company.name)]
    else:
        options = company_options(form.viewer, action.may)  # type: ignore[arg-type]
    if len(options) == 1:
        form.initial.setdefault(name, options[0][0])
        wanted.widget = forms.HiddenInput()
        return
    wanted.widget = forms.Select(choices=[("", "—"), *options])


@dataclass(frozen=True)
class GridRow:
    """A row of the grid with the number it has in the names of its inputs."""

    index: int
    form: ActionForm
    title: str = ""


@dataclass(frozen=True)
class Grid:
    """The lines of a form; `blank` is the row that script copies; `grows` whether rows may be added."""

    blank: ActionForm
    rows: list[GridRow]
    errors: list[str]
    grows: bool

    @property
    def counts(self) -> bool:
        """Whether the rows have a quantity that can be summed up."""
        return "quantity" in self.blank.fields

    @property
    def prices(self) -> bool:
        """Whether the rows have a price, and so an amount."""
        return self.counts and "unit_price" in self.blank.fields

    @property
    def next(self) -> int:
        """The number of the next row."""
        return max((row.index for row in self.rows), default=-1) + 1


def grid(bound: Bound, action: Action, context: dict[str, Any], titles: list[str], extra: int) -> Grid | None:
    """The grid of an action's lines with `extra` blank rows at its foot; None where it takes none."""
    if action.lines is None:
        return None
    grows = getattr(action.lines, "grows", True)
    rows = [
        GridRow(index, form, titles[index] if index < len(titles) else "")
        for index, form in zip(bound.rows, bound.line_forms, strict=True)
    ]
    first = max(bound.rows, default=-1) + 1
    for index in range(first, first + (extra if grows else 0)):
        rows.append(GridRow(index, action.lines(prefix=f"{binding.PREFIX}-{index}", **context)))
    blank = action.lines(prefix=f"{binding.PREFIX}-__row__", **context)
    for form in (blank, *(row.form for row in rows)):
        dress(form, action, grid=True)
    trouble = bound.line_trouble.get("__all__", [])
    return Grid(blank, rows, list(trouble) if isinstance(trouble, list) else [], grows)


def found(bound: Bound) -> dict[str, Any]:
    """What a check answers while somebody types: the errors of the rows, and entries that may be meant."""
    said = bound.errors.get(binding.PREFIX, {})
    rows = dict(zip(map(str, bound.rows), bound.line_forms, strict=True))
    offers = {index: offered for index, form in rows.items() if (offered := _offers(form))}
    return {"lines": said if isinstance(said, dict) else {}, "offers": offers}


def _offers(form: ActionForm) -> dict[str, list[str]]:
    """For each reference that was not found, up to three entries whose code begins like it."""
    wanted = [name for name in form.errors if isinstance(form.fields.get(name), ReferenceField)]
    fields = {name: field for name, field in form.fields.items() if isinstance(field, ReferenceField)}
    nearest = {name: picking.nearest(fields[name], str(form[name].value() or "")) for name in wanted}
    return {name: codes for name, codes in nearest.items() if codes}


@dataclass(frozen=True)
class Mistake:
    """An error for the list above a form: what is wrong and where."""

    where: str
    sentence: str
    anchor: str


def mistakes(bound: Bound) -> list[Mistake]:
    """All errors of a form and its rows, in the order of the page."""
    found = [_mistake(bound.form, name, s, "") for name, said in bound.form.errors.items() for s in said]
    for index, form in zip(bound.rows, bound.line_forms, strict=True):
        row = str(_("Row {number}")).format(number=index + 1)
        found += [_mistake(form, name, s, row) for name, said in form.errors.items() for s in said]
    return found


def _mistake(form: ActionForm, name: str, sentence: Any, row: str) -> Mistake:
    known = name in form.fields
    label = str(form[name].label) if known else ""
    return Mistake(" · ".join(filter(None, (row, label))), str(sentence), form[name].auto_id if known else "")
