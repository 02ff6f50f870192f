"""The verbs of the inspection: quality judges, stock and production follow its word."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from catalog import stock
from catalog.models import Lot, StockMove
from catalog.stock.terms import amount
from flow import actions, papers
from flow.events import By
from flow.models import Event
from flow.refusals import Denied, Invalid
from integration import notices
from integration.notices import Word
from org.queries import holders
from org.roles import Role
from procurement.actions import receipt as receipts
from procurement.actions.lines import named
from procurement.models import Receipt
from production.actions import work_order as work_orders
from production.models import WorkOrder
from quality.forms import FailForm, PassForm, PassLineForm
from quality.models import Inspection, InspectionLine
from quality.queries import hands_on

INSPECTORS = (Role.INSPECTOR,)
Kind = Inspection.Kind
# Below this share of a lot that passed, the leaders are told as well (QUA-12).
LEAST_RATE = Decimal("0.95")


@actions.creation(
    Inspection,
    _("Request incoming inspection"),
    parent="receipt",
    numbers=True,
    rules="WHS-05 QUA-01",
)
def request_incoming(by: By, *, receipt: Receipt) -> Inspection:
    """The form that goes with a delivery to quality, a line for each of its lines."""
    inspection = actions.draft(
        Inspection, by=by, case=receipt.case, company=receipt.company, kind=Kind.INCOMING, receipt=receipt
    )
    InspectionLine.objects.bulk_create(
        InspectionLine(
            inspection=inspection,
            position=line.position,
            item_id=line.item_id,
            receipt_line=line,
            quantity=line.counted,
        )
        for line in receipt.lines.all()
    )
    return inspection


@actions.creation(
    Inspection,
    _("Request final inspection"),
    parent="work_order",
    numbers=True,
    rules="PRD-70 QUA-27",
)
def request_final(by: By, *, work_order: WorkOrder, quantity: Decimal, missing_parts: str = "") -> Inspection:
    """The form that goes with finished work to quality: what has not passed yet, and what is missing."""
    inspection = actions.draft(
        Inspection,
        by=by,
        case=work_order.case,
        company=work_order.company,
        kind=Kind.FINAL,
        work_order=work_order,
        missing_parts=missing_parts,
    )
    InspectionLine.objects.create(
        inspection=inspection, position=1, item_id=work_order.item_id, quantity=quantity
    )
    return inspection


@actions.action(Inspection, _("Start inspection"), may=INSPECTORS, rules="QUA-01 QUA-15")
def start(inspection: Inspection, by: By) -> None:
    """Take it up; not by who received the goods or made the product."""
    _second_person(inspection, by)
    inspection.start()


@actions.action(
    Inspection,
    _("Pass"),
    PassForm,
    lines=PassLineForm,
    may=INSPECTORS,
    name="pass",
    rules="QUA-01 QUA-02 QUA-29",
)
def pass_(
    inspection: Inspection,
    by: By,
    *,
    qualified_quantity: Decimal | None = None,
    lines: list[dict[str, Any]] | None = None,
    missing_parts: str = "",
    result: str = "",
    record: Any = None,
) -> dict[str, Any]:
    """Say how much is qualified: all of it, or so much of each line; the rest failed (QUA-02).

    Raises Invalid for more than was submitted, and where nothing is qualified (that is `fail`).
    """
    _second_person(inspection, by)
    rows = list(inspection.lines.select_related("item"))
    _judge(rows, qualified_quantity, lines or [])
    InspectionLine.objects.bulk_update(rows, ["qualified"])
    inspection.missing_parts = missing_parts or inspection.missing_parts
    inspection.result = result
    if record:
        papers.attach(inspection, "record", record, by=by)
    inspection.pass_(wholly=not any(row.failed for row in rows))
    return _said(rows, missing_parts=inspection.missing_parts)


@actions.action(Inspection, _("Fail"), FailForm, may=INSPECTORS, rules="QUA-01 QUA-02 QUA-04 QUA-30")
def fail(inspection: Inspection, by: By, *, reason: str, record: Any = None) -> dict[str, Any]:
    """Nothing of it is qualified."""
    _second_person(inspection, by)
    inspection.result = reason
    if record:
        papers.attach(inspection, "record", record, by=by)
    inspection.fail()
    return _said(list(inspection.lines.all()), reason=reason)


@pass_.then
@fail.then
def judge_lots(inspection: Inspection, by: By, event: Event) -> None:
    """Goods become usable or are blocked with their lot; what failed of a lot is split off."""
    for line in inspection.lines.exclude(receipt_line=None).select_related("receipt_line__lot", "item"):
        assert line.receipt_line is not None
        lot = line.receipt_line.lot
        assert lot is not None, "what was received lies in a lot"
        if line.qualified and line.failed:
            _split_off(inspection, line, lot, by)
        stock.judge(lot, status=Lot.Status.QUALIFIED if line.qualified else Lot.Status.NONCONFORMING, by=by)


@pass_.then
@fail.then
def receipt_follows(inspection: Inspection, by: By, event: Event) -> None:
    """The delivery is inspected; what failed is owed by the supplier again."""
    if inspection.receipt is not None:
        qualified = dict(inspection.lines.values_list("receipt_line", "qualified"))
        receipts.inspect.follow(inspection.receipt, by=by, cause=event, qualified=qualified)


@pass_.then
@fail.then
def work_order_follows(inspection: Inspection, by: By, event: Event) -> None:
    """The work order has passed, or goes back to the shop floor with what failed (O-25)."""
    if inspection.work_order is None:
        return
    line = inspection.lines.get()
    if line.failed:
        work_orders.send_back.follow(inspection.work_order, by=by, cause=event, qualified=line.qualified)
    else:
        work_orders.pass_.follow(inspection.work_order, by=by, cause=event)


@pass_.then
@fail.then
def tell_result(inspection: Inspection, by: By, event: Event) -> None:
    """Those who go on with it see the result at once; the leaders hear of a bad delivery."""
    lines = list(inspection.lines.select_related("item"))
    on = localtime(by.at).date()
    told = _who_goes_on(inspection, lines)
    people = [p for role in told for p in holders(role, company=inspection.company, on=on)]
    sentence = _("{inspection}: {state}.").format(inspection=inspection, state=inspection.get_state_display())
    rows = [f"{line}: {amount(line.qualified)}/{amount(line.quantity)}" for line in lines]
    key = f"{event.verb}:{event.pk}"
    notices.tell_many(
        Word(person, sentence, "\n".join(rows), inspection.path, by.at, key, inspection.case, event)
        for person in dict.fromkeys(people)
    )


def _who_goes_on(inspection: Inspection, lines: list[InspectionLine]) -> list[Role]:
    """Who is told: of deliveries buyers and material controllers (WHS-06), and the leaders where too little
    passed (QUA-12); of work the team leader where some failed (QUA-30)."""
    if inspection.kind == Kind.FINAL:
        return [Role.TEAM_LEADER] if any(line.failed for line in lines) else []
    bad = any(line.qualified < LEAST_RATE * line.quantity for line in lines)
    leaders = [Role.QC_LEADER, Role.PURCH_LEADER] if bad else []
    return [Role.BUYER, Role.MAT_CONTROLLER, *leaders]


def _judge(rows: list[InspectionLine], whole: Decimal | None, lines: list[dict[str, Any]]) -> None:
    """Put what is qualified on each row; a row that is not named is wholly qualified."""
    if whole is not None:
        lines = _whole(rows, whole, lines)
    for row in rows:
        row.qualified = row.quantity
    wrong: dict[int, dict[str, Any]] = {}
    found = named(rows, [line["line"] for line in lines])
    for index, (row, line) in enumerate(zip(found, lines, strict=True)):
        row.qualified = line["qualified_quantity"]
        if row.qualified > row.quantity:
            wrong[index] = {"qualified_quantity": _too_much(row, row.qualified)}
    if wrong:
        raise Invalid(lines=wrong)
    if not any(row.qualified for row in rows):
        raise Invalid({"qualified_quantity": _("Nothing is qualified: fail the inspection instead.")})


def _whole(rows: list[InspectionLine], whole: Decimal, lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The one line that a quantity in the head speaks of. Raises Invalid where it cannot be meant."""
    said: Any = ""
    if len(rows) != 1:
        said = _("There are several lines: say line by line what is qualified.")
    elif any(line["qualified_quantity"] not in (whole, rows[0].quantity) for line in lines):
        said = _("The line says something else: say only once how much is qualified.")
    elif whole > rows[0].quantity:
        said = _too_much(rows[0], whole)
    if said:
        raise Invalid({"qualified_quantity": said})
    return [{"line": rows[0].pk, "qualified_quantity": whole}]


