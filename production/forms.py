"""The longer inputs of production's actions."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from flow.forms import ActionForm, DepartmentField, DocumentField, QuantityField, UploadField
from orders.models import Order
from production.models import Instruction, Packaging, Plan, TaskKind

TEXT = forms.Textarea(attrs={"rows": 2})
DATE = forms.DateInput(attrs={"type": "date"})


class InstructionForm(ActionForm):
    """The head of a production instruction (PRD-01)."""

    department = DepartmentField(
        label=_("Responsible department"),
        required=False,
        help_text=_("Who produces it, where several could."),
    )
    packing_requirement = forms.CharField(
        label=_("Packing requirement"), max_length=2000, required=False, widget=TEXT
    )
    to_drawing = forms.BooleanField(
        label=_("Made to drawing"),
        required=False,
        help_text=_("Then the drawings are attached when it is issued."),
    )
    remark = forms.CharField(label=_("Remark"), max_length=2000, required=False, widget=TEXT)

    @classmethod
    def offer(cls, instruction: Instruction) -> dict[str, Any]:
        """What the form shows of an existing instruction."""
        return {name: getattr(instruction, name) for name in cls.base_fields}


class InstructionLineForm(ActionForm):
    """A line of an instruction: which one, and what production is told of it."""

    position = forms.IntegerField(label=_("Line"), min_value=1)
    quantity = QuantityField(help_text=_("As in the contract."))
    delivery_on = forms.DateField(label=_("Delivery date"), widget=DATE, help_text=_("As in the contract."))
    technical_requirement = forms.CharField(
        label=_("Technical requirement"), max_length=2000, required=False, widget=TEXT
    )
    quality_requirement = forms.CharField(
        label=_("Quality requirement"), max_length=2000, required=False, widget=TEXT
    )

    @classmethod
    def offer(cls, instruction: Instruction) -> list[dict[str, Any]]:
        """The lines of an existing instruction."""
        return [{name: getattr(line, name) for name in cls.base_fields} for line in instruction.lines.all()]


class IssueInstructionForm(ActionForm):
    """The drawings that go with the instruction (PRD-03)."""

    drawings = UploadField(
        label=_("Drawings"), required=False, help_text=_("Required when it is made to drawing.")
    )


class PlanHeadForm(ActionForm):
    """The head of a plan: its dates, the stock check, the meeting (PRD-08, PRD-10)."""

    start_on = forms.DateField(
        label=_("Start"), required=False, widget=DATE, help_text=_("Default: the earliest task.")
    )
    finish_on = forms.DateField(
        label=_("Finish"), required=False, widget=DATE, help_text=_("Default: the latest task.")
    )
    stock_checked = forms.BooleanField(
        label=_("Stock of parts checked"),
        required=False,
        help_text=_("A plan is not issued before the stock of parts was checked."),
    )
    meeting_on = forms.DateField(
        label=_("Meeting on"),
        required=False,
        widget=DATE,
        help_text=_("Required for a non-regular order."),
    )
    meeting_attendees = forms.MultipleChoiceField(
        label=_("Leaders in the meeting"),
        required=False,
        choices=Plan.Attendee.choices,
        help_text=_("A non-regular order needs the technical, workshop and purchasing leaders."),
    )
    meeting_decisions = forms.CharField(
        label=_("Decisions of the meeting"), max_length=2000, required=False, widget=TEXT
    )
    remark = forms.CharField(label=_("Remark"), max_length=2000, required=False, widget=TEXT)

    @classmethod
    def offer(cls, plan: Plan) -> dict[str, Any]:
        """What the form shows of an existing plan."""
        return {name: getattr(plan, name) for name in cls.base_fields}


class PlanForm(PlanHeadForm):
    """A new plan of an order."""

    order = DocumentField(Order, states=Order.IN_WORK)
    field_order = ("order",)


class PlanLineForm(ActionForm):
    """One task of a plan (PRD-09)."""

    kind = forms.ChoiceField(label=_("Kind"), choices=TaskKind.choices)
    department = DepartmentField()
    start_on = forms.DateField(
        label=_("Start"), required=False, widget=DATE, help_text=_("Empty: on the day of the finish.")
    )
    finish_on = forms.DateField(label=_("Finish"), widget=DATE)
    text = forms.CharField(label=_("Task"), max_length=500, required=False)

    def clean(self) -> dict[str, Any]:
        """A task does not end before it starts; without a start it is done on the day of its finish."""
        data = super().clean() or {}
        start, finish = data.get("start_on"), data.get("finish_on")
        if start and finish and finish < start:
            self.add_error("finish_on", _("The task ends before it starts."))
        return data

    @classmethod
    def offer(cls, plan: Plan) -> list[dict[str, Any]]:
        """The lines of an existing plan."""
        rows = plan.lines.select_related("department__company")
        return [{name: getattr(line, name) for name in cls.base_fields} for line in rows]


class ObjectionForm(ActionForm):
    """Why the task cannot be done by its date, and when it could (PRD-13)."""

    proposed_on = forms.DateField(
        label=_("Proposed finish"), widget=DATE, help_text=_("Later than the planned day.")
    )
    reason = forms.CharField(label=_("Reason"), max_length=500, widget=TEXT)


class CoordinateForm(ActionForm):
    """What the issuer and the department agreed on (PRD-14)."""

    finish_on = forms.DateField(
        label=_("New finish"), required=False, widget=DATE, help_text=_("Empty: the date stays.")
    )
    opinion = forms.CharField(label=_("Agreement"), max_length=2000, widget=TEXT)


class RulingForm(ActionForm):
    """The general manager's ruling: the date that holds, and why (PRD-14)."""

    finish_on = forms.DateField(
        label=_("Finish"), widget=DATE, help_text=_("The day that holds from now on.")
    )
    opinion = forms.CharField(label=_("Opinion"), max_length=2000, widget=TEXT)


