"""Bills of material are exploded exactly: validity, scrap, phantoms, levels, loops; a naive count agrees."""

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planning.errors import PlanningError
from planning.explosion import BomLine, Demand, Requirement, explode, structure

ON = date(2026, 3, 2)
DUE = date(2026, 6, 30)


def days_before(day: date, days: int) -> date:
    return day - timedelta(days)


def quantities(rows: list[Requirement]) -> dict[int | str, Decimal]:
    sums: dict[int | str, Decimal] = defaultdict(Decimal)
    for row in rows:
        sums[row.item] += row.quantity
    return dict(sums)


def exploded(lines: list[BomLine], *demands: Demand, phantoms: tuple = (), leads: dict | None = None) -> list:
    bom = structure(lines=lines, on=ON, phantoms=phantoms)
    return explode(demands=demands, bom=bom, leads=leads or {}, earlier=days_before)


class TestStructure:
    """Which lines hold on a day, and how deep each item lies."""

    def test_a_line_holds_from_its_first_day_until_the_day_before_its_end(self):
        old = BomLine("cabinet", "copper bar", Decimal(3), valid_to=ON)
        new = BomLine("cabinet", "aluminium bar", Decimal(4), valid_from=ON)
        next_one = BomLine("cabinet", "silver bar", Decimal(5), valid_from=ON + timedelta(1))

        bom = structure(lines=[old, new, next_one], on=ON)

        assert bom.lines == {"cabinet": (("aluminium bar", Decimal(4)),)}
        day_before = structure(lines=[old, new, next_one], on=ON - timedelta(1))
        assert day_before.lines == {"cabinet": (("copper bar", Decimal(3)),)}

    def test_the_low_level_code_is_the_longest_way_down(self):
        lines = [
            BomLine("cabinet", "screw", Decimal(8)),
            BomLine("cabinet", "breaker", Decimal(1)),
            BomLine("breaker", "pole", Decimal(3)),
            BomLine("pole", "screw", Decimal(2)),
        ]
        bom = structure(lines=lines, on=ON)
        assert bom.levels == {"cabinet": 0, "breaker": 1, "pole": 2, "screw": 3}
        assert bom.sequence == ("cabinet", "breaker", "pole", "screw")

    def test_lines_of_the_same_component_add_up(self):
        lines = [BomLine("cabinet", "screw", Decimal("4")), BomLine("cabinet", "screw", Decimal("2.5"))]
        assert structure(lines=lines, on=ON).lines["cabinet"] == (("screw", Decimal("6.5")),)

    def test_scrap_is_added_on_top(self):
        lines = [BomLine("cabinet", "wire", Decimal("12.5"), scrap=Decimal("0.03"))]
        assert structure(lines=lines, on=ON).lines["cabinet"] == (("wire", Decimal("12.875")),)

    def test_a_loop_is_refused_and_named_from_end_to_end(self):
        lines = [
            BomLine("cabinet", "breaker", Decimal(1)),
            BomLine("breaker", "drive", Decimal(1)),
            BomLine("drive", "spring", Decimal(2)),
            BomLine("spring", "breaker", Decimal(1)),
            BomLine("drive", "screw", Decimal(2)),
            BomLine("lamp", "screw", Decimal(2)),
        ]
        with pytest.raises(PlanningError, match="breaker → drive → spring → breaker") as refused:
            structure(lines=lines, on=ON)
        assert refused.value.items == ("breaker", "drive", "spring", "breaker")

    def test_an_item_in_its_own_bill_is_a_loop(self):
        with pytest.raises(PlanningError, match="cabinet → cabinet"):
            structure(lines=[BomLine("cabinet", "cabinet", Decimal(1))], on=ON)

    def test_a_loop_that_never_holds_on_one_day_is_none(self):
        lines = [
            BomLine("a", "b", Decimal(1), valid_to=ON),
            BomLine("b", "a", Decimal(1), valid_from=ON),
        ]
        assert structure(lines=lines, on=ON).sequence == ("b", "a")

    def test_a_long_chain_needs_no_recursion(self):
        lines = [BomLine(n, n + 1, Decimal(1)) for n in range(5000)]
        assert structure(lines=lines, on=ON).levels[5000] == 5000

    @pytest.mark.parametrize(
        "bad",
        [
            Decimal(0),
            Decimal(-1),
            Decimal("1e308"),
            Decimal("NaN"),
            Decimal("Infinity"),
            1e308,
            0.1,
            None,
            "2",
            True,
        ],
    )
    def test_a_senseless_quantity_is_refused_by_name(self, bad):
        with pytest.raises(PlanningError, match=r"cabinet → screw.*above zero"):
            structure(lines=[BomLine("cabinet", "screw", bad)], on=ON)

    @pytest.mark.parametrize("bad", [Decimal("-0.01"), Decimal("1.01"), 0.05, Decimal("NaN")])
    def test_a_senseless_scrap_is_refused_by_name(self, bad):
        with pytest.raises(PlanningError, match=r"scrap .* cabinet → screw"):
            structure(lines=[BomLine("cabinet", "screw", Decimal(1), scrap=bad)], on=ON)

    def test_a_validity_that_ends_before_it_begins_is_refused(self):
        line = BomLine("cabinet", "screw", Decimal(1), valid_from=ON, valid_to=ON)
        with pytest.raises(PlanningError, match=r"cabinet → screw ends on 2026-03-02"):
            structure(lines=[line], on=ON)


