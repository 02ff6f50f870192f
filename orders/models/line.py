"""The lines of an order."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalog.models import Item
from orders.models.money import MONEY
from org.composed import Composed, Place
from org.roles import Role


class OrderLine(models.Model):
    """订单行: one item, its quantity and what the customer demands of it (ORD-05, ORD-13)."""

    confidential: ClassVar[dict[str, frozenset[Role]]] = {"unit_price": MONEY, "amount": MONEY}

    order = models.ForeignKey("orders.Order", models.CASCADE, related_name="lines", verbose_name=_("order"))
    position = models.PositiveIntegerField(_("line"))
    item = models.ForeignKey(Item, models.PROTECT, related_name="+", verbose_name=_("item"))
    quantity = models.DecimalField(_("quantity"), max_digits=12, decimal_places=3)
    unit_price = models.DecimalField(_("unit price"), max_digits=14, decimal_places=2, null=True, blank=True)
    delivery_on = models.DateField(_("delivery date"))
    technical_requirement = models.TextField(_("technical requirement"), blank=True)
    quality_requirement = models.TextField(_("quality requirement"), blank=True)

    class Meta:
        verbose_name = _("order line")
        verbose_name_plural = _("order lines")
        ordering = ("position",)
        constraints = (
            models.UniqueConstraint(fields=["order", "position"], name="orders_line_position_once"),
            models.CheckConstraint(name="orders_line_quantity_positive", condition=Q(quantity__gt=0)),
        )

    def __str__(self) -> str:
        return f"{self.position} {self.item}"

    @property
    def amount(self) -> Decimal | None:
        """Price times quantity in yuan, to the fen."""
        price = self.unit_price
        return None if price is None else (price * self.quantity).quantize(Decimal("0.01"))

    amount.fget.short_description = _("amount")  # type: ignore[attr-defined]


# The lines of one order in their order. One query.
lines_of = Composed(lambda: OrderLine.objects.filter(order=Place("order", models.BigIntegerField())))
