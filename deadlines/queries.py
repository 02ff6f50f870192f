"""Reads of the clocks used more than once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from functools import lru_cache

from django.db.models import (
    Avg,
    BigIntegerField,
    CharField,
    Count,
    DurationField,
    ExpressionWrapper,
    F,
    Q,
    QuerySet,
)

from deadlines.models import Deadline, Duty
from flow.models import CaseLink, Document
from flow.policy import Viewer, readers
from org.composed import Composed, Place
from org.models import Person

# Documents that stand for their whole case; the clocks know them by name only, they stand higher.
WHOLE_CASE = frozenset({"orders.order"})


def open_duties(rule: str, *, company_id: int, at: datetime) -> list[Duty]:
    """The open duties of a rule in a company whose turn it was at `at`."""
    rows = Duty.objects.filter(rule=rule, company_id=company_id, starts_at__lte=at, ends_at__gt=at)
    return list(rows.filter(state=Duty.State.OPEN).select_related("company", "case"))


def of_document(document: Document) -> list[Deadline]:
    """All runs on one document, the running ones first, by due moment. One query."""
    return _of_document(subject_type=document.label(), subject=document.pk)


_of_document = Composed(
    lambda: (
        Deadline.objects.filter(
            subject_type=Place("subject_type", CharField()), subject_id=Place("subject", BigIntegerField())
        )
        .select_related("owner")
        .order_by("done_at", "due_at", "pk")
    )
)


def of_case(case_id: int) -> QuerySet[Deadline]:
    """All runs on the documents of one case."""
    rows = Deadline.objects.filter(case_id=case_id)
    return rows.select_related("owner", "started_by", "stopped_by").order_by("done_at", "due_at", "pk")


def of_cases(case_ids: Iterable[int], viewer: Viewer) -> list[Deadline]:
    """All runs in these cases on documents that this person may see. One query."""
    ids, companies = list(case_ids), viewer.companies()
    if not ids:
        return []
    seen = None if companies is None else len(companies)
    rows = _of_cases(len(ids), seen, tuple(readable_types(viewer)))
    values = {f"case{n}": pk for n, pk in enumerate(ids)}
    return rows(**values, **{f"company{n}": pk for n, pk in enumerate(companies or ())})


@lru_cache(maxsize=1000)
def _of_cases(cases: int, companies: int | None, types: tuple[str, ...]) -> Composed:
    """The query for the runs on such documents in so many cases, seen from so many companies (None: all)."""
    wanted = [("case", Place(f"case{n}", BigIntegerField())) for n in range(cases)]
    rows = Deadline.objects.filter(Q(*wanted, _connector=Q.OR), subject_type__in=types)
    if companies is not None:
        places = [Place(f"company{n}", BigIntegerField()) for n in range(companies)]
        here = [(path, place) for place in places for path in ("company", "case__company")]
        rows = rows.filter(Q(*here, _connector=Q.OR)) if here else rows.none()
    return Composed(lambda: rows.select_related("owner").order_by("done_at", "due_at", "pk"))


def overdue(
    documents: Sequence[Document], *, at: datetime, whole: bool
) -> tuple[list[Deadline], Callable[[Deadline], Iterable[int]]]:
    """The overdue runs on these documents of one type (`whole`: in their cases and those that serve them).

    With a function that says which of the documents a run is about, by key. At most two queries.
    """
    rows = Deadline.objects.filter(state=Deadline.State.OPEN, due_at__lte=at)
    rows = rows.select_related("owner__department").order_by("due_at", "pk")
    if not whole:
        ids = [document.pk for document in documents]
        rows = rows.filter(subject_type=documents[0].label(), subject_id__in=ids)
        return list(rows), lambda row: (row.subject_id,)
    by_case: dict[int, set[int]] = defaultdict(set)
    for document in documents:
        by_case[document.case_id].add(document.pk)
    serving = CaseLink.objects.filter(served__in=list(by_case)).values_list("case_id", "served_id")
    of: dict[int, set[int]] = defaultdict(set, {case: set(pks) for case, pks in by_case.items()})
    for case, served in serving:
        of[case] |= by_case[served]
    return list(rows.filter(case_id__in=list(of))), lambda row: sorted(of[row.case_id])


def running_on(model: type[Document], viewer: Viewer) -> tuple[QuerySet[Deadline], str, str]:
    """The running clocks that stand beside documents of a type in a list: their own, or those of their case.

    With the field of the run and the field of the document that say which belongs to which.
    """
    rows = Deadline.objects.filter(state__in=Deadline.RUNNING)
    if model.label() in WHOLE_CASE:
        return rows.filter(subject_type__in=readable_types(viewer)), "case_id", "case_id"
    return rows.filter(subject_type=model.label()), "subject_id", "pk"


def nearest(documents: Sequence[Document], viewer: Viewer) -> dict[int, Deadline]:
    """The clock of each of these documents of one type that runs out first, by key; what stands still comes
    last. One query."""
    if not documents:
        return {}
    rows, of_run, of_document = running_on(type(documents[0]), viewer)
    keys = {getattr(document, of_document) for document in documents}
    rows = rows.filter(**{f"{of_run}__in": keys}).select_related("owner").order_by("due_at", "pk")
    found: dict[int, Deadline] = {}
    for row in sorted(rows, key=lambda row: row.state == Deadline.State.PAUSED):
        found.setdefault(getattr(row, of_run), row)
    by_document = ((document.pk, getattr(document, of_document)) for document in documents)
    return {pk: found[key] for pk, key in by_document if key in found}


def mine(viewer: Viewer) -> QuerySet[Deadline]:
    """The open deadlines that this person owns, by name or by a post in the company, by due moment."""
    return running(viewer).filter(state=Deadline.State.OPEN)


def running(viewer: Viewer) -> QuerySet[Deadline]:
    """The same with those that stand still just now."""
    named = Q(owner=viewer.person)
    for post in viewer.posts:
        held = Q(owner__isnull=True, owner_roles__contains=f"|{post.role}|")
        named |= held if post.company_id is None else held & Q(company_id=post.company_id)
    rows = Deadline.objects.filter(named, state__in=Deadline.RUNNING)
    return rows.select_related("owner", "company", "case").order_by("due_at", "pk")


def kept_since(people: Iterable[Person], since: datetime) -> dict[int, tuple[int, int, timedelta | None]]:
    """For each person the clocks that their acts ended since then: (all, in time, average use). One query."""
    rows = Deadline.objects.filter(
        stopped_by__actor__in=[person.pk for person in people], state=Deadline.State.DONE, done_at__gte=since
    )
    used = ExpressionWrapper(F("done_at") - F("opened_at"), output_field=DurationField())
    kept = rows.values("stopped_by__actor").annotate(
        ended=Count("pk"), met=Count("pk", filter=Q(breached=False)), used=Avg(used)
    )
    return {row["stopped_by__actor"]: (row["ended"], row["met"], row["used"]) for row in kept.order_by()}


def visible(viewer: Viewer) -> QuerySet[Deadline]:
    """The runs in the companies of this person, or in cases of their companies."""
    companies = viewer.companies()
    rows = Deadline.objects.filter(subject_type__in=readable_types(viewer))
    rows = rows.select_related("owner", "company", "case")
    if companies is None:
        return rows
    return rows.filter(Q(company_id__in=companies) | Q(case__company_id__in=companies))


def readable_types(viewer: Viewer) -> list[str]:
    """The labels of the document types that this person may see anywhere."""
    return [label for label, model in Document.registry.items() if viewer.companies(readers(model)) != set()]


def parked() -> QuerySet[Deadline]:
    """The runs that could not be escalated and were set aside, with their fault."""
    return Deadline.objects.exclude(fault="").filter(state=Deadline.State.OPEN).order_by("pk")


def following(rows: QuerySet[Deadline], after: int) -> QuerySet[Deadline]:
    """The rows by due moment, from behind the row `after` on (0: from the first)."""
    rows = rows.order_by("due_at", "pk")
    last = Deadline.objects.filter(pk=after).values_list("due_at", "pk").first() if after else None
    if last is None:
        return rows
    return rows.filter(Q(due_at__gt=last[0]) | Q(due_at=last[0], pk__gt=last[1]))
