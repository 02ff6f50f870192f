"""The inputs of the warehouse's actions."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from catalog.models import Location
from flow.forms import ActionForm, CountField, ReferenceField
from warehouse.models import PickList

TEXT = forms.Textarea(attrs={"rows": 2})


class LocationField(ReferenceField):
    """A place in a warehouse, as `warehouse/location`."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Location"))
        super().__init__(Location, by=("warehouse__code", "code"), **kwargs)

    def rows(self) -> QuerySet[Any]:
        """All places; the action refuses those of another company or kind."""
        return Location.objects.select_related("warehouse")

    def named(self, word: str) -> Q:
        """By the codes of the warehouse and of the place, or by id."""
        warehouse, slash, code = word.partition("/")
        if slash:
            return Q(warehouse__code=warehouse, code=code)
        return Q(pk=int(word)) if word.isdecimal() and len(word) < 18 else Q(pk__in=())

    def prepare_value(self, value: Any) -> Any:
        """What a text input shows for a place."""
        return str(value) if isinstance(value, Location) else value


class PostForm(ActionForm):
    """Where the goods are put (WHS-07)."""

    location = LocationField(required=False, help_text=_("Empty: the first place of the store."))


class PickedLineForm(ActionForm):
    """How much of a line is there; lines that are not named are there as far as there is stock."""

    line = forms.IntegerField(
        label=_("Line"), min_value=1, help_text=_("The id of the pick list's line, or its number.")
    )
    quantity = CountField()

    @classmethod
    def offer(cls, pick_list: PickList) -> list[dict[str, Any]]:
        """The lines, as prepared if they are."""
        prepared = pick_list.state == PickList.State.PREPARED
        return [
            {
                "line": line.pk,
                "quantity": line.prepared if prepared else line.quantity,
                "title": str(line.item),
            }
            for line in pick_list.lines.select_related("item")
        ]


class ConfirmIssueForm(ActionForm):
    """The picker's count; what is short is only issued if that was agreed (WHS-12, WHS-13)."""

    agreed_short = forms.BooleanField(
        label=_("Starting without the missing material is agreed"),
        required=False,
        help_text=_("The team begins without it; what is missing is issued later."),
    )
    reason = forms.CharField(
        label=_("Why it is short"),
        max_length=500,
        required=False,
        widget=TEXT,
        help_text=_("Required when less is issued than needed."),
    )
