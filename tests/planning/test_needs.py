"""A plan turns an order into what must be made and bought, from bills, stock and ledger as they stand."""

from datetime import timedelta
from decimal import Decimal
from typing import cast

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.models import BomLine, Item
from catalog.stock import Subject
from flow.refusals import Refused
from org.worktime import Worktime
from planning import needs
from planning.models import Kind
from planning.netting import Peg
from tests.planning.conftest import DUE, ON, EveryDay, Shop, line


@pytest.mark.rule("PUR-04")
def test_an_order_becomes_work_orders_and_requisitions_with_net_quantities(cabinet: Shop):
    cabinet.stock("VS1", "3")
    cabinet.announce("VS1", "5")
    found = cabinet.needs((1, "KYN28", "10"))

    assert cabinet.named(found.make) == {"KYN28": 10, "frame": 10}
    assert cabinet.named(found.buy) == {"VS1": 12, "steel": 125, "screw": 250}
    breakers = next(s for s in found.buy if s.item == cabinet.items["VS1"].pk)
    assert (breakers.due_on, breakers.release_on) == (DUE - timedelta(10), DUE - timedelta(40))
    assert breakers.pegs == (Peg(line(1), Decimal(12)),)
    assert [(cast(tuple[str, int], a.source)[0], a.quantity) for a in found.covered] == [
        ("catalog.balance", 3),
        ("procurement.purchase_order_line", 5),
    ]


def test_each_order_line_gets_work_orders_of_its_own_and_shares_what_is_bought(cabinet: Shop):
    found = cabinet.needs((1, "KYN28", "2"), (2, "KYN28", "3"))
    assert [s.quantity for s in found.make] == [2, 3, 2, 3]
    breakers = [s.pegs for s in found.buy if s.item == cabinet.items["VS1"].pk]
    assert breakers == [(Peg(line(1), Decimal(4)), Peg(line(2), Decimal(6)))]


class TestStock:
    """Only usable stock of the own company counts, and only what nobody else holds."""

    def bought(self, shop: Shop) -> Decimal:
        return shop.named(shop.needs((1, "VS1", "10")).buy).get("VS1", Decimal(0))

    def test_free_stock_counts(self, cabinet: Shop):
        cabinet.stock("VS1", "4")
        assert self.bought(cabinet) == 6

    @pytest.mark.parametrize(
        ("status", "bought"), [("qualified", 6), ("concession", 6), ("to_inspect", 10), ("nonconforming", 10)]
    )
    def test_only_lots_that_may_be_used_count(self, cabinet: Shop, status: str, bought: int):
        cabinet.stock("VS1", "4", status=status)
        assert self.bought(cabinet) == bought

    @pytest.mark.parametrize(
        ("kind", "bought"), [("raw", 6), ("finished", 6), ("quarantine", 10), ("in_process", 10)]
    )
    def test_only_stores_count(self, cabinet: Shop, kind: str, bought: int):
        cabinet.stock("VS1", "4", kind=kind)
        assert self.bought(cabinet) == bought

    def test_the_stock_of_a_sister_company_does_not_count(self, cabinet: Shop):
        sister = type(cabinet.company).objects.create(code="HV", name="高压", kind=cabinet.company.kind)
        cabinet.stock("VS1", "4", company=sister)
        assert self.bought(cabinet) == 10

    def test_what_is_reserved_for_the_line_counts_what_is_reserved_for_others_does_not(self, cabinet: Shop):
        cabinet.stock("VS1", "9", held={line(1): "4", line(2): "5"})
        assert self.bought(cabinet) == 6

    def test_the_safety_stock_is_left_alone(self, cabinet: Shop):
        Item.objects.filter(code="VS1").update(safety_stock=3)
        cabinet.stock("VS1", "4")
        assert self.bought(cabinet) == 9

    def test_the_safety_stock_is_left_alone_once_wherever_it_lies(self, cabinet: Shop):
        Item.objects.filter(code="VS1").update(safety_stock=4)
        cabinet.stock("VS1", "3")
        cabinet.stock("VS1", "3")
        assert self.bought(cabinet) == 8

    def test_an_open_order_for_another_line_does_not_count(self, cabinet: Shop):
        cabinet.announce("VS1", "4", peg=line(2))
        assert self.bought(cabinet) == 10

    def test_an_open_order_for_this_line_counts(self, cabinet: Shop):
        cabinet.announce("VS1", "4", peg=line(1))
        assert self.bought(cabinet) == 6

    def test_what_another_order_still_lacks_is_left_to_it(self, cabinet: Shop):
        """Line 2 needs 7; 2 are reserved and 1 is on order for it: 4 of the free stock are spoken for."""
        cabinet.stock("VS1", "8", held={line(2): "2"})
        cabinet.announce("VS1", "1", peg=line(2))
        work = Subject("production.work_order", 5)
        cabinet.announce("VS1", "7", kind=Kind.DEPENDENT, source=work, peg=line(2))
        assert self.bought(cabinet) == 8

    def test_what_one_order_has_too_much_does_not_make_up_for_another(self, cabinet: Shop):
        cabinet.stock("VS1", "4")
        works = [Subject("production.work_order", n) for n in (5, 6)]
        cabinet.announce("VS1", "9", peg=line(2))
        cabinet.announce("VS1", "1", kind=Kind.DEPENDENT, source=works[0], peg=line(2))
        cabinet.announce("VS1", "3", kind=Kind.DEPENDENT, source=works[1], peg=line(3))
        assert self.bought(cabinet) == 9

    def test_what_others_lack_beyond_the_stock_takes_nothing_from_what_is_reserved(self, cabinet: Shop):
        cabinet.stock("VS1", "5", held={line(1): "5"})
        work = Subject("production.work_order", 5)
        cabinet.announce("VS1", "99", kind=Kind.DEPENDENT, source=work, peg=line(2))
        assert self.bought(cabinet) == 5

    def test_the_own_line_in_the_ledger_is_not_counted_against_itself(self, cabinet: Shop):
        cabinet.stock("VS1", "4")
        cabinet.announce("VS1", "10", kind=Kind.ORDER_LINE, source=line(1), peg=line(1))
        assert self.bought(cabinet) == 6


