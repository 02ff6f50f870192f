"""The service ticket: registered by sales, handed over, the customer contacted, served and satisfied."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from aftersales.forms import CustomerConfirmsForm, HandOverForm, SolveForm, TicketForm
from aftersales.models import Ticket
from catalog.models import Customer, Item
from flow import actions, papers, policy
from flow.events import By
from flow.forms import ContactForm, ReasonForm
from flow.models import Event
from flow.refusals import Denied, Invalid
from integration.notices import tell_posts
from orders.models import Order
from org.models import Company
from org.roles import Role

SALES = (Role.SALES_CLERK, Role.SALESPERSON)
Kind = Ticket.Kind
PAPER = "customer_paper"
# Who hears of a demand at once, besides after-sales (AFS-08, AFS-09).
HEAR = {
    Kind.NOT_RECEIVED: (Role.SHIPPER,),
    Kind.DAMAGED: (Role.SERVICE_LEADER, Role.SHIP_LEADER, Role.FREIGHT_AUDITOR),
}
CAUSE_NEEDED = (Kind.NOT_RECEIVED, Kind.DAMAGED)


def _case_of_order(_document: Any, data: dict[str, Any]) -> list[int]:
    order = data.get("order")
    return [order.case_id] if order else []


@actions.creation(
    Ticket,
    _("Register service demand"),
    TicketForm,
    may=SALES,
    cases=_case_of_order,
    numbers=True,
    rules="AFS-01 AFS-02 AFS-08 AFS-09",
)
def create(
    by: By,
    *,
    kind: str,
    problem: str,
    order: Order | None = None,
    customer: Customer | None = None,
    company: Company | None = None,
    item: Item | None = None,
    file: Any = None,
    **said: Any,
) -> Ticket:
    """Write down what a customer wants; in the case of his order, else in a case of its own.

    Its hour runs from the moment it was received (`happened_at`). Raises Invalid without a customer,
    Denied for an order of another company.
    """
    if order and company and company.pk != order.company_id:
        raise Denied(policy.sentence(create), create.may)
    customer = customer or (order.customer if order else None)
    if customer is None:
        raise Invalid({"customer": _("Say which customer it is, or which order it is about.")})
    ticket = actions.draft(
        Ticket,
        by=by,
        case=order.case if order else None,
        company=order.company if order else company,
        title=str(customer),
        kind=kind,
        order=order,
        customer=customer,
        item=item,
        problem=problem,
        received_at=by.at,
        **said,
    )
    if file:
        papers.attach(ticket, PAPER, file, by=by)
    return ticket


@create.then
def tell_at_once(ticket: Ticket, by: By, event: Event) -> None:
    """Goods that did not arrive or arrived damaged are told to those who sent them (N-66, N-67)."""
    if roles := HEAR.get(Kind(ticket.kind)):
        sentence = _("{document} was registered: look into it.")
        text = f"{ticket.get_kind_display()}\n{ticket.problem}"
        tell_posts(roles, sentence, document=ticket, by=by, event=event, text=text)


@actions.action(Ticket, _("Hand over to after-sales"), HandOverForm, may=SALES, rules="AFS-02 AFS-03")
def hand_over(ticket: Ticket, by: By, *, telephone_only: bool = False, file: Any = None) -> dict[str, Any]:
    """Give it to after-sales with what the customer sent, or say that he only telephoned.

    Raises Invalid when there is neither.
    """
    if file:
        papers.attach(ticket, PAPER, file, by=by)
    ticket.telephone_only = telephone_only or ticket.telephone_only
    if not ticket.telephone_only and not papers.attached(ticket, PAPER).exists():
        raise Invalid({"file": _("Attach what the customer sent, or say that it came by telephone only.")})
    ticket.hand_over()
    return {"telephone_only": ticket.telephone_only}


@hand_over.then
def tell_service(ticket: Ticket, by: By, event: Event) -> None:
    """The leader of after-sales has two hours to contact the customer (N-63)."""
    sentence = _("{document} was handed over: contact the customer.")
    tell_posts([Role.SERVICE_LEADER], sentence, document=ticket, by=by, event=event, text=ticket.problem)


@actions.action(
    Ticket,
    _("Record contact with the customer"),
    ContactForm,
    may=(Role.SERVICE_LEADER,),
    rules="AFS-04 SYS-10",
)
def record_contact(
    ticket: Ticket, by: By, *, party: str, channel: str, content: str, next_step: str = ""
) -> dict[str, Any]:
    """The customer was contacted: what was said and how it goes on."""
    papers.log_contact(ticket, by=by, party=party, channel=channel, content=content, next_step=next_step)
    ticket.record_contact()
    return {"party": party}


@actions.action(Ticket, _("Start service"), may=(Role.SERVICE_ENG,), rules="AFS-06 AFS-13")
def start(ticket: Ticket, by: By) -> None:
    """An engineer takes it up."""
    ticket.start()


@actions.action(Ticket, _("Solve"), SolveForm, may=(Role.SERVICE_ENG,), rules="AFS-06 AFS-08 AFS-10 AFS-13")
def solve(
    ticket: Ticket,
    by: By,
    *,
    solution: str,
    cause: str = "",
    method: str = "",
    power_on_checked: bool = False,
    record: Any = None,
) -> dict[str, Any]:
    """Say what was found and done. Raises Invalid for what this kind of ticket asks for and was not said."""
    wrong = {}
    if ticket.kind in CAUSE_NEEDED and not cause:
        wrong["cause"] = _("Say what the cause was.")
    if ticket.kind == Kind.DAMAGED and not method:
        wrong["method"] = _("Say how the customer is served: repair, replacement or compensation.")
    if ticket.kind == Kind.COMMISSIONING and not power_on_checked:
        wrong["power_on_checked"] = _("A commissioning is done with its power-on check.")
    if wrong:
        raise Invalid(wrong)
    if record:
        papers.attach(ticket, "service_record", record, by=by)
    ticket.solution, ticket.cause, ticket.method = solution, cause, method
    ticket.power_on_checked = power_on_checked
    ticket.solve()
    return {"solution": solution}


@actions.action(Ticket, _("Reopen"), ReasonForm, may=(Role.SERVICE_LEADER,), rules="AFS-13", awaited=False)
def reopen(ticket: Ticket, by: By, *, reason: str) -> dict[str, Any]:
    """The customer says that it is not solved."""
    ticket.reopen()
    return {"reason": reason}


@actions.action(
    Ticket,
    _("Customer confirms"),
    CustomerConfirmsForm,
    may=(Role.SERVICE_LEADER,),
    rules="AFS-13 AFS-19",
)
def confirm(ticket: Ticket, by: By, *, confirmed_by: str, satisfaction: int | None = None) -> dict[str, Any]:
    """The customer confirms that it is done."""
    ticket.confirmed_by, ticket.satisfaction = confirmed_by, satisfaction
    ticket.confirm()
    return {"confirmed_by": confirmed_by, "satisfaction": satisfaction}


@actions.action(Ticket, _("Close ticket"), may=(Role.SERVICE_LEADER,), rules="AFS-13 AFS-20")
def close(ticket: Ticket, by: By) -> None:
    """Nothing is left to be done; the order may be completed as far as service goes."""
    ticket.close()
