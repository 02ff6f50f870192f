"""What a page or an interface sends is bound to the actions as it is meant."""

import base64

import pytest
from django.http import QueryDict

from flow.actions import Action
from flow.binding import bind, from_post
from flow.policy import Viewer
from orders import actions as orders
from review import actions as review
from tests.people import NINE

FILE = {"name": "合同.pdf", "content": base64.b64encode(b"%PDF-1.7 signed").decode()}


def sent(story, action, document, role, fields, lines=None):
    """Bind JSON strictly, as the interface does, and do it."""
    by = story.by(role)
    bound = bind(
        action,
        viewer=Viewer.of(by.actor, by.at),
        document=document,
        at=by.at,
        fields=fields,
        lines=lines,
        strict=True,
    )
    assert bound.ok, bound.errors
    return action(by=by, **bound.data) if action.creates else action(document, by=by, **bound.data)


@pytest.mark.rule("ORD-04")
def test_whole_front_office_by_interface(story):
    head = {"customer": "C001", "channel": "api", "delivery_on": "2026-06-30"}
    lines = [{"item": "KYN28A-12", "quantity": "2"}, {"item": "LZZBJ9-12", "quantity": 3}]
    order = sent(story, orders.receive, None, "sales_clerk", head, lines)
    story._order_id = order.pk
    said = {
        "order_class": "regular",
        "confirmed_with": "王工",
        "channel": "email",
        "technical_requirement": "GB/T 3906",
        "quality_requirement": "合格",
    }
    sent(story, orders.confirm_requirements, order, "sales_clerk", said)
    sent(story, orders.submit_review, order, "sales_clerk", {})
    for role in ("order_desk", "prod_mgr"):
        sent(story, review.give_opinion, story.round, role, {"decision": "feasible"})
    quoted = {"order": order.number, "valid_until": "2026-04-01"}
    offer = sent(story, orders.quotation.create, None, "sales_clerk", quoted)
    sent(story, orders.quotation.send, offer, "sales_clerk", {})
    sent(story, orders.quotation.accept, offer, "sales_clerk", {})
    terms = {"order": str(order.public_id), "prepayment_percent": "30"}
    contract = sent(story, orders.contract.create, None, "sales_clerk", terms)
    sent(story, orders.contract.submit, contract, "sales_clerk", {})
    signature = {"signer": "王工", "signed_on": "2026-03-02", "file": FILE}
    sent(story, orders.contract.record_customer_signature, contract, "sales_clerk", signature)
    sent(story, orders.contract.countersign, contract, "sales_clerk", {})
    money = {"order": order.number, "amount": "23880.00", "received_on": "2026-03-02"}
    payment = sent(story, orders.payment.create, None, "finance", money)
    sent(story, orders.payment.record, payment, "finance", {})
    assert (story.order.state, story.contract.amount) == ("effective", 79600)


@pytest.mark.rule("ORD-03", "ORD-08")
def test_wrong_input_is_named_field_by_field(story):
    viewer = Viewer.of(story.by("sales_clerk").actor, NINE)
    fields = {"customer": "C999", "delivery_on": "30.6.", "is_project": True}
    lines = [{"item": "KYN28A-12", "quantity": "0"}, {"item": "NO", "quantity": "1"}]
    bound = bind(orders.receive, viewer=viewer, at=NINE, fields=fields, lines=lines, strict=True)
    assert set(bound.errors) == {"customer", "channel", "delivery_on", "project_name", "lines"}
    assert {row: set(cells) for row, cells in bound.errors["lines"].items()} == {
        "0": {"quantity"},
        "1": {"item"},
    }


@pytest.mark.rule("ORD-03")
def test_customers_number_is_checked_while_it_is_typed(story):
    story.received(customer_reference="PO-7")
    viewer = Viewer.of(story.by("sales_clerk").actor, NINE)
    fields = {
        "customer": "C001",
        "channel": "phone",
        "delivery_on": "2026-06-30",
        "customer_reference": "PO-7",
    }
    bound = bind(orders.receive, viewer=viewer, at=NINE, fields=fields, lines=[])
    assert "customer_reference" in bound.errors
    same = bind(orders.edit, viewer=viewer, document=story.order, at=NINE, fields=fields, lines=[])
    assert same.ok


@pytest.mark.parametrize(
    ("action", "document"),
    [
        (orders.edit, lambda story: story.order),
        (orders.quotation.edit, lambda story: story.quotation),
        (orders.contract.edit, lambda story: story.contract),
    ],
)
def test_forms_of_edits_show_what_is_there(story, action, document):
    story.contracted()
    shown = action.form.offer(document(story))
    assert set(shown) <= set(action.form.base_fields)
    if action.lines:
        rows = action.lines.offer(document(story))
        assert [set(row) - {"title"} for row in rows] == [set(action.lines.base_fields)]


def test_new_papers_start_from_their_order(story):
    story.accepted()
    for action in (orders.quotation.create, orders.contract.create, orders.payment.create):
        assert action.form.offer_from(story.order)["order"] == story.order
    assert orders.quotation.create.lines.offer_from(story.order) == [
        {"title": "KYN28A-12 铠装移开式开关柜 × 2", "line": 1, "unit_price": None}
    ]


def test_every_verb_has_words_and_a_form(story):
    ours = [a for a in Action.registry.values() if a.verb.startswith(("orders.", "review."))]
    assert len(ours) > 60
    for action in ours:
        assert str(action.label)
        assert action.run.__doc__
    assert from_post(orders.submit_review, QueryDict(), {}) == (QueryDict(), None)
