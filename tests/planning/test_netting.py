"""What must be made and bought is what is wanted, less stock and open orders: dated, pegged, in lots."""

import time
from datetime import date, timedelta
from decimal import Decimal

import pytest

from planning.errors import PlanningError
from planning.explosion import BomLine, Demand, structure
from planning.netting import Allocation, Need, Netting, Peg, Policy, Suggestion, Supply, net

ON = date(2026, 3, 2)
DUE = date(2026, 6, 30)
MAKE = Policy(make=True)
BUY = Policy(make=False)
CABINET = [
    BomLine("cabinet", "frame", Decimal(1)),
    BomLine("cabinet", "breaker", Decimal(2)),
    BomLine("frame", "steel", Decimal("12.5")),
]


def days_before(day: date, days: int) -> date:
    return day - timedelta(days)


def netted(*demands: Demand, lines=(), supplies=(), policies=None, phantoms=()) -> Netting:
    return net(
        demands=demands,
        supplies=supplies,
        bom=structure(lines=lines, on=ON, phantoms=phantoms),
        policies={} if policies is None else policies,
        on=ON,
        earlier=days_before,
    )


def wanted(quantity: str | int, key: str = "line 1", item: str = "breaker", days: int = 0) -> Demand:
    return Demand(key, item, Decimal(quantity), DUE + timedelta(days))


def lots(result: Netting, item: str = "breaker") -> list[tuple[Decimal, int]]:
    return [(s.quantity, (s.due_on - DUE).days) for s in result.suggestions if s.item == item]


@pytest.mark.rule("PUR-04")
def test_one_made_and_one_bought_item_get_one_suggestion_each_with_net_quantities():
    result = netted(
        wanted(10, item="cabinet"),
        lines=CABINET,
        supplies=[
            Supply("stock", "cabinet", Decimal(4)),
            Supply("stock", "breaker", Decimal(3)),
            Supply("PO-1", "breaker", Decimal(5), DUE - timedelta(60)),
        ],
        policies={
            "cabinet": Policy(make=True, lead_days=10),
            "frame": Policy(make=True, lead_days=5),
            "breaker": Policy(make=False, lead_days=30),
            "steel": Policy(make=False, lead_days=20),
        },
    )
    start, frames = DUE - timedelta(10), DUE - timedelta(15)
    assert result.suggestions == [
        Suggestion("cabinet", True, Decimal(6), start, DUE, (Peg("line 1", Decimal(6)),)),
        Suggestion("breaker", False, Decimal(4), start - timedelta(30), start, (Peg("line 1", Decimal(4)),)),
        Suggestion("frame", True, Decimal(6), frames, start, (Peg("line 1", Decimal(6)),)),
        Suggestion(
            "steel", False, Decimal(75), frames - timedelta(20), frames, (Peg("line 1", Decimal(75)),)
        ),
    ]
    assert result.needs == [
        Need("cabinet", "line 1", Decimal(10), DUE),
        Need("breaker", "line 1", Decimal(12), start),
        Need("frame", "line 1", Decimal(6), start),
        Need("steel", "line 1", Decimal(75), frames),
    ]
    assert not result.unstructured


