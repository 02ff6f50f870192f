"""The inputs of the review."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from flow.forms import ActionForm
from org.roles import Role
from review.models import Round, Seat

_TEXT = forms.Textarea(attrs={"rows": 3})
_DATE = forms.DateInput(attrs={"type": "date"})


class OpinionForm(ActionForm):
    """The opinion of one seat (REV-02, REV-06)."""

    # Its choices are the buttons of the page: an opinion takes two taps from the notice.
    decide = "decision"

    decision = forms.ChoiceField(label=_("Decision"), choices=Seat.Decision.choices)
    opinion = forms.CharField(
        label=_("Opinion"),
        max_length=2000,
        required=False,
        widget=_TEXT,
        help_text=_("Needed where it is not feasible: what stands against it."),
    )
    earliest_on = forms.DateField(
        label=_("Earliest date"),
        required=False,
        widget=_DATE,
        help_text=_("The first day you can keep, where the date asked for is too early."),
    )
    seat = forms.ChoiceField(
        label=_("Seat"),
        choices=[("", "—"), *Role.choices],
        required=False,
        help_text=_("Only when you hold several seats of this round."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.document is None or self.viewer is None:
            return
        # Only who must choose between seats sees the question, and only the seats that are his.
        seats = self.document.seats.filter(person=self.viewer.person, answered_at=None)
        mine = set(seats.values_list("role", flat=True))
        offered = [pair for pair in self.base_fields["seat"].widget.choices if pair[0] in ("", *mine)]
        self.fields["seat"].widget = forms.Select(choices=offered) if len(mine) > 1 else forms.HiddenInput()

    def clean(self) -> dict[str, Any]:
        """Who finds an order infeasible says why."""
        data = super().clean() or {}
        if data.get("decision") == Seat.Decision.INFEASIBLE and not data.get("opinion"):
            self.add_error("opinion", _("Say why the order is not feasible."))
        return data


class DecisionForm(ActionForm):
    """The decision of a round (REV-16)."""

    decide = "decision"

    decision = forms.ChoiceField(label=_("Decision"), choices=Round.Decision.choices)
    opinion = forms.CharField(
        label=_("Reasons"),
        max_length=2000,
        required=False,
        widget=_TEXT,
        help_text=_("Needed where the order is turned down."),
    )
    conditions = forms.CharField(
        label=_("Conditions"),
        max_length=2000,
        required=False,
        widget=_TEXT,
        help_text=_("Required for an acceptance with conditions: a later date, another technical solution."),
    )


class ReworkForm(ActionForm):
    """Why the order goes back to the clerk (REV-04)."""

    reasons = forms.CharField(
        label=_("Reasons"),
        max_length=2000,
        widget=_TEXT,
        help_text=_("What the clerk must put right before it comes again."),
    )
