"""The project's own source as the contract tests read it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APPS = (
    "config", "aftersales", "delivery", "warehouse", "quality", "procurement", "production", "review",
    "orders", "desk", "deadlines", "integration", "planning", "catalog", "flow", "org",
)  # fmt: skip
DEPARTMENTS = APPS[1:9]


def modules(*apps: str) -> Iterator[Path]:
    """The Python files of these apps (default: all), without migrations."""
    for app in apps or APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            if "migrations" not in path.parts and "__pycache__" not in path.parts:
                yield path


def modules_of_tests() -> Iterator[Path]:
    """The Python files of the tests."""
    yield from (p for p in sorted((ROOT / "tests").rglob("*.py")) if "__pycache__" not in p.parts)


@cache
def tree(path: Path) -> ast.Module:
    """The parsed file."""
    return ast.parse(path.read_text(encoding="utf-8"))


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """All functions and methods of a file."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def where(path: Path, node: ast.AST | None = None) -> str:
    """`orders/models/order.py:12`, for the message of a failing test."""
    line = f":{node.lineno}" if node is not None else ""  # type: ignore[attr-defined]
    return f"{path.relative_to(ROOT)}{line}"
