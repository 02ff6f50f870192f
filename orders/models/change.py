"""What the customer wants otherwise after signing: classified, reviewed, agreed, issued, carried out (D3)."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django_fsm import RETURN_VALUE, FSMField, transition

from flow import papers
from flow.guards import guard
from flow.models import Contact, Document
from orders.models.line import OrderLine
from orders.models.money import MONEY, money
from orders.models.order import Order
from org.models import Department
from org.roles import Role


@guard(_("The customer's written confirmation is missing: attach it first."))
def confirmed_in_writing(change: OrderChange) -> bool:
    return papers.attached(change, "confirmation").exists()


@guard(_("The change raises the cost or delays the delivery: the customer signs a change agreement first."))
def agreement_signed(change: OrderChange) -> bool:
    return not change.needs_agreement or papers.signed(change, "change_agreement", change.content())


@guard(_("Only a change of level 1 is issued without being agreed on."))
def is_small(change: OrderChange) -> bool:
    return change.state != OrderChange.State.CLASSIFIED or change.level == OrderChange.Level.L1


@guard(_("Only a technical change of level A goes to the archive alone."))
def is_archived_only(change: OrderChange) -> bool:
    return change.level == OrderChange.Level.A


@guard(_("Only a technical change of level B goes out by a technical change notice."))
def is_technical(change: OrderChange) -> bool:
    return change.level == OrderChange.Level.B


@guard(_("Not every department has acknowledged the change."))
def all_acknowledged(change: OrderChange) -> bool:
    return not change.forwards.filter(acknowledged_at=None).exists()


@guard(_("The order is to be planned again first."))
def planned_again(change: OrderChange) -> bool:
    # What was made meanwhile is not planned any more.
    is_made = change.order.state not in OrderChange.PLANNABLE
    return change.state == OrderChange.State.REPLANNED or not change.needs_replan or is_made


class OrderChange(Document):
    """合同订单更改通知单 / 合同订单技术更改通知单: a change from the first word on (ORD-25…39, D3)."""

    slug = "change"
    prefix = "GG"
    confidential: ClassVar[dict[str, frozenset[Role]]] = dict.fromkeys(
        ("added_amount", "change_agreement"), MONEY
    )

    class State(models.TextChoices):
        RECEIVED = "received", _("Received")
        CLASSIFIED = "classified", _("Classified")
        REPORTED = "reported", _("Reported to the leader")
        DATE_REVIEW = "date_review", _("Delivery date in review")
        FULL_REVIEW = "full_review", _("In review again")
        CUSTOMER_CONTACT = "customer_contact", _("To be agreed with the customer")
        AGREED = "agreed", _("Agreed")
        REFUSED = "refused", _("Refused by the customer")
        TECH_NOTICED = "tech_noticed", _("Technical notice sent")
        NOTICED = "noticed", _("Notice issued")
        FORWARDED = "forwarded", _("Forwarded to the departments")
        REPLANNED = "replanned", _("Planned again")
        ARCHIVED = "archived", _("Handed to the archive")
        DONE = "done", _("Done")
        REJECTED = "rejected", _("Rejected")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    class Kind(models.TextChoices):
        COMMERCIAL = "commercial", _("Commercial change")
        TECHNICAL = "technical", _("Technical change")

    class Level(models.TextChoices):
        L1 = "l1", _("Level 1: small")
        L2 = "l2", _("Level 2: plan affected")
        L3 = "l3", _("Level 3: structure or main components")
        A = "a", _("Technical, level A")
        B = "b", _("Technical, level B")

    # The order is signed and not shipped: before, it is edited; after, it is a service (D3).
    CHANGEABLE: ClassVar[tuple[str, ...]] = (
        Order.State.SIGNED, Order.State.EFFECTIVE, *Order.IN_WORK, Order.State.SHIPPING,
        Order.State.PARTIALLY_SHIPPED,
    )  # fmt: skip
    # Something is still to be made: a change of the plan asks for its next version.
    PLANNABLE: ClassVar[tuple[str, ...]] = (
        Order.State.INSTRUCTED, Order.State.PLANNED, Order.State.PROCURING, Order.State.PRODUCING,
    )  # fmt: skip
    # Until the notice is out a change can still be taken back; from then on it is being carried out.
    OPEN: ClassVar[tuple[str, ...]] = (
        State.RECEIVED, State.CLASSIFIED, State.REPORTED, State.DATE_REVIEW, State.FULL_REVIEW,
        State.CUSTOMER_CONTACT, State.AGREED, State.REFUSED, State.TECH_NOTICED,
    )  # fmt: skip
    CARRIED_OUT: ClassVar[tuple[str, ...]] = (State.NOTICED, State.FORWARDED, State.REPLANNED)

    state = FSMField(_("state"), choices=State, default=State.RECEIVED, protected=True, db_index=True)
    order = models.ForeignKey(Order, models.PROTECT, related_name="changes", verbose_name=_("order"))
    kind = models.CharField(_("kind of change"), max_length=20, choices=Kind)
    level = models.CharField(_("level"), max_length=2, choices=Level, blank=True)
    party = models.CharField(_("who asked for it"), max_length=100)
    channel = models.CharField(_("channel"), max_length=20, choices=Contact.Channel.choices)
    wish = models.TextField(_("what is to be changed"))
    changes_structure = models.BooleanField(_("overall structure"), default=False)
    changes_specification = models.BooleanField(_("specification of a component"), default=False)
    changes_model = models.BooleanField(_("model of a component"), default=False)
    changes_maker = models.BooleanField(_("specified manufacturer"), default=False)
    affects_plan = models.BooleanField(_("plan affected"), default=False)
    raises_cost = models.BooleanField(_("cost raised"), default=False)
    grounds = models.TextField(_("grounds of the level"), blank=True)
    delivery_on = models.DateField(_("new delivery date"), null=True, blank=True)
    added_amount = money(_("added to the price"), null=True, blank=True)
    supplement_asked = models.BooleanField(_("supplementary contract asked for"), default=False)
    decision = models.TextField(_("decision"), blank=True)
    conditions = models.TextField(_("conditions of the review"), blank=True)
    needs_replan = models.BooleanField(_("to be planned again"), default=False)

    class Meta:
        verbose_name = _("order change")
        verbose_name_plural = _("order changes")
        constraints = (
            models.CheckConstraint(
                name="orders_change_level", condition=Q(state__in=["received", "withdrawn"]) | ~Q(level="")
            ),
        )

    @property
    def checklist(self) -> bool:
        """Whether product structure or main components change (E-14: one checklist for sales and design)."""
        return any(
            (self.changes_structure, self.changes_specification, self.changes_model, self.changes_maker)
        )

    @property
    def holds(self) -> bool:
        """Whether the lines it is about stand still until it is settled (D3; E-17 for level 1)."""
        if self.state not in self.OPEN or not self.level or self.level == self.Level.A:
            return False
        return self.level != self.Level.L1 or not papers.attached(self, "confirmation").exists()

    @property
    def is_later(self) -> bool:
        """Whether the order would be delivered later than agreed."""
        if self.delivery_on is not None and self.delivery_on > self.order.delivery_on:
            return True
        return self.lines.filter(delivery_on__gt=F("old_delivery_on")).exists()

    @property
    def needs_agreement(self) -> bool:
        """Whether the customer must sign a change agreement or a supplementary contract (ORD-30, ORD-33)."""
        return self.raises_cost or self.supplement_asked or self.is_later

    def content(self) -> dict[str, object]:
        """What the change agreement is about; a signature counts for exactly this (SYS-11)."""
        rows = self.lines.order_by("position").values_list("order_line", "quantity", "delivery_on")
        return {
            "wish": self.wish, "delivery_on": self.delivery_on, "added_amount": self.added_amount,
            "lines": [list(row) for row in rows],
        }  # fmt: skip

    @transition(state, source=State.RECEIVED, target=State.CLASSIFIED)
    def classify(self) -> None: ...

    @transition(state, source=State.CLASSIFIED, target=State.REPORTED)
    def report(self) -> None: ...

    @transition(state, source=[State.REPORTED, State.TECH_NOTICED], target=State.DATE_REVIEW)
    def review_date(self) -> None: ...

    @transition(state, source=[State.REPORTED, State.TECH_NOTICED], target=State.FULL_REVIEW)
    def review_all(self) -> None: ...

    @transition(
        state,
        source=[State.DATE_REVIEW, State.FULL_REVIEW],
        target=RETURN_VALUE(State.CUSTOMER_CONTACT, State.AGREED, State.REJECTED),
    )
    def hear_review(self, outcome: str) -> str:
        """What the review leads to: nothing to be asked of the customer, something, or nothing to be done."""
        return outcome

    @transition(state, source=State.CUSTOMER_CONTACT, target=State.AGREED)
    def agree(self) -> None: ...

    @transition(state, source=State.CUSTOMER_CONTACT, target=State.REFUSED)
    def refuse(self) -> None: ...

    @transition(state, source=State.REFUSED, target=RETURN_VALUE(State.AGREED, State.REJECTED))
    def settle(self, outcome: str) -> str:
        """The general manager keeps the old date, or does not change the order."""
        return outcome

    @transition(
        state,
        source=State.REPORTED,
        target=State.TECH_NOTICED,
        conditions=[is_technical, confirmed_in_writing],
    )
    def send_technical_notice(self) -> None: ...

    @transition(state, source=State.TECH_NOTICED, target=State.AGREED)
    def decide(self) -> None: ...

    @transition(
        state,
        source=[State.CLASSIFIED, State.AGREED],
        target=State.NOTICED,
        conditions=[is_small, confirmed_in_writing, agreement_signed],
    )
    def issue(self) -> None: ...

    @transition(state, source=State.NOTICED, target=State.FORWARDED)
    def forward(self) -> None: ...

    @transition(state, source=State.FORWARDED, target=State.REPLANNED)
    def replan(self) -> None: ...

    @transition(
        state,
        source=[State.FORWARDED, State.REPLANNED],
        target=State.DONE,
        conditions=[all_acknowledged, planned_again],
    )
    def finish(self) -> None: ...

    @transition(
        state,
        source=State.CLASSIFIED,
        target=State.ARCHIVED,
        conditions=[is_archived_only, confirmed_in_writing],
    )
    def archive(self) -> None: ...

    @transition(state, source=State.ARCHIVED, target=State.DONE)
    def confirm_archive(self) -> None: ...

    @transition(state, source=OPEN, target=State.WITHDRAWN)
    def withdraw(self) -> None: ...

    @transition(state, source=[*OPEN, *CARRIED_OUT, State.ARCHIVED], target=State.WITHDRAWN)
    def cancel(self) -> None: ...


class OrderChangeLine(models.Model):
    """更改行: what becomes of one line of the order; what is left empty stays as it is."""

    change = models.ForeignKey(
        OrderChange, models.CASCADE, related_name="lines", verbose_name=_("order change")
    )
    position = models.PositiveIntegerField(_("line"))
    order_line = models.ForeignKey(OrderLine, models.PROTECT, related_name="+", verbose_name=_("order line"))
    old_quantity = models.DecimalField(_("quantity before"), max_digits=12, decimal_places=3)
    quantity = models.DecimalField(_("new quantity"), max_digits=12, decimal_places=3, null=True, blank=True)
    old_delivery_on = models.DateField(_("delivery date before"))
    delivery_on = models.DateField(_("new delivery date"), null=True, blank=True)
    technical_requirement = models.TextField(_("new technical requirement"), blank=True)
    quality_requirement = models.TextField(_("new quality requirement"), blank=True)

    class Meta:
        verbose_name = _("changed line")
        verbose_name_plural = _("changed lines")
        ordering = ("position",)
        constraints = (
            models.UniqueConstraint(fields=["change", "order_line"], name="orders_change_line_once"),
            models.CheckConstraint(
                name="orders_change_line_quantity", condition=Q(quantity=None) | Q(quantity__gt=0)
            ),
        )

    def __str__(self) -> str:
        return f"{self.position} {self.order_line.item}"


class OrderChangeForward(models.Model):
    """流转: a department that was told of the change, and what it has adjusted (ORD-27)."""

    change = models.ForeignKey(
        OrderChange, models.CASCADE, related_name="forwards", verbose_name=_("order change")
    )
    department = models.ForeignKey(Department, models.PROTECT, related_name="+", verbose_name=_("department"))
    sent_at = models.DateTimeField(_("sent at"))
    acknowledged_at = models.DateTimeField(_("acknowledged at"), null=True, blank=True)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("by"),
    )
    adjustment = models.TextField(_("adjustment made"), blank=True)

    class Meta:
        verbose_name = _("forwarding")
        verbose_name_plural = _("forwardings")
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(fields=["change", "department"], name="orders_change_forward_once"),
        )

    def __str__(self) -> str:
        return str(self.department)
