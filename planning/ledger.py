"""The only writer of the supply and demand ledger: opens, settles, clears and moves announcements."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, Decimal

from catalog.stock import Subject
from catalog.stock.terms import STEP, in_transaction
from flow.events import By
from org.models import Company
from planning.errors import sentence as _
from planning.exact import checked
from planning.models import Kind, OpenQuantity, PlanningEntry


@dataclass(frozen=True, kw_only=True, slots=True)
class Announcement:
    """What a document wants or expects: so much of an item on a day, for an order line or (None) nobody.

    `source` and `peg` are rows of departments above, by the name of their type and their id.
    """

    kind: Kind
    item_id: int
    quantity: Decimal
    due_on: date
    source: Subject
    case_id: int
    peg: Subject | None = None


GRAIN = STEP
"""The smallest quantity that the ledger keeps: that of the stock."""

_Slot = tuple[str, int, int, str, date, str, int]


def post(*, company: Company, announcements: Iterable[Announcement], by: By) -> None:
    """Open what a document announces, on top of what it has open.

    The number of queries does not grow with the rows.

    Raises PlanningError for a quantity that is not above zero, RuntimeError outside a transaction.
    """
    in_transaction()
    added: dict[_Slot, OpenQuantity] = {}
    for new in announcements:
        quantity = checked(
            new.quantity, _("What is announced of %(items)s must be above zero, not %(value)s."), new.item_id
        )
        peg = new.peg or Subject("", 0)
        row = OpenQuantity(
            company=company,
            item_id=new.item_id,
            kind=new.kind,
            due_on=new.due_on,
            case_id=new.case_id,
            source_type=new.source.type,
            source_id=new.source.id,
            peg_type=peg.type,
            peg_id=peg.id,
            quantity=_kept(quantity),
        )
        same = added.setdefault(_slot(row), row)
        if same is not row:
            same.quantity += row.quantity
    _open(added, by)


def settle(*, source: Subject, quantity: Decimal, by: By, kind: Kind | None = None) -> Decimal:
    """Close so much of what `source` has open, the earliest first: it was stocked, made or issued.

    Returns what was closed: less than `quantity` where less was open (more came than was announced). Raises
    PlanningError for a quantity that is not above zero, RuntimeError outside a transaction.
    """
    in_transaction()
    asked = left = _kept(checked(quantity, _("The quantity settled must be above zero, not %(value)s.")))
    changes: list[tuple[OpenQuantity, Decimal]] = []
    for row in _locked([source], kind):
        taken = min(row.quantity, left)
        left -= taken
        if taken:
            changes.append((row, -taken))
    _change(changes, by)
    return asked - left


def clear(*, sources: Collection[Subject], by: By, kind: Kind | None = None) -> None:
    """Close all that the sources have open: they were cancelled, superseded or came to their end."""
    in_transaction()
    _change([(row, -row.quantity) for row in _locked(sources, kind)], by)


def move(*, sources: Collection[Subject], due_on: date, by: By, kind: Kind | None = None) -> None:
    """Put all that the sources have open on another day: closed on the old one, opened on the new one."""
    in_transaction()
    rows = [row for row in _locked(sources, kind) if row.due_on != due_on]
    moved: dict[_Slot, OpenQuantity] = {}
    for row in rows:
        fields = {f.attname: getattr(row, f.attname) for f in row._meta.concrete_fields if not f.primary_key}
        new = OpenQuantity(**{**fields, "due_on": due_on})
        same = moved.setdefault(_slot(new), new)
        if same is not new:
            same.quantity += new.quantity
    _change([(row, -row.quantity) for row in rows], by)
    _open(moved, by)


def open_by_item(*, company: Company, item_ids: Collection[int]) -> dict[int, list[OpenQuantity]]:
    """What is open of each item in a company, the earliest first; an item with nothing open is absent."""
    rows = OpenQuantity.objects.filter(company=company, item__in=item_ids, quantity__gt=0)
    found: dict[int, list[OpenQuantity]] = {}
    for row in rows.order_by("due_on", "pk"):
        found.setdefault(row.item_id, []).append(row)
    return found


def _kept(quantity: Decimal) -> Decimal:
    """The quantity in the places that the ledger keeps, rounded up: a grain too much is better than none."""
    return quantity.quantize(GRAIN, ROUND_CEILING)


def _slot(row: OpenQuantity) -> _Slot:
    return row.source_type, row.source_id, row.item_id, row.kind, row.due_on, row.peg_type, row.peg_id


def _locked(sources: Collection[Subject], kind: Kind | None, *, spent: bool = False) -> list[OpenQuantity]:
    """The rows of the sources, locked, in the order of their days; spent ones only when asked for."""
    by_type: dict[str, list[int]] = {}
    for source in sources:
        by_type.setdefault(source.type, []).append(source.id)
    rows: list[OpenQuantity] = []
    for source_type, ids in sorted(by_type.items()):
        found = OpenQuantity.objects.filter(source_type=source_type, source_id__in=ids)
        if kind is not None:
            found = found.filter(kind=kind)
        rows += (found if spent else found.filter(quantity__gt=0)).select_for_update().order_by("pk")
    return sorted(rows, key=lambda row: (row.due_on, row.pk))


def _open(added: dict[_Slot, OpenQuantity], by: By) -> None:
    """Add to the slots that exist, make those that do not."""
    sources = {Subject(row.source_type, row.source_id) for row in added.values()}
    known = {_slot(row): row for row in _locked(sources, None, spent=True)}
    _change([(known[slot], row.quantity) for slot, row in added.items() if slot in known], by)
    new = [row for slot, row in added.items() if slot not in known]
    OpenQuantity.objects.bulk_create(new)
    _write([(row, row.quantity) for row in new], by)


def _change(changes: list[tuple[OpenQuantity, Decimal]], by: By) -> None:
    """Change open quantities by so much and write the entries that say so."""
    for row, change in changes:
        row.quantity += change
    OpenQuantity.objects.bulk_update([row for row, _change in changes], ["quantity"])
    _write(changes, by)


def _write(changes: Iterable[tuple[OpenQuantity, Decimal]], by: By) -> None:
    PlanningEntry.objects.bulk_create(
        PlanningEntry(
            company_id=row.company_id,
            item_id=row.item_id,
            kind=row.kind,
            due_on=row.due_on,
            case_id=row.case_id,
            source_type=row.source_type,
            source_id=row.source_id,
            peg_type=row.peg_type,
            peg_id=row.peg_id,
            quantity=change,
            at=by.at,
            actor=by.actor,
        )
        for row, change in changes
    )
