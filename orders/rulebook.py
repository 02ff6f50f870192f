"""The rules of receiving, selling and closing an order, in words (ORG, ORD; E-07, E-14…17, E-47)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from flow.rulebook import chapter

says = chapter("orders")

says(
    "ORG-03",
    _(
        "Orders come in through one post in each sales company: sales clerks, the order desk and marketing; "
        "so that no order lives in somebody's drawer."
    ),
)
says(
    "ORG-04",
    _(
        "A review needs a person in every seat; an order cannot go into review while a seat of its route is "
        "empty."
    ),
)
says(
    "ORG-07",
    _("A finished order is looked back on by a fixed evaluation team, so that the next one goes better."),
)
says(
    "ORG-18",
    _(
        "An important order is approved by senior management before it is signed and carried out, because it"
        " binds the whole company."
    ),
    clocks="TM-39",
)
says(
    "ORD-01",
    _(
        "Each order says by which channel it came (phone, mail, platform, visit, interface), so that one can"
        " look up where it began."
    ),
)
says(
    "ORD-03",
    _(
        "Whoever registers an order fills in all required fields, and the customer's own order number comes "
        "in only once, so that nothing is missing and nothing is made twice."
    ),
)
says(
    "ORD-04",
    _("Every order is entered in the system, whichever way it came; nothing runs beside it on paper."),
)
says(
    "ORD-05",
    _(
        "Before the review the clerk goes through specification, model, quantity, technical and quality "
        "demands and date with the customer, line by line, and writes down who confirmed them and how."
    ),
)
says(
    "ORD-08",
    _(
        "An order says correctly who the customer is, what it is worth and when it is due; a project order "
        "also has the name of the project."
    ),
)
says(
    "ORD-09",
    _(
        "The data of a project order are confirmed by the customer in writing; the signed confirmation is "
        "attached."
    ),
)
says(
    "ORD-11",
    _(
        "An order is regular when its technology is mature, customers know the product, it has been made in "
        "series and the drawings serve with small changes; regular orders take the short review."
    ),
)
says(
    "ORD-12",
    _(
        "An order is non-regular when it needs a new design, was not made for years, asks for more quality "
        "than our standard, or is tight with a penalty or our good name at stake; then more departments look"
        " at it."
    ),
)
says(
    "ORD-13",
    _(
        "The family of each product is known, because switchgear assemblies have other limits than the rest:"
        " a day for the plan instead of four hours."
    ),
)
says(
    "ORD-15",
    _(
        "What lies in stock is delivered from stock: lines that free finished goods cover need no production"
        " instruction."
    ),
)
says(
    "ORD-16",
    _(
        "A price is quoted only after the review found the order feasible, so that we do not promise what we"
        " cannot make."
    ),
)
says(
    "ORD-17",
    _(
        "The prices of a regular order are those of the price list in force; who departs from them gives the"
        " reason and the sales leader approves it."
    ),
)
says(
    "ORD-18",
    _(
        "A non-regular order is charged by what it costs more: the quotation says why there is a surcharge, "
        "or why there is none."
    ),
)
says(
    "ORD-19",
    _(
        "The answer to a quotation is recorded: accepted leads to the contract, a new price to a new "
        "version, a refusal to a lost order; versions that were sent are kept."
    ),
)
says(
    "ORD-20",
    _(
        "The sales clerk drafts the contract from the accepted quotation and the reviewed requirements; its "
        "date is never earlier than the reviewed one."
    ),
)
says(
    "ORD-21",
    _(
        "Both parties sign: the scan of the customer's signature is attached with name and day, then we "
        "countersign."
    ),
)
says(
    "ORD-22",
    _(
        "An order takes effect once both have signed and the agreed prepayment is in; only then does "
        "production begin."
    ),
)
says(
    "ORD-23",
    _("A project order has its contract and its technical agreement in the system before it is signed."),
)
says(
    "ORD-31",
    _(
        "What the customer wants changed or cancelled is agreed with him at once and proved in writing, so "
        "that nobody works on hearsay."
    ),
)
says(
    "ORD-33",
    _(
        "A change that costs more or takes longer is agreed with the customer and signed as a change "
        "agreement."
    ),
)
says(
    "ORD-40",
    _(
        "When production cannot keep the date, the production manager tells the order desk, which talks with"
        " the customer before anything moves."
    ),
)
says(
    "ORD-44",
    _("As soon as a date can truly not be kept, the customer is asked and a final date is agreed with him."),
)
says(
    "ORD-45",
    _(
        "The final date goes to the production manager and the general manager, and the plans are made to "
        "keep it."
    ),
    clocks="TM-46",
)
says(
    "ORD-54",
    _(
        "The customer accepts what was delivered and says how content he is; without acceptance the order "
        "stays open."
    ),
)
says(
    "ORD-55",
    _("A completed order is recorded as such and archived; after that nobody changes it."),
)
says(
    "ORD-56",
    _("An order is settled before it is completed: everything is invoiced and everything invoiced is paid."),
)
says(
    "ORD-58",
    _(
        "After completion each department that took part says what went well and what did not; suggested "
        "within 10 working days."
    ),
    clocks="TM-52",
)
says(
    "ORD-59",
    _("Whoever evaluates an order also proposes what should be done better next time."),
)
says(
    "E-07",
    _(
        "The 4 hours for the production instruction begin when the order takes effect, that is with the "
        "signatures and the payment that was agreed; a company may let them begin with the signature."
    ),
)
says(
    "E-47",
    _(
        "Only the general manager or a deputy may turn an order away; of an important one senior management "
        "hears as well."
    ),
)
says(
    "ORD-25",
    _(
        "A change that the customer wants after signing is taken down at once and answered within 30 "
        "minutes: classified, and on its way."
    ),
    clocks="TM-02",
)
says(
    "ORD-26",
    _(
        "A small change that touches neither structure nor main components nor the plan goes to the "
        "production manager by a change notice, without a review."
    ),
)
says(
    "ORD-27",
    _(
        "The production manager forwards a change notice within 30 minutes to every department it "
        "concerns, and each says what it has adjusted, so that nothing is made in vain."
    ),
    clocks="TM-03",
)
says(
    "ORD-28",
    _(
        "A change that affects the plan is reported to the leader and to production; the date is "
        "reviewed, taken to the customer, and the outcome issued as a change notice."
    ),
)
says(
    "ORD-29",
    _(
        "A change of structure or main components is reviewed again by the rules of non-regular orders, "
        "and the order stands still until that is decided."
    ),
)
says(
    "ORD-30",
    _(
        "Where a change raises the price, a supplementary contract is signed first; the contract's new "
        "total is what is invoiced and paid."
    ),
)
says(
    "ORD-32",
    _(
        "After a change the project manager and the departments are told and the plan is made anew, as "
        "its next version."
    ),
)
says(
    "ORD-34",
    _(
        "When the customer changes the technical scheme while talking to the technical department, that "
        "department answers within 30 minutes."
    ),
    clocks="TM-04",
)
says(
    "ORD-35",
    _(
        "A technical change that touches neither structure nor components nor plan needs no notice: the "
        "customer's paper goes to the archive."
    ),
)
says(
    "ORD-36",
    _(
        "A technical change of structure, components or manufacturer is reported to the leader and goes "
        "to production and to the contract and order department as a notice, with the customer's demand "
        "attached."
    ),
)
says(
    "ORD-37",
    _(
        "The contract and order department decides whether a technical change is reviewed again and "
        "whether the price is agreed on anew."
    ),
)
says(
    "ORD-38",
    _(
        "A design change after the drawings are out is told in writing to production, quality and supply; "
        "one that the customer wanted also goes to the contract and order department."
    ),
)
says(
    "ORD-39",
    _(
        "What the customer approved in writing is handed to the sales company's archive, and its receipt "
        "is recorded."
    ),
)
says(
    "ORD-50",
    _("A serious problem or delay is reported to the leaders together with a way out."),
)
says(
    "E-14",
    _(
        "Sales and design ask the same four questions about structure and components, so that they never "
        "come to different levels."
    ),
)
says(
    "E-15",
    _(
        "A technical change that affects the plan alone counts as level B and goes to the contract and "
        "order manager."
    ),
)
says(
    "E-17",
    _(
        "Within 30 minutes a change is classified and production warned; it takes effect only when the "
        "customer has confirmed it in writing."
    ),
)
