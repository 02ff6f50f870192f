"""The filters of a list as they stand: chips that say what narrows it, and the form that changes them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import Http404, JsonResponse, QueryDict
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from flow import html, listing, narrowing, picking, policy, render
from flow.faces import Asking, face, screen_for
from flow.forms import ReferenceField
from flow.narrowing import FROM, ME, PERIODS, TO
from flow.policy import Viewer
from flow.screens import Screen
from org.models import Company, Person

# More choices than this do not stand beside each other.
FEW = 6


def known(screen: Screen) -> set[str]:
    """Every name that may stand in the address of a list to narrow it."""
    names = narrowing.names(screen)
    ranges = [name for name in names if narrowing.is_range(screen.model, name)]
    ends = (f"{name}{end}" for name in ranges for end in (FROM, TO))
    return {"q", narrowing.CASE, *names, *ends, *(one.name for one in narrowing.conditions())}


def only(screen: Screen, said: QueryDict, *further: str) -> QueryDict:
    """What narrows the list in an address (and the `further` names), without what is empty."""
    wanted, found = {*known(screen), *further}, QueryDict(mutable=True)
    for name in said:
        values = list(dict.fromkeys(value for value in said.getlist(name) if value != ""))
        if name in wanted and values:
            found.setlist(name, values)
    return found


# ---- chips ----


@dataclass(frozen=True)
class Chip:
    """One condition in words, and the names in the address that take it away."""

    title: Any
    text: str
    names: tuple[str, ...]


def chips(screen: Screen, viewer: Viewer, asked: QueryDict) -> list[Chip]:
    """The conditions in force, but for the search words."""
    found = []
    if asked.get(narrowing.CASE):
        found.append(Chip(_("case"), _("one case alone"), (narrowing.CASE,)))
    for one in narrowing.conditions():
        if said := asked.getlist(one.name):
            labels = {code: str(label) for code, label in one.choices}
            found.append(Chip(one.label, "、".join(labels.get(code, "—") for code in said), (one.name,)))
    for name in narrowing.open_to(screen, viewer):
        ends = (f"{name}{FROM}", f"{name}{TO}")
        title = render.heading(screen.model, name)
        if said := asked.getlist(name):
            found.append(Chip(title, _values(screen, name, said, viewer), (name,)))
        if any(asked.get(end) for end in ends):
            low, high = (_value(screen, name, asked.get(end, ""), viewer) for end in ends)
            found.append(Chip(title, _range(low, high), ends))
    return found


def _range(low: str, high: str) -> str:
    if low and high:
        return _("{low} to {high}").format(low=low, high=high)
    return _("from {low}").format(low=low) if low else _("up to {high}").format(high=high)


def _values(screen: Screen, name: str, said: Iterable[str], viewer: Viewer) -> str:
    return "、".join(_value(screen, name, word, viewer) for word in said)


def _value(screen: Screen, name: str, word: str, viewer: Viewer) -> str:
    """A value of a filter in words; a dash for what the reader may not see or what is none."""
    if word == "":
        return ""
    if narrowing.is_day(screen.model, name):
        return str(PERIODS[word][0]) if word in PERIODS else word[:16].replace("T", " ")
    wanted = narrowing.filter_field(screen.model, name, viewer)
    if isinstance(wanted, forms.BooleanField):
        return _("yes") if word == "true" else _("no")
    if isinstance(wanted, forms.ChoiceField):
        return str(dict(wanted.choices).get(word, render.NOTHING))  # type: ignore[arg-type]
    if word == ME and getattr(wanted, "model", None) is Person:
        return _("me")
    try:
        found = wanted.clean(word)
    except ValidationError:
        return render.NOTHING
    return str(found) if isinstance(wanted, ReferenceField) else word


# ---- the form ----


@dataclass(frozen=True)
class Control:
    """A filter of the form: `kind` is choice (several of `options`), range, day (a range with periods), pick
    (an entry found at the address `pick`) or word. Options are (value, label, whether it is chosen)."""

    name: str
    title: Any
    kind: str
    value: str = ""
    low: str = ""
    high: str = ""
    options: list[tuple[str, Any, bool]] = field(default_factory=list)
    pick: str = ""
    wrong: list[Any] = field(default_factory=list)

    @property
    def wide(self) -> bool:
        """Whether its choices need a line of their own."""
        return self.kind == "choice" and len(self.options) > FEW


def controls(
    screen: Screen, viewer: Viewer, asked: QueryDict, wrong: Mapping[str, Sequence[Any]]
) -> list[Control]:
    """The filters of the list as they stand, each with what is wrong with it."""
    found = []
    for one in narrowing.conditions():
        options, mistakes = _ticked(one.choices, asked.getlist(one.name)), list(wrong.get(one.name, ()))
        found.append(Control(one.name, one.label, "choice", options=options, wrong=mistakes))
    for name, wanted in listing.filters(screen, viewer).items():
        said = (name, f"{name}{FROM}", f"{name}{TO}")
        mistakes = [sentence for one in said for sentence in wrong.get(one, ())]
        if (control := _control(screen, name, wanted, viewer, asked, mistakes)) is not None:
            found.append(control)
    return found


def _control(
    screen: Screen, name: str, wanted: forms.Field, viewer: Viewer, asked: QueryDict, wrong: list[Any]
) -> Control | None:
    said, title = asked.getlist(name), wanted.label
    ends = {"low": asked.get(f"{name}{FROM}", ""), "high": asked.get(f"{name}{TO}", "")}
    if narrowing.is_day(screen.model, name):
        periods = [(code, label) for code, (label, _span) in PERIODS.items()]
        value = next((word for word in said if word not in PERIODS), "")
        ends = {"low": ends["low"] or value, "high": ends["high"] or value}
        return Control(
            name,
            title,
            "day",
            low=ends["low"],
            high=ends["high"],
            options=_ticked(periods, said),
            wrong=wrong,
        )
    if narrowing.is_range(screen.model, name):
        return Control(name, title, "range", low=ends["low"], high=ends["high"], wrong=wrong)
    if isinstance(wanted, forms.BooleanField):
        pairs = [("true", _("yes")), ("false", _("no"))]
        return Control(name, title, "choice", options=_ticked(pairs, said), wrong=wrong)
    if isinstance(wanted, forms.ChoiceField):
        pairs = [pair for pair in wanted.widget.choices if pair[0] != ""]
        return Control(name, title, "choice", options=_ticked(pairs, said), wrong=wrong)
    if getattr(wanted, "model", None) is Company:
        companies = list(html.company_options(viewer, policy.readers(screen.model)))
        options = _ticked(companies, said)
        return Control(name, title, "choice", options=options, wrong=wrong) if len(companies) > 1 else None
    if isinstance(wanted, ReferenceField):
        pick = f"{html.list_href(screen.model)}choices/{name}/"
        return Control(name, title, "pick", value="".join(said[-1:]), pick=pick, wrong=wrong)
    return Control(name, title, "word", value="".join(said[-1:]), wrong=wrong)


def _ticked(pairs: Iterable[Any], said: Sequence[str]) -> list[tuple[str, Any, bool]]:
    return [(str(code), label, str(code) in said) for code, label in pairs]


@require_safe
@face
def choices(request: Asking, app: str, slug: str, name: str) -> JsonResponse:
    """The entries by which a list may be narrowed whose code or name contains what was typed."""
    screen = screen_for(app, slug)
    wanted = listing.filters(screen, request.viewer).get(name)
    seen = request.viewer.companies(policy.readers(screen.model))
    if not isinstance(wanted, ReferenceField) or seen == set():
        raise Http404
    typed = request.GET.get("q", "")
    found = picking.offered(wanted, typed)
    if wanted.model is Person and not typed:
        found.insert(0, {"value": ME, "label": _("me")})
    answer = JsonResponse({"results": found})
    answer["Cache-Control"] = "private, no-store"
    return answer


def hidden(asked: Mapping[str, Any], *without: str) -> Iterator[tuple[str, str]]:
    """What a form carries along of an address, but for the names that it has itself."""
    for name in asked:
        values = asked.getlist(name) if isinstance(asked, QueryDict) else [asked[name]]
        yield from ((name, value) for value in values if name not in without)