class TestSupply:
    """Stock first, then open orders; a reservation serves its demand alone."""

    def test_the_earliest_need_takes_the_stock_and_the_next_the_open_order(self):
        order_due = DUE - timedelta(5)
        result = netted(
            wanted(4, "late line", days=9),
            wanted(6, "early line"),
            supplies=[
                Supply("PO-1", "breaker", Decimal(3), order_due),
                Supply("stock", "breaker", Decimal(5)),
            ],
            policies={"breaker": BUY},
        )
        later = DUE + timedelta(9)
        assert result.allocations == [
            Allocation("breaker", "stock", "early line", Decimal(5), DUE, None),
            Allocation("breaker", "PO-1", "early line", Decimal(1), DUE, order_due),
            Allocation("breaker", "PO-1", "late line", Decimal(2), later, order_due),
        ]
        assert result.suggestions == [
            Suggestion("breaker", False, Decimal(2), later, later, (Peg("late line", Decimal(2)),))
        ]

    def test_of_two_needs_of_one_day_the_first_named_takes(self):
        stock = [Supply("stock", "breaker", Decimal(1))]
        first = netted(wanted(1, "b"), wanted(1, "a"), supplies=stock, policies={"breaker": BUY})
        assert [a.key for a in first.allocations] == ["b"]

    def test_an_open_order_that_comes_too_late_covers_and_is_marked_late(self):
        arrives = DUE + timedelta(1)
        result = netted(
            wanted(2), supplies=[Supply("PO-1", "breaker", Decimal(2), arrives)], policies={"breaker": BUY}
        )
        assert result.suggestions == []
        assert [a.late for a in result.allocations] == [True]

    def test_an_open_order_that_comes_on_the_day_is_not_late(self):
        result = netted(
            wanted(2), supplies=[Supply("PO-1", "breaker", Decimal(2), DUE)], policies={"breaker": BUY}
        )
        assert [a.late for a in result.allocations] == [False]

    def test_a_reservation_serves_its_demand_and_leaves_the_free_stock_to_others(self):
        result = netted(
            wanted(5, "line 1"),
            wanted(5, "line 2", days=1),
            supplies=[
                Supply("stock", "breaker", Decimal(3)),
                Supply("held", "breaker", Decimal(4), key="line 2"),
            ],
            policies={"breaker": BUY},
        )
        assert [(a.source, a.key, a.quantity) for a in result.allocations] == [
            ("stock", "line 1", 3),
            ("held", "line 2", 4),
        ]
        assert lots(result) == [(2, 0), (1, 1)]

    def test_what_is_reserved_for_another_is_not_there(self):
        supplies = [
            Supply("held", "breaker", Decimal(9), key="somebody else"),
            Supply("PO-1", "breaker", Decimal(9), DUE, key="somebody else"),
        ]
        result = netted(wanted(5), supplies=supplies, policies={"breaker": BUY})
        assert result.allocations == []
        assert lots(result) == [(5, 0)]

    def test_a_bought_item_with_a_bill_asks_for_no_components(self):
        result = netted(wanted(1, item="frame"), lines=CABINET, policies={"frame": BUY})
        assert [s.item for s in result.suggestions] == ["frame"]

    def test_a_phantom_is_neither_stocked_nor_suggested(self):
        result = netted(
            wanted(2, item="cabinet"),
            wanted(3, "line 2", item="frame"),
            lines=CABINET,
            phantoms=("frame",),
            supplies=[Supply("stock", "frame", Decimal(99))],
            policies={"cabinet": MAKE, "breaker": BUY, "steel": BUY},
        )
        assert {s.item: s.quantity for s in result.suggestions} == {
            "cabinet": 2,
            "breaker": 4,
            "steel": Decimal("62.5"),
        }

    @pytest.mark.rule("PRD-23")
    def test_a_greater_quantity_in_the_second_bill_asks_for_the_difference_only(self):
        policies = {"cabinet": MAKE, "frame": MAKE, "breaker": BUY, "steel": BUY}
        first = netted(wanted(10, item="cabinet"), lines=CABINET, policies=policies)
        ordered = [
            Supply(n, s.item, s.quantity, s.due_on, key="line 1")
            for n, s in enumerate(first.suggestions)
            if not s.make
        ]
        second_bill = [BomLine("cabinet", "breaker", Decimal(3)), *CABINET]
        second_bill.remove(BomLine("cabinet", "breaker", Decimal(2)))

        again = netted(wanted(10, item="cabinet"), lines=second_bill, supplies=ordered, policies=policies)
        assert {s.item: s.quantity for s in again.suggestions if not s.make} == {"breaker": 10}


