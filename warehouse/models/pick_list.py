"""The pick list: the material of a work order, prepared by one person and checked by a second."""

from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django_fsm import RETURN_VALUE, FSMField, transition

from catalog.models import Item
from catalog.models.items import QuantityField
from flow.guards import guard
from flow.models import Document
from orders.models import Order
from production.models import WorkOrder


@guard(_("The work order goes on, or its material is back in the store: there is nothing to take back."))
def given_up(pick_list: PickList) -> bool:
    cancelled = pick_list.work_order.state == WorkOrder.State.CANCELLED
    return cancelled and pick_list.lines.filter(issued__gt=0).exists()


class PickList(Document):
    """物料清单 / 领料单: what the shop floor draws for a work order (WHS-11…15).

    One that was issued short is followed by another (`is_supplement`) for what is missing.
    """

    slug = "pick_list"
    prefix = "LL"

    class State(models.TextChoices):
        CREATED = "created", _("Created")
        PREPARED = "prepared", _("Prepared")
        ISSUED = "issued", _("Material issued")
        ISSUED_SHORT = "issued_short", _("Issued short")
        CLOSED = "closed", _("Closed")
        CANCELLED = "cancelled", _("Cancelled")

    state = FSMField(_("state"), choices=State, default=State.CREATED, protected=True, db_index=True)
    work_order = models.ForeignKey(
        WorkOrder, models.PROTECT, related_name="pick_lists", verbose_name=_("work order")
    )
    order = models.ForeignKey(Order, models.PROTECT, related_name="pick_lists", verbose_name=_("order"))
    is_supplement = models.BooleanField(_("for missing material"), default=False)
    shortage_reason = models.CharField(_("issued short because"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("pick list")
        verbose_name_plural = _("pick lists")
        constraints = (
            models.UniqueConstraint(
                fields=["work_order"],
                condition=Q(state__in=["created", "prepared"]),
                name="warehouse_pick_list_one_open",
            ),
            models.CheckConstraint(
                name="warehouse_pick_list_short_has_reason",
                condition=~Q(state="issued_short") | ~Q(shortage_reason=""),
            ),
        )

    @property
    def missing(self) -> dict[int, Decimal]:
        """By item id what is still to be issued, in the unit of the item."""
        short = ((line.item_id, line.quantity - line.issued) for line in self.lines.all())
        return {item: quantity for item, quantity in short if quantity > 0}

    @transition(state, source=[State.CREATED, State.PREPARED], target=State.PREPARED)
    def prepare(self) -> None: ...

    @transition(state, source=State.PREPARED, target=RETURN_VALUE(State.ISSUED, State.ISSUED_SHORT))
    def confirm_issue(self) -> str:
        return self.State.ISSUED_SHORT if self.missing else self.State.ISSUED

    @transition(state, source=[State.ISSUED, State.ISSUED_SHORT], target=State.CLOSED)
    def close(self) -> None: ...

    @transition(
        state,
        source=[State.ISSUED, State.ISSUED_SHORT, State.CLOSED],
        target=State.CLOSED,
        conditions=[given_up],
    )
    def take_back(self) -> None: ...

    @transition(state, source=[State.CREATED, State.PREPARED], target=State.CANCELLED)
    def cancel(self) -> None: ...


class PickListLine(models.Model):
    """领料行: so much of an item is needed, prepared and issued."""

    pick_list = models.ForeignKey(PickList, models.CASCADE, related_name="lines", verbose_name=_("pick list"))
    position = models.PositiveIntegerField(_("line"))
    item = models.ForeignKey(Item, models.PROTECT, related_name="+", verbose_name=_("item"))
    quantity = QuantityField(_("needed"))
    prepared = QuantityField(_("prepared"), default=Decimal(0))
    issued = QuantityField(_("issued"), default=Decimal(0))

    class Meta:
        verbose_name = _("pick list line")
        verbose_name_plural = _("pick list lines")
        ordering = ("position",)
        constraints = (
            models.UniqueConstraint(fields=["pick_list", "position"], name="warehouse_pick_line_once"),
            models.UniqueConstraint(fields=["pick_list", "item"], name="warehouse_pick_item_once"),
            models.CheckConstraint(
                name="warehouse_pick_quantities",
                condition=Q(quantity__gt=0)
                & Q(prepared__gte=0)
                & Q(prepared__lte=F("quantity"))
                & Q(issued__gte=0)
                & Q(issued__lte=F("quantity")),
            ),
        )

    def __str__(self) -> str:
        return f"{self.position} {self.item}"
