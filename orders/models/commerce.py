"""What is offered, signed and paid: quotation, contract and payment."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, transition

from catalog.models import Item
from flow import papers
from flow.guards import guard
from flow.models import Document
from orders.models.line import OrderLine
from orders.models.money import FEN, MONEY, money
from orders.models.order import Order
from org.roles import Role


@guard(_("The price of a regular order differs from the price list: give the reason (edit the quotation)."))
def deviation_explained(quotation: Quotation) -> bool:
    return not quotation.deviates or bool(quotation.reason)


@guard(_("The price differs from the price list: the sales leader approves it first."))
def deviation_released(quotation: Quotation) -> bool:
    return not quotation.deviates or quotation.deviation_approved


@guard(_("A non-regular order needs the reason of its surcharge, or why there is none (edit the quotation)."))
def surcharge_explained(quotation: Quotation) -> bool:
    return quotation.order.order_class != Order.OrderClass.NON_REGULAR or bool(quotation.reason)


@guard(_("The price is that of the list: there is nothing to approve."))
def differs(quotation: Quotation) -> bool:
    return quotation.deviates


@guard(_("The review has not approved the order yet: it is quoted once every seat has agreed."))
def order_quotable(quotation: Quotation) -> bool:
    return quotation.order.state in (Order.State.APPROVED, Order.State.QUOTED)


@guard(_("The conditions of the review are not agreed with the customer yet: agree on them and record it."))
def conditions_settled(quotation: Quotation) -> bool:
    return not quotation.order.conditions or quotation.order.conditions_agreed


@guard(_("The customer has not signed the contract as it stands now: record the customer's signature first."))
def customer_agreed(contract: Contract) -> bool:
    return papers.signed(contract, "customer_signature", contract.content())


@guard(_("An important order is signed only when senior management approved it: ask for their approval."))
def important_released(contract: Contract) -> bool:
    return not contract.order.is_important or contract.order.important_approved


@guard(
    _(
        "The delivery date is earlier than the reviewed one: edit the contract, or have the "
        "earlier date reviewed."
    )
)
def date_reviewed(contract: Contract) -> bool:
    return contract.delivery_on >= contract.order.delivery_on


@guard(_("The contract has no lines."))
def contract_has_lines(contract: Contract) -> bool:
    return contract.lines.exists()


class Quotation(Document):
    """报价单: what we ask for the lines of an order; every version is kept (ORD-16…19)."""

    slug = "quotation"
    prefix = "BJ"
    confidential: ClassVar[dict[str, frozenset[Role]]] = {"amount": MONEY}

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        SENT = "sent", _("Sent")
        ACCEPTED = "accepted", _("Accepted")
        SUPERSEDED = "superseded", _("Superseded")
        REFUSED = "refused", _("Refused")
        EXPIRED = "expired", _("Expired")

    state = FSMField(_("state"), choices=State, default=State.DRAFT, protected=True, db_index=True)
    order = models.ForeignKey(Order, models.PROTECT, related_name="quotations", verbose_name=_("order"))
    version_no = models.PositiveIntegerField(_("version"))
    valid_until = models.DateField(_("valid until"))
    amount = money(_("amount"), default=Decimal())
    reason = models.CharField(
        _("reason of the price"),
        max_length=500,
        blank=True,
        help_text=_("Why it differs from the list, or which surcharge rule applies."),
    )
    deviates = models.BooleanField(_("differs from the list"), default=False)
    deviation_approved = models.BooleanField(_("difference approved"), default=False)

    class Meta:
        verbose_name = _("quotation")
        verbose_name_plural = _("quotations")
        constraints = (
            models.UniqueConstraint(fields=["order", "version_no"], name="orders_quotation_version_once"),
            models.UniqueConstraint(
                fields=["order"], condition=Q(state="sent"), name="orders_quotation_one_sent"
            ),
            models.UniqueConstraint(
                fields=["order"], condition=Q(state="accepted"), name="orders_quotation_one_accepted"
            ),
            models.CheckConstraint(name="orders_quotation_amount", condition=Q(amount__gte=0)),
        )

    @transition(
        state,
        source=State.DRAFT,
        target=State.SENT,
        conditions=[
            order_quotable,
            conditions_settled,
            deviation_explained,
            deviation_released,
            surcharge_explained,
        ],
    )
    def send(self) -> None: ...

    @transition(state, source=State.DRAFT, target=State.DRAFT, conditions=[differs, deviation_explained])
    def approve_deviation(self) -> None: ...

    @transition(state, source=State.SENT, target=State.ACCEPTED)
    def accept(self) -> None: ...

    @transition(state, source=State.SENT, target=State.REFUSED)
    def refuse(self) -> None: ...

    @transition(state, source=[State.SENT, State.ACCEPTED], target=State.SUPERSEDED)
    def supersede(self) -> None: ...

    @transition(state, source=[State.DRAFT, State.SENT], target=State.EXPIRED)
    def lapse(self) -> None: ...


class QuotationLine(models.Model):
    """报价行: the price asked for a line of the order, beside that of the price list."""

    confidential: ClassVar[dict[str, frozenset[Role]]] = dict.fromkeys(
        ("unit_price", "list_price", "amount"), MONEY
    )

    quotation = models.ForeignKey(
        Quotation, models.CASCADE, related_name="lines", verbose_name=_("quotation")
    )
    order_line = models.ForeignKey(OrderLine, models.PROTECT, related_name="+", verbose_name=_("order line"))
    position = models.PositiveIntegerField(_("line"))
    item = models.ForeignKey(Item, models.PROTECT, related_name="+", verbose_name=_("item"))
    quantity = models.DecimalField(_("quantity"), max_digits=12, decimal_places=3)
    unit_price = money(_("unit price"))
    list_price = money(_("list price"), null=True, blank=True)

    class Meta:
        verbose_name = _("quotation line")
        verbose_name_plural = _("quotation lines")
        ordering = ("position",)
        constraints = (
            models.UniqueConstraint(fields=["quotation", "position"], name="orders_quotation_line_once"),
            models.CheckConstraint(name="orders_quotation_line_price", condition=Q(unit_price__gte=0)),
        )

    def __str__(self) -> str:
        return f"{self.position} {self.item}"

    @property
    def amount(self) -> Decimal:
        """Price times quantity in yuan, to the fen."""
        return (self.unit_price * self.quantity).quantize(FEN)

    amount.fget.short_description = _("amount")  # type: ignore[attr-defined]


class Contract(Document):
    """订单购销单 / 合同: what both parties sign; its lines are those of the quotation (ORD-20…24)."""

    slug = "contract"
    prefix = "HT"
    # The scan the customer signed shows every price.
    confidential: ClassVar[dict[str, frozenset[Role]]] = dict.fromkeys(
        ("amount", "prepayment", "customer_signature"), MONEY
    )

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        SUBMITTED = "submitted", _("Submitted")
        CUSTOMER_SIGNED = "customer_signed", _("Signed by the customer")
        BOTH_SIGNED = "both_signed", _("Signed by both")
        EFFECTIVE = "effective", _("Effective")
        TERMINATED = "terminated", _("Terminated")

    class Kind(models.TextChoices):
        SALES_SLIP = "sales_slip", _("Order sales slip")
        CONTRACT = "contract", _("Contract")
        PROJECT = "project", _("Project contract")

    state = FSMField(_("state"), choices=State, default=State.DRAFT, protected=True, db_index=True)
    order = models.ForeignKey(Order, models.PROTECT, related_name="contracts", verbose_name=_("order"))
    quotation = models.ForeignKey(
        Quotation, models.PROTECT, related_name="contracts", verbose_name=_("quotation")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    amount = money(_("amount"))
    prepayment_percent = models.DecimalField(
        _("prepayment in percent"), max_digits=5, decimal_places=2, default=Decimal()
    )
    payment_before_shipping = models.BooleanField(_("paid before shipping"), default=False)
    delivery_on = models.DateField(_("delivery date"))
    terms = models.TextField(_("terms of payment, service and penalty"), blank=True)
    customer_signer = models.CharField(_("signed for the customer by"), max_length=100, blank=True)
    customer_signed_on = models.DateField(_("signed by the customer on"), null=True, blank=True)
    own_signer = models.CharField(_("signed for us by"), max_length=100, blank=True)
    own_signed_on = models.DateField(_("signed by us on"), null=True, blank=True)

    class Meta:
        verbose_name = _("contract")
        verbose_name_plural = _("contracts")
        constraints = (
            models.UniqueConstraint(
                fields=["order"], condition=~Q(state="terminated"), name="orders_contract_one_an_order"
            ),
            models.CheckConstraint(
                name="orders_contract_prepayment",
                condition=Q(prepayment_percent__gte=0, prepayment_percent__lte=100),
            ),
            models.CheckConstraint(name="orders_contract_amount", condition=Q(amount__gte=0)),
            models.CheckConstraint(
                name="orders_contract_signatures",
                condition=Q(state__in=["draft", "submitted", "terminated"])
                | (~Q(customer_signer="") & Q(customer_signed_on__isnull=False)),
            ),
        )

    @property
    def prepayment(self) -> Decimal:
        """What is to be paid before the order takes effect, in yuan to the fen."""
        return (self.amount * self.prepayment_percent / 100).quantize(FEN)

    prepayment.fget.short_description = _("prepayment")  # type: ignore[attr-defined]

    def content(self) -> dict[str, object]:
        """What is signed; a signature counts for exactly this (SYS-11)."""
        fields = ("kind", "amount", "prepayment_percent", "payment_before_shipping", "delivery_on", "terms")
        rows = self.lines.values_list("position", "item__code", "quantity", "unit_price", "delivery_on")
        return {name: getattr(self, name) for name in fields} | {"lines": [list(row) for row in rows]}

    @transition(
        state, source=State.DRAFT, target=State.SUBMITTED, conditions=[contract_has_lines, date_reviewed]
    )
    def submit(self) -> None: ...

    @transition(state, source=[State.SUBMITTED, State.CUSTOMER_SIGNED], target=State.DRAFT)
    def withdraw(self) -> None: ...

    @transition(state, source=State.SUBMITTED, target=State.CUSTOMER_SIGNED)
    def record_customer_signature(self) -> None: ...

    @transition(
        state,
        source=State.CUSTOMER_SIGNED,
        target=State.BOTH_SIGNED,
        conditions=[customer_agreed, date_reviewed, important_released],
    )
    def countersign(self) -> None: ...

    @transition(state, source=State.BOTH_SIGNED, target=State.EFFECTIVE)
    def take_effect(self) -> None: ...

    @transition(
        state,
        source=[State.DRAFT, State.SUBMITTED, State.CUSTOMER_SIGNED, State.BOTH_SIGNED, State.EFFECTIVE],
        target=State.TERMINATED,
    )
    def terminate(self) -> None: ...


class ContractLine(models.Model):
    """合同行: what is delivered for which price, as reviewed and quoted."""

    confidential: ClassVar[dict[str, frozenset[Role]]] = dict.fromkeys(("unit_price", "amount"), MONEY)

    contract = models.ForeignKey(Contract, models.CASCADE, related_name="lines", verbose_name=_("contract"))
    order_line = models.ForeignKey(OrderLine, models.PROTECT, related_name="+", verbose_name=_("order line"))
    position = models.PositiveIntegerField(_("line"))
    item = models.ForeignKey(Item, models.PROTECT, related_name="+", verbose_name=_("item"))
    quantity = models.DecimalField(_("quantity"), max_digits=12, decimal_places=3)
    unit_price = money(_("unit price"))
    delivery_on = models.DateField(_("delivery date"))
    technical_requirement = models.TextField(_("technical requirement"), blank=True)
    quality_requirement = models.TextField(_("quality requirement"), blank=True)

    class Meta:
        verbose_name = _("contract line")
        verbose_name_plural = _("contract lines")
        ordering = ("position",)
        constraints = (
            models.UniqueConstraint(fields=["contract", "position"], name="orders_contract_line_once"),
        )

    def __str__(self) -> str:
        return f"{self.position} {self.item}"

    @property
    def amount(self) -> Decimal:
        """Price times quantity in yuan, to the fen."""
        return (self.unit_price * self.quantity).quantize(FEN)

    amount.fget.short_description = _("amount")  # type: ignore[attr-defined]


class Payment(Document):
    """收款: money received for an order (ORD-22, ORD-56)."""

    slug = "payment"
    prefix = "SK"
    seen_by = MONEY

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        RECORDED = "recorded", _("Recorded")
        REVERSED = "reversed", _("Reversed")

    class Method(models.TextChoices):
        TRANSFER = "transfer", _("Bank transfer")
        ACCEPTANCE = "acceptance", _("Bank acceptance bill")
        CHEQUE = "cheque", _("Cheque")
        CASH = "cash", _("Cash")

    state = FSMField(_("state"), choices=State, default=State.DRAFT, protected=True, db_index=True)
    order = models.ForeignKey(Order, models.PROTECT, related_name="payments", verbose_name=_("order"))
    amount = money(_("amount"))
    received_on = models.DateField(_("received on"))
    reference = models.CharField(_("bank reference"), max_length=80, blank=True)
    method = models.CharField(_("method"), max_length=12, choices=Method, default=Method.TRANSFER)

    class Meta:
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        constraints = (
            models.CheckConstraint(name="orders_payment_positive", condition=Q(amount__gt=0)),
            models.UniqueConstraint(
                fields=["order", "reference"],
                condition=~Q(reference="") & Q(state="recorded"),
                name="orders_payment_reference_once",
            ),
        )

    @transition(state, source=State.DRAFT, target=State.RECORDED)
    def record(self) -> None: ...

    @transition(state, source=State.RECORDED, target=State.REVERSED)
    def reverse(self) -> None: ...
