"""The workbench: what is mine to do, by what is left of the time; one thing at hand, then the next."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render as page
from django.views.decorators.http import require_safe

from deadlines import queries
from desk import asked, counting, tasks, team, todo
from desk.acting import Sheet
from desk.tasks import SHADES, Task
from flow import html, panels
from flow.actions import Action
from flow.faces import Asking, face
from flow.screens import screen_of

# What the pane at the right can ask; a longer form has a page of its own.
FIELDS_AT_HAND = 6


@require_safe
@face
def home(request: Asking) -> HttpResponse:
    """The whole page; of it the rows alone for `part=rows`, the thing at hand alone for `part=pane`."""
    found = tasks.mine(request.viewer, request.at)
    show = request.GET.get("show", "")
    shown = [task for task in found if task.shade == show] if show in dict(_names()) else found
    place = _place(request, shown)
    part = request.GET.get("part")
    context: dict[str, Any] = {
        "show": show,
        "place": place,
        "timed": [pair for pair in enumerate(shown) if pair[1].clock],
        "others": [pair for pair in enumerate(shown) if not pair[1].clock],
        "total": len(shown),
        "empty": not found,
        **_chips(found),
    }
    if part == "rows":
        return page(request, "desk/tasks.html", context)
    context["pane"] = pane(request, shown[place], place, show) if shown else None
    if part == "pane":
        return page(request, "desk/pane.html", context)
    context |= {
        "panels": panels.homes_of(request.viewer, request.at),
        "menu": "home",
        "posts": request.viewer.posts,
        "week": week(request),
        "asked": asked.of(request.viewer, request.at),
        "leads": team.leads(request.viewer.person),
        "begin": todo.beginnings(request.viewer),
    }
    return page(request, "desk/home.html", context)


def _names() -> list[tuple[str, Any]]:
    return [(shade, label) for shade, label, _icon in SHADES]


def _chips(found: list[Task]) -> dict[str, Any]:
    """The filters above the rows, each with how many there are."""
    many = tasks.counts(found)
    return {"chips": [(shade, label, icon, many[shade]) for shade, label, icon in SHADES], "all": many["all"]}


def _place(request: Asking, shown: list[Task]) -> int:
    """Which row is at hand: the one the address names, else the one now standing in its place."""
    keys = [task.key for task in shown]
    if (key := request.GET.get("at", "")) in keys:
        return keys.index(key)
    said = request.GET.get("place", "")
    place = int(said) if said.isdecimal() and len(said) < 6 else 0
    return max(min(place, len(shown) - 1), 0)


def pane(request: Asking, task: Task, place: int, show: str) -> dict[str, Any]:
    """The task at hand: facts, clock, its first step with its form where that is short, the other steps."""
    screen = screen_of(type(task.document))
    back = f"from=workbench&place={place}&show={show}"
    steps = [(label, _with(path, back)) for label, path in task.steps]
    return {
        "task": task,
        "facts": html.facts(screen, task.document, request.viewer)[:6],
        "steps": steps,
        "form": _form(request, task, steps[0][1]) if steps else None,
    }


def _with(path: str, more: str) -> str:
    return f"{path}{'&' if '?' in path else '?'}{more}"


def _form(request: Asking, task: Task, address: str) -> dict[str, Any] | None:
    """The context of the first step's form, where it is an act on the document itself and asks little."""
    path = task.steps[0][1]
    action = Action.registry.get(f"{task.label}.{path.rstrip('/').rpartition('/')[2]}")
    if action is None or action.creates or not action.has_face or action.lines is not None:
        return None
    if len(action.form.base_fields) > FIELDS_AT_HAND or action.reasons(task.document):
        return None
    sheet = Sheet(request, action, task.document)
    return {**sheet.context(sheet.blank()), "form_action": address, "at_hand": True}


def week(request: Asking) -> tuple[int, int, timedelta | None] | None:
    """How many clocks the person ended since Monday, how many of them in time, and how long it took."""
    person = request.viewer.person
    return queries.kept_since([person], team.monday(request.at)).get(person.pk)


@require_safe
@face
def counts(request: Asking) -> JsonResponse:
    """What the numbers in the navigation and in the head are just now; every page asks again and again."""
    badges = {badge.path: badge.count for badge in panels.badges_of(request.viewer, request.at)}
    answer = JsonResponse({"counts": counting.waiting(request.viewer, request.at), "badges": badges})
    answer["Cache-Control"] = "private, no-store"
    return answer
