"""The rules of buying, in words (PUR; E-18, E-66, E-67)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from flow.rulebook import chapter

says = chapter("procurement")

says(
    "PUR-01",
    _("Who needs something bought says what, how much, of what specification and why."),
)
says(
    "PUR-02",
    _("The one who asks submits the requisition and a leader approves it, never the same person."),
)
says(
    "PUR-04",
    _(
        "The material controller turns the bill of material into net needs: what we make becomes work "
        "orders, what we buy becomes requisitions."
    ),
)
says(
    "PUR-05",
    _(
        "Material needs are computed once every day and stock is checked against them, so that nothing is "
        "missing on the shop floor."
    ),
    clocks="TM-19",
)
says(
    "PUR-07",
    _("When the computation shows a need, the requisition goes to the buyer without delay."),
)
says(
    "PUR-08",
    _(
        "Buying ahead, for a design change or something special is approved by the leader of the business "
        "unit, because no order stands behind it yet."
    ),
)
says(
    "PUR-09",
    _("Filling up the safety stock is checked by the planning supervisor."),
)
says(
    "PUR-13",
    _(
        "The buyer orders what was requested and gives each line the day it should arrive, so that it can be"
        " chased."
    ),
)
says(
    "PUR-14",
    _("A smaller quantity is ordered only when the department that issued the plan agrees."),
)
says(
    "PUR-19",
    _("We order only from suppliers that passed their evaluation, and check the data before we send them."),
)
says(
    "PUR-20",
    _("A purchase order says item, specification, quantity, price and delivery date."),
)
says(
    "PUR-21",
    _("A purchase order is approved before it leaves the house, by somebody else than the buyer."),
)
says(
    "PUR-22",
    _("The approved order is sent, and the buyer makes sure that the supplier has it and has begun."),
)
says(
    "PUR-23",
    _(
        "The supplier confirms that order and offer agree; where they do not, the order comes back to the "
        "buyer."
    ),
    clocks="TM-43",
)
says(
    "PUR-24",
    _("The supplier is held to the planned arrival; a later day needs the planner to know."),
    clocks="TM-42",
)
says(
    "PUR-26",
    _("The purchasing leader looks every day at whether plans are kept and records it."),
    clocks="TM-20",
)
says(
    "PUR-27",
    _(
        "5 working days before a line should arrive the buyer calls the supplier and fixes the day of "
        "dispatch, while there is still time to act."
    ),
    clocks="TM-21",
)
says(
    "PUR-29",
    _(
        "When goods come late there are remedies: borrow, press, take parts, buy elsewhere, change the "
        "model; the purchasing leader chooses one."
    ),
)
says(
    "PUR-32",
    _(
        "What really passed is compared with what was ordered; what is missing is chased, what failed is "
        "replaced."
    ),
)
says(
    "PUR-34",
    _("The buyer orders early enough for the day the plan needs the goods."),
)
says(
    "PUR-36",
    _("Suppliers fill in the delivery note completely; it is the paper that goods are received by."),
)
says(
    "PUR-37",
    _("What is not up to standard is refused, and the supplier is told and asked for a solution."),
)
says(
    "PUR-38",
    _("Goods are taken in only as ordered: the specification and the quantity of the purchase order."),
)
says(
    "PUR-39",
    _("The buyer sees to it that goods which arrived and passed are put into stock soon."),
)
says(
    "PUR-40",
    _("A supplier is paid when order, qualified quantity and invoice agree."),
)
says(
    "PUR-41",
    _("A purchase is closed when everything is received, inspected and paid, and its papers are filed."),
)
says(
    "E-18",
    _(
        "Who approves a requisition follows from its kind: computed needs go straight through, special ones "
        "to the business unit leader, safety stock to the supervisor."
    ),
)
says(
    "E-66",
    _(
        "A difference found while counting is refused at the gate; one found by the inspection is settled by"
        " quality."
    ),
)
says(
    "E-67",
    _("An approved requisition is plan enough: no separate purchase plan is needed before ordering."),
)
