"""Lets a deed die at its n-th point: before each lock and each write, before and right after each commit."""

from __future__ import annotations

import os
import re
import select
import signal
import traceback
from collections.abc import Callable, Iterator
from typing import Any

from django.apps import apps
from django.db import connection

from flow.models import Document

DONE = "done"
PATIENCE_SECONDS = 60.0
_WRITES = re.compile(
    r'\s*(BEGIN|INSERT (?:OR IGNORE )?INTO|UPDATE|DELETE FROM|RELEASE SAVEPOINT|SAVEPOINT)\s*"?(\w*)',
    re.IGNORECASE,
)
_LOCKS = re.compile(r'FROM "(\w+)".*FOR (?:NO KEY )?UPDATE', re.IGNORECASE | re.DOTALL)


class Broken(AssertionError):
    """The deed failed by itself, which is no death."""


def deaths(deed: Callable[[], object], *, many: bool = False) -> Iterator[str]:
    """Do `deed` in a child that dies at its first point, then its second, and so on; the name of each point.

    Ends when the deed came through to its end. `many`: it is done in many commits, and what is done is not
    done again, so that after each commit the first point is that of the next one. Raises Broken when it
    failed.
    """
    number = 0
    while (name := died_at(number, deed)) != DONE:
        yield name
        number = 0 if many and name == "after commit" else number + 1


def died_at(number: int, deed: Callable[[], object]) -> str:
    """The name of the point at which the child died; DONE when it came through before."""
    # A connection must not be shared with a child; each of the two opens its own.
    connection.close()
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        _live(number, deed, write)
    os.close(write)
    try:
        ready = select.select([read], [], [], PATIENCE_SECONDS)[0]
        said = os.read(read, 65536).decode() if ready else "it hung"
    finally:
        os.close(read)
        if not ready:
            os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    if said.startswith("it "):
        raise Broken(said)
    return said


def _live(number: int, deed: Callable[[], object], write: int) -> None:
    """The child's life; never returns."""
    try:
        _arm(number, write)
        deed()
        os.write(write, DONE.encode())
    except BaseException:
        os.write(write, f"it failed: {traceback.format_exc()[-60000:]}".encode())
    finally:
        os.kill(os.getpid(), signal.SIGKILL)


def _arm(left: int, write: int) -> None:
    """See to it that this process dies when it comes to its point after so many others."""

    def point(name: str) -> None:
        nonlocal left
        if left == 0:
            os.write(write, name.encode())
            os.kill(os.getpid(), signal.SIGKILL)
        left -= 1

    def watched(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if name := _named(sql):
            point(name)
        return execute(sql, params, many, context)

    commit = connection._commit  # type: ignore[attr-defined]

    def committed() -> None:
        point("before commit")
        commit()
        point("after commit")

    connection._commit = committed  # type: ignore[attr-defined]
    connection.execute_wrappers.append(watched)


def _named(sql: str) -> str:
    """What a statement locks or writes; empty for one that only reads."""
    if found := _WRITES.match(sql):
        verb, table = found[1].lower().replace("or ignore ", ""), found[2]
        return verb if "savepoint" in verb or verb == "begin" else f"{verb} {table}"
    return f"lock {found[1]}" if (found := _LOCKS.search(sql)) else ""


def standing() -> dict[str, Any]:
    """How many rows every table has, and the state and version of every document."""
    counted: dict[str, Any] = {
        model._meta.label: model._default_manager.count() for model in apps.get_models()
    }
    for label, model in Document.registry.items():
        counted[f"{label} as it stands"] = list(
            model._default_manager.order_by("pk").values_list("pk", "state", "version", "number")
        )
    return counted
