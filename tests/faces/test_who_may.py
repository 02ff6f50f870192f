"""Who may do what: the rulebook's table C2 for the verbs of the line, against what the actions declare."""

from __future__ import annotations

import pytest

from flow.actions import Action
from orders.actions.evaluation import DEPARTMENTS
from org.roles import Role
from production.actions.task import DEPARTMENT_LEADERS

EVERYBODY = frozenset(str(role) for role in Role) - {"admin"}
MAKERS = "sales_clerk marketing"
NEGOTIATORS = "sales_clerk salesperson order_desk marketing"
SENDERS = "order_desk marketing"
BUYER, LEADER, KEEPER = "buyer", "purch_leader", "storekeeper"
RECEIVERS = "sales_clerk salesperson order_desk marketing pm"
# Document → verb → the roles of table C2 (performer and approver of the row the verb belongs to).
TABLE: dict[str, dict[str, str | frozenset[str]]] = {
    "orders.order": {
        "receive": RECEIVERS,
        "confirm_requirements": "sales_clerk salesperson marketing",
        "submit_review": "sales_clerk order_desk marketing pm",
        "start_postpone": NEGOTIATORS,
        "postpone_agreed": NEGOTIATORS,
        "request_decline": "sales_clerk order_desk",
        "approve_decline": "gm deputy_gm",
        "refuse_decline": "gm deputy_gm",
        "approve_important": "senior_mgmt",
        "refuse_important": "senior_mgmt",
        "mark_lost": "sales_clerk",
        "fulfil_from_stock": "order_desk",
        "replan_date": SENDERS,
        "complete": "salesperson",
        "close": "sales_leader evaluator",
        "cancel": "sales_leader gm",
    },
    "review.round": {
        "decide": "gm deputy_gm order_desk order_mgr sales_clerk marketing prod_mgr planner",
        "return_for_rework": "order_desk order_mgr marketing sales_clerk prod_mgr planner",
    },
    "orders.change": {
        "create": "sales_clerk salesperson marketing engineer tech_leader",
        "classify": "sales_clerk salesperson marketing engineer tech_leader",
        "settle": "gm deputy_gm",
        "send_technical_notice": "engineer tech_leader",
        "decide": "order_mgr",
        "issue": "sales_clerk marketing",
        "forward": "prod_mgr planner",
    },
    "orders.quotation": {"send": "sales_clerk", "approve_deviation": "sales_leader"},
    "orders.contract": {
        "create": MAKERS,
        "submit": MAKERS,
        "record_customer_signature": MAKERS,
        "countersign": MAKERS,
    },
    "orders.payment": {"record": "finance", "reverse": "finance"},
    "orders.evaluation": {"finish": "evaluator"},
    "production.instruction": {"issue": MAKERS, "acknowledge": "prod_mgr"},
    "production.plan": {"issue": "prod_mgr planner"},
    "production.task": {
        "rule": "gm",
        "coordinate": "prod_mgr planner",
        "confirm_done": "prod_mgr planner",
    },
    "production.work_order": {
        "release": "mat_controller",
        "start": "team_leader",
        "sign_operation": "assembler",
    },
    "production.packaging": {
        "notify": "prod_mgr",
        "start": "pack_leader packer",
        "confirm_packed": "packer",
    },
    "procurement.requisition": {
        "create": EVERYBODY,
        "submit": EVERYBODY,
        "close": "buyer mat_controller",
    },
    "procurement.purchase_order": {
        "create": BUYER,
        "submit": BUYER,
        "approve": LEADER,
        "reject": LEADER,
        "send": BUYER,
        "record_confirmation": BUYER,
        "log_supplier_contact": BUYER,
        "settle": "finance",
        "close": BUYER,
        "reduce": BUYER,
    },
    "procurement.receipt": {
        "create": KEEPER,
        "receive": KEEPER,
        "refuse": KEEPER,
        "send_to_inspection": KEEPER,
    },
    "quality.inspection": {"start": "inspector", "pass": "inspector", "fail": "inspector"},
    "warehouse.stock_in": {"post": "storekeeper fg_keeper", "reverse": "storekeeper fg_keeper"},
    "warehouse.pick_list": {
        "prepare": KEEPER,
        "confirm_issue": "picker",
        "close": KEEPER,
        "take_back": KEEPER,
    },
    "delivery.shipment": {
        "create": SENDERS,
        "issue": SENDERS,
        "prepare": "fg_keeper",
        "dispatch": "shipper",
        "report_delay": "shipper",
        "record_carrier_receipt": "shipper",
        "record_customer_told": "sales_clerk",
        "record_customer_receipt": "salesperson",
    },
    "aftersales.ticket": {
        "create": "sales_clerk salesperson",
        "hand_over": "sales_clerk salesperson",
        "record_contact": "service_leader",
        "start": "service_eng",
        "solve": "service_eng",
        "close": "service_leader",
    },
    "aftersales.invoice": {"issue": "finance", "send": "finance", "credit": "finance"},
}
# Where the house differs from the letter of the table: verb → (roles more, roles fewer, why).
DIFFERENCES: dict[str, tuple[str, str, str]] = {
    "procurement.purchase_order.reduce": (
        "purch_leader",
        "",
        "The leader who approved may reduce as well; who issued the plan is asked by word and named.",
    ),
}
# Rows that name "the receiving department", "the own leader", "departments": posts beyond a fixed role.
BY_DEPARTMENT = {
    "production.task.accept": frozenset(map(str, DEPARTMENT_LEADERS)),
    "production.task.object": frozenset(map(str, DEPARTMENT_LEADERS)),
    "production.task.start": frozenset(map(str, DEPARTMENT_LEADERS)),
    "production.task.report_done": frozenset(map(str, DEPARTMENT_LEADERS)),
    "orders.evaluation.answer": frozenset(map(str, DEPARTMENTS)),
    "procurement.requisition.approve": EVERYBODY,
    "procurement.requisition.reject": EVERYBODY,
}
ROWS = {f"{label}.{verb}": roles for label, verbs in TABLE.items() for verb, roles in verbs.items()}


