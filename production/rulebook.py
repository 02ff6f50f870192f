"""The rules of instruction, plan, work and packing, in words (PRD; E-09, E-10)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from flow.rulebook import chapter

says = chapter("production")

says(
    "PRD-01",
    _(
        "The sales clerk (for projects marketing) issues the production instruction within 4 hours after the"
        " order takes effect; every hour here is missing in production."
    ),
    clocks="TM-01",
)
says(
    "PRD-02",
    _(
        "The instruction says exactly what the contract says: product, quantity and date; whoever wants "
        "something else changes the contract."
    ),
)
says(
    "PRD-03",
    _("What is made to drawing is instructed together with its drawings, at the same moment."),
)
says(
    "PRD-06",
    _(
        "The production manager breaks an order of switchgear assemblies down into tasks within 24 hours "
        "after the instruction."
    ),
    clocks="TM-05",
)
says(
    "PRD-07",
    _("Orders of other products are broken down into tasks within 4 hours after the instruction."),
    clocks="TM-06",
)
says(
    "PRD-08",
    _(
        "A regular order is planned with the workshop leaders after the stock of parts was checked, so that "
        "the dates are real."
    ),
)
says(
    "PRD-09",
    _(
        "A plan names design, co-operation, purchases, assembly and packing, each with its department and "
        "the day it is finished."
    ),
)
says(
    "PRD-10",
    _(
        "A non-regular order is planned in a meeting of the technical, workshop and purchasing leaders; the "
        "plan records who came and what was decided."
    ),
)
says(
    "PRD-13",
    _(
        "A department that cannot keep the date of its task says so within one working day; after that the "
        "date stands."
    ),
    clocks="TM-07",
)
says(
    "PRD-14",
    _(
        "Whoever issued the task first tries to settle an objection; where that fails the general manager "
        "rules, and that is final."
    ),
)
says(
    "PRD-15",
    _("Between companies the general manager of the company that objects rules."),
)
says(
    "PRD-18",
    _(
        "A co-operation task is done when the parts are plated or coated and stand in the store of the "
        "company that asked for them."
    ),
)
says(
    "PRD-19",
    _("A purchase task is done when the goods have arrived in the company's store."),
)
says(
    "PRD-20",
    _("A design task is done when somebody else than the designer found it fit to build from."),
)
says(
    "PRD-21",
    _("A product is done when it is packed as it ships and lies in the finished goods store."),
)
says(
    "PRD-22",
    _(
        "Production goes step by step: instruction, plan, work, stock-in; nothing starts before the step "
        "before it was issued."
    ),
)
says(
    "PRD-30",
    _("A project is planned by the planner with machines, capacity, load and material in view."),
)
says(
    "PRD-34",
    _("Every Friday, and for every month, the planner confirms how much of the plan each department kept."),
    clocks="TM-17 TM-18",
)
says(
    "PRD-35",
    _("The planner keeps the daily production plan up to date with what was really done."),
    clocks="TM-48",
)
says(
    "PRD-40",
    _("The material controller releases the work order on the day the plan says."),
    clocks="TM-41",
)
says(
    "PRD-44",
    _("The leader of production walks the workshops every day and records progress, quality and quantity."),
    clocks="TM-10",
)
says(
    "PRD-49",
    _(
        "Packing is told ahead when a product will be ready to be packed: 3 days for assemblies, 1 day for "
        "others, so that boxes and papers are there."
    ),
    clocks="TM-11 TM-12",
)
says(
    "PRD-50",
    _("Only products that passed the final inspection are packed, and packed by the planned day."),
)
says(
    "PRD-51",
    _(
        "Whoever packs makes sure that accessories, certificate, manual, test report and drawings are in; "
        "what is forgotten costs a journey to the customer."
    ),
)
says(
    "PRD-53",
    _("The technical leader looks every day at how the designs come on, and at their quality."),
    clocks="TM-13",
)
says(
    "PRD-60",
    _("Work starts from a bill of material that was issued, not from a draft."),
    clocks="TM-40",
)
says(
    "PRD-70",
    _(
        "The assembler checks his own work at each operation and signs the process card; an unsigned "
        "operation stops the product before inspection."
    ),
)
says(
    "PRD-71",
    _(
        "Team leader and process engineer each check every day that the process is kept, and have faults "
        "mended at once."
    ),
    clocks="TM-16",
)
says(
    "PRD-73",
    _(
        "Who assembles with parts missing writes on the process card what is owed, so that it is not "
        "forgotten."
    ),
)
says(
    "PRD-74",
    _(
        "Before a product goes to inspection the team compares it with the process card and says what is "
        "still missing."
    ),
)
says(
    "E-09",
    _("A sales order is instructed by the sales clerk, a project by marketing; the 4 hours hold for both."),
)
says(
    "E-10",
    _("When companies disagree about a date, the general manager of the one that objects has the word."),
)
