"""One step on many documents: those picked in a list, or all that its filter finds; refusals are told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import redirect
from django.shortcuts import render as page
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from desk import bundles, exports, sheets, waiting
from flow import binding, html, listing, policy
from flow.actions import Action, Discard, actions_of
from flow.binding import Bound
from flow.events import By
from flow.faces import Asking, face
from flow.policy import Viewer
from flow.refusals import Denied, Invalid, Misused, Refused
from flow.retry import Busy
from flow.screens import Screen
from integration import jobs
from integration.run import Run

MOST = 5_000
# So many of the chosen documents are looked at before anything is done, to say which will be left out.
LOOKED_AT = 200
CHUNK = 200
EXPORT, PRINT = "export", "print"


def verbs(screen: Screen, viewer: Viewer) -> list[Action]:
    """The steps that this person may take on several documents at once, in the order of their declaration."""
    return [action for action in actions_of(screen.model) if fits(action, viewer)]


def fits(action: Action, viewer: Viewer) -> bool:
    """Whether a step can be taken on many documents with one and the same input, somewhere by this person.

    Not where it asks for lines or needs a file, or begins with what each document says.
    """
    if not action.has_face or action.creates or action.lines or hasattr(action.form, "offer"):
        return False
    if any(field.required for field in action.form.base_fields.values() if _is_file(field)):
        return False
    return viewer.companies(action.may) != set()


@require_POST
@face
def act(request: Asking) -> HttpResponse:
    """Take the step `verb` on the documents `ids` of the type `label`, or with `all` on those of `query`.

    Without `sure` it first asks, with the common form of the step. `export` and `print` are steps too.
    """
    post = request.POST
    screen = Screen.registry.get(post.get("label", ""))
    if screen is None:
        raise Http404(_("There is no such kind of document."))
    verb, query = post.get("verb", ""), _query(request)
    ids = None if "all" in post else _picked(post)
    back = f"{html.list_href(screen.model)}?{query}"
    if ids == []:
        messages.error(request, _("Pick at least one row first."))
        return HttpResponseRedirect(back)
    if verb == EXPORT:
        wanted = [name for name in post.get("columns", "").split(",") if name]
        return exports.begin(request, screen, post.get("format", "xlsx"), query, wanted, _words(ids))
    if verb == PRINT:
        return _print(request, screen, query, ids)
    action = Action.registry.get(f"{screen.model.label()}.{verb}")
    if action is None or not fits(action, request.viewer):
        raise Denied(_("This step cannot be taken on several documents by you."))
    return _Step(request, screen, action, query, ids, back).answer()


class _Step:
    """A step on several documents on its way: asked for, confirmed, begun."""

    def __init__(
        self, request: Asking, screen: Screen, action: Action, query: str, ids: list[UUID] | None, back: str
    ) -> None:
        self.request, self.screen, self.action = request, screen, action
        self.query, self.ids, self.back = query, ids, back

    def answer(self) -> HttpResponse:
        """The question; once it is answered, the job."""
        try:
            keys = keys_of(self.screen, self.request.viewer, self.query, self.ids)
        except Invalid as invalid:
            messages.error(self.request, exports.sentence_of(invalid))
            return HttpResponseRedirect(html.list_href(self.screen.model))
        if len(keys) > MOST:
            sentence = _("At most {most} documents at once; narrow the filter.").format(most=f"{MOST:,}")
            messages.error(self.request, sentence)
            return HttpResponseRedirect(self.back)
        looked = list(_documents(self.screen, self.request.viewer, keys[:LOOKED_AT]))
        if not looked:
            messages.error(self.request, _("None of these documents is there to be seen by you."))
            return HttpResponseRedirect(self.back)
        bound = self._bound(looked[0])
        if "sure" not in self.request.POST or not bound.ok:
            return self._ask(keys, looked, bound)
        return self._begin(keys)

    def _bound(self, first: Any) -> Bound:
        """The form as it was filled in, judged on the first of the documents."""
        context: dict[str, Any] = {"viewer": self.request.viewer, "document": first, "at": self.request.at}
        if "sure" not in self.request.POST:
            return binding.unbound(self.action, **context)
        return binding.bind(self.action, **context, fields=self.request.POST)

    def _ask(self, keys: Sequence[int], looked: list[Any], bound: Bound) -> HttpResponse:
        for name in [name for name, wanted in bound.form.fields.items() if _is_file(wanted)]:
            del bound.form.fields[name]
        sheets.dress(bound.form, self.action)
        barred = [
            (one, reasons) for one in looked if (reasons := against(self.action, one, self.request.viewer))
        ]
        context = {
            "action": self.action,
            "form": bound.form,
            "mistakes": sheets.mistakes(bound),
            "count": len(keys),
            "barred": barred,
            "able": len(looked) - len(barred),
            "further": len(keys) - len(looked),
            "keep": self._kept(),
            "back": self.back,
            "final": isinstance(self.action, Discard),
            "title": self.screen.model._meta.verbose_name_plural,
            "menu": self.screen.model.label(),
        }
        status = 422 if "sure" in self.request.POST else 200
        return page(self.request, "desk/bulk.html", context, status=status)

    def _kept(self) -> list[tuple[str, str]]:
        """What the form carries along beside its own fields."""
        kept = [("label", self.screen.model.label()), ("verb", self.action.name), ("query", self.query)]
        return [*kept, *([("all", "1")] if self.ids is None else [("ids", str(one)) for one in self.ids])]

    def _begin(self, keys: list[int]) -> HttpResponse:
        post = self.request.POST
        fields = {name: post.getlist(name) for name in self.action.form.base_fields if name in post}
        params = {
            "label": self.screen.model.label(),
            "verb": self.action.verb,
            "keys": keys,
            "fields": fields,
        }
        kind = self.screen.model._meta.verbose_name_plural
        title = _("{label}: {count} {kind}").format(label=self.action.label, count=len(keys), kind=kind)
        by = By(self.request.viewer.person, self.request.at)
        job = jobs.start("desk.bulk", by=by, title=title, params=params, total=len(keys))
        job = waiting.wait(job, at=self.request.at)
        if job.state != job.State.DONE or job.refused:
            return redirect("desk:job", public_id=job.public_id)
        messages.success(self.request, f"{title}: {job.message}")
        return HttpResponseRedirect(self.back)


def keys_of(screen: Screen, viewer: Viewer, query: str, ids: list[UUID] | None) -> list[int]:
    """The keys of the chosen documents that the person sees, at most one more than may be chosen.

    The filter is asked again, so that nothing is done to what a page no longer shows. Raises Invalid.
    """
    if ids is None:
        rows = listing.matching(screen, viewer, QueryDict(query))
    else:
        rows = policy.visible_to(screen.model, viewer).filter(public_id__in=ids)
    return list(rows.order_by("pk").values_list("pk", flat=True).distinct()[: MOST + 1])


def against(action: Action, document: Any, viewer: Viewer) -> list[Any]:
    """Every sentence that speaks against taking the step on this document now; empty: it will be done."""
    try:
        policy.check(action, document, viewer)
    except Denied as denied:
        return [str(denied)]
    return action.reasons(document)


def _documents(screen: Screen, viewer: Viewer, keys: Sequence[int]) -> Iterator[Any]:
    rows = policy.visible_to(screen.model, viewer).filter(pk__in=keys)
    return iter(rows.select_related("company", "case").order_by("pk"))


def _is_file(wanted: forms.Field) -> bool:
    return isinstance(wanted, forms.FileField)


def _picked(post: QueryDict) -> list[UUID]:
    """The public ids of the rows picked, each once; what is none is left out."""
    found: dict[UUID, None] = {}
    for word in ",".join(post.getlist("ids")).split(","):
        try:
            found[UUID(word.strip())] = None
        except ValueError:
            continue
    return list(islice(found, MOST + 1))


def _words(ids: list[UUID] | None) -> list[str] | None:
    return None if ids is None else [str(one) for one in ids]


def _query(request: Asking) -> str:
    """The filter of the list from which the step was asked for: in `query`, else in the address."""
    said = request.POST.get("query")
    return exports.narrowed(request.GET if said is None else QueryDict(said[:4000])).urlencode()


def _print(request: Asking, screen: Screen, query: str, ids: list[UUID] | None) -> HttpResponse:
    """The page on which the forms of the chosen documents are printed."""
    if ids is None:
        keys = keys_of(screen, request.viewer, query, None)[: bundles.MOST]
        rows = screen.model._default_manager.filter(pk__in=keys).order_by("pk")
        ids = list(rows.values_list("public_id", flat=True))
    return bundles.offer(request, bundles.documents(screen, ids, request.viewer))


# ---- the job ----


@jobs.kind("desk.bulk", _("Step on several documents"))
def work(run: Run) -> str:
    """Take the step on each document in a transaction of its own; what is refused is noted and left."""
    action = Action.registry[run.params["verb"]]
    keys: list[int] = run.params["keys"]
    fields = QueryDict(mutable=True)
    for name, values in run.params["fields"].items():
        fields.setlist(name, values)
    run.progress(0, len(keys))
    for start in range(0, len(keys), CHUNK):
        chunk = keys[start : start + CHUNK]
        viewer, known = run.viewer, run.known(chunk)
        there = {one.pk: one for one in _documents(Screen.registry[action.model.label()], viewer, chunk)}
        for number, key in enumerate(chunk, start=start + 1):
            if str(key) not in known:
                _one(run, action, number, key, there.get(key), fields, viewer)
            run.progress(number)
    return str(_("{done} done, {left} left out.").format(done=len(keys) - run.refused, left=run.refused))


def _one(
    run: Run, action: Action, number: int, key: int, document: Any, fields: QueryDict, viewer: Viewer
) -> None:
    """Take the step on one document, or note why not."""
    if document is None:
        run.fail_row(number, _("There is no such document, or you may not see it."))
        return
    try:
        bound = binding.bind(action, viewer=viewer, document=document, at=run.at, fields=fields)
        if not bound.ok:
            raise Invalid(bound.form.errors)
        action(document, by=run.by, key=run.key(key), **bound.data)
    except (Refused, Denied, Invalid, Misused, Busy) as refusal:
        run.fail_row(number, reason_of(refusal), what=str(document), href=html.href(document))


def reason_of(refusal: Exception) -> str:
    """Why something was not done, in a row of sentences."""
    if isinstance(refusal, Refused):
        return " ".join(str(reason) for reason in refusal.reasons)
    if isinstance(refusal, Invalid):
        said = [*refusal.errors.values(), *(s for cells in refusal.lines.values() for s in cells.values())]
        return " ".join(str(sentence) for sentences in said for sentence in sentences)
    if isinstance(refusal, Busy):
        return str(_("Somebody else was at work on the same order; try it again."))
    return str(refusal)