@pytest.mark.parametrize("verb", sorted(ROWS))
def test_a_verb_is_done_by_those_of_the_table(verb: str) -> None:
    roles = ROWS[verb]
    wanted = frozenset(roles.split()) if isinstance(roles, str) else roles
    more, fewer, why = DIFFERENCES.get(verb, ("", "", ""))
    wanted = (wanted | set(more.split())) - set(fewer.split())
    assert frozenset(map(str, Action.registry[verb].may)) == wanted, why


@pytest.mark.parametrize("verb", sorted(BY_DEPARTMENT))
def test_a_verb_of_a_department_is_narrowed_to_its_people(verb: str) -> None:
    action = Action.registry[verb]
    assert frozenset(map(str, action.may)) == BY_DEPARTMENT[verb]
    assert action.entitled or verb == "orders.evaluation.answer"


def test_the_administrator_has_no_business_verb() -> None:
    assert [a.verb for a in Action.registry.values() if "admin" in map(str, a.may)] == []


def test_every_difference_is_one_and_says_why() -> None:
    assert DIFFERENCES.keys() <= ROWS.keys()
    assert all((more or fewer) and why for more, fewer, why in DIFFERENCES.values())


@pytest.mark.rule("PUR-02", "PUR-21", "WHS-12", "ORD-17", "DLV-03", "REV-09", "PRD-18")
@pytest.mark.parametrize(
    ("verb", "first"),
    [
        ("procurement.requisition.approve", {"create", "edit", "submit"}),
        ("procurement.purchase_order.approve", {"create", "edit", "submit"}),
        ("warehouse.pick_list.confirm_issue", {"prepare"}),
        ("orders.quotation.approve_deviation", {"create", "edit"}),
        ("orders.order.approve_decline", {"request_decline"}),
        ("orders.order.refuse_decline", {"request_decline"}),
        ("orders.order.approve_important", {"receive", "edit"}),
        ("delivery.shipment.release_payment", {"create", "edit"}),
        ("production.task.confirm_done", {"report_done"}),
    ],
)
def test_two_steps_take_two_people(verb: str, first: set[str]) -> None:
    """The segregation of duties at the foot of table C2; quality's is by whose hands touched the goods."""
    assert set(Action.registry[verb].not_by) >= first
