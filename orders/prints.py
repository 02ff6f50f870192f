"""What the front office prints: the sales slip, which is also the contract (F-10), and change notices."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from flow import prints, render
from flow.capitals import capitals
from flow.policy import Viewer
from flow.prints import said
from flow.sheet import CENTER, LEFT, RIGHT, Cells, Column, Paper, Signs, Table, Text
from orders.models import Contract, ContractLine, OrderChange

PRICED = ("unit_price", "amount")


@prints.form(Contract, "sales_slip", title=gettext_lazy("Order sales slip"), code="F-10", void={"terminated"})
def sales_slip(contract: Contract, viewer: Viewer) -> Paper:
    """What both parties sign (ORD-20, ORD-21); without prices for those who may not read them."""
    order, customer, company = contract.order, contract.order.customer, contract.company
    head = Cells(
        [
            (_("Purchasing party"), customer.name, 2), (_("Order"), order.number),
            (_("Address"), customer.address, 2), (_("Reference of the customer"), order.customer_reference),
            (_("Contact person"), customer.contact), (_("Phone"), customer.phone),
            (_("Project"), order.project_name),
            (_("Selling party"), company.name, 2), (_("Delivery date"), said(contract.delivery_on)),
        ]
    )  # fmt: skip
    signs = Signs(
        [
            (_("Selling party (seal)"), contract.own_signer, _dated(contract.own_signed_on)),
            (_("Purchasing party (seal)"), contract.customer_signer, _dated(contract.customer_signed_on)),
        ]
    )
    terms = Text(_("Terms of payment, service and penalty"), _terms(contract, viewer))
    kind = "" if contract.kind == Contract.Kind.SALES_SLIP else contract.get_kind_display()
    return Paper([head, _table(contract, viewer), terms, signs], title=kind)


def _dated(on: Any) -> str:
    return said(on) or _("Date")


def _table(contract: Contract, viewer: Viewer) -> Table:
    priced = all(render.readable(ContractLine, name, viewer) for name in PRICED)
    prices = [Column(_("Unit price"), 22, RIGHT, fixed=True), Column(_("Amount"), 26, RIGHT, fixed=True)]
    columns = [
        Column(_("Row"), 8, CENTER, fixed=True),
        Column(_("Product"), 3),
        Column(_("Model and specification"), 3),
        Column(_("Unit"), 10, CENTER, fixed=True),
        Column(_("Quantity"), 15, RIGHT, fixed=True),
        *(prices if priced else ()),
        Column(_("Delivery date"), 20, CENTER, fixed=True),
        Column(_("Technical and quality requirement"), 4),
    ]
    rows = [_row(line, priced) for line in contract.lines.select_related("item__unit")]
    sums = [_total(contract)] if priced and render.readable(Contract, "amount", viewer) else []
    return Table(columns, rows, sums=sums, end="" if sums else _("Nothing follows"))


def _row(line: ContractLine, priced: bool) -> list[Any]:
    prices = [said(line.unit_price, "unit_price"), said(line.amount, "amount")] if priced else []
    demands = "\n".join(filter(None, (line.technical_requirement, line.quality_requirement)))
    return [
        line.position, line.item.name, line.item.spec or line.item.code, line.item.unit.name,
        said(line.quantity), *prices, said(line.delivery_on), demands,
    ]  # fmt: skip


def _total(contract: Contract) -> list[tuple[Any, int, str]]:
    total = _("In words: {words}").format(words=capitals(contract.amount))
    return [
        (_("Total"), 2, CENTER),
        (total, 4, LEFT),
        (said(contract.amount, "amount"), 1, RIGHT),
        ("", 2, LEFT),
    ]


def _terms(contract: Contract, viewer: Viewer) -> str:
    found = []
    if contract.prepayment_percent:
        percent = said(contract.prepayment_percent)
        if render.readable(Contract, "prepayment", viewer):
            due = said(contract.prepayment, "prepayment")
            found.append(_("Prepayment {percent} %, {amount}.").format(percent=percent, amount=due))
        else:
            found.append(_("Prepayment {percent} %.").format(percent=percent))
    if contract.payment_before_shipping:
        found.append(_("Paid in full before shipping."))
    return "\n".join([*found, *filter(None, [contract.terms])])


@prints.form(
    OrderChange,
    "change_notice",
    title=gettext_lazy("Order change notice"),
    code="F-14",
    only=lambda change: change.kind == OrderChange.Kind.COMMERCIAL,
)
def change_notice(change: OrderChange, viewer: Viewer) -> Paper:
    """What the customer wants otherwise, old beside new, and what follows from it (ORD-26…29)."""
    return _notice(change, viewer, "issue", "forward")


@prints.form(
    OrderChange,
    "technical_change_notice",
    title=gettext_lazy("Technical order change notice"),
    code="F-15",
    only=lambda change: change.kind == OrderChange.Kind.TECHNICAL,
)
def technical_change_notice(change: OrderChange, viewer: Viewer) -> Paper:
    """What the customer changed in the scheme, and what the order department decided (ORD-36)."""
    return _notice(change, viewer, "send_technical_notice", "decide")


def _notice(change: OrderChange, viewer: Viewer, first: str, second: str) -> Paper:
    order, done = change.order, prints.done(change, "create", first, second)
    questions = ("changes_structure", "changes_specification", "changes_model", "changes_maker")
    head = Cells(
        [
            (_("Order"), order.number), (_("Customer"), order.customer.name),
            (_("Project"), order.project_name), (_("Level"), change.get_level_display()),
            (_("Asked for by"), change.party), (_("Taken on"), said(change.created_at)),
            (_("Plan affected"), said(change.affects_plan)), (_("Cost raised"), said(change.raises_cost)),
            (_("Delivery date"), said(change.delivery_on or order.delivery_on)),
            *((_label(name), said(getattr(change, name))) for name in questions),
            *_added(change, viewer),
        ]
    )  # fmt: skip
    texts = [Text(_("What is to be changed"), change.wish), Text(_("Grounds"), change.grounds)]
    if change.decision:
        texts.append(Text(_("Decision"), change.decision))
    signs = Signs(
        [
            done["create"].under(_("Taken by")),
            done[first].under(_("Issued by")),
            done[second].under(_("Received by")),
        ]
    )
    return Paper([head, *texts, _changed(change), signs])


def _label(name: str) -> str:
    label = str(OrderChange._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
    return label[:1].upper() + label[1:]


def _added(change: OrderChange, viewer: Viewer) -> list[tuple[str, str]]:
    if change.added_amount is None or not render.readable(OrderChange, "added_amount", viewer):
        return []
    return [(_("Added to the price"), said(change.added_amount, "added_amount"))]


def _changed(change: OrderChange) -> Table:
    columns = [
        Column(_("Row"), 8, CENTER, fixed=True),
        Column(_("Product"), 3),
        Column(_("Quantity before"), 15, RIGHT, fixed=True),
        Column(_("New quantity"), 15, RIGHT, fixed=True),
        Column(_("Date before"), 20, CENTER, fixed=True),
        Column(_("New date"), 20, CENTER, fixed=True),
        Column(_("New requirements"), 4),
    ]
    rows = [
        (
            row.position, str(row.order_line.item), said(row.old_quantity), said(row.quantity),
            said(row.old_delivery_on), said(row.delivery_on),
            "\n".join(filter(None, (row.technical_requirement, row.quality_requirement))),
        )
        for row in change.lines.select_related("order_line__item")
    ]  # fmt: skip
    return Table(columns, rows, end=_("Nothing follows"))
