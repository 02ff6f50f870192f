"""The rules of shipping, in words (DLV; E-30 … E-54)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from flow.rulebook import chapter

says = chapter("delivery")

says(
    "DLV-01",
    _(
        "Each delivery says how it goes (company vehicle, carrier, picked up) and when, so that nobody has "
        "to guess."
    ),
)
says(
    "DLV-02",
    _(
        "The shipping notice goes to the finished goods store and to transport one day before the dispatch, "
        "so that they can prepare."
    ),
    clocks="TM-31",
)
says(
    "DLV-03",
    _(
        "Before a notice is issued contract, payment and stock are checked; goods that are not paid as "
        "agreed leave only when a leader releases them with a reason."
    ),
)
says(
    "DLV-04",
    _(
        "The notice names customer, product, quantity, spare parts, place and time of arrival; shipping "
        "relies on it word for word."
    ),
)
says(
    "DLV-05",
    _("Never more than ordered and nothing of another order is shipped, and it arrives by the day promised."),
)
says(
    "DLV-06",
    _("For projects marketing gives the shipping notice and arranges the transport."),
)
says(
    "DLV-07",
    _(
        "Every week the planner lists what lies in stock unshipped, and marketing says when each of it "
        "leaves."
    ),
    clocks="TM-35",
)
says(
    "DLV-08",
    _("The finished goods keeper confirms, assembles and labels everything before it is loaded."),
)
says(
    "DLV-09",
    _("Products, spare parts and accessories that belong together are packed together."),
)
says(
    "DLV-10",
    _("A vehicle of the company comes first; a carrier is taken with the reason why none is free."),
)
says(
    "DLV-11",
    _("The shipper dispatches in time and brings back the receipt that the carrier signed."),
)
says(
    "DLV-12",
    _(
        "A dispatch that cannot go out in time is reported the same day with reason, new day and estimated "
        "arrival, so that the customer hears it from us."
    ),
    clocks="TM-32",
)
says(
    "DLV-13",
    _(
        "On the day the carrier's receipt comes in, the sales clerk calls the customer and says what is on "
        "its way."
    ),
    clocks="TM-33 TM-34",
)
says(
    "DLV-14",
    _(
        "A product with missing parts leaves only when the customer has agreed; what is missing is written "
        "down and made good later."
    ),
)
says(
    "DLV-15",
    _("The receipt that the customer signed is brought back; it proves the delivery."),
)
says(
    "DLV-19",
    _("An order may be shipped in parts, with a notice for each; it stays open until all is shipped."),
)
says(
    "DLV-20",
    _(
        "First the notice, then the dispatch, then the record: nothing leaves without a notice that was "
        "issued."
    ),
)
says(
    "E-30",
    _(
        "There are two receipts: the carrier's starts the call to the customer, the customer's proves the "
        "delivery."
    ),
)
says(
    "E-31",
    _("The order desk gives the shipping notice, for projects marketing does."),
)
says(
    "E-32",
    _("That payment is checked before shipping holds for every order; a leader may release with a reason."),
)
says(
    "E-38",
    _(
        "Inside the house one may go on with parts missing when it is recorded; the gate opens only with the"
        " customer's consent."
    ),
)
says(
    "E-54",
    _("Own vehicle first: taking a carrier needs a reason."),
)
