"""Locking: every writer locks the cases it touches, in ascending id, before anything else."""

from __future__ import annotations

from collections.abc import Iterable
from contextvars import ContextVar
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import BigIntegerField

from flow.models import Case, CaseLink, Document
from org.composed import Composed, Place
from org.models import Company

# None: no action is running here.
_locked: ContextVar[frozenset[int] | None] = ContextVar("locked_cases", default=None)
# The version that each document saved by the running action has now.
_saved: ContextVar[dict[tuple[str, int], int]] = ContextVar("saved_documents")


def lock(ids: Iterable[int]) -> None:
    """Lock the cases for this transaction. no_key: rows that merely point at a case need not wait for it.

    Raises RuntimeError when more cases are asked for after the first lock: that is how deadlocks are made.
    """
    held = _held()
    wanted = set(ids) - held
    if not wanted:
        return
    if held:
        raise RuntimeError("All cases of an action are named before its first lock.")
    found = {pk for (pk,) in _locking(len(wanted))(**{f"case{n}": pk for n, pk in enumerate(sorted(wanted))})}
    if found != wanted:
        raise Case.DoesNotExist(f"cases {sorted(wanted - found)}")
    _locked.set(held | found)


@cache
def _locking(count: int) -> Composed:
    """The query that locks so many cases, in ascending id."""
    places: Any = [Place(f"case{n}", BigIntegerField()) for n in range(count)]
    return Composed(
        lambda: (
            Case.objects.select_for_update(no_key=True).filter(pk__in=places).order_by("pk").values_list("pk")
        )
    )


def require(case_id: int) -> None:
    """Raise RuntimeError unless the case is locked by the running action."""
    if case_id not in _held():
        raise RuntimeError(f"Case {case_id} must be locked before a document of it is changed.")


def note_saved(document: Document) -> None:
    """Remember which version a document got."""
    require(document.case_id)
    _saved.get()[document.label(), document.pk] = document.version


def is_latest(document: Document) -> bool:
    """Whether nothing that followed in the running action has saved the document once more."""
    return _saved.get().get((document.label(), document.pk), document.version) == document.version


def open_case(*, company: Company, at: datetime, title: str = "", serves: Iterable[int] = ()) -> Case:
    """Open a new case; it counts as locked, for nobody else can see it yet. `serves`: ids of other cases."""
    case = Case.objects.create(company=company, opened_at=at, title=title)
    _locked.set(_held() | {case.pk})
    served = sorted(set(serves) - {case.pk})
    CaseLink.objects.bulk_create([CaseLink(case=case, served_id=pk) for pk in served])
    return case


def family(named: UUID | int) -> list[int]:
    """The ids of a case, named by its id or public id, and of those that serve it; empty: no such case."""
    if isinstance(named, UUID):
        found = Case.objects.filter(public_id=named).values_list("pk", flat=True).first()
        return [] if found is None else family(found)
    return [named, *(case for (case,) in _serving(case=named))]


_serving = Composed(
    lambda: CaseLink.objects.filter(served=Place("case", BigIntegerField())).values_list("case_id")
)


def link(case: Case, serves: Iterable[int]) -> None:
    """Say that `case` also serves these cases; saying it twice is harmless."""
    rows = [CaseLink(case=case, served_id=pk) for pk in sorted(set(serves) - {case.pk})]
    CaseLink.objects.bulk_create(rows, ignore_conflicts=True)


def _held() -> frozenset[int]:
    held = _locked.get()
    if held is None:
        raise RuntimeError("Cases are locked and written only inside `cases.transact()`.")
    return held


class transact:
    """One transaction that starts with no case locked and forgets its locks at the end.

    Raises RuntimeError inside another: what follows from an action uses `follow`, it does not call.
    """

    def __init__(self) -> None:
        self._atomic = transaction.atomic()

    def __enter__(self) -> None:
        if _locked.get() is not None:
            raise RuntimeError("An action never calls another; it is followed by it.")
        # First the database, then our note: a BEGIN that fails must not leave this thread marked as acting.
        self._atomic.__enter__()
        self._token = _locked.set(frozenset())
        _saved.set({})

    def __exit__(self, *failure: Any) -> None:
        _locked.reset(self._token)
        self._atomic.__exit__(*failure)
