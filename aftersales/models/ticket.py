"""The service ticket: what a customer wants after the sale, until he confirms that it is done."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, transition

from catalog.models import Customer, Item
from flow.models import Document
from orders.models import Order


class Ticket(Document):
    """用户服务、质量信息反馈接受单: a demand of a customer, from the call to his confirmation (AFS-01…13)."""

    slug = "ticket"
    prefix = "FW"

    class State(models.TextChoices):
        REGISTERED = "registered", _("Registered")
        HANDED_OVER = "handed_over", _("Handed over")
        CONTACTED = "contacted", _("Customer contacted")
        IN_SERVICE = "in_service", _("In service")
        SOLVED = "solved", _("Solved")
        CONFIRMED = "confirmed", _("Confirmed by the customer")
        CLOSED = "closed", _("Closed")

    class Kind(models.TextChoices):
        """What the customer wants; some kinds ask for more before they are solved."""

        REPAIR = "repair", _("Repair")
        COMMISSIONING = "commissioning", _("Installation and commissioning")
        COMPLAINT = "complaint", _("Complaint")
        NOT_RECEIVED = "not_received", _("Goods not received")
        DAMAGED = "damaged", _("Goods damaged")
        RETURN = "return", _("Return or exchange")
        MISSING_PART = "missing_part", _("Missing part")

    OPEN: ClassVar[tuple[str, ...]] = (
        State.REGISTERED, State.HANDED_OVER, State.CONTACTED, State.IN_SERVICE, State.SOLVED, State.CONFIRMED,
    )  # fmt: skip

    state = FSMField(_("state"), choices=State, default=State.REGISTERED, protected=True, db_index=True)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    order = models.ForeignKey(
        Order, models.PROTECT, null=True, blank=True, related_name="tickets", verbose_name=_("order")
    )
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="tickets", verbose_name=_("customer"))
    contact = models.CharField(_("contact person"), max_length=100, blank=True)
    phone = models.CharField(_("phone"), max_length=50, blank=True)
    item = models.ForeignKey(
        Item, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("product")
    )
    problem = models.TextField(_("problem"))
    demand = models.TextField(_("demand"), blank=True)
    received_at = models.DateTimeField(_("received at"))
    telephone_only = models.BooleanField(_("by telephone only"), default=False)
    cause = models.TextField(_("cause"), blank=True)
    method = models.CharField(_("service method"), max_length=500, blank=True)
    solution = models.TextField(_("solution"), blank=True)
    power_on_checked = models.BooleanField(_("power-on check done"), default=False)
    confirmed_by = models.CharField(_("confirmed for the customer by"), max_length=100, blank=True)
    satisfaction = models.PositiveSmallIntegerField(_("satisfaction (1 to 5)"), null=True, blank=True)

    class Meta:
        verbose_name = _("service ticket")
        verbose_name_plural = _("service tickets")
        constraints = (
            models.CheckConstraint(
                name="aftersales_ticket_satisfaction",
                condition=Q(satisfaction__isnull=True) | Q(satisfaction__gte=1, satisfaction__lte=5),
            ),
        )

    @transition(state, source=State.REGISTERED, target=State.HANDED_OVER)
    def hand_over(self) -> None: ...

    @transition(state, source=State.HANDED_OVER, target=State.CONTACTED)
    def record_contact(self) -> None: ...

    @transition(state, source=State.CONTACTED, target=State.IN_SERVICE)
    def start(self) -> None: ...

    @transition(state, source=State.IN_SERVICE, target=State.SOLVED)
    def solve(self) -> None: ...

    @transition(state, source=State.SOLVED, target=State.IN_SERVICE)
    def reopen(self) -> None: ...

    @transition(state, source=State.SOLVED, target=State.CONFIRMED)
    def confirm(self) -> None: ...

    @transition(state, source=State.CONFIRMED, target=State.CLOSED)
    def close(self) -> None: ...
