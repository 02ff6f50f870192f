"""The shipping notice and the shipment that follows it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, transition

from catalog.models import Carrier, Item
from flow.guards import guard
from flow.models import Document
from orders import queries as orders
from orders.models import Order, OrderLine
from quality.models import Inspection


@guard(_("The shipping notice has no lines: edit it and add at least one."))
def has_lines(shipment: Shipment) -> bool:
    return shipment.lines.exists()


@guard(_("A change of the order is open: it is on hold until the change is settled."))
def not_on_hold(shipment: Shipment) -> bool:
    return not orders.held(shipment.order, shipment.lines.values_list("order_line", flat=True))


@guard(
    _(
        "The contract asks for payment before shipping and it is not paid in full: "
        "wait for the payment, or let a leader release the shipment."
    )
)
def payment_settled(shipment: Shipment) -> bool:
    return bool(shipment.payment_release) or orders.may_ship(shipment.order)


@guard(_("The goods are not confirmed and labelled yet: the finished goods keeper prepares them first."))
def goods_ready(shipment: Shipment) -> bool:
    return shipment.goods_prepared


@guard(
    _(
        "Parts of the product are missing: record the customer's consent to a short shipment, "
        "or that the parts were built in since."
    )
)
def shortage_agreed(shipment: Shipment) -> bool:
    return bool(shipment.consent_by or shipment.made_good) or not shipment.is_short


class Shipment(Document):
    """发货通知单: what leaves the house for an order, until the customer's receipt is back (DLV-01…20)."""

    slug = "shipment"
    prefix = "FH"

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        ISSUED = "issued", _("Issued")
        PREPARED = "prepared", _("Prepared")
        DISPATCHED = "dispatched", _("Dispatched")
        CARRIER_RECEIPTED = "carrier_receipted", _("Receipted by the carrier")
        CUSTOMER_TOLD = "customer_told", _("Customer told")
        CUSTOMER_RECEIPTED = "customer_receipted", _("Receipted by the customer")
        CLOSED = "closed", _("Closed")
        DELAYED = "delayed", _("Delayed")
        CANCELLED = "cancelled", _("Cancelled")

    class Method(models.TextChoices):
        OWN_VEHICLE = "own_vehicle", _("Company vehicle")
        CARRIER = "carrier", _("Carrier")
        PICKUP = "pickup", _("Collected by the customer")

    state = FSMField(_("state"), choices=State, default=State.DRAFT, protected=True, db_index=True)
    order = models.ForeignKey(Order, models.PROTECT, related_name="shipments", verbose_name=_("order"))
    planned_dispatch_on = models.DateField(_("planned dispatch"))
    arrival_on = models.DateField(_("to arrive on"))
    address = models.CharField(_("place of delivery"), max_length=300)
    receiver = models.CharField(_("receiver"), max_length=100, blank=True)
    phone = models.CharField(_("phone"), max_length=50, blank=True)
    method = models.CharField(_("delivery method"), max_length=20, choices=Method, default=Method.OWN_VEHICLE)
    extras = models.TextField(_("spare and matching parts"), blank=True)
    payment_release = models.CharField(_("released before payment because"), max_length=500, blank=True)
    goods_prepared = models.BooleanField(_("confirmed and labelled"), default=False)
    boxes = models.PositiveIntegerField(_("boxes"), null=True, blank=True)
    carrier = models.ForeignKey(
        Carrier, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("carrier")
    )
    no_vehicle_reason = models.CharField(_("why no company vehicle"), max_length=500, blank=True)
    vehicle = models.CharField(_("vehicle or waybill"), max_length=100, blank=True)
    dispatched_on = models.DateField(_("dispatched on"), null=True, blank=True)
    delay_reason = models.CharField(_("reason of the delay"), max_length=500, blank=True)
    expected_on = models.DateField(_("can be dispatched on"), null=True, blank=True)
    missing_parts = models.CharField(_("missing parts"), max_length=500, blank=True)
    consent_by = models.CharField(_("short shipment agreed by"), max_length=100, blank=True)
    made_good = models.CharField(_("missing parts built in since"), max_length=500, blank=True)
    received_by = models.CharField(_("received by"), max_length=100, blank=True)
    received_on = models.DateField(_("received on"), null=True, blank=True)

    class Meta:
        verbose_name = _("shipping notice")
        verbose_name_plural = _("shipping notices")
        constraints = (
            models.CheckConstraint(
                name="delivery_consent_names_parts", condition=Q(consent_by="") | ~Q(missing_parts="")
            ),
            models.CheckConstraint(
                name="delivery_carrier_has_reason", condition=Q(carrier=None) | ~Q(no_vehicle_reason="")
            ),
        )

    @property
    def is_short(self) -> bool:
        """Whether a product of the order lacks material, or passed its inspection with parts missing."""
        products = self.order.work_orders.filter(is_final=True)
        passed = Inspection.State.PASSED_SHORT
        return products.filter(Q(is_short=True) | Q(inspections__state=passed)).exists()

    @transition(
        state, source=State.DRAFT, target=State.ISSUED, conditions=[has_lines, not_on_hold, payment_settled]
    )
    def issue(self) -> None: ...

    @transition(state, source=[State.ISSUED, State.DELAYED], target=State.PREPARED)
    def prepare(self) -> None: ...

    @transition(
        state,
        source=[State.PREPARED, State.DELAYED],
        target=State.DISPATCHED,
        conditions=[goods_ready, not_on_hold, payment_settled, shortage_agreed],
    )
    def dispatch(self) -> None: ...

    @transition(state, source=[State.ISSUED, State.PREPARED, State.DELAYED], target=State.DELAYED)
    def report_delay(self) -> None: ...

    @transition(state, source=State.DISPATCHED, target=State.CARRIER_RECEIPTED)
    def record_carrier_receipt(self) -> None: ...

    @transition(state, source=State.CARRIER_RECEIPTED, target=State.CUSTOMER_TOLD)
    def record_customer_told(self) -> None: ...

    @transition(state, source=State.CUSTOMER_TOLD, target=State.CUSTOMER_RECEIPTED)
    def record_customer_receipt(self) -> None: ...

    @transition(state, source=State.CUSTOMER_RECEIPTED, target=State.CLOSED)
    def close(self) -> None: ...

    @transition(
        state,
        source=[State.DRAFT, State.ISSUED, State.PREPARED, State.DELAYED],
        target=State.CANCELLED,
    )
    def cancel(self) -> None: ...


class ShipmentLine(models.Model):
    """发货行: so much of a line of the order."""

    shipment = models.ForeignKey(
        Shipment, models.CASCADE, related_name="lines", verbose_name=_("shipping notice")
    )
    position = models.PositiveIntegerField(_("line"))
    order_line = models.ForeignKey(
        OrderLine, models.PROTECT, related_name="shipment_lines", verbose_name=_("order line")
    )
    item = models.ForeignKey(Item, models.PROTECT, related_name="+", verbose_name=_("item"))
    quantity = models.DecimalField(_("quantity"), max_digits=12, decimal_places=3)

    class Meta:
        verbose_name = _("shipment line")
        verbose_name_plural = _("shipment lines")
        ordering = ("position",)
        constraints = (
            models.UniqueConstraint(fields=["shipment", "position"], name="delivery_line_position_once"),
            models.UniqueConstraint(fields=["shipment", "order_line"], name="delivery_line_once"),
            models.CheckConstraint(name="delivery_line_quantity", condition=Q(quantity__gt=0)),
        )

    def __str__(self) -> str:
        return f"{self.position} {self.item}"
