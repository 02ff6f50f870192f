"""The rules behind the steps: why a form asks what it asks, and the page on which all rules stand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render as page
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from deadlines import wording
from deadlines.models import Duty
from deadlines.rules import Rule
from flow import html, policy, rulebook
from flow.actions import Action
from flow.faces import Asking, face
from flow.policy import Viewer
from flow.rulebook import Text

LONGEST = 60
# What a step may do to a clock, the weightiest first: by the part of the rule that names it.
DOES = (
    ("stop", gettext_lazy("This stops the clock")),
    ("restart", gettext_lazy("This computes the clock anew")),
    ("start", gettext_lazy("This starts the clock")),
    ("pause", gettext_lazy("This halts the clock")),
    ("resume", gettext_lazy("This lets the clock run on")),
    ("cancel", gettext_lazy("This ends the clock without a result")),
)


@dataclass(frozen=True)
class Meant:
    """Why a step asks what it asks: its rules, and what it does to which clocks."""

    rules: tuple[Text, ...]
    clocks: list[tuple[Any, list[Rule]]]


@dataclass(frozen=True)
class Step:
    """A step behind which a rule stands: its name, its document, and their list where one may see it."""

    label: Any
    kind: Any
    href: str


@dataclass(frozen=True)
class Entry:
    """A rule on the page of rules: the steps and the clocks by which it is kept."""

    text: Text
    steps: list[Step]
    clocks: list[Rule]

    def fits(self, words: Iterable[str]) -> bool:
        """Whether all words (in small letters) stand somewhere in it."""
        steps = (f"{step.label} {step.kind}" for step in self.steps)
        clocks = (f"{clock.code} {clock.sentence}" for clock in self.clocks)
        said = " ".join((self.text.code, str(self.text.sentence), *steps, *clocks)).lower()
        return all(word in said for word in words)


@dataclass(frozen=True)
class Chapter:
    """The rules that one department says."""

    app: str
    title: Any
    entries: list[Entry]


def meant(action: Action, document: Any) -> Meant:
    """The rules and clocks behind a step; of a periodic duty those of this duty alone. No query."""
    texts = rulebook.behind(action.rules)
    clocks = Rule.by_verb.get(action.verb, [])
    if isinstance(document, Duty):
        texts = tuple(text for text in texts if document.code in (text.code, *text.clocks)) or texts
        clocks = [rule for rule in clocks if rule.slug == document.rule]
    return Meant(texts, _done_to(clocks, action.verb))


def _done_to(clocks: list[Rule], verb: str) -> list[tuple[Any, list[Rule]]]:
    """What the verb does to these clocks, each named once."""
    found: dict[Any, list[Rule]] = defaultdict(list)
    for rule in clocks:
        for part, words in DOES:
            if any(trigger.verb == verb for trigger in getattr(rule, part)):
                found[words].append(rule)
                break
    return [(words, found[words]) for _part, words in DOES if found[words]]


@require_safe
@face
def rules(request: Asking) -> HttpResponse:
    """All rules by department, or those in which the words of `q` stand."""
    query = " ".join(request.GET.get("q", "").split())[:LONGEST]
    chapters = _chapters(request.viewer, query.lower().split())
    found = sum(len(chapter.entries) for chapter in chapters)
    context = {"chapters": chapters, "query": query, "found": found, "menu": "rules"}
    return page(request, "desk/rules.html", context)


@require_safe
@face
def rule(request: Asking, code: str) -> HttpResponse:
    """The place of one rule, or of a clock, on the page of rules."""
    if not rulebook.sentence_of(code) and not any(one.code == code for one in Rule.registry.values()):
        raise Http404(_("There is no such rule."))
    return HttpResponseRedirect(f"{reverse('desk:rules')}#{code}")


def _chapters(viewer: Viewer, words: list[str]) -> list[Chapter]:
    """The departments in the order of the flow, each with its rules that fit the words."""
    steps = _steps(viewer)
    found: dict[str, list[Entry]] = defaultdict(list)
    for text in rulebook.texts():
        entry = Entry(text, steps[text.code], _clocks(text))
        if entry.fits(words):
            found[text.app].append(entry)
    order = {config.label: place for place, config in enumerate(apps.get_app_configs())}
    named = sorted(found, key=lambda app: -order[app])
    return [Chapter(app, _title(app), found[app]) for app in named]


def _title(app: str) -> Any:
    """What the kernel says holds for all."""
    return _("Common to all departments") if app == "flow" else apps.get_app_config(app).verbose_name


def _steps(viewer: Viewer) -> dict[str, list[Step]]:
    """By rule: the steps that people take and that name it."""
    found: dict[str, list[Step]] = defaultdict(list)
    for action in Action.registry.values():
        if not action.has_face:
            continue
        model: Any = action.model
        seen = viewer.companies(policy.readers(model)) != set()
        step = Step(action.label, model._meta.verbose_name, html.list_href(model) if seen else "")
        for code in rulebook.codes(action.rules):
            found[code].append(step)
    return found


def _clocks(text: Text) -> list[Rule]:
    """The timed rules that keep a rule."""
    return [rule for rule in Rule.registry.values() if rule.code in (text.code, *text.clocks)]


def terms(rule: Rule) -> list[str]:
    """How a clock runs as the house ships it: its limit, on which time, who is told when it is late."""
    said = wording.said(rule.terms)
    owner = wording.posts(rule.roles) if rule.roles else _("whoever has the document in hand")
    parts = [
        _("limit {limit}").format(limit=said["amount"]),
        said["clock"],
        _("warned {lead}").format(lead=said["warn_amount"]) if rule.terms.warn else "",
        _("owner {owner}").format(owner=owner),
        _("then told {chain}").format(chain=said["chain"]) if rule.terms.chain else "",
    ]
    return [part for part in parts if part]
