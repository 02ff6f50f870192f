"""The palette: what somebody may mean by a few letters: documents, customers, items, pages, steps.

Documents are found by indexes only, as quickly among a million as among ten: a number whole or by its start,
the digits at its end by the few whole numbers that they can mean.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from django.apps import apps
from django.db import connection
from django.db.models import CharField, Model, Q, QuerySet, Value
from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from catalog.models import Customer, Item, Supplier
from flow import html, panels, policy
from flow.actions import creation_of
from flow.models import Document
from flow.policy import Viewer
from org.models import Company
from org.roles import Role

LONGEST = 60
SHOWN = 6
# Digits alone mean documents of this year and the years before it.
YEARS = 3
LAST = chr(0x10FFFF)
_DIGITS = re.compile(r"(?:(\d{4})[-–—/ ])?0*(\d{1,6})")


@dataclass(frozen=True)
class Entry:
    """One thing to go to: what it is called, a second line, the address."""

    label: str
    hint: str
    href: str


@dataclass(frozen=True)
class Group:
    """Entries of one kind under their title."""

    title: str
    entries: list[Entry]


def groups(words: str, viewer: Viewer, at: datetime) -> list[Group]:
    """What fits the words, documents first. No query looks at more rows because there are more documents."""
    words = cleaned(words)
    sources: list[tuple[str, Callable[[], list[Entry]]]] = [
        (_("Documents"), lambda: documents(words, viewer, at)),
        (_("Steps"), lambda: steps(words, viewer)),
        (_("Pages"), lambda: pages(words, viewer)),
        (_("Customers"), lambda: customers(words, viewer)),
        (_("Items"), lambda: items(words)),
        (_("Suppliers"), lambda: suppliers(words, viewer)),
    ]
    found = [Group(title, source()) for title, source in sources]
    return [group for group in found if group.entries]


def cleaned(words: str) -> str:
    """The words without what no name holds."""
    return " ".join(words.replace("\x00", "").split())[:LONGEST]


# ---- documents ----


def documents(words: str, viewer: Viewer, at: datetime) -> list[Entry]:
    """Visible documents by number: the whole, its beginning, or the digits at its end.

    One query and one for each kind of document whose numbers begin so.
    """
    number = words.replace(" ", "").upper()
    if not number:
        return []
    if digits := _DIGITS.fullmatch(words):
        ends = _ends(digits, at)
        return _whole(lambda prefix: [f"{prefix}{end}" for end in ends], viewer)[:SHOWN]
    return _beginning(number, viewer)


def exactly(words: str, viewer: Viewer) -> list[Entry]:
    """The visible document of just this number, if there is one. One query."""
    number = words.replace(" ", "").upper()
    return _whole(lambda prefix: [number] if number.startswith(prefix) else [], viewer)


def _screens(viewer: Viewer) -> Iterator[type[Document]]:
    """The kinds of numbered documents of which this person may see some."""
    for screen in html.screens():
        if screen.model.prefix and viewer.companies(policy.readers(screen.model)) != set():
            yield screen.model


def _whole(numbers: Callable[[str], list[str]], viewer: Viewer) -> list[Entry]:
    """The visible documents that have one of the numbers given for their prefix, the latest first."""
    parts = []
    for model in _screens(viewer):
        if wanted := numbers(model.prefix):
            label = Value(model.label(), output_field=CharField())
            rows = policy.visible_to(model, viewer).filter(number__in=wanted).order_by()
            parts.append(rows.values_list(label, "public_id", "number"))
    if not parts:
        return []
    found = parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0]
    latest = sorted(found, key=lambda row: row[2][-9:], reverse=True)
    return [_entry(*row) for row in latest]


def _beginning(number: str, viewer: Viewer) -> list[Entry]:
    """The latest visible documents of each kind whose number begins so, each kind by its index alone."""
    found: list[tuple[str, Any, str]] = []
    for model in _screens(viewer):
        if not (number.startswith(model.prefix) or model.prefix.startswith(number)):
            continue
        for start in _starts(model, number, viewer):
            rows = policy.visible_to(model, viewer).filter(_begins(start)).order_by("-number")
            found += [(model.label(), *row) for row in rows.values_list("public_id", "number")[:SHOWN]]
    return [_entry(*row) for row in sorted(found, key=lambda row: row[2], reverse=True)[:SHOWN]]


def _starts(model: type[Document], number: str, viewer: Viewer) -> list[str]:
    """The beginnings to look for: of somebody who sees some companies only, with the codes of these."""
    companies = viewer.companies(policy.readers(model))
    if companies is None:
        return [max(number, model.prefix, key=len)]
    codes = Company.objects.filter(pk__in=companies).values_list("code", flat=True)
    own = [f"{model.prefix}{code}" for code in codes]
    return [
        max(number, start, key=len) for start in own if start.startswith(number) or number.startswith(start)
    ]


def _begins(start: str) -> Q:
    """The condition that a number begins so, in the words that the index of this database understands."""
    if connection.vendor == "postgresql":
        return Q(number__startswith=start)
    return Q(number__gte=start, number__lt=start + LAST)


def _ends(digits: re.Match[str], at: datetime) -> list[str]:
    """What numbers may end with that are meant by digits: of some years and all companies. One query."""
    now = localtime(at).year
    years = [digits[1]] if digits[1] else [str(now - back) for back in range(YEARS)]
    codes = Company.objects.filter(parent__isnull=False).values_list("code", flat=True)
    return [f"{code}{year}-{int(digits[2]):04d}" for code in codes for year in years]


def _entry(label: str, public_id: Any, number: str) -> Entry:
    kind = str(Document.registry[label]._meta.verbose_name)
    return Entry(number, kind, f"/{label.replace('.', '/', 1)}/{public_id}/")


# ---- pages and steps: known without the database ----


def pages(words: str, viewer: Viewer) -> list[Entry]:
    """Lists, boards and other pages whose name contains the words."""
    return [entry for entry in _pages(viewer) if _fits(words, entry)][: SHOWN if words else 3]


def _pages(viewer: Viewer) -> Iterator[Entry]:
    yield Entry(_("Workbench"), "", reverse("desk:home"))
    yield Entry(_("Notices"), "", reverse("integration:notices"))
    yield Entry(_("Rules of the house"), "", reverse("desk:rules"))
    for screen in html.screens():
        if viewer.companies(policy.readers(screen.model)) != set():
            app = apps.get_app_config(screen.model._meta.app_label).verbose_name
            yield Entry(str(screen.model._meta.verbose_name_plural), str(app), html.list_href(screen.model))
    for entry in panels.menu_of(viewer):
        yield Entry(str(entry.label), str(entry.group), entry.path)
    if viewer.person.is_staff and Role.ADMIN in viewer.roles:
        yield Entry(_("Master data"), _("Administration"), reverse("admin:index"))


def steps(words: str, viewer: Viewer) -> list[Entry]:
    """The documents that this person may make, by the name of the step or of the document."""
    found = []
    for screen in html.screens():
        creation = creation_of(screen.model)
        if creation is None or viewer.companies(creation.may) == set():
            continue
        kind = str(screen.model._meta.verbose_name)
        found.append(Entry(str(creation.label), kind, f"{html.list_href(screen.model)}new/"))
    return [entry for entry in found if _fits(words, entry)][: SHOWN if words else 3]


def _fits(words: str, entry: Entry) -> bool:
    said = f"{entry.label} {entry.hint}".lower()
    return all(word in said for word in words.lower().split())


# ---- master data ----


def customers(words: str, viewer: Viewer) -> list[Entry]:
    """Customers by code or name; they lead to their orders."""
    orders = Document.registry["orders.order"]
    if viewer.companies(policy.readers(orders)) == set():
        return []
    rows = _named(Customer.objects.all(), words)
    path = html.list_href(orders)
    return [Entry(row.name, row.code, f"{path}?customer={quote(row.code)}") for row in rows]


def items(words: str) -> list[Entry]:
    """Items by code, name or specification; they lead to their card."""
    rows = _named(Item.objects.all(), words, "spec")
    return [
        Entry(f"{row.name} {row.spec}".strip(), row.code, reverse("desk:item", args=[row.pk])) for row in rows
    ]


def suppliers(words: str, viewer: Viewer) -> list[Entry]:
    """Suppliers by code or name; they lead to their purchase orders."""
    purchases = Document.registry["procurement.purchase_order"]
    if viewer.companies(policy.readers(purchases)) == set():
        return []
    path = html.list_href(purchases)
    rows = _named(Supplier.objects.all(), words)
    return [Entry(row.name, row.code, f"{path}?supplier={quote(row.code)}") for row in rows]


def _named(rows: QuerySet[Any], words: str, *more: str) -> list[Any]:
    """Active rows whose code or name contains all the words. One query; none for fewer than two letters."""
    if len(words) < 2:
        return []
    model: type[Model] = rows.model
    if any(field.name == "is_active" for field in model._meta.concrete_fields):
        rows = rows.filter(is_active=True)
    for word in words.split():
        rows = rows.filter(
            Q(*((f"{name}__icontains", word) for name in ("code", "name", *more)), _connector=Q.OR)
        )
    return list(rows.order_by("code")[:SHOWN])
