"""A real structure of four levels with validity dates: 2,679 bill lines of a bicycle maker."""

import csv
import io
import zipfile
from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from planning.explosion import BomLine, Demand, explode, structure
from planning.netting import Policy, Supply, net

ARCHIVE = Path(__file__).resolve().parents[3] / "shared/data/bom/adventureworks_manufacturing.zip"
DUE = date(2014, 6, 30)
TURNS = [date(2010, 5, 3), date(2010, 5, 17), date(2010, 8, 8), date(2010, 10, 4), date(2010, 12, 22)]
DAYS = [*TURNS, *(day + timedelta(1) for day in TURNS), date(2014, 1, 1)]

pytestmark = pytest.mark.skipif(
    not ARCHIVE.exists(), reason="the AdventureWorks data (../shared/data/bom) is not beside the project"
)


def table(name: str) -> list[dict[str, str]]:
    with zipfile.ZipFile(ARCHIVE) as archive, archive.open(f"{name}.csv") as file:
        return list(csv.DictReader(io.TextIOWrapper(file, "utf-8")))


def day(text: str) -> date | None:
    return datetime.fromisoformat(text).date() if text else None


@pytest.fixture(scope="module")
def rows() -> list[dict[str, str]]:
    rows = table("BillOfMaterials")
    assert len(rows) == 2679
    return rows


@pytest.fixture(scope="module")
def lines(rows) -> list[BomLine]:
    """The rows below a parent. There an end is the last day that holds; here the first that does not."""
    return [
        BomLine(
            int(row["ProductAssemblyID"]),
            int(row["ComponentID"]),
            Decimal(row["PerAssemblyQty"]),
            valid_from=day(row["StartDate"]),
            valid_to=end + timedelta(1) if (end := day(row["EndDate"])) else None,
        )
        for row in rows
        if row["ProductAssemblyID"]
    ]


def leaves_by_hand(rows: list[dict[str, str]], product: str, stamp: str) -> dict[int, Fraction]:
    """What one product consists of in the end, straight from the text of the rows, way by way."""
    parts: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for row in rows:
        if row["StartDate"] <= stamp and (not row["EndDate"] or stamp <= row["EndDate"]):
            parts[row["ProductAssemblyID"]].append((row["ComponentID"], row["PerAssemblyQty"]))
    found: dict[int, Fraction] = defaultdict(Fraction)
    ways = [(product, Fraction(1))]
    while ways:
        item, quantity = ways.pop()
        if item not in parts:
            found[int(item)] += quantity
        ways += [(component, quantity * Fraction(per)) for component, per in parts.get(item, ())]
    return dict(found)


@pytest.mark.parametrize("on", DAYS)
def test_the_leaves_of_every_product_are_those_of_an_independent_count(rows, lines, on):
    bom = structure(lines=lines, on=on)
    tops = [item for item in bom.lines if bom.levels[item] == 0]
    assert len(tops) >= 1
    demands = [Demand(top, top, Decimal(1), DUE) for top in tops]
    leaves: dict[Any, Counter[Any]] = defaultdict(Counter)
    for row in explode(demands=demands, bom=bom, leads={}, earlier=lambda day, days: day):
        if row.item not in bom.lines:
            leaves[row.key][row.item] += Fraction(row.quantity)  # type: ignore[assignment]
    assert {top: dict(found) for top, found in leaves.items()} == {
        top: leaves_by_hand(rows, str(top), f"{on} 00:00:00") for top in tops
    }


def test_the_structure_has_the_four_levels_that_its_rows_state(rows, lines):
    bom = structure(lines=lines, on=date(2014, 1, 1))
    assert max(bom.levels.values()) == max(int(row["BOMLevel"]) for row in rows) == 4


def test_a_season_of_bicycles_is_netted_against_the_stock_without_a_gap(lines):
    bom = structure(lines=lines, on=DUE - timedelta(90))
    vendors = {int(row["ProductID"]): row for row in table("ProductVendor")}
    policies: dict[int | str, Policy] = {
        int(p["ProductID"]): Policy(
            make=int(p["ProductID"]) in bom.lines,
            lead_days=int(
                vendors.get(int(p["ProductID"]), {}).get("AverageLeadTime", p["DaysToManufacture"])
            ),
            safety=Decimal(p["SafetyStockLevel"]),
            minimum=Decimal(vendors.get(int(p["ProductID"]), {}).get("MinOrderQty", "0")),
        )
        for p in table("Product")
    }
    supplies = [
        Supply(n, int(row["ProductID"]), Decimal(row["Quantity"]))
        for n, row in enumerate(table("ProductInventory"))
    ]
    tops = [item for item in bom.lines if bom.levels[item] == 0]
    demands = [Demand(n, top, Decimal(10 + n), DUE + timedelta(n)) for n, top in enumerate(tops * 3)]
    result = net(
        demands=demands,
        supplies=supplies,
        bom=bom,
        policies=policies,
        on=DUE - timedelta(90),
        earlier=lambda day, days: day - timedelta(days),
    )
    needs: dict[Any, Decimal] = defaultdict(Decimal)
    covered: dict[Any, Decimal] = defaultdict(Decimal)
    for need in result.needs:
        needs[need.item] += need.quantity
    parts: list[Any] = [*result.allocations, *result.suggestions]
    for part in parts:
        covered[part.item] += part.quantity
    assert len(needs) == len(policies)
    assert all(covered[item] >= quantity for item, quantity in needs.items())
    for item, policy in policies.items():
        assert covered[item] - needs[item] <= policy.minimum
