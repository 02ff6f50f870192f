"""Exported lists read in again: cells that were changed are edited by the `edit` of each document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext_lazy as _

from desk.imports.documents import Reading, column_of, is_plain
from desk.imports.targets import CHANGED, SAME, WRONG, Column, Context, Line, Outcome, Problem, Target
from flow import binding, listing
from flow.actions import Action
from flow.forms import CompanyField
from flow.policy import Viewer


class EditTarget(Target):
    """Documents of a type, each row one; lines are left as they are."""

    def __init__(self, action: Action) -> None:
        self.action = action
        self.name, self.group = action.verb, "edit"

    @property
    def title(self) -> Any:
        """What the documents are called."""
        return self.action.model._meta.verbose_name_plural

    def allowed(self, viewer: Viewer) -> bool:
        """Whoever may edit such a document somewhere."""
        return viewer.companies(self.action.may) != set()

    def columns(self, viewer: Viewer) -> list[Column]:
        """Which document, in which version, and the fields of its form."""
        title, said = (
            _("Version"),
            _("As it was exported; who changed the document since keeps the last word."),
        )
        own = [
            Column("id", str(_("Id")), False, _("as it was exported; else the number is needed")),
            Column("number", str(_("Number"))),
            Column("version", str(title), True, said),
        ]
        fields = self.action.form(viewer=viewer).fields
        editable = [column_of(name, wanted) for name, wanted in fields.items() if _editable(wanted)]
        return own + [replace(column, required=False) for column in editable]

    def apply(self, units: Sequence[Sequence[Line]], context: Context) -> list[Outcome]:
        """Edit the documents whose cells were changed."""
        return [self._edit(unit[0], context) for unit in units]

    def undo(self, effects: Sequence[Any], context: Context) -> list[str]:
        """Edit the documents back to what they said, as long as nothing was done to them since."""
        return [self._undo(effect, context) for effect in effects]

    def _undo(self, effect: Any, context: Context) -> str:
        row = self.action.model._default_manager.filter(pk=effect.object_id).first()
        if row is None:
            return str(_("It is no longer there."))
        own = {"id": str(row.public_id), "version": str(effect.version)}
        outcome = self._edit(Line("", effect.row, {**own, **effect.before}), context)
        return " ".join(str(problem.reason) for problem in outcome.problems)

    def _edit(self, line: Line, context: Context) -> Outcome:
        document, problem = self._document(line, context)
        if problem:
            return Outcome(line.number, WRONG, problems=[problem])
        said = Line(line.sheet, line.number, {n: t for n, t in line.cells.items() if n not in _OWN})
        reading = Reading(self.action, [said], context, document)
        offered, lines = self._offered(document, context)
        changes = reading.fields
        reading.fields, reading.lines = offered | changes, lines
        if problems := reading.bind():
            return Outcome(line.number, WRONG, problems=[self._on(p, line) for p in problems])
        before = binding.bind(self.action, **reading.about, fields=offered, lines=lines)
        if before.form.is_valid() and before.form.cleaned_data == reading.bound.form.cleaned_data:
            return Outcome(line.number, SAME, document.pk, str(document)[:200])
        return self._do(document, line, reading, offered, context)

    def _do(
        self, document: Any, line: Line, reading: Reading, offered: dict[str, Any], context: Context
    ) -> Outcome:
        version = int(line.cells["version"])
        done, problems = reading.do(
            lambda data: self.action(document, by=context.by, version=version, **data)
        )
        if problems:
            return Outcome(line.number, WRONG, problems=[self._on(p, line) for p in problems])
        named = [name for name in line.cells if name in self.action.form.base_fields]
        before = {name: _worded(offered.get(name, "")) for name in named}
        after = {name: _worded(reading.fields.get(name, "")) for name in named}
        return Outcome(line.number, CHANGED, done.pk, str(done)[:200], done.version, before, after)

    def _document(self, line: Line, context: Context) -> tuple[Any, Problem | None]:
        """The document a row speaks of, or what is wrong with what it says."""
        word = line.cells.get("id") or line.cells.get("number", "")
        document = listing.find(self.action.model, word, context.viewer, bare=True)
        number = line.number
        if document is None:
            said = _("There is no such document, or you may not see it.")
            return None, Problem(number, said, "id" if "id" in line.cells else "number", word)
        if (first := context.seen.setdefault(document.pk, number)) != number:
            twice = _("The same document stands in row {number}.").format(number=first)
            return None, Problem(number, twice, "number", word)
        version = line.cells.get("version", "")
        if not version.isdecimal() or len(version) > 9:
            return None, Problem(
                number, _("The version is missing; export the list anew."), "version", version
            )
        return document, None

    def _offered(self, document: Any, context: Context) -> tuple[dict[str, Any], list[Any] | None]:
        """What the document says now, as its form would be sent without a change."""
        offer = getattr(self.action.form, "offer", None)
        rows = getattr(self.action.lines, "offer", None)
        unbound = binding.unbound(
            self.action,
            viewer=context.viewer,
            document=document,
            at=context.by.at,
            initial=offer(document) if offer else {},
            line_initial=list(rows(document)) if rows else [],
        )
        lines = [_sent(form) for form in unbound.line_forms] if self.action.lines else None
        return _sent(unbound.form), lines

    def _on(self, problem: Problem, line: Line) -> Problem:
        """A problem of the lines concerns the whole row: the sheet has no cells for them."""
        known = problem.column in line.cells or not problem.column.startswith("lines.")
        return problem if known else Problem(line.number, problem.reason)


_OWN = ("id", "number", "version")


def _editable(wanted: Any) -> bool:
    return is_plain(wanted) and not isinstance(wanted, CompanyField)


def _sent(form: Any) -> dict[str, Any]:
    """What a form that nobody touched sends."""
    found: dict[str, Any] = {}
    for name, wanted in form.fields.items():
        value = wanted.prepare_value(form[name].value()) if is_plain(wanted) else None
        if value in (None, ""):
            continue
        if isinstance(value, list | tuple):
            found[name] = [str(one) for one in value]
        else:
            found[name] = str(value).lower() if isinstance(value, bool) else str(value)
    return found


def _worded(said: Any) -> str:
    """What a field said, as a cell says it."""
    return "、".join(said) if isinstance(said, list) else str(said)


def declared() -> list[Target]:
    """A target for each `edit`; asked for once all are declared."""
    actions = [action for action in Action.registry.values() if action.name == "edit" and action.has_face]
    return [EditTarget(action) for action in actions]
