"""The packaging: the notice, the packing of what has passed, and the checklist at its end."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from flow import actions
from flow.events import By
from flow.models import Event
from orders import actions as orders
from orders.models import Stage
from org.roles import Role
from production.forms import NoticeForm, PackedForm
from production.models import Packaging, Plan

PACKERS = (Role.PACK_LEADER, Role.PACKER)


@actions.creation(Packaging, _("Plan packaging"), parent="plan", numbers=True, rules="PRD-49")
def create(by: By, *, plan: Plan, ready_on: date, finish_on: date) -> Packaging:
    """Plan the packaging of the order with its plan."""
    return actions.draft(
        Packaging,
        by=by,
        case=plan.case,
        company=plan.company,
        order=plan.order,
        plan=plan,
        ready_on=ready_on,
        finish_on=finish_on,
        requirement=plan.instruction.packing_requirement,
    )


@actions.consequence(
    Packaging, _("Move packaging"), states=(Packaging.State.PLANNED, Packaging.State.NOTICED), rules="PRD-49"
)
def replan(packaging: Packaging, by: By, *, plan: Plan, ready_on: date, finish_on: date) -> dict[str, Any]:
    """A new version of the plan moves the packaging to other days."""
    packaging.plan, packaging.ready_on, packaging.finish_on = plan, ready_on, finish_on
    return {"ready_on": ready_on, "finish_on": finish_on}


@actions.action(Packaging, _("Notify packing department"), NoticeForm, may=(Role.PROD_MGR,), rules="PRD-49")
def notify(
    packaging: Packaging, by: By, *, ready_on: date | None = None, requirement: str = ""
) -> dict[str, Any]:
    """Tell the packing department what will be ready when, so that it prepares (TM-11, TM-12)."""
    packaging.ready_on = ready_on or packaging.ready_on
    packaging.finish_on = max(packaging.finish_on, packaging.ready_on)
    packaging.requirement = requirement or packaging.requirement
    packaging.notify()
    return {"ready_on": packaging.ready_on}


@actions.action(Packaging, _("Start packing"), may=PACKERS, rules="PRD-50")
def start(packaging: Packaging, by: By) -> None:
    """Begin to pack; only what has passed the final inspection is packed."""
    packaging.start()


@actions.action(Packaging, _("Confirm packed"), PackedForm, may=(Role.PACKER,), rules="PRD-51")
def confirm_packed(
    packaging: Packaging,
    by: By,
    *,
    has_accessories: bool,
    has_documents: bool,
    has_labels: bool,
    boxes: int | None = None,
    remark: str = "",
) -> dict[str, Any]:
    """Everything is in the box: accessories, documents, labels."""
    packaging.has_accessories, packaging.has_documents = has_accessories, has_documents
    packaging.has_labels, packaging.boxes, packaging.remark = has_labels, boxes, remark
    packaging.confirm_packed()
    return {"boxes": boxes}


@confirm_packed.then
def credit_packed(packaging: Packaging, by: By, event: Event) -> None:
    """Credit the order with what is packed."""
    order = packaging.order
    packed = orders.progress.reached(order, Stage.PACKED)
    rows = [(line, line.quantity - packed.get(line.pk, 0)) for line in order.lines.all()]
    orders.credit(order, Stage.PACKED, rows, document=packaging, by=by, cause=event)


@actions.consequence(Packaging, _("Cancelled"))
def cancel(packaging: Packaging, by: By) -> None:
    """The order ended."""
    packaging.cancel()
