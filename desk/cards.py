"""Cards of master data: what an item is, where it lies, what it is made of."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render as page
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from catalog import bom, stock
from catalog.models import Item
from flow.faces import Asking, face
from org.models import Company


@require_safe
@face
def item(request: Asking, pk: int) -> HttpResponse:
    """An item: its stock in the companies of the person's posts, the bill of material that holds today."""
    found = Item.objects.select_related("unit").filter(pk=pk).first()
    if found is None:
        raise Http404(_("There is no such item."))
    mine = request.viewer.companies()
    names = dict(Company.objects.values_list("pk", "name"))
    levels = [
        (names[level.company_id], level)
        for level in stock.balances([found.pk])
        if mine is None or level.company_id in mine
    ]
    active = bom.active_bom([found.pk], localtime(request.at).date()).get(found.pk)
    parts = Item.objects.in_bulk([line.component_id for line in active.lines]) if active else {}
    lines = [(line, parts[line.component_id]) for line in active.lines] if active else []
    context = {"item": found, "levels": levels, "bom": active, "lines": lines}
    return page(request, "desk/item_card.html", context)
