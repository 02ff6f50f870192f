"""The invoice: asked for by sales, issued within the contract, sent, paid by what the customer pays."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from aftersales import actions as aftersales
from aftersales.models import Invoice
from flow import policy
from flow.events import By
from flow.invariants import violations
from flow.policy import Viewer
from flow.refusals import Denied, Invalid, Refused
from integration.models import Notice
from orders import actions as orders
from tests.story import Story

verbs = aftersales.invoice
State = Invoice.State
WHOLE = Decimal(76000)
PREPAID = Decimal(22800)


def states(story: Story) -> list[str]:
    """The states of all invoices, the oldest first."""
    return list(story.order.invoices.order_by("pk").values_list("state", flat=True))


@pytest.mark.rule("AFS-15", "AFS-16")
def test_sales_asks_finance_issues_and_sends(story: Story) -> None:
    story.effective()
    for who in (story.by("fg_keeper"), story.by("buyer"), By(story.factory.stranger, story.at)):
        with pytest.raises(Denied):
            verbs.create(by=who, order=story.order)
    invoice = verbs.create(by=story.by("salesperson"), order=story.order)
    assert (invoice.amount, invoice.state, invoice.number) == (WHOLE, State.REQUESTED, None)
    assert Notice.objects.filter(person=story.by("finance").actor, title__contains="requested").exists()
    with pytest.raises(Denied, match="Finance"):
        verbs.issue(invoice, by=story.by("salesperson"))
    invoice = verbs.issue(invoice, by=story.by("finance"), tax_number="033001800104")
    assert invoice.number.startswith("FPKG2026-")
    invoice = verbs.send(invoice, by=story.by("finance"))
    assert (invoice.state, invoice.sent_to, invoice.sent_on) == (
        State.SENT, story.factory.customer.name, story.at.date(),
    )  # fmt: skip


def test_there_is_nothing_to_invoice_before_both_parties_signed(story: Story) -> None:
    story.contracted()
    with pytest.raises(Refused, match="both parties signed"):
        verbs.create(by=story.by("salesperson"), order=story.order)


@pytest.mark.rule("AFS-16")
def test_never_more_than_the_contract_is_invoiced(story: Story) -> None:
    story.effective()
    ask: dict[str, Any] = {"by": story.by("sales_clerk"), "order": story.order}
    for amount in (WHOLE + 1, Decimal(0)):
        with pytest.raises(Invalid) as refusal:
            verbs.create(**ask, amount=amount)
        assert "amount" in refusal.value.errors
    story.invoiced(Decimal(50000))
    with pytest.raises(Invalid, match="26000"):
        verbs.create(**ask, amount=Decimal(26001))
    rest = verbs.create(**ask)
    assert rest.amount == 26000
    with pytest.raises(Refused, match="wholly invoiced"):
        verbs.create(**ask)
    Invoice.objects.filter(pk=rest.pk).update(amount=26001)
    with pytest.raises(Refused, match="above the contract"):
        verbs.issue(rest, by=story.by("finance"))


@pytest.mark.rule("AFS-18")
def test_payments_pay_the_oldest_invoices_as_far_as_they_reach(story: Story) -> None:
    story.effective()
    story.invoiced(Decimal(20000))
    assert states(story) == [State.PAID], "the prepayment covers it at once"
    story.invoiced(Decimal(10000))
    story.invoiced(Decimal(46000))
    assert states(story) == [State.PAID, State.SENT, State.SENT]
    story.pay(Decimal(7200))
    assert states(story) == [State.PAID, State.PAID, State.SENT]
    last = story.pay(WHOLE - PREPAID - 7200)
    assert states(story) == [State.PAID] * 3
    orders.payment.reverse(last, by=story.by("finance"), reason="退票")
    assert states(story) == [State.PAID, State.PAID, State.SENT]
    assert not any(violations().values())


@pytest.mark.rule("AFS-16")
def test_a_credited_invoice_may_be_written_again(story: Story) -> None:
    story.effective()
    wrong = story.invoiced(Decimal(20000))
    story.invoiced(Decimal(20000))
    assert states(story) == [State.PAID, State.SENT]
    with pytest.raises(Denied):
        verbs.credit(wrong, by=story.by("salesperson"), reason="抬头错误")
    assert verbs.credit(wrong, by=story.by("finance"), reason="抬头错误").state == State.CREDITED
    assert states(story) == [State.CREDITED, State.PAID]
    assert story.invoiced().amount == WHOLE - 20000
    assert not any(violations().values())


def test_a_request_may_be_withdrawn_until_it_is_issued(story: Story) -> None:
    story.effective()
    invoice = verbs.create(by=story.by("sales_clerk"), order=story.order)
    verbs.discard(invoice, by=story.by("sales_clerk"))
    assert not Invoice.objects.exists()
    sent = story.invoiced()
    with pytest.raises(Refused):
        verbs.discard(sent, by=story.by("sales_clerk"))


@pytest.mark.rule("ORD-56", "AFS-20")
def test_an_order_is_complete_when_it_is_wholly_invoiced_and_paid(delivered: Story) -> None:
    with pytest.raises(Refused) as refusal:
        delivered.completed()
    reasons = [str(reason) for reason in refusal.value.reasons]
    assert "0 of the contract's 76000.00 are invoiced." in reasons
    assert "53200.00 of the contract's 76000.00 are not paid." in reasons
    delivered.invoiced()
    with pytest.raises(Refused, match="are not paid"):
        delivered.completed()
    delivered.pay(WHOLE - PREPAID)
    assert delivered.completed().state == "completed"


def test_invoices_are_seen_only_by_those_who_may_read_money(story: Story) -> None:
    story.effective()
    story.invoiced()
    seen = {
        role: policy.visible_to(Invoice, Viewer.of(story.by(role).actor, story.at)).exists()
        for role in ("finance", "salesperson", "gm", "assembler", "storekeeper")
    }
    assert seen == {
        "finance": True, "salesperson": True, "gm": True, "assembler": False, "storekeeper": False,
    }  # fmt: skip
