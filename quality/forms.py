"""What the verbs of the inspection ask."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from flow.forms import ActionForm, ReasonForm, UploadField
from quality.models import Inspection

TEXT = forms.Textarea(attrs={"rows": 2})


class QualifiedField(forms.DecimalField):
    """How much passed; nothing is allowed for a single line."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Qualified quantity"))
        kwargs.setdefault("max_digits", 12)
        kwargs.setdefault("decimal_places", 3)
        kwargs.setdefault("min_value", Decimal(0))
        super().__init__(**kwargs)


class PassForm(ActionForm):
    """The result: how much is qualified (QUA-02), and what is missing (PRD-74)."""

    qualified_quantity = QualifiedField(
        required=False,
        help_text=_("Only where there is one line. Empty: all that the lines below do not name."),
    )
    missing_parts = forms.CharField(
        label=_("Missing parts"),
        max_length=500,
        required=False,
        help_text=_("What must still be delivered although the work passed."),
    )
    result = forms.CharField(label=_("Result"), max_length=2000, required=False, widget=TEXT)
    record = UploadField(label=_("Inspection record"), required=False)

    @classmethod
    def offer(cls, inspection: Inspection) -> dict[str, Any]:
        """What the one who asked for the inspection said is missing."""
        return {"missing_parts": inspection.missing_parts}


class PassLineForm(ActionForm):
    """How much of a line passed."""

    line = forms.IntegerField(
        label=_("Line"), min_value=1, help_text=_("The id of the inspection's line, or its position.")
    )
    qualified_quantity = QualifiedField()

    @classmethod
    def offer(cls, inspection: Inspection) -> list[dict[str, Any]]:
        """All lines, wholly qualified."""
        return [{"line": line.pk, "qualified_quantity": line.quantity} for line in inspection.lines.all()]


class FailForm(ReasonForm):
    """Why nothing passed."""

    record = UploadField(label=_("Inspection record"), required=False)
