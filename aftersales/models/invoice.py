"""The invoice: what a customer is asked to pay for an order."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, transition

from flow.models import Document
from orders.models import Order
from orders.models.money import MONEY, money
from org.roles import Role


class Invoice(Document):
    """发票: a part of the contract's amount, asked for, issued, sent and paid (AFS-15, AFS-16)."""

    slug = "invoice"
    prefix = "FP"
    seen_by = MONEY
    confidential: ClassVar[dict[str, frozenset[Role]]] = {"amount": MONEY}

    class State(models.TextChoices):
        REQUESTED = "requested", _("Requested")
        ISSUED = "issued", _("Invoice issued")
        SENT = "sent", _("Sent")
        PAID = "paid", _("Paid")
        CREDITED = "credited", _("Credited")

    # What counts against the contract.
    COUNTED: ClassVar[tuple[str, ...]] = (State.ISSUED, State.SENT, State.PAID)

    state = FSMField(_("state"), choices=State, default=State.REQUESTED, protected=True, db_index=True)
    order = models.ForeignKey(Order, models.PROTECT, related_name="invoices", verbose_name=_("order"))
    amount = money(_("amount"))
    tax_number = models.CharField(_("number of the tax invoice"), max_length=80, blank=True)
    issued_on = models.DateField(_("issued on"), null=True, blank=True)
    sent_on = models.DateField(_("sent on"), null=True, blank=True)
    sent_to = models.CharField(_("sent to"), max_length=200, blank=True)
    reason = models.CharField(_("credited because"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("invoice")
        verbose_name_plural = _("invoices")
        constraints = (
            models.CheckConstraint(name="aftersales_invoice_positive", condition=Q(amount__gt=0)),
            models.CheckConstraint(
                name="aftersales_invoice_issued",
                condition=Q(state__in=["requested", "credited"]) | Q(issued_on__isnull=False),
            ),
        )

    @transition(state, source=State.REQUESTED, target=State.ISSUED)
    def issue(self) -> None: ...

    @transition(state, source=State.ISSUED, target=State.SENT)
    def send(self) -> None: ...

    @transition(state, source=State.SENT, target=State.PAID)
    def pay(self) -> None: ...

    @transition(state, source=State.PAID, target=State.SENT)
    def unpay(self) -> None: ...

    @transition(state, source=[State.ISSUED, State.SENT, State.PAID], target=State.CREDITED)
    def credit(self) -> None: ...
