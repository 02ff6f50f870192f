"""Rows of procurement as inputs name them."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from flow import policy
from flow.forms import ReferenceField
from procurement.models import Requisition, RequisitionLine

BIGGEST = 18
# What a buyer types to find a line.
SOUGHT = ("requisition__number", "requisition__order__number", "item__code", "item__name")


class RequisitionLineField(ReferenceField):
    """A line of a requisition: its id, or number and line of the requisition (`QGKG2026-0001/2`)."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Requisition line"))
        kwargs.setdefault(
            "help_text", _("The id of the line, or number and line of the requisition: QGKG2026-0001/2.")
        )
        super().__init__(RequisitionLine, by=SOUGHT, **kwargs)

    def rows(self) -> QuerySet[RequisitionLine]:
        """The lines of requisitions that the person may see."""
        rows = RequisitionLine.objects.select_related("requisition", "item")
        if self.viewer is None:
            return rows
        return rows.filter(requisition__in=policy.visible_to(Requisition, self.viewer))

    def named(self, word: str) -> Q:
        """By id, or by number and line."""
        number, slash, position = word.partition("/")
        if slash and position.isdecimal() and len(position) < BIGGEST:
            return Q(requisition__number=number, position=int(position))
        if word.isdecimal() and len(word) < BIGGEST:
            return Q(pk=int(word))
        return Q(pk__in=())

    def prepare_value(self, value: Any) -> Any:
        """What a text input shows for a line."""
        return value.pk if isinstance(value, RequisitionLine) else value
