"""Proofs about the whole system that can be run at any time (P22)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator

from django.db.models import Count, OuterRef, Subquery

from flow.models import Document, Event, Series

Check = Callable[[], Iterable[str]]
_checks: dict[str, Check] = {}


def invariant(name: str) -> Callable[[Check], Check]:
    """Register a check that yields a sentence for every violation it finds."""

    def register(check: Check) -> Check:
        _checks[name] = check
        return check

    return register


def violations() -> dict[str, list[str]]:
    """Run every check; the sentences by check, empty lists where all is well."""
    return {name: list(check()) for name, check in _checks.items()}


@invariant("state and version of a document are those of its last event")
def states() -> Iterator[str]:
    """Compare every document with its last versioned event, and its version with their count."""
    for label, model in Document.registry.items():
        own = Event.objects.filter(subject_type=label, subject_id=OuterRef("pk"), version__isnull=False)
        counted = own.order_by().values("subject_id").annotate(n=Count("pk")).values("n")
        rows = model._default_manager.annotate(
            said=Subquery(own.order_by("-version").values("state_to")[:1]), told=Subquery(counted)
        )
        for pk, state, version, said, told in rows.values_list("pk", "state", "version", "said", "told"):
            if (state, version) != (said, told):
                yield f"{label} {pk}: {state} v{version}, its {told} events end with {said}"


@invariant("document numbers are unique and gapless")
def numbers() -> Iterator[str]:
    """Compare each series with the numbers given from it."""
    given: Counter[tuple[int, str, str]] = Counter()
    for label, model in Document.registry.items():
        named = model._default_manager.exclude(number=None).values_list("company_id", "number")
        for company, number in named:
            found = re.search(r"(\d{4})-(\d+)$", number or "")
            given[company, label, found[1] if found else "?"] += 1
    said = {(s.company_id, s.kind, s.period): s.last for s in Series.objects.all()}
    for key in given.keys() | said.keys():
        if given[key] != said.get(key, 0):
            yield f"series {key} says {said.get(key, 0)} numbers, {given[key]} documents carry one"
