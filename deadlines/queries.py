"""Reads of the clocks used more than once."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q, QuerySet

from deadlines.models import Deadline, Duty
from flow.models import Document
from flow.policy import Viewer, readers


def open_duties(rule: str, *, company_id: int, at: datetime) -> list[Duty]:
    """The open duties of a rule in a company whose turn it was at `at`."""
    rows = Duty.objects.filter(rule=rule, company_id=company_id, starts_at__lte=at, ends_at__gt=at)
    return list(rows.filter(state=Duty.State.OPEN).select_related("company", "case"))


def of_document(document: Document) -> QuerySet[Deadline]:
    """All runs on one document, the running ones first, by due moment."""
    rows = Deadline.objects.filter(subject_type=document.label(), subject_id=document.pk)
    return rows.select_related("owner", "started_by", "stopped_by").order_by("done_at", "due_at", "pk")


def of_case(case_id: int) -> QuerySet[Deadline]:
    """All runs on the documents of one case."""
    rows = Deadline.objects.filter(case_id=case_id)
    return rows.select_related("owner", "started_by", "stopped_by").order_by("done_at", "due_at", "pk")


def mine(viewer: Viewer) -> QuerySet[Deadline]:
    """The running deadlines that this person owns, by name or by a post in the company, by due moment."""
    named = Q(owner=viewer.person)
    for post in viewer.posts:
        held = Q(owner__isnull=True, owner_roles__contains=f"|{post.role}|")
        named |= held if post.company_id is None else held & Q(company_id=post.company_id)
    rows = Deadline.objects.filter(named, state=Deadline.State.OPEN)
    return rows.select_related("owner", "company", "case").order_by("due_at", "pk")


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
