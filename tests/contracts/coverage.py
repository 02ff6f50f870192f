"""Which rules of the rulebook a test names; `python -m tests.contracts.coverage` writes the page."""

from __future__ import annotations

import ast
from collections import defaultdict

from tests.contracts.source import ROOT, modules_of_tests, tree, where

PAGE = ROOT / "docs" / "coverage.md"
IDS = ROOT / "tests" / "contracts" / "rule_ids.txt"


def known() -> list[str]:
    """All ids of the rulebook."""
    return IDS.read_text(encoding="utf-8").split()


def marks() -> dict[str, list[str]]:
    """The tests by the rule they name, read from the source without running it."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in modules_of_tests():
        for node in ast.walk(tree(path)):
            for call in getattr(node, "decorator_list", []):
                if isinstance(call, ast.Call) and ast.unparse(call.func) == "pytest.mark.rule":
                    for arg in call.args:
                        found[ast.literal_eval(arg)].append(f"{where(path).split(':')[0]}::{node.name}")  # type: ignore[attr-defined]
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "pytestmark":
                for call in ast.walk(node.value):
                    if isinstance(call, ast.Call) and ast.unparse(call.func) == "pytest.mark.rule":
                        for arg in call.args:
                            found[ast.literal_eval(arg)].append(where(path).split(":")[0])
    return dict(found)


def page() -> str:
    """The text of `docs/coverage.md`."""
    found, ids = marks(), known()
    rules = [i for i in ids if not i.startswith(("E-", "O-", "TM-"))]
    rows = [f"| {rule} | {'<br>'.join(sorted(set(found[rule])))} |" for rule in ids if rule in found]
    covered = sum(rule in found for rule in rules)
    head = (
        "# Rules that a test names\n\nMade by `make snapshots` from the marks of the tests. "
        f"{covered} of {len(rules)} rules, "
        f"{sum(i in found for i in ids if i.startswith('TM-'))} timed rules and "
        f"{sum(i in found for i in ids if i.startswith('E-'))} resolved conflicts. "
        "What a rule asks is told in words under `/rules/<id>/` of a running house.\n\n"
        "| rule | tests |\n|---|---|\n"
    )
    return head + "\n".join(rows) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
