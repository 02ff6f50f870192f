"""The pages by which people act: the form, the form with its errors, and the post to the action."""

from __future__ import annotations

import hashlib
import uuid
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.shortcuts import render as page
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from desk import sheets, todo
from flow import binding, html, policy
from flow.actions import Action, Creation, Discard, creation_of
from flow.binding import Bound
from flow.events import By
from flow.faces import Asking, denial, document_for, face, screen_for
from flow.idempotency import Key
from flow.models import Document
from flow.refusals import Denied, Invalid, Misused, Refused, Stale
from flow.screens import screen_of

MORE_ROWS = 5


@require_http_methods(["GET", "HEAD", "POST"])
@face
def create(request: Asking, app: str, slug: str) -> HttpResponse:
    """The form of a new document, filled in from the query string and the parent document it names."""
    action = creation_of(screen_for(app, slug).model)
    if action is None:
        raise Http404(_("Documents of this kind are not made by hand."))
    if request.viewer.companies(action.may) == set():
        raise Denied(policy.sentence(action), action.may)
    sheet = Sheet(request, action, None)
    if request.method == "POST":
        return sheet.post()
    if (parent := sheet.parent()) and (reasons := action.reasons(parent)):
        return sheet.show(sheet.blank(), status=409, reasons=reasons, closed=True)
    return sheet.show(sheet.blank())


@require_http_methods(["GET", "HEAD", "POST"])
@face
def act(request: Asking, app: str, slug: str, identity: str, verb: str) -> HttpResponse:
    """The form of an action on a document, and doing it."""
    screen = screen_for(app, slug)
    found = document_for(request, screen, identity)
    action = Action.registry.get(f"{screen.model.label()}.{verb}")
    if action is None or not action.has_face or action.creates:
        raise Http404(_("There is no such step for this document."))
    sheet = Sheet(request, action, found)
    try:
        policy.check(action, found, request.viewer)
        if request.method == "POST":
            return sheet.post()
    except Denied as denied:
        return denial(request, denied, found.company)
    if reasons := action.reasons(found):
        return sheet.show(sheet.blank(), status=409, reasons=reasons, closed=True)
    return sheet.show(sheet.blank())


def _shown(source: Any, viewer: policy.Viewer) -> dict[str, Any]:
    """What the document says that is acted on, or the parent of a new one: nobody decides from memory."""
    if source is None:
        return {}
    screen = screen_of(type(source))
    return {
        "facts": html.facts(screen, source, viewer),
        "tables": html.line_tables(source, screen.lines, viewer),
        "source": source,
    }