class TestBills:
    """The newest bill that is issued and valid on the day counts."""

    def test_a_draft_does_not_count(self, cabinet: Shop):
        cabinet.bill("frame", {"steel": "99"}, number=2, issued=False)
        assert cabinet.named(cabinet.needs((1, "frame", "1")).buy) == {"steel": Decimal("12.5")}

    def test_the_newer_version_counts_from_its_day_on(self, cabinet: Shop):
        cabinet.bill("frame", {"steel": "20"}, number=2, valid_from=ON)
        assert cabinet.named(cabinet.needs((1, "frame", "1")).buy) == {"steel": 20}
        before = cabinet.needs((1, "frame", "1"), on=ON - timedelta(1))
        assert cabinet.named(before.buy) == {"steel": Decimal("12.5")}

    def test_scrap_is_added_and_the_sum_is_rounded_up_to_what_the_stock_can_hold(self, cabinet: Shop):
        cabinet.bill("frame", {"steel": "0.0013"}, number=2)
        BomLine.objects.filter(version__number=2).update(scrap=Decimal("0.1"))
        assert cabinet.named(cabinet.needs((1, "frame", "3")).buy) == {"steel": Decimal("0.005")}

    def test_the_lots_of_the_item_are_kept(self, cabinet: Shop):
        assert cabinet.named(cabinet.needs((1, "screw", "24")).buy) == {"screw": 100}
        assert cabinet.named(cabinet.needs((1, "screw", "101")).buy) == {"screw": 150}

    @pytest.mark.rule("PRD-60")
    def test_a_made_item_whose_bill_is_not_issued_yet_is_named(self, cabinet: Shop):
        cabinet.item("new cabinet", "make")
        found = cabinet.needs((1, "new cabinet", "1"))
        assert cabinet.named(found.make) == {"new cabinet": 1}
        assert found.unstructured == [cabinet.items["new cabinet"].pk]

    def test_a_loop_is_refused_with_the_names_of_the_items(self, cabinet: Shop):
        cabinet.bill("steel", {"frame": "1"})
        with pytest.raises(Refused, match=r"frame.* → steel.* → frame"):
            cabinet.needs((1, "KYN28", "1"))

    def test_an_item_that_does_not_exist_is_refused(self, cabinet: Shop):
        with pytest.raises(Refused, match="987654"):
            needs.net_needs(
                company=cabinet.company,
                demands=[(line(1), 987654, Decimal(1), DUE)],
                on=ON,
                calendar=EveryDay(),
            )


@pytest.mark.rule("PUR-09", "WHS-23")
def test_the_daily_run_brings_items_back_to_their_safety_stock(cabinet: Shop):
    Item.objects.filter(code="VS1").update(safety_stock=20)
    Item.objects.filter(code="screw").update(safety_stock=30)
    cabinet.stock("VS1", "14", held={line(2): "2"})
    cabinet.announce("VS1", "3")
    cabinet.stock("screw", "30")
    found = needs.replenishment(company=cabinet.company, on=ON, calendar=EveryDay())
    assert cabinet.named(found.buy) == {"VS1": 5}
    assert found.make == []


def test_the_number_of_queries_does_not_grow_with_lines_or_parts(cabinet: Shop):
    for n in range(40):
        cabinet.item(f"part {n}", "buy")
    cabinet.item("panel", "make")
    cabinet.bill("panel", {"frame": "1", **{f"part {n}": "1" for n in range(40)}})

    def queries_for(*demands: tuple[int, str, str]) -> int:
        with CaptureQueriesContext(connection) as seen:
            cabinet.needs(*demands)
        return len(seen)

    few = queries_for((1, "KYN28", "1"))
    assert queries_for(*((n, code, "1") for n in range(20) for code in ("KYN28", "panel"))) == few


def test_lead_times_are_working_days_of_the_calendar(cabinet: Shop):
    """Due on a Monday, one working day before is the Friday."""
    cabinet.item("meter", "buy", lead_time_days=1)
    monday = DUE - timedelta(DUE.weekday())
    found = needs.net_needs(
        company=cabinet.company,
        demands=[(line(1), cabinet.items["meter"].pk, Decimal(1), monday)],
        on=ON,
        calendar=Worktime(),
    )
    assert [s.release_on for s in found.buy] == [monday - timedelta(3)]
