"""The order."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from functools import cached_property
from typing import ClassVar

from django.db import models
from django.db.models import Q, Sum
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, transition

from catalog.models import Customer
from flow.guards import guard
from flow.models import Document
from orders.models.line import OrderLine, lines_of
from orders.models.progress import Stage


@guard(_("The order has no lines: edit it and add at least one."))
def has_lines(order: Order) -> bool:
    return bool(order.wanted)


@guard(_("The conditions of the review are not agreed with the customer yet: agree on them and record it."))
def conditions_settled(order: Order) -> bool:
    return not order.conditions or order.conditions_agreed


@guard(_("The review was not conditional, or its conditions are agreed: there is nothing to postpone."))
def may_postpone(order: Order) -> bool:
    return order.state == Order.State.IN_REVIEW or bool(order.conditions and not order.conditions_agreed)


@guard(_("An important order is signed only when senior management approved it: ask for their approval."))
def important_released(order: Order) -> bool:
    return not order.is_important or order.important_approved


@guard(_("A change of the order is open: it is on hold until the change is settled."))
def not_on_hold(order: Order) -> bool:
    return not order.change_hold


@guard(_("Not every line has been carried so far."))
def all_instructed(order: Order) -> bool:
    return order.all_reached(Stage.INSTRUCTED)


@guard(_("Not every line is planned."))
def all_planned(order: Order) -> bool:
    return order.all_reached(Stage.PLANNED)


@guard(_("No material action has been released."))
def any_procuring(order: Order) -> bool:
    return order.any_reached(Stage.PROCURING)


@guard(_("No work order has been started."))
def any_started(order: Order) -> bool:
    return order.any_reached(Stage.STARTED)


@guard(_("Not every product has been sent to final inspection."))
def all_submitted(order: Order) -> bool:
    return order.all_reached(Stage.SUBMITTED)


@guard(_("No product came back from final inspection."))
def some_came_back(order: Order) -> bool:
    return not order.all_reached(Stage.SUBMITTED)


@guard(_("Not every quantity is in stock."))
def all_stocked(order: Order) -> bool:
    return order.all_reached(Stage.STOCKED)


@guard(_("No shipping notice is open."))
def notice_open(order: Order) -> bool:
    return order.total(Stage.NOTIFIED) > order.total(Stage.DISPATCHED)


@guard(_("The open shipping notices are not dispatched yet."))
def part_dispatched(order: Order) -> bool:
    return not notice_open(order) and order.any_reached(Stage.DISPATCHED) and not all_dispatched(order)


@guard(_("Not every quantity is dispatched."))
def all_dispatched(order: Order) -> bool:
    return order.all_reached(Stage.DISPATCHED)


@guard(_("The customer's receipt of a shipment is missing."))
def all_delivered(order: Order) -> bool:
    return order.all_reached(Stage.DELIVERED)


class Order(Document):
    """订单: what a customer wants, from the first word to the last payment (ORD-01…10, D1, D2)."""

    slug = "order"
    prefix = "DD"

    class State(models.TextChoices):
        RECEIVED = "received", _("Received")
        CONFIRMED = "confirmed", _("Requirements confirmed")
        IN_REVIEW = "in_review", _("In review")
        RETURNED = "returned", _("Returned for rework")
        POSTPONING = "postponing", _("Negotiating postponement")
        DECLINE_PENDING = "decline_pending", _("Decline awaiting approval")
        DECLINED = "declined", _("Declined")
        APPROVED = "approved", _("Review passed")
        QUOTED = "quoted", _("Quoted")
        LOST = "lost", _("Lost")
        CONTRACTING = "contracting", _("Contracting")
        SIGNED = "signed", _("Signed, not yet effective")
        EFFECTIVE = "effective", _("Effective")
        INSTRUCTED = "instructed", _("Production instructed")
        PLANNED = "planned", _("Planned")
        PROCURING = "procuring", _("Procuring")
        PRODUCING = "producing", _("In production")
        INSPECTING = "inspecting", _("In final inspection")
        STOCKED = "stocked", _("In stock, to be shipped")
        SHIPPING = "shipping", _("Shipping")
        PARTIALLY_SHIPPED = "partially_shipped", _("Partially shipped")
        SHIPPED = "shipped", _("Shipped")
        DELIVERED = "delivered", _("Delivered")
        AFTER_SALES = "after_sales", _("In after-sales")
        COMPLETED = "completed", _("Completed")
        CLOSED = "closed", _("Archived")
        CANCELLED = "cancelled", _("Cancelled")

    class Channel(models.TextChoices):
        PHONE = "phone", _("Phone")
        EMAIL = "email", _("E-mail")
        PLATFORM = "platform", _("Online platform")
        VISIT = "visit", _("Visit")
        API = "api", _("Interface")

    class OrderClass(models.TextChoices):
        REGULAR = "regular", _("Regular")
        NON_REGULAR = "non_regular", _("Non-regular")

    UNSIGNED: ClassVar[tuple[str, ...]] = (
        State.RECEIVED, State.CONFIRMED, State.IN_REVIEW, State.RETURNED, State.POSTPONING,
        State.DECLINE_PENDING, State.APPROVED, State.QUOTED, State.CONTRACTING,
    )  # fmt: skip
    QUOTABLE: ClassVar[tuple[str, ...]] = (State.APPROVED, State.QUOTED)
    IN_WORK: ClassVar[tuple[str, ...]] = (
        State.INSTRUCTED, State.PLANNED, State.PROCURING, State.PRODUCING, State.INSPECTING, State.STOCKED,
    )  # fmt: skip
    SHIPPABLE: ClassVar[tuple[str, ...]] = (
        State.EFFECTIVE, *IN_WORK, State.SHIPPING, State.PARTIALLY_SHIPPED,
    )  # fmt: skip
    PAYABLE: ClassVar[tuple[str, ...]] = (
        State.SIGNED, *SHIPPABLE, State.SHIPPED, State.DELIVERED, State.AFTER_SALES, State.COMPLETED,
    )  # fmt: skip

    ENDED: ClassVar[tuple[str, ...]] = (State.DECLINED, State.LOST, State.CLOSED, State.CANCELLED)

    state = FSMField(_("state"), choices=State, default=State.RECEIVED, protected=True, db_index=True)
    customer = models.ForeignKey(
        Customer, models.PROTECT, related_name="orders", verbose_name=_("customer or dealer")
    )
    end_customer = models.ForeignKey(
        Customer, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("end customer")
    )
    customer_reference = models.CharField(_("customer's order number"), max_length=80, blank=True)
    channel = models.CharField(_("channel"), max_length=20, choices=Channel)
    is_project = models.BooleanField(_("project order"), default=False)
    project_name = models.CharField(_("project"), max_length=200, blank=True)
    delivery_on = models.DateField(_("delivery date"))
    order_class = models.CharField(_("class"), max_length=20, choices=OrderClass, blank=True)
    is_important = models.BooleanField(_("important"), default=False)
    important_approved = models.BooleanField(_("approved by senior management"), default=False)
    conditions = models.TextField(_("conditions of the review"), blank=True)
    conditions_agreed = models.BooleanField(_("conditions agreed"), default=False)
    change_hold = models.BooleanField(_("on hold for a change"), default=False)
    remark = models.TextField(_("remark"), blank=True)

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        indexes = (models.Index(fields=["delivery_on", "id"], name="orders_order_delivery"),)
        constraints = (
            models.UniqueConstraint(
                fields=["customer", "customer_reference"],
                condition=~Q(customer_reference="") & ~Q(state__in=["cancelled", "declined", "lost"]),
                name="orders_order_reference_once",
            ),
            models.CheckConstraint(
                name="orders_order_class_before_review",
                condition=Q(state__in=["received", "cancelled"]) | ~Q(order_class=""),
            ),
            models.CheckConstraint(
                name="orders_project_has_name", condition=Q(is_project=False) | ~Q(project_name="")
            ),
        )

    # -- moved by people --------------------------------------------------------------------------

    @transition(
        state, source=[State.RECEIVED, State.RETURNED], target=State.CONFIRMED, conditions=[has_lines]
    )
    def confirm_requirements(self) -> None: ...

    @transition(state, source=State.CONFIRMED, target=State.IN_REVIEW)
    def submit_review(self) -> None: ...

    @transition(
        state, source=[State.IN_REVIEW, State.APPROVED], target=State.POSTPONING, conditions=[may_postpone]
    )
    def start_postpone(self) -> None: ...

    @transition(state, source=State.POSTPONING, target=State.IN_REVIEW)
    def postpone_agreed(self) -> None: ...

    @transition(state, source=State.POSTPONING, target=State.DECLINE_PENDING)
    def request_decline(self) -> None: ...

    @transition(state, source=State.DECLINE_PENDING, target=State.DECLINED)
    def approve_decline(self) -> None: ...

    @transition(state, source=State.DECLINE_PENDING, target=State.IN_REVIEW)
    def refuse_decline(self) -> None: ...

    @transition(state, source=[State.QUOTED, State.CONTRACTING], target=State.LOST)
    def mark_lost(self) -> None: ...

    @transition(state, source=State.EFFECTIVE, target=State.STOCKED, conditions=[not_on_hold])
    def fulfil_from_stock(self) -> None: ...

    @transition(state, source=State.AFTER_SALES, target=State.COMPLETED)
    def complete(self) -> None: ...

    @transition(state, source=State.COMPLETED, target=State.CLOSED)
    def close(self) -> None: ...

    @transition(
        state,
        source=[*UNSIGNED, State.SIGNED, State.EFFECTIVE, *IN_WORK, State.SHIPPING],
        target=State.CANCELLED,
    )
    def cancel(self) -> None: ...

    # -- consequences of other documents ----------------------------------------------------------

    @transition(state, source=State.IN_REVIEW, target=State.RETURNED)
    def return_for_rework(self) -> None: ...

    @transition(state, source=State.IN_REVIEW, target=State.APPROVED)
    def approve(self) -> None: ...

    @transition(state, source=State.IN_REVIEW, target=State.APPROVED)
    def approve_conditionally(self, conditions: str) -> None:
        self.conditions = conditions
        self.conditions_agreed = False

    @transition(state, source=State.IN_REVIEW, target=State.DECLINED)
    def reject_by_gm(self) -> None: ...

    @transition(state, source=State.APPROVED, target=State.QUOTED, conditions=[conditions_settled])
    def quote(self) -> None: ...

    @transition(state, source=State.QUOTED, target=State.QUOTED)
    def requote(self) -> None: ...

    @transition(state, source=State.QUOTED, target=State.CONTRACTING)
    def draft_contract(self) -> None: ...

    @transition(state, source=State.CONTRACTING, target=State.SIGNED, conditions=[important_released])
    def sign(self) -> None: ...

    @transition(state, source=State.SIGNED, target=State.EFFECTIVE)
    def take_effect(self) -> None: ...

    # -- moved by the progress ledger, see orders.actions.progress ---------------------------------

    @transition(
        state, source=State.EFFECTIVE, target=State.INSTRUCTED, conditions=[all_instructed, not_on_hold]
    )
    def issue_instruction(self) -> None: ...

    @transition(state, source=State.INSTRUCTED, target=State.PLANNED, conditions=[all_planned, not_on_hold])
    def issue_plan(self) -> None: ...

    @transition(state, source=State.PLANNED, target=State.PROCURING, conditions=[any_procuring])
    def start_procurement(self) -> None: ...

    @transition(
        state,
        source=[State.PLANNED, State.PROCURING],
        target=State.PRODUCING,
        conditions=[any_started, not_on_hold],
    )
    def start_production(self) -> None: ...

    @transition(state, source=State.PRODUCING, target=State.INSPECTING, conditions=[all_submitted])
    def submit_inspection(self) -> None: ...

    @transition(state, source=State.INSPECTING, target=State.PRODUCING, conditions=[some_came_back])
    def inspection_rework(self) -> None: ...

    @transition(state, source=State.INSPECTING, target=State.STOCKED, conditions=[all_stocked, not_on_hold])
    def stock_in(self) -> None: ...

    @transition(
        state,
        source=[State.STOCKED, State.PARTIALLY_SHIPPED],
        target=State.SHIPPING,
        conditions=[notice_open, not_on_hold],
    )
    def issue_shipping_notice(self) -> None: ...

    @transition(state, source=State.SHIPPING, target=State.PARTIALLY_SHIPPED, conditions=[part_dispatched])
    def dispatch_part(self) -> None: ...

    @transition(
        state,
        source=[State.SHIPPING, State.PARTIALLY_SHIPPED],
        target=State.SHIPPED,
        conditions=[all_dispatched],
    )
    def dispatch_all(self) -> None: ...

    @transition(state, source=State.SHIPPED, target=State.DELIVERED, conditions=[all_delivered])
    def confirm_delivery(self) -> None: ...

    @transition(state, source=State.DELIVERED, target=State.AFTER_SALES)
    def open_after_sales(self) -> None: ...

    # -- the ledger as the guards see it -----------------------------------------------------------

    @cached_property
    def tally(self) -> dict[str, dict[int, Decimal]]:
        """Quantity reached by stage and line id; read once per instance, never before the signature."""
        found: dict[str, dict[int, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
        if self.state in self.UNSIGNED:
            return found
        rows = self.lines.values("progress__stage", "pk").annotate(sum=Sum("progress__quantity"))
        for row in rows.exclude(progress__stage=None).order_by():
            found[row["progress__stage"]][row["pk"]] = row["sum"]
        return found

    @cached_property
    def wanted(self) -> dict[int, Decimal]:
        """Ordered quantity by line id; read once per instance."""
        return {line.pk: line.quantity for line in self.own_lines}

    @cached_property
    def own_lines(self) -> list[OrderLine]:
        """Its lines in their order; read once per instance. One query."""
        return lines_of(order=self.pk)

    def all_reached(self, stage: str) -> bool:
        """Whether every line has wholly reached the stage."""
        return bool(self.wanted) and all(self.tally[stage][pk] >= q for pk, q in self.wanted.items())

    def any_reached(self, stage: str) -> bool:
        """Whether any quantity has reached the stage."""
        return any(quantity > 0 for quantity in self.tally[stage].values())

    def total(self, stage: str) -> Decimal:
        """The quantity of all lines together that has reached the stage."""
        return sum(self.tally[stage].values(), Decimal())
