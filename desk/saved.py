"""Views of a list: those that come with it, those somebody saved, and saving, sharing, renaming them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db import transaction
from django.db.models import Max
from django.http import Http404, HttpResponse, HttpResponseRedirect, JsonResponse, QueryDict
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from deadlines.lists import CLOCK
from desk import columns, filters, todo
from desk.models import SavedView
from flow import html, listing, narrowing, render
from flow.actions import creation_of
from flow.faces import Asking, face, screen_for
from flow.policy import Viewer
from flow.refusals import Denied, Invalid
from flow.screens import Screen
from org.roles import Role

# So many views of one list belong to one person; so many rows of a view are counted.
MOST, COUNTED = 30, 99
LONGEST = 60
# What a view keeps of an address beside its filters.
ORDER = "ordering"


@dataclass(frozen=True)
class Look:
    """A view as a tab: what it is called in the address, and what it shows."""

    key: str
    label: Any
    query: str
    columns: tuple[str, ...] = ()
    saved: SavedView | None = None
    bad: bool = False


def looks(screen: Screen, viewer: Viewer) -> list[Look]:
    """The views of a list that are open to this person: first those that come with it. One query."""
    rows = SavedView.objects.filter(label=screen.model.label()).select_related("owner")
    kept = [one for one in rows if one.is_open_to(viewer)]
    return [
        *_built_in(screen, viewer),
        *(Look(str(one.pk), one.name, one.query, tuple(one.columns), one) for one in kept),
    ]


def _built_in(screen: Screen, viewer: Viewer) -> list[Look]:
    """What everybody asks a list, as far as this person's posts have anything to do with it."""
    found = []
    if todo.expects(screen.model, viewer) is not None:
        found.append(Look("waiting", _("Waits for me"), f"waits=me&{ORDER}={CLOCK}"))
    creation = creation_of(screen.model)
    if creation is not None and viewer.companies(creation.may) != set():
        found.append(Look("mine", _("Made by me"), f"created_by={narrowing.ME}"))
    found += [Look(one.key, one.label, one.query, one.columns) for one in screen.views]
    if screen.due and render.readable(screen.model, screen.due, viewer):
        found.append(Look("week", _("Due this week"), f"{screen.due}=this_week&{ORDER}={screen.due}"))
    else:
        found.append(Look("week", _("Due this week"), f"{CLOCK}=week&{ORDER}={CLOCK}"))
    late = columns.about_late(screen, viewer)
    found.append(Look("late", _("Overdue"), f"{CLOCK}=late&{ORDER}={CLOCK}", late, bad=True))
    return found


def shareable(viewer: Viewer) -> list[tuple[str, Any]]:
    """The roles with whom this person may share a view: his own; an administrator with all."""
    codes = list(Role.values) if Role.ADMIN in viewer.roles else sorted(viewer.roles)
    return [(code, Role(code).label) for code in codes]


@require_safe
@face
def counts(request: Asking, app: str, slug: str) -> JsonResponse:
    """How many documents each view of a list shows to this person, up to a hundred."""
    screen = screen_for(app, slug)
    found = {}
    for look in looks(screen, request.viewer):
        try:
            rows = listing.matching(screen, request.viewer, QueryDict(look.query))
        except Invalid:
            continue
        number = rows.order_by()[: COUNTED + 1].count()
        found[look.key] = f"{COUNTED}+" if number > COUNTED else str(number)
    answer = JsonResponse({"counts": found})
    answer["Cache-Control"] = "private, no-store"
    return answer


# ---- saving ----


@require_POST
@face
def save(request: Asking, app: str, slug: str) -> HttpResponse:
    """Save the list as it stands under a `name`, or change, with `view`, a saved one: `do` is new, change,
    replace (what it shows by what is shown now) or drop. `roles` are those with whom it is shared."""
    screen = screen_for(app, slug)
    path = html.list_href(screen.model)
    do = request.POST.get("do", "new")
    try:
        view = _new(request, screen) if do == "new" else _existing(request, screen)
        if do == "drop":
            view.delete()
            messages.success(request, _("The view “{name}” is gone.").format(name=view.name))
            return HttpResponseRedirect(path)
        _fill(view, request, screen, do)
        with transaction.atomic():
            view.full_clean(exclude=["columns", "roles"])
            view.save()
    except Invalid as invalid:
        for said in invalid.errors.values():
            messages.error(request, " ".join(map(str, said)))
        return HttpResponseRedirect(f"{path}?{_narrowed(request, screen).urlencode()}")
    messages.success(request, _("The view “{name}” is saved.").format(name=view.name))
    return HttpResponseRedirect(f"{path}?{urlencode({'view': view.pk})}")