class TestExplode:
    """What a demand needs, where in the structure, and when."""

    def test_every_row_is_pegged_dated_and_says_its_parent(self):
        lines = [BomLine("cabinet", "breaker", Decimal(2)), BomLine("breaker", "pole", Decimal(3))]
        rows = exploded(
            lines, Demand("line 1", "cabinet", Decimal(5), DUE), leads={"cabinet": 10, "breaker": 4}
        )
        assert rows == [
            Requirement("line 1", "cabinet", Decimal(5), DUE, None),
            Requirement("line 1", "breaker", Decimal(10), DUE - timedelta(10), "cabinet"),
            Requirement("line 1", "pole", Decimal(30), DUE - timedelta(14), "breaker"),
        ]

    def test_a_phantom_passes_its_needs_on_to_the_day_of_its_parent(self):
        lines = [
            BomLine("cabinet", "screw set", Decimal(2)),
            BomLine("cabinet", "screw", Decimal(1)),
            BomLine("screw set", "screw", Decimal(4)),
            BomLine("screw set", "washer", Decimal(8), scrap=Decimal("0.5")),
        ]
        rows = exploded(
            lines,
            Demand("line 1", "cabinet", Decimal(3), DUE),
            phantoms=("screw set",),
            leads={"cabinet": 5, "screw set": 99},
        )
        start = DUE - timedelta(5)
        assert {row.item: (row.quantity, row.due_on, row.parent) for row in rows} == {
            "cabinet": (Decimal(3), DUE, None),
            "screw": (Decimal(27), start, "cabinet"),
            "washer": (Decimal(72), start, "cabinet"),
        }

    def test_a_demand_for_a_phantom_asks_for_what_it_consists_of(self):
        lines = [BomLine("screw set", "screw", Decimal(4)), BomLine("screw", "steel", Decimal("0.02"))]
        rows = exploded(lines, Demand("line 1", "screw set", Decimal(10), DUE), phantoms=("screw set",))
        assert rows == [
            Requirement("line 1", "screw", Decimal(40), DUE, "screw set"),
            Requirement("line 1", "steel", Decimal("0.80"), DUE, "screw"),
        ]

    def test_an_item_without_a_bill_is_needed_itself(self):
        rows = exploded([], Demand("line 1", "meter", Decimal(2), DUE))
        assert rows == [Requirement("line 1", "meter", Decimal(2), DUE, None)]

    def test_no_digit_is_lost_over_twenty_levels(self):
        lines = [BomLine(n, n + 1, Decimal("1.000001"), scrap=Decimal("0.000001")) for n in range(20)]
        rows = exploded(lines, Demand("line 1", 0, Decimal("0.1"), DUE))
        assert Fraction(rows[-1].quantity) == Fraction("0.1") * (Fraction("1.000001") ** 40)

    def test_a_wide_diamond_stays_small(self):
        """Thirty levels of two ways each are a thousand million paths, but sixty rows."""
        lines = [
            BomLine(f"{level:02}{side}", f"{level + 1:02}{other}", Decimal(1))
            for level in range(30)
            for side in "ab"
            for other in "ab"
        ]
        rows = exploded(lines, Demand("line 1", "00a", Decimal(1), DUE))
        assert quantities(rows)["30a"] == 2**29

    @pytest.mark.parametrize("bad", [Decimal(0), Decimal(-3), Decimal("1e308"), 2.0])
    def test_a_senseless_demand_is_refused_by_name(self, bad):
        with pytest.raises(PlanningError, match="cabinet must be a quantity above zero"):
            exploded([], Demand("line 1", "cabinet", bad, DUE))

    @pytest.mark.parametrize("bad", [-1, 3651, 1.5, None])
    def test_a_senseless_lead_time_is_refused_by_name(self, bad):
        with pytest.raises(PlanningError, match="lead time of cabinet"):
            exploded(
                [BomLine("cabinet", "screw", Decimal(1))],
                Demand("line 1", "cabinet", Decimal(1), DUE),
                leads={"cabinet": bad},
            )

    def test_a_calendar_that_runs_out_is_refused(self):
        lines = [BomLine(n, n + 1, Decimal(1)) for n in range(300)]
        with pytest.raises(PlanningError, match="3650 working days before"):
            exploded(lines, Demand("line 1", 0, Decimal(1), DUE), leads=dict.fromkeys(range(300), 3650))

    def test_a_requirement_beyond_any_ledger_is_refused_by_name(self):
        lines = [BomLine(n, n + 1, Decimal(10) ** 15) for n in range(3)]
        with pytest.raises(PlanningError, match="requirement for 1 is larger"):
            exploded(lines, Demand("line 1", 0, Decimal(10), DUE))

    def test_a_reader_gets_the_sentence_in_the_own_language_with_names(self):
        with pytest.raises(PlanningError) as refused:
            structure(lines=[BomLine(7, 7, Decimal(1))], on=ON)
        told = refused.value.told(
            translate=lambda sentence: {
                "The bill of material goes round in a circle: %(items)s.": "物料清单成环:%(items)s。"
            }[sentence],
            name=lambda item: {7: "KYN28A-12"}[int(item)],
        )
        assert told == "物料清单成环:KYN28A-12 → KYN28A-12。"


