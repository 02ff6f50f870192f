"""The rules of the review, in words (REV; E-61, E-64)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from flow.rulebook import chapter

says = chapter("review")

says(
    "REV-02",
    _(
        "Each seat of a review has a person and a time; who has a seat answers within one working day, else "
        "the leader is told."
    ),
    clocks="TM-38",
)
says(
    "REV-03",
    _("Opinions are given here, signed with name and time; what was said in the corridor does not count."),
)
says(
    "REV-04",
    _(
        "An order that does not pass goes back with its reasons; it is mended and comes again as a new "
        "round, and all rounds are kept."
    ),
)
says(
    "REV-05",
    _(
        "The order of steps is fixed: requirements, review, quotation, contract, instruction; no step is "
        "skipped."
    ),
)
says(
    "REV-06",
    _(
        "Of a regular order sales, production and, where the company has it so, material control say whether"
        " the delivery date can be kept."
    ),
)
says(
    "REV-07",
    _("Once every seat found the order feasible it is approved and may be quoted."),
)
says(
    "REV-08",
    _("When the date cannot be kept, sales first asks the customer to wait a little; declining comes last."),
)
says(
    "REV-09",
    _(
        "An order is turned away only when the customer cannot wait and the general manager or a deputy "
        "agrees; he may also send it back with a way out."
    ),
)
says(
    "REV-10",
    _(
        "When the customer agrees to a later date, the order takes it and the review goes on with it; the "
        "old date is kept on record."
    ),
)
says(
    "REV-12",
    _(
        "The technical department looks at the customer's technical demands, so that no technical question "
        "is left for the shop floor."
    ),
)
says(
    "REV-13",
    _("Quality says whether inspection, process and machining can ensure what the customer asks for."),
)
says(
    "REV-15",
    _(
        "Production answers last, when the others have spoken: whether packing, machines and time allow the "
        "date."
    ),
)
says(
    "REV-16",
    _(
        "With all opinions before him the general manager or a deputy decides on a non-regular order: "
        "accept, accept under conditions, or not."
    ),
)
says(
    "REV-17",
    _(
        "The conditions of an acceptance (a later date, another technical solution) are agreed with the "
        "customer before anything is quoted."
    ),
)
says(
    "REV-18",
    _(
        "In companies that review by delivery date alone, design, production and material control judge a "
        "non-regular order together with sales."
    ),
)
says(
    "REV-19",
    _(
        "A project goes into review with drawings that the customer confirmed or the technical agreement in "
        "force; else nobody knows what is reviewed."
    ),
)
says(
    "REV-20",
    _(
        "The technical leader first makes sure that the drawings hold no open question, then says how long "
        "the design takes."
    ),
)
says(
    "REV-22",
    _("Purchasing says by when the material can be here."),
)
says(
    "REV-23",
    _(
        "The planner answers when the technical and the purchasing seats have, and gives back the date that "
        "can be kept."
    ),
)
says(
    "E-61",
    _(
        "A switchgear project goes the way of projects; when it is non-regular as well, the general manager "
        "decides at the end."
    ),
)
says(
    "E-64",
    _(
        "Who reviews a non-regular order follows from how the company is set up; where departments only "
        "advise, the general manager decides."
    ),
)
says(
    "REV-24",
    _(
        "A change that affects the plan has its delivery date reviewed by production and material control "
        "alone."
    ),
)
says(
    "REV-25",
    _("A change of structure or main components is reviewed in full, even of an order that was regular."),
)
