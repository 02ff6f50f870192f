"""What the verbs of the inspection ask."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from flow.forms import ActionForm, CountField, ReasonForm, UploadField
from quality.models import Inspection

TEXT = forms.Textarea(attrs={"rows": 2})


class PassForm(ActionForm):
    """The result: how much is qualified (QUA-02), and what is missing (PRD-74)."""

    qualified_quantity = CountField(
        label=_("Qualified quantity"),
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
    record = UploadField(
        label=_("Inspection record"),
        required=False,
        help_text=_("Measured values, a test sheet or photos, where there are any."),
    )

    @classmethod
    def offer(cls, inspection: Inspection) -> dict[str, Any]:
        """What the one who asked for the inspection said is missing."""
        return {"missing_parts": inspection.missing_parts}


class PassLineForm(ActionForm):
    """How much of a line passed."""

    line = forms.IntegerField(
        label=_("Line"), min_value=1, help_text=_("The id of the inspection's line, or its position.")
    )
    qualified_quantity = CountField(label=_("Qualified quantity"))

    @classmethod
    def offer(cls, inspection: Inspection) -> list[dict[str, Any]]:
        """All lines, wholly qualified."""
        return [{"line": line.pk, "qualified_quantity": line.quantity} for line in inspection.lines.all()]


class FailForm(ReasonForm):
    """Why nothing passed."""

    record = UploadField(label=_("Inspection record"), required=False)