PLACES = st.decimals(min_value="0.001", max_value=9, places=3)
SHARES = st.sampled_from([Decimal(0), Decimal("0.05"), Decimal("0.125"), Decimal(1)])
SPANS = st.sampled_from(
    [(None, None), (ON, None), (None, ON), (ON - timedelta(9), ON + timedelta(1)), (ON + timedelta(1), None)]
)


@st.composite
def bills(draw):
    """A bill of material without loops over a handful of items, some of it not valid, some of it phantom."""
    size = draw(st.integers(2, 7))
    pairs = st.sampled_from([(p, c) for p in range(size) for c in range(p + 1, size)])
    lines = [
        BomLine(above, part, draw(PLACES), draw(SHARES), *draw(SPANS))
        for above, part in draw(st.lists(pairs, max_size=12))
    ]
    shuffled = draw(st.permutations(lines))
    return shuffled, draw(st.frozensets(st.integers(0, size - 1), max_size=2))


DEMANDS = st.lists(
    st.builds(
        Demand,
        st.sampled_from(["line 1", "line 2", "line 3"]),
        st.integers(0, 6),
        PLACES,
        st.dates(DUE, DUE + timedelta(3)),
    ),
    max_size=5,
)


def counted_by_hand(lines, phantoms, leads, demands):
    """The same explosion as a child would do it: path by path, with fractions."""
    found: dict[tuple, Fraction] = defaultdict(Fraction)

    def go_down(key, item, quantity, day, parent):
        if item not in phantoms:
            found[key, item, day, parent] += quantity
            day, parent = day - timedelta(leads.get(item, 0)), item
        for line in lines:
            starts, ends = line.valid_from or date.min, line.valid_to or date.max
            if line.parent == item and starts <= ON < ends:
                share = Fraction(line.quantity) * (1 + Fraction(line.scrap))
                go_down(key, line.component, quantity * share, day, item if parent is None else parent)

    for demand in demands:
        go_down(demand.key, demand.item, Fraction(demand.quantity), demand.due_on, None)
    return dict(found)


@given(bill=bills(), demands=DEMANDS, leads=st.dictionaries(st.integers(0, 6), st.integers(0, 5)))
def test_the_explosion_equals_a_naive_count(bill, demands, leads):
    lines, phantoms = bill
    rows = exploded(lines, *demands, phantoms=phantoms, leads=leads)
    got = {(row.key, row.item, row.due_on, row.parent): Fraction(row.quantity) for row in rows}
    assert len(got) == len(rows)
    assert got == counted_by_hand(lines, phantoms, leads, demands)
