"""The verbs of the contract (ORD-20…ORD-24)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from flow import actions, guards, papers
from flow.events import By
from flow.models import Event
from flow.refusals import Invalid
from orders import queries
from orders.actions import drive
from orders.forms.commerce import ContractForm, CustomerSignatureForm, NewContractForm
from orders.models import Contract, ContractLine, Order, Quotation
from org.roles import Role

MAKERS = (Role.SALES_CLERK, Role.MARKETING)


def _makers_for(order: Order | None) -> frozenset[str]:
    """Marketing makes the contracts of projects, the sales clerk all others (ORD-20, ORD-23)."""
    if order is None:
        return frozenset(MAKERS)
    return frozenset({Role.MARKETING if order.is_project else Role.SALES_CLERK})


def _makers(contract: Contract) -> frozenset[str]:
    return _makers_for(contract.order)


@actions.creation(
    Contract,
    _("Draft contract"),
    NewContractForm,
    parent="order",
    may=MAKERS,
    may_on=_makers_for,
    rules="ORD-20 ORD-23 REV-05",
    awaited=Q(state=Order.State.QUOTED, quotations__state=Quotation.State.ACCEPTED),
)
def create(by: By, *, order: Order, **terms: Any) -> Contract:
    """Draft the contract of an order whose quotation was accepted (O-16); its lines are the quotation's.

    Raises Invalid for a date earlier than the reviewed one.
    """
    quotation = _accepted(order)
    assert quotation is not None, "against_contracting refused it before"
    contract = actions.draft(
        Contract,
        by=by,
        case=order.case,
        company=order.company,
        order=order,
        quotation=quotation,
        amount=quotation.amount,
        **_terms(order, terms),
    )
    _copy_lines(contract, quotation)
    return contract


@guards.ask("orders.contract.create")
def against_contracting(order: Order) -> Iterator[Any]:
    """A contract is made of what the customer accepted (ORD-20)."""
    if order.state != Order.State.QUOTED or _accepted(order) is None:
        sentence = _("A contract needs an accepted quotation; the order is “{state}”.")
        yield sentence.format(state=order.get_state_display())


@create.then
def order_is_contracting(contract: Contract, by: By, event: Event) -> None:
    """The order waits for its signatures now (O-16)."""
    drive.draft_contract.follow(contract.order, by=by, cause=event)


@actions.action(
    Contract,
    _("Edit contract"),
    ContractForm,
    may=MAKERS,
    may_on=_makers,
    states=(Contract.State.DRAFT,),
    rules="ORD-20",
)
def edit(contract: Contract, by: By, **terms: Any) -> None:
    """Change the terms of a draft; its lines stay those of the quotation, none earlier than reviewed."""
    for name, value in _terms(contract.order, terms).items():
        setattr(contract, name, value)
    rows = list(contract.lines.select_related("order_line"))
    for line in rows:
        line.delivery_on = max(contract.delivery_on, line.order_line.delivery_on)
    ContractLine.objects.bulk_update(rows, ["delivery_on"])


@actions.action(
    Contract, _("Submit contract"), may=MAKERS, may_on=_makers, numbers=True, rules="ORD-20 ORD-23"
)
def submit(contract: Contract, by: By) -> None:
    """Send it to the customer to be signed."""
    contract.submit()


@actions.action(Contract, _("Take back"), may=MAKERS, may_on=_makers, rules="ORD-20 SYS-11", awaited=False)
def withdraw(contract: Contract, by: By) -> None:
    """Make it a draft again, for changes; the customer's signature is void if anything changes."""
    contract.withdraw()
    contract.customer_signer, contract.customer_signed_on = "", None


@actions.action(
    Contract,
    _("Record customer's signature"),
    CustomerSignatureForm,
    may=MAKERS,
    may_on=_makers,
    rules="ORD-21 SYS-11",
)
def record_customer_signature(
    contract: Contract, by: By, *, signer: str, signed_on: date, file: Any
) -> dict[str, Any]:
    """Keep the scan the customer signed, with who signed and when. Raises Invalid without the file."""
    if not file:
        raise Invalid({"file": _("The contract signed by the customer is missing.")})
    if signed_on > localtime(by.at).date():
        raise Invalid({"signed_on": _("This day is still to come.")})
    scan = papers.attach(contract, "customer_signature", file, by=by)
    papers.sign(contract, "customer_signature", contract.content(), by=by, signer=signer, attachment=scan)
    contract.customer_signer, contract.customer_signed_on = signer, signed_on
    contract.record_customer_signature()
    return {"signer": signer, "signed_on": signed_on}


@actions.action(Contract, _("Countersign"), may=MAKERS, may_on=_makers, rules="ORD-21 ORD-22 ORG-18 SYS-11")
def countersign(contract: Contract, by: By) -> None:
    """Sign for us: the order is signed (O-17), and takes effect where no prepayment is asked (O-18)."""
    papers.sign(contract, "countersignature", contract.content(), by=by)
    contract.own_signer, contract.own_signed_on = str(by.actor), localtime(by.at).date()
    contract.countersign()


@countersign.then
def order_is_signed(contract: Contract, by: By, event: Event) -> None:
    """Both signed; what was agreed to be paid before may be nothing."""
    drive.sign.follow(contract.order, by=by, cause=event, delivery_on=contract.delivery_on)
    effect_if_paid(contract, by, event)


@actions.consequence(Contract, _("Take effect"), rules="ORD-22 E-07")
def take_effect(contract: Contract, by: By) -> None:
    """Signed and paid as agreed."""
    contract.take_effect()


@actions.consequence(Contract, _("Terminate"), rules="ORD-19")
def terminate(contract: Contract, by: By) -> None:
    """The order ended before it was fulfilled."""
    contract.terminate()


def effect_if_paid(contract: Contract, by: By, cause: Event) -> None:
    """Let contract and order take effect once both signed and the prepayment is there (O-18)."""
    order = contract.order
    if contract.state != Contract.State.BOTH_SIGNED or queries.paid_for(order) < contract.prepayment:
        return
    take_effect.follow(contract, by=by, cause=cause)
    drive.take_effect.follow(order, by=by, cause=cause)


def _accepted(order: Order) -> Quotation | None:
    return order.quotations.filter(state=Quotation.State.ACCEPTED).first()


def _terms(order: Order, given: dict[str, Any]) -> dict[str, Any]:
    """The terms with what was left empty filled in."""
    usual = Contract.Kind.PROJECT if order.is_project else Contract.Kind.SALES_SLIP
    delivery_on = given.get("delivery_on") or order.delivery_on
    if delivery_on < order.delivery_on:
        sentence = _("The review agreed to {reviewed}; an earlier date is not promised.")
        raise Invalid({"delivery_on": sentence.format(reviewed=order.delivery_on.isoformat())})
    return {
        "kind": given.get("kind") or usual,
        "delivery_on": delivery_on,
        "prepayment_percent": given.get("prepayment_percent") or Decimal(),
        "payment_before_shipping": bool(given.get("payment_before_shipping")),
        "terms": given.get("terms") or "",
    }


def _copy_lines(contract: Contract, quotation: Quotation) -> None:
    ContractLine.objects.bulk_create(
        ContractLine(
            contract=contract,
            order_line=line.order_line,
            position=line.position,
            item=line.item,
            quantity=line.quantity,
            unit_price=line.unit_price,
            delivery_on=max(contract.delivery_on, line.order_line.delivery_on),
            technical_requirement=line.order_line.technical_requirement,
            quality_requirement=line.order_line.quality_requirement,
        )
        for line in quotation.lines.select_related("order_line", "item")
    )
