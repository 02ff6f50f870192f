"""Which bill of material holds, and how a version is issued."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from catalog import bom
from catalog.models import BomLine, BomVersion, Item
from flow.refusals import Refused
from tests.goods import Factory
from tests.people import SINCE

pytestmark = pytest.mark.django_db

DAY = date(2026, 3, 2)


def draft(factory: Factory, item: Item, *components: Item, state: str = "draft") -> BomVersion:
    """A version that is not issued yet."""
    version = BomVersion.objects.create(item=item, number=item.boms.count() + 1, state=state)
    BomLine.objects.bulk_create(BomLine(version=version, component=c, quantity=2) for c in components)
    return version


def components(factory: Factory, item: Item, on: date = DAY) -> list[str]:
    """The codes of what the item consists of on a day."""
    found = bom.active_bom([item.pk], on)
    codes = dict(Item.objects.values_list("pk", "code"))
    return [codes[line.component_id] for line in found[item.pk].lines] if found else []


def test_the_bill_in_force(factory: Factory) -> None:
    assert components(factory, factory.cabinet) == ["VS1-12", "BUSBAR-FRAME"]
    assert components(factory, factory.breaker) == []
    assert components(factory, factory.cabinet, date(2025, 12, 31)) == []


def test_the_highest_version_that_holds_counts(factory: Factory) -> None:
    factory.bill(factory.frame, (factory.wire, 1), valid_from=date(2026, 3, 2))
    assert components(factory, factory.frame, date(2026, 3, 1)) == ["COPPER-BAR"]
    assert components(factory, factory.frame, date(2026, 3, 2)) == ["COPPER-WIRE"]


def test_the_last_day_of_validity_is_the_day_before_its_end(factory: Factory) -> None:
    BomVersion.objects.filter(item=factory.frame).update(valid_to=DAY)
    assert components(factory, factory.frame, date(2026, 3, 1)) == ["COPPER-BAR"]
    assert components(factory, factory.frame, DAY) == []


def test_lines_have_dates_of_their_own(factory: Factory) -> None:
    version = BomVersion.objects.get(item=factory.frame)
    version.lines.update(valid_to=DAY)
    BomLine.objects.create(version=version, component=factory.wire, quantity=1, valid_from=DAY)
    assert components(factory, factory.frame, date(2026, 3, 1)) == ["COPPER-BAR"]
    assert components(factory, factory.frame, DAY) == ["COPPER-WIRE"]


@pytest.mark.rule("SYS-13")
@pytest.mark.parametrize("state", ["draft", "pending"])
def test_a_version_that_is_not_issued_does_not_count(factory: Factory, state: str) -> None:
    draft(factory, factory.frame, factory.wire, state=state)
    assert components(factory, factory.frame) == ["COPPER-BAR"]


def test_all_levels(factory: Factory) -> None:
    found = bom.full_bom([factory.cabinet.pk], DAY)
    assert found.keys() == {factory.cabinet.pk, factory.frame.pk}
    assert found[factory.frame.pk].lines[0].quantity == Decimal("12.5")
    assert bom.full_bom([], DAY) == {}


def test_a_loop_ends(factory: Factory) -> None:
    factory.bill(factory.copper, (factory.cabinet, 1))
    assert bom.full_bom([factory.frame.pk], DAY).keys() == {
        factory.cabinet.pk,
        factory.frame.pk,
        factory.copper.pk,
    }


def test_the_number_of_queries_does_not_grow(factory: Factory, django_assert_num_queries: object) -> None:
    part = factory.cabinet
    for n in range(12):
        deeper = Item.objects.create(code=f"P{n}", name="部件", unit=part.unit, make_or_buy="make")
        factory.bill(deeper, (part, 1), (factory.wire, n + 1))
        part = deeper
    made = list(Item.objects.filter(code__startswith="P").values_list("pk", flat=True))
    with django_assert_num_queries(2):  # type: ignore[operator]
        assert len(bom.active_bom(made, DAY)) == 12
    with django_assert_num_queries(3):  # type: ignore[operator]
        assert len(bom.full_bom([part.pk], DAY)) == 14


def test_issuing_says_who_and_when(factory: Factory) -> None:
    by = factory.by("tech_leader", hours=1)
    version = bom.issue(draft(factory, factory.frame, factory.wire), by=by, valid_from=DAY)
    version = BomVersion.objects.get(pk=version.pk)
    assert (version.state, version.issued_by, version.issued_at) == ("issued", by.actor, by.at)
    assert components(factory, factory.frame, date(2026, 3, 1)) == ["COPPER-BAR"]
    assert components(factory, factory.frame) == ["COPPER-WIRE"]


def test_what_cannot_be_issued(factory: Factory) -> None:
    by = factory.by("tech_leader")
    with pytest.raises(Refused, match="issued already"):
        bom.issue(BomVersion.objects.get(item=factory.frame), by=by)
    with pytest.raises(Refused, match="has no lines"):
        bom.issue(draft(factory, factory.frame), by=by)
    with pytest.raises(Refused, match=r"BUSBAR-FRAME .* a part of itself"):
        bom.issue(draft(factory, factory.frame, factory.cabinet), by=by)
    late = draft(factory, factory.frame, factory.wire)
    late.valid_to = SINCE
    with pytest.raises(Refused, match="end before it begins"):
        bom.issue(late, by=by, valid_from=DAY)


@pytest.mark.parametrize("wrong", [{"quantity": 0}, {"quantity": -1}, {"quantity": 1, "scrap": 1}])
def test_the_database_refuses_senseless_lines(factory: Factory, wrong: dict[str, int]) -> None:
    version = draft(factory, factory.frame)
    with pytest.raises(IntegrityError), transaction.atomic():
        BomLine.objects.create(version=version, component=factory.wire, **wrong)
