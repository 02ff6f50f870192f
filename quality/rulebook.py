"""The rules of inspection, in words (QUA)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from flow.rulebook import chapter

says = chapter("quality")

says(
    "QUA-01",
    _(
        "Bought goods are inspected within 8 hours after quality received them, by somebody who did not "
        "receive or buy them; until then nobody can use them."
    ),
    clocks="TM-24",
)
says(
    "QUA-02",
    _(
        "The inspector enters how much qualified; it is never more than what was submitted, and the rest "
        "counts as failed."
    ),
)
says(
    "QUA-04",
    _("What fails is set apart at once and cannot be used until it is decided what happens with it."),
)
says(
    "QUA-06",
    _("The quality leader checks every day that inspections are done in time and strictly."),
    clocks="TM-25",
)
says(
    "QUA-15",
    _("Only quality judges whether something is good; production and stores may report, not judge."),
)
says(
    "QUA-16",
    _("What failed goes exactly where quality decided: back to the supplier, to be mended, or to scrap."),
)
says(
    "QUA-27",
    _("A product comes to inspection clean, complete and with its papers and a signed process card."),
)
says(
    "QUA-29",
    _("A product is inspected by its drawings and the standard in force, and the result is recorded."),
)
says(
    "QUA-30",
    _("A fault goes back to the team that made it; it is mended, signed for and inspected again."),
)