class Sheet:
    """One action's form on its way: shown, posted, shown again with what was typed."""

    def __init__(self, request: Asking, action: Action, document: Any) -> None:
        self.request, self.action, self.document = request, action, document
        self.by = By(request.user, request.at)  # type: ignore[arg-type]

    def blank(self) -> Bound:
        """The form before anything was typed: as the document, its parent or the address says."""
        initial = dict(self._offered(self.action.form) or {})
        if self.document is None:
            names = self.action.form.base_fields
            initial |= {name: value for name, value in self.request.GET.items() if name in names}
        return self._unbound(initial, self._line_offers())

    def post(self) -> HttpResponse:
        """Do the action with what was posted; on any "no" show it again with everything typed."""
        post = self.request.POST
        if "more_rows" in post:
            return self.show(self._retyped(), extra=MORE_ROWS)
        fields, lines = binding.from_post(self.action, post, self.request.FILES)
        bound = binding.bind(
            self.action, **self._context(), fields=fields, files=self.request.FILES, lines=lines
        )
        if self.request.headers.get("X-Check"):
            return JsonResponse(sheets.found(bound))
        if not bound.ok:
            return self._unfit(bound)
        try:
            done = self._do(bound)
        except Invalid as invalid:
            bound.add(invalid)
            return self.show(bound, status=422)
        except Stale as stale:
            self.document = stale.document
            return self.show(bound, status=409, stale=True)
        except Refused as refused:
            return self.show(bound, status=409, reasons=refused.reasons)
        except Misused:
            sentence = _(
                "This form was sent before with other content. Look at the list before you send it again."
            )
            return self.show(bound, status=409, reasons=[sentence])
        return self._after(done)

    def show(
        self,
        bound: Bound,
        *,
        status: int = 200,
        reasons: list[Any] | None = None,
        stale: bool = False,
        closed: bool = False,
        extra: int | None = None,
    ) -> HttpResponse:
        """The page of the form; `reasons` and `stale` say why it was not done, `closed` hides the button."""
        context = self.context(bound, extra=extra)
        context |= {"reasons": reasons or [], "stale": stale, "closed": closed}
        if stale:
            context["once"] = uuid.uuid4().hex
        return page(self.request, "desk/act.html", context, status=status)

    def context(self, bound: Bound, *, extra: int | None = None) -> dict[str, Any]:
        """What the templates of a form need; `extra` blank rows stand at the foot of its grid."""
        sheets.dress(bound.form, self.action)
        if extra is None:
            extra = 0 if bound.line_forms else sheets.BLANK_ROWS
        source = self.document or self.parent()
        return {
            "action": self.action,
            "document": self.document,
            "model": self.action.model,
            "kind": self.action.model._meta.verbose_name,
            "title": self.action.model._meta.verbose_name_plural,
            "list_path": html.list_href(self.action.model),
            "back": html.href(source) if source else html.list_href(self.action.model),
            "form": bound.form,
            "decide": sheets.decide(bound.form),
            "siblings": self._siblings(),
            **_shown(source, self.request.viewer),
            "grid": sheets.grid(bound, self.action, self._context(), self._titles(), extra),
            "mistakes": sheets.mistakes(bound),
            "once": self.request.POST.get("once") or uuid.uuid4().hex,
            "final": isinstance(self.action, Discard),
            "menu": self.action.model.label(),
        }

    def _do(self, bound: Bound) -> Any:
        key = self._key()
        if self.document is None:
            return self.action(by=self.by, key=key, **bound.data)
        return self.action(self.document, by=self.by, version=self._version(), key=key, **bound.data)

    def _after(self, done: Any) -> HttpResponse:
        label = self.action.label
        if isinstance(self.action, Discard):
            messages.success(self.request, _("“{label}”: done.").format(label=label))
            return self._settled(redirect(html.list_href(self.action.model)))
        # What follows from the step may have moved the document further.
        done = type(done)._default_manager.select_related("company", "case").get(pk=done.pk)
        sentence = _("“{label}”: done. {document} is now “{state}”.")
        elsewhere = self._next(done)
        named = format_html('<a href="{}">{}</a>', html.href(done), done) if elsewhere else done
        state = done.get_state_display()
        messages.success(self.request, format_html(sentence, label=label, document=named, state=state))
        return self._settled(redirect(elsewhere or html.href(done)))

    def _siblings(self) -> list[tuple[Any, str]]:
        """The other steps that are due on the document, for who came to do what is due."""
        came = self.request.GET.get("from", "")
        if self.document is None or came not in ("workbench", "notice"):
            return []
        model = type(self.document)
        steps = todo.due_on(model, {self.document.pk: self.document.state}, self.request.viewer)
        query = self.request.GET.urlencode()
        return [
            (label, f"{path}?{query}")
            for label, path in steps.get(self.document.pk, [])
            if path.partition("?")[0] != self.request.path
        ]

    def _next(self, done: Any) -> str:
        """Back to where the next thing stands, for who came from the workbench or from a notice.

        What was just begun is at hand if its first step is the beginner's too.
        """
        asked = self.request.GET
        if asked.get("from") == "notice":
            return reverse("integration:notices")
        if asked.get("from") != "workbench":
            return ""
        kept = {name: asked[name] for name in ("place", "show") if asked.get(name)}
        if self.document is None:
            kept["at"] = f"{done.label()}:{done.pk}"
        return f"{reverse('desk:home')}?{urlencode(kept)}" if kept else reverse("desk:home")

    def _settled(self, answer: HttpResponse) -> HttpResponse:
        """Tell the browser which form was done: the draft that it keeps of it is no longer needed."""
        once = self.request.POST.get("once", "")
        if once.isalnum() and len(once) <= 64:
            answer.set_cookie("done", once, max_age=86_400, samesite="Lax", secure=self.request.is_secure())
        return answer

    def _unfit(self, bound: Bound) -> HttpResponse:
        """Wrong input; but where the document does not allow the step at all, that is what counts."""
        if isinstance(self.action, Creation):
            return self.show(bound, status=422)
        if self._version() not in (None, self.document.version):
            return self.show(bound, status=409, stale=True)
        reasons = self.action.reasons(self.document)
        return self.show(bound, status=409 if reasons else 422, reasons=reasons)

    def _version(self) -> int | None:
        """The version the sender saw; what is no number is no version of ours, and so stale."""
        said = self.request.POST.get("version")
        if not said:
            return None
        return int(said) if said.isdecimal() and len(said) < 10 else -1

    def _key(self) -> Key | None:
        """A form that is sent twice (a double click, a reload) has one effect."""
        once = self.request.POST.get("once", "")
        if not 0 < len(once) <= 64 or "\x00" in once:
            return None
        digest = hashlib.sha256(self.request.path.encode())
        for name, values in sorted(self.request.POST.lists()):
            if name not in ("csrfmiddlewaretoken", "once"):
                digest.update(repr((name, values)).encode())
        for name, file in sorted(self.request.FILES.items()):
            digest.update(repr((name, file.name, file.size)).encode())  # type: ignore[union-attr]
        return Key(f"page:{once}", digest.hexdigest())

    def _context(self) -> dict[str, Any]:
        return {"viewer": self.request.viewer, "document": self.document, "at": self.request.at}

    def _unbound(self, initial: dict[str, Any], lines: list[dict[str, Any]]) -> Bound:
        return binding.unbound(self.action, **self._context(), initial=initial, line_initial=lines)

    def _retyped(self) -> Bound:
        """What was typed so far, unjudged: somebody only asked for more rows."""
        post = self.request.POST
        typed: dict[str, Any] = {}
        for name, field in self.action.form.base_fields.items():
            many = isinstance(field, forms.MultipleChoiceField)
            typed[name] = post.getlist(name) if many else post.get(name, "")
        rows = binding.from_post(self.action, post, {})[1] or []
        return self._unbound(typed, rows)

    def parent(self) -> Document | None:
        """The document named in the address under which a new one is made, if it is there to be seen."""
        name = getattr(self.action, "parent", "")
        said = self.request.GET.get(name) if name else None
        if not said:
            return None
        try:
            return self.action.form(**self._context()).fields[name].clean(said)
        except (forms.ValidationError, KeyError):
            return None

    def _offered(self, form: Any) -> Any:
        """What a form class offers at first, by its optional classmethods: `offer(document)` for an action,
        `offer_from(parent)` for a creation."""
        source = self.document or self.parent()
        offers = getattr(form, "offer" if self.document else "offer_from", None)
        return offers(source) if offers and source is not None else None

    def _line_offers(self) -> list[dict[str, Any]]:
        return list(self._offered(self.action.lines) or [])

    def _titles(self) -> list[str]:
        """What stands at the head of the rows: the `title` that the line form gives with its first values."""
        rows = self._line_offers() if self.action.lines else []
        return [str(row.get("title", "")) for row in rows]
