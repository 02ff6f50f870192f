"""The rules of the stores, in words (WHS; E-21)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from flow.rulebook import chapter

says = chapter("warehouse")

says(
    "WHS-01",
    _("What arrives stands in the area of goods to be inspected and does not count as stock."),
)
says(
    "WHS-02",
    _("Goods are received by their delivery note and by nothing else; each note comes in once."),
)
says(
    "WHS-03",
    _(
        "The storekeeper counts; when something differs or is damaged he refuses it and tells the buyer at "
        "once."
    ),
)
says(
    "WHS-04",
    _(
        "Goods are received against delivery note and purchase order: only what was ordered and is still "
        "open."
    ),
)
says(
    "WHS-05",
    _(
        "Received goods are handed to quality with their inspection form at once; the 8 hours of the "
        "inspection begin here."
    ),
)
says(
    "WHS-06",
    _("After the inspection purchasing and material control learn the result."),
)
says(
    "WHS-07",
    _("Only what qualified is put into stock, and soon."),
)
says(
    "WHS-10",
    _(
        "A finished product is put into stock packed and inspected; with the last one the order can be "
        "shipped."
    ),
)
says(
    "WHS-11",
    _("Material is picked half a day before the work starts, so that the team does not wait."),
    clocks="TM-29",
)
says(
    "WHS-12",
    _(
        "The storekeeper prepares the material and the picker counts it with him; both confirm, then it is "
        "issued."
    ),
)
says(
    "WHS-13",
    _("Whoever finds material missing tells the planner and the material controller at once."),
)
says(
    "WHS-15",
    _("Only material that qualified is issued, the oldest first."),
)
says(
    "WHS-18",
    _(
        "Material that is left over goes back into the store, so that stock and shop floor agree with the "
        "books."
    ),
)
says(
    "WHS-21",
    _(
        "3 days before production starts the planner checks that all parts are there and chases what is "
        "missing."
    ),
    clocks="TM-30",
)
says(
    "E-21",
    _("The storekeeper puts goods into stock; that it happens soon is the buyer's care."),
)