class ReportForm(ActionForm):
    """What was done, with a record if there is one (PRD-18…21)."""

    result = forms.CharField(
        label=_("Result"),
        max_length=2000,
        required=False,
        widget=TEXT,
        help_text=_("What was done, and where it is now."),
    )
    record = UploadField(
        label=_("Record"),
        required=False,
        help_text=_("A drawing, a test sheet or a photo, where there is one."),
    )


class OperationForm(ActionForm):
    """An operation of the process card, checked by the one who did it (PRD-70, PRD-73)."""

    operation = forms.CharField(
        label=_("Operation"),
        max_length=200,
        help_text=_("The step that you did, as the process card names it."),
    )
    self_check = forms.BooleanField(
        label=_("Checked by myself and found good"),
        error_messages={
            "required": _("Check your work and confirm it: an unchecked operation is not signed.")
        },
    )
    owed_material = forms.CharField(
        label=_("Owed material"),
        max_length=500,
        required=False,
        help_text=_("Required while the work order is short of material."),
    )
    remark = forms.CharField(label=_("Remark"), max_length=500, required=False)


class SubmitForm(ActionForm):
    """What the inspector must know: which parts are missing (PRD-74)."""

    missing_parts = forms.CharField(
        label=_("Missing parts"),
        max_length=500,
        required=False,
        help_text=_("Required when the process card names owed material."),
    )


class NoticeForm(ActionForm):
    """The notice to the packing department (PRD-49)."""

    ready_on = forms.DateField(
        label=_("Ready to be packed on"),
        required=False,
        widget=DATE,
        help_text=_("Empty: as planned."),
    )
    requirement = forms.CharField(
        label=_("Packing requirement"), max_length=2000, required=False, widget=TEXT
    )

    @classmethod
    def offer(cls, packaging: Packaging) -> dict[str, Any]:
        """What is known already."""
        return {"ready_on": packaging.ready_on, "requirement": packaging.requirement}


_CHECK = {"required": _("Nothing may be missing: complete it, then confirm.")}


class PackedForm(ActionForm):
    """The packer's checklist: every point must be confirmed (PRD-51)."""

    has_accessories = forms.BooleanField(label=_("Accessories complete"), error_messages=_CHECK)
    has_documents = forms.BooleanField(
        label=_("Certificate, manual, test report and drawings enclosed"), error_messages=_CHECK
    )
    has_labels = forms.BooleanField(label=_("Labels attached"), error_messages=_CHECK)
    boxes = forms.IntegerField(label=_("Boxes"), min_value=1, max_value=100000, required=False)
    remark = forms.CharField(label=_("Remark"), max_length=2000, required=False, widget=TEXT)