def _new(request: Asking, screen: Screen) -> SavedView:
    own = SavedView.objects.filter(owner=request.viewer.person, label=screen.model.label())
    if own.count() >= MOST:
        raise Invalid(
            {"name": _("You have {most} views of this list; take one away first.").format(most=MOST)}
        )
    last = own.aggregate(last=Max("position"))["last"] or 0
    return SavedView(owner=request.viewer.person, label=screen.model.label(), position=last + 1)


def _existing(request: Asking, screen: Screen) -> SavedView:
    said = request.POST.get("view", "")
    rows = SavedView.objects.filter(label=screen.model.label())
    view = rows.filter(pk=int(said)).first() if said.isdecimal() and len(said) < 18 else None
    if view is None or not (view.is_open_to(request.viewer) or view.is_run_by(request.viewer)):
        raise Http404(_("There is no such view, or it is not shared with you."))
    if not view.is_run_by(request.viewer):
        raise Denied(_("Only who saved a view, or an administrator, may change it."), [Role.ADMIN])
    return view


def _fill(view: SavedView, request: Asking, screen: Screen, do: str) -> None:
    """Put into the view what was said. Raises Invalid with a sentence, Denied for roles of others."""
    if do in ("new", "change"):
        view.name = _name(request, view)
        _share(view, request)
    if do in ("new", "replace"):
        query = _narrowed(request, screen)
        listing.matching(screen, request.viewer, query)
        view.query = query.urlencode()
        names = request.POST.get("columns", "").split(",")
        view.columns = columns.chosen(screen, request.viewer, names) if any(names) else []


def _name(request: Asking, view: SavedView) -> str:
    name = " ".join(request.POST.get("name", "").replace("\x00", "").split())
    if not 0 < len(name) <= LONGEST:
        raise Invalid({"name": _("Give the view a name of at most {limit} letters.").format(limit=LONGEST)})
    same = SavedView.objects.filter(owner=view.owner_id, label=view.label, name=name)
    if same.exclude(pk=view.pk).exists():
        raise Invalid({"name": _("You have a view of this name already.")})
    return name


def _share(view: SavedView, request: Asking) -> None:
    """Share it with roles of one's own (an administrator with any): in the company where they are held, or
    everywhere where that is not one alone."""
    viewer, roles = request.viewer, list(dict.fromkeys(request.POST.getlist("roles")))
    may = {code for code, _label in shareable(viewer)}
    if unknown := [role for role in roles if role not in may]:
        raise Denied(_("A view is shared with posts that you hold yourself."), unknown)
    held = viewer.companies(frozenset(roles) if Role.ADMIN not in viewer.roles else frozenset({Role.ADMIN}))
    view.roles = roles
    view.company_id = next(iter(held)) if roles and held and len(held) == 1 else None


def _narrowed(request: Asking, screen: Screen) -> QueryDict:
    return filters.only(screen, QueryDict(request.POST.get("query", "")[:4000]), ORDER)


@require_POST
@face
def choose(request: Asking, app: str, slug: str) -> HttpResponse:
    """Choose the columns of a list: of one's own saved `view`, else of the list itself; `reset`: as ever."""
    screen = screen_for(app, slug)
    names = columns.chosen(screen, request.viewer, request.POST.getlist("column"))
    wanted = None if "reset" in request.POST else names
    said = request.POST.get("view", "")
    back = QueryDict(request.POST.get("back", "")[:4000]).urlencode()
    if said.isdecimal() and _may_change(request, screen):
        view = _existing(request, screen)
        view.columns = wanted or []
        view.save(update_fields=["columns"])
    else:
        columns.keep(screen, request.viewer, wanted)
    return HttpResponseRedirect(f"{html.list_href(screen.model)}?{back}")


def _may_change(request: Asking, screen: Screen) -> bool:
    try:
        return _existing(request, screen) is not None
    except Denied:
        return False