class TestLots:
    """Lot for lot, smallest lot, multiples; what is left of a lot serves the next need."""

    def test_lot_for_lot_shares_a_lot_within_a_day_and_pegs_both(self):
        result = netted(
            wanted(2, "line 1"), wanted(3, "line 2"), wanted(4, "line 3", days=1), policies={"breaker": BUY}
        )
        assert [(s.quantity, s.pegs) for s in result.suggestions] == [
            (5, (Peg("line 1", Decimal(2)), Peg("line 2", Decimal(3)))),
            (4, (Peg("line 3", Decimal(4)),)),
        ]

    def test_by_demand_each_has_its_own(self):
        policies = {"breaker": Policy(make=False, by_demand=True)}
        result = netted(wanted(2, "line 1"), wanted(3, "line 2"), wanted(4, "line 1"), policies=policies)
        assert [(s.quantity, s.pegs) for s in result.suggestions] == [
            (6, (Peg("line 1", Decimal(6)),)),
            (3, (Peg("line 2", Decimal(3)),)),
        ]

    @pytest.mark.parametrize(
        ("need", "minimum", "multiple", "lot"),
        [
            ("3", "0", "0", "3"),
            ("3", "10", "0", "10"),
            ("12", "10", "0", "12"),
            ("12", "10", "5", "15"),
            ("3", "10", "4", "12"),
            ("15", "0", "5", "15"),
            ("0.001", "0", "1", "1"),
            ("7.2", "0", "0.25", "7.25"),
        ],
    )
    def test_the_lot_is_the_smallest_that_is_allowed(self, need, minimum, multiple, lot):
        policy = Policy(make=False, minimum=Decimal(minimum), multiple=Decimal(multiple))
        result = netted(wanted(need), policies={"breaker": policy})
        assert lots(result) == [(Decimal(lot), 0)]
        assert sum(peg.quantity for peg in result.suggestions[0].pegs) == Decimal(lot)

    def test_what_is_left_of_a_lot_serves_later_needs_and_the_rest_is_for_stock(self):
        policies = {"breaker": Policy(make=False, minimum=Decimal(10))}
        result = netted(
            wanted(4, "line 1"), wanted(3, "line 2", days=2), wanted(5, "line 3", days=4), policies=policies
        )
        assert [(s.quantity, s.pegs) for s in result.suggestions] == [
            (10, (Peg("line 1", Decimal(4)), Peg("line 2", Decimal(3)), Peg("line 3", Decimal(3)))),
            (10, (Peg("line 3", Decimal(2)), Peg(None, Decimal(8)))),
        ]

    def test_components_are_asked_for_the_whole_lot_each_part_for_whom_it_is(self):
        policies = {
            "cabinet": Policy(make=True, multiple=Decimal(4)),
            "frame": BUY,
            "breaker": BUY,
        }
        result = netted(wanted(3, item="cabinet"), lines=CABINET, policies=policies)
        assert [s.pegs for s in result.suggestions if s.item == "breaker"] == [
            (Peg("line 1", Decimal(6)), Peg(None, Decimal(2)))
        ]

    def test_what_a_demand_needs_on_a_day_is_rounded_up_to_the_grain(self):
        policy = Policy(make=False, grain=Decimal(1))
        result = netted(
            wanted("1.05", "line 1"),
            wanted("2.1", "line 2"),
            supplies=[Supply("stock", "breaker", Decimal(2))],
            policies={"breaker": policy},
        )
        assert [need.quantity for need in result.needs] == [2, 3]
        assert lots(result) == [(3, 0)]

    def test_a_made_item_without_a_bill_is_suggested_and_reported(self):
        result = netted(wanted(1), policies={"breaker": MAKE})
        assert lots(result) == [(1, 0)]
        assert result.unstructured == ["breaker"]

    def test_a_release_that_lies_in_the_past_is_shown_as_it_is(self):
        result = netted(wanted(1), policies={"breaker": Policy(make=False, lead_days=400)})
        assert result.suggestions[0].release_on == DUE - timedelta(400)


