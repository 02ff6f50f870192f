"""What holds for every netting: needs are covered exactly once, supply goes first, lots keep their rules."""

from collections import defaultdict
from datetime import timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from planning.explosion import BomLine, Demand
from planning.netting import Policy, Supply
from tests.planning.test_netting import DUE, days_before, netted

QUANTITIES = st.decimals(min_value="0.01", max_value=50, places=2)
KEYS = ["line 1", "line 2", "line 3"]
SIZE = 6


@st.composite
def cases(draw):
    """Demands, supplies, a bill without loops and a policy for each item."""
    pairs = st.sampled_from([(p, c) for p in range(SIZE) for c in range(p + 1, SIZE)])
    lines = [
        BomLine(above, part, draw(QUANTITIES))
        for above, part in draw(st.lists(pairs, max_size=10, unique=True))
    ]
    days = st.dates(DUE, DUE + timedelta(3))
    demands = draw(
        st.lists(st.builds(Demand, st.sampled_from(KEYS), st.integers(0, SIZE - 1), QUANTITIES, days))
    )
    supplies = draw(
        st.lists(
            st.builds(
                Supply,
                st.integers(),
                st.integers(0, SIZE - 1),
                st.one_of(st.just(Decimal(0)), QUANTITIES),
                st.none() | days,
                st.sampled_from([None, None, *KEYS, "somebody else"]),
            ),
            unique_by=lambda supply: supply.source,
        )
    )
    sizes = st.sampled_from([Decimal(0), Decimal(0), Decimal("2.5"), Decimal(40)])
    policies = {
        item: Policy(
            draw(st.booleans()),
            draw(st.integers(0, 4)),
            draw(sizes),
            draw(sizes),
            draw(sizes),
            draw(st.booleans()),
        )
        for item in range(SIZE)
    }
    return demands, supplies, lines, policies


def totals(rows) -> dict[tuple, Decimal]:
    sums: dict[tuple, Decimal] = defaultdict(Decimal)
    for item, key, quantity in rows:
        sums[item, key] += quantity
    return {slot: quantity for slot, quantity in sums.items() if quantity}


@given(cases())
def test_every_need_is_covered_exactly_once(case):
    demands, supplies, lines, policies = case
    result = netted(*demands, lines=lines, supplies=supplies, policies=policies)
    needs = totals((n.item, n.key, n.quantity) for n in result.needs)
    pegged = [(s.item, p.key, p.quantity) for s in result.suggestions for p in s.pegs]
    covered = totals([*((a.item, a.key, a.quantity) for a in result.allocations), *pegged])

    assert {slot: q for slot, q in covered.items() if slot[1]} == {
        slot: q for slot, q in needs.items() if slot[1]
    }
    for item, policy in policies.items():
        assert covered.get((item, None), 0) >= needs.get((item, None), 0) >= policy.safety


@given(cases())
def test_needs_are_the_demands_and_what_the_lots_to_be_made_consist_of(case):
    demands, supplies, lines, policies = case
    result = netted(*demands, lines=lines, supplies=supplies, policies=policies)
    expected = [(d.item, d.key, d.quantity) for d in demands]
    expected += [(item, None, policy.safety) for item, policy in policies.items()]
    for lot in result.suggestions:
        if lot.make:
            expected += [
                (x.component, p.key, p.quantity * x.quantity)
                for x in lines
                if x.parent == lot.item
                for p in lot.pegs
            ]
    assert totals((n.item, n.key, n.quantity) for n in result.needs) == totals(expected)


@given(cases())
def test_no_supply_is_used_twice_and_none_is_left_while_more_is_suggested(case):
    demands, supplies, lines, policies = case
    result = netted(*demands, lines=lines, supplies=supplies, policies=policies)
    used = totals((a.item, a.source, a.quantity) for a in result.allocations)
    for supply in supplies:
        taken = used.pop((supply.item, supply.source), Decimal(0))
        assert taken <= supply.quantity
        takers = {a.key for a in result.allocations if a.source == supply.source and a.item == supply.item}
        if supply.key is not None:
            assert takers <= {supply.key}
        elif any(s.item == supply.item for s in result.suggestions):
            assert taken == supply.quantity
    assert not used


@given(cases())
def test_lots_keep_their_rules_and_are_no_larger_than_needed(case):
    demands, supplies, lines, policies = case
    result = netted(*demands, lines=lines, supplies=supplies, policies=policies)
    for lot in result.suggestions:
        policy = policies[lot.item]
        assert sum(p.quantity for p in lot.pegs) == lot.quantity
        assert all(p.quantity > 0 for p in lot.pegs)
        assert lot.quantity >= policy.minimum
        assert not policy.multiple or lot.quantity % policy.multiple == 0
        assert lot.release_on == days_before(lot.due_on, policy.lead_days)
    needs = totals((n.item, "", n.quantity) for n in result.needs)
    used = totals((a.item, "", a.quantity) for a in result.allocations)
    made = totals((s.item, "", s.quantity) for s in result.suggestions)
    for item, policy in policies.items():
        slot, room = (item, ""), policy.minimum + policy.multiple
        excess = made.get(slot, 0) + used.get(slot, 0) - needs.get(slot, 0)
        assert 0 <= excess < room or excess == 0


@given(cases(), st.randoms(use_true_random=False))
def test_the_same_input_gives_the_same_output_whatever_the_order_of_the_bill(case, random):
    demands, supplies, lines, policies = case
    shuffled = random.sample(lines, len(lines))
    backwards = dict(reversed(policies.items()))
    first = netted(*demands, lines=lines, supplies=supplies, policies=policies)
    assert netted(*demands, lines=shuffled, supplies=supplies, policies=backwards) == first