def _too_much(row: InspectionLine, said: Decimal) -> Any:
    sentence = _("{qualified} qualified, but only {quantity} were submitted.")
    return sentence.format(qualified=amount(said), quantity=amount(row.quantity))


def _split_off(inspection: Inspection, line: InspectionLine, lot: Lot, by: By) -> None:
    """Carry what failed into a blocked lot of its own, where the goods lie."""
    came = StockMove.objects.filter(lot=lot, quantity__gt=0).order_by("pk")
    stock.split(
        lot,
        number=f"{lot.number}-NG",
        quantity=line.failed,
        status=Lot.Status.NONCONFORMING,
        location_id=came.values_list("location", flat=True)[0],
        document=inspection,
        key=f"line-{line.position}",
        by=by,
    )


def _second_person(inspection: Inspection, by: By) -> None:
    """Who received the goods or made the product does not judge them (QUA-01, QUA-15)."""
    if by.actor.pk in hands_on(inspection):
        raise Denied(
            _("You received, bought or made this yourself; a second person must inspect it."),
            [str(role) for role in INSPECTORS],
        )


def _said(rows: list[InspectionLine], **more: Any) -> dict[str, Any]:
    """The result as the event keeps it."""
    return {
        "submitted": sum((row.quantity for row in rows), Decimal()),
        "qualified": sum((row.qualified for row in rows), Decimal()),
        "lines": {str(row.position): row.qualified for row in rows},
        **more,
    }