class TestSafety:
    """The safety stock is a need of today that nobody named."""

    @pytest.mark.rule("WHS-23", "PUR-09")
    def test_stock_below_the_safety_stock_gives_a_suggestion(self):
        policies = {"breaker": Policy(make=False, safety=Decimal(20))}
        result = netted(supplies=[Supply("stock", "breaker", Decimal(14))], policies=policies)
        assert result.suggestions == [
            Suggestion("breaker", False, Decimal(6), ON, ON, (Peg(None, Decimal(6)),))
        ]

    def test_stock_at_the_safety_stock_gives_none(self):
        policies = {"breaker": Policy(make=False, safety=Decimal(20))}
        assert not netted(supplies=[Supply("stock", "breaker", Decimal(20))], policies=policies).suggestions

    @pytest.mark.rule("PUR-06")
    def test_a_demand_does_not_eat_into_the_safety_stock(self):
        policies = {"breaker": Policy(make=False, safety=Decimal(20))}
        result = netted(wanted(5), supplies=[Supply("stock", "breaker", Decimal(22))], policies=policies)
        assert [(s.quantity, s.due_on, s.pegs) for s in result.suggestions] == [
            (3, DUE, (Peg("line 1", Decimal(3)),))
        ]


class TestBadInput:
    """Nothing senseless passes; the sentence names the item."""

    @pytest.mark.parametrize("field", ["safety", "minimum", "multiple"])
    @pytest.mark.parametrize("bad", [Decimal(-1), Decimal("1e308"), Decimal("NaN"), 1.5])
    def test_policies(self, field, bad):
        with pytest.raises(PlanningError, match="breaker must not be below zero"):
            netted(wanted(1), policies={"breaker": BUY._replace(**{field: bad})})

    @pytest.mark.parametrize("bad", [-1, 99999, 1.5])
    def test_lead_times(self, bad):
        with pytest.raises(PlanningError, match="lead time of breaker"):
            netted(wanted(1), policies={"breaker": BUY._replace(lead_days=bad)})

    @pytest.mark.parametrize("bad", [Decimal(-1), Decimal("1e308"), 2.5])
    def test_supplies(self, bad):
        with pytest.raises(PlanningError, match="stock or open order of breaker"):
            netted(wanted(1), supplies=[Supply("stock", "breaker", bad)], policies={"breaker": BUY})

    @pytest.mark.parametrize("bad", [Decimal(0), Decimal(-1), Decimal("1e308"), 1e308])
    def test_demands(self, bad):
        with pytest.raises(PlanningError, match="demand for breaker must be a quantity above zero"):
            netted(Demand("line 1", "breaker", bad, DUE), policies={"breaker": BUY})

    def test_a_demand_of_nobody(self):
        with pytest.raises(PlanningError, match="demand for breaker does not say"):
            netted(Demand(None, "breaker", Decimal(1), DUE), policies={"breaker": BUY})

    def test_a_missing_item(self):
        with pytest.raises(PlanningError, match="not known whether steel is made or bought"):
            netted(
                wanted(1, item="cabinet"),
                lines=CABINET,
                policies={"cabinet": MAKE, "frame": MAKE, "breaker": BUY},
            )

    def test_a_requirement_beyond_any_ledger(self):
        lines = [BomLine("cabinet", "bolt", Decimal(10) ** 15)]
        with pytest.raises(PlanningError, match="requirement for bolt is larger"):
            netted(wanted(2, item="cabinet"), lines=lines, policies={"cabinet": MAKE, "bolt": BUY})


def test_a_hundred_thousand_requirements_take_about_a_second():
    """One structure of ten parts on each of three levels, ninety orders: 99,990 requirements."""
    lines = [BomLine(n, 10 * n + k, Decimal(2)) for n in range(111) for k in range(1, 11)]
    bom = structure(lines=lines, on=ON)
    policies = {item: Policy(make=item in bom.lines, lead_days=2) for item in bom.levels}
    demands = [Demand(n, 0, Decimal(1 + n % 7), DUE + timedelta(n)) for n in range(90)]
    started = time.process_time()
    result = net(demands=demands, supplies=(), bom=bom, policies=policies, on=ON, earlier=days_before)
    assert time.process_time() - started < 3
    assert len(result.needs) == len(result.suggestions) == 99_990
