"""Only actions write: screens, APIs, admin pages, forms and rules ask an action and never touch a row."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contracts.source import DEPARTMENTS, ROOT, modules, tree, where

WRITES = {
    "save", "create", "get_or_create", "update_or_create", "bulk_create", "bulk_update", "update", "delete",
}  # fmt: skip
# In the departments; `actions` and `handlers` may be a file or a folder.
WRITERS = {"actions", "handlers"}


def is_writer(path: Path) -> bool:
    """Whether a file of a department may write."""
    inside = path.relative_to(ROOT).parts[1:]
    return Path(inside[0]).stem in WRITERS


def writes(path: Path) -> Iterator[ast.Call]:
    """Calls that look like a write to the database."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in WRITES:
            yield node


@pytest.mark.rule("ORG-20")
def test_only_actions_write() -> None:
    guilty = [
        f"{where(path, call)} .{call.func.attr}()"  # type: ignore[attr-defined]
        for path in modules(*DEPARTMENTS)
        if not is_writer(path)
        for call in writes(path)
    ]
    assert guilty == []


@pytest.mark.rule("ORG-20", "SYS-03")
def test_nobody_writes_a_state() -> None:
    """No `.update(state=…)` and no `create(state=…)` anywhere in the departments: transitions alone move."""
    guilty = [
        where(path, call)
        for path in modules(*DEPARTMENTS)
        for call in writes(path)
        if any(keyword.arg == "state" for keyword in call.keywords)
    ]
    assert guilty == []


def test_departments_meet_only_at_models_actions_queries() -> None:
    """What a department offers the others: its models, its verbs, its reads."""
    public = {"models", "actions", "queries"}
    guilty = []
    for app in DEPARTMENTS:
        for path in modules(app):
            for node in ast.walk(tree(path)):
                if not isinstance(node, ast.ImportFrom) or not node.module:
                    continue
                other, _, inside = node.module.partition(".")
                names = {inside.split(".")[0]} if inside else {a.name for a in node.names}
                if other in DEPARTMENTS and other != app and not names <= public:
                    guilty.append(f"{where(path, node)} {node.module}")
    assert guilty == []


def test_nothing_below_the_faces_reads_the_clock() -> None:
    """`timezone.now` stands only where real time is meant: faces, heartbeats, leases, tokens."""
    allowed = {
        "flow/clock.py", "flow/tick.py", "integration/authentication.py",
        # A calendar is issued in real time, and the organisation stands below the house's clock.
        "org/admin.py",
        # Who changed a setting is noted in real time, whatever the training clock says.
        "org/history.py",
        # A session ends in real time.
        "org/sessions.py",
    }  # fmt: skip
    guilty = []
    for path in modules(*DEPARTMENTS, "deadlines", "planning", "catalog", "org", "flow"):
        if str(path.relative_to(ROOT)) in allowed:
            continue
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Attribute) and node.attr in {"now", "today", "utcnow"}:
                base = node.value
                name = base.id if isinstance(base, ast.Name) else getattr(base, "attr", "")
                if name in {"timezone", "datetime", "date"}:
                    guilty.append(where(path, node))
    assert guilty == []
