"""New documents from sheets: each is made by its own creation, with the errors of its own form."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import count
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS
from django.db import DataError, IntegrityError
from django.utils.translation import gettext_lazy as _

from desk import bulk
from desk.imports import cells
from desk.imports.cells import Unfit
from desk.imports.targets import MADE, WRONG, Column, Context, Line, Outcome, Problem, Target
from flow import binding
from flow.actions import Action, Creation, Discard, actions_of
from flow.binding import Bound
from flow.policy import Viewer
from flow.refusals import Denied, Invalid, Refused

GROUP, LINE = "group", "lines."


class CreationTarget(Target):
    """New documents of a type; rows with the same word in the column `group` are the lines of one."""

    def __init__(self, creation: Creation) -> None:
        self.creation = creation
        self.name, self.group = creation.verb, "new"

    @property
    def title(self) -> Any:
        """What the documents are called."""
        return self.creation.model._meta.verbose_name_plural

    def allowed(self, viewer: Viewer) -> bool:
        """Whoever may make such a document somewhere."""
        return viewer.companies(self.creation.may) != set()

    def columns(self, viewer: Viewer) -> list[Column]:
        """The fields of the form, then those of its lines."""
        form = self.creation.form(viewer=viewer)
        found = [column_of(name, wanted) for name, wanted in form.fields.items() if is_plain(wanted)]
        if self.creation.lines is None:
            return found
        title, hint = _("Group of lines"), _("Rows with the same word here are the lines of one document.")
        grouped = Column(GROUP, str(title), False, hint, "1")
        lines = self.creation.lines(viewer=viewer).fields
        inner = [column_of(name, wanted, LINE) for name, wanted in lines.items() if is_plain(wanted)]
        return [grouped, *found, *inner]

    def units(self, lines: Sequence[Line]) -> list[list[Line]]:
        """The rows of each document, in the order of its first; without a group a row stands for itself."""
        alone = count()
        found: dict[Any, list[Line]] = {}
        for line in lines:
            word = line.cells.get(GROUP) if self.creation.lines else None
            found.setdefault(word or next(alone), []).append(line)
        return list(found.values())

    def apply(self, units: Sequence[Sequence[Line]], context: Context) -> list[Outcome]:
        """Make the documents, each by its own creation."""
        return [self._make(unit, context) for unit in units]

    def undo(self, effects: Sequence[Any], context: Context) -> list[str]:
        """Throw the documents away or cancel them, as long as nothing was done to them since."""
        return [self._undo(effect, context) for effect in effects]

    def _undo(self, effect: Any, context: Context) -> str:
        model = self.creation.model
        row = model._default_manager.filter(pk=effect.object_id).first()
        if row is None:
            return ""
        if row.version != effect.version:
            return str(_("Something was done to it since."))
        ways = [action for action in actions_of(model) if _takes_back(action) and action.fits(row)]
        if not ways:
            return str(_("There is no way to take back such a document."))
        reason: dict[str, Any] = (
            {"reason": str(_("Import undone"))} if "reason" in ways[0].form.base_fields else {}
        )
        try:
            ways[0](row, by=context.by, **reason)
        except (Refused, Denied, Invalid) as refusal:
            return bulk.reason_of(refusal)
        return ""

    def _make(self, unit: Sequence[Line], context: Context) -> Outcome:
        first = unit[0]
        sheet = Reading(self.creation, unit, context)
        problems = [*_torn(unit), *sheet.bind()]
        if problems:
            return Outcome(first.number, WRONG, problems=problems)
        made, problems = sheet.do(lambda data: self.creation(by=context.by, **data))
        if problems:
            return Outcome(first.number, WRONG, problems=problems)
        made = type(made)._default_manager.get(pk=made.pk)
        return Outcome(first.number, MADE, made.pk, str(made)[:200], made.version)


class Reading:
    """The rows of one document as the input of an action: the header from the first, a line from each."""

    bound: Bound

    def __init__(self, action: Action, unit: Sequence[Line], context: Context, document: Any = None) -> None:
        self.action, self.unit, self.context = action, unit, context
        self.about = {"viewer": context.viewer, "document": document, "at": context.by.at}
        self.problems: list[Problem] = []
        first = unit[0]
        self.fields = self._read(action.form, first, "")
        self.lines = [self._read(action.lines, line, LINE) for line in unit] if action.lines else None

    def bind(self) -> list[Problem]:
        """Fill in the forms; what is wrong with them, and with cells that could not be read at all."""
        self.bound = binding.bind(self.action, **self.about, fields=self.fields, lines=self.lines)
        told = {(problem.number, problem.column) for problem in self.problems}
        others = (p for p in self.errors() if (p.number, p.column) not in told)
        return [*self.problems, *others]

    def do(self, act: Callable[[dict[str, Any]], Any]) -> tuple[Any, list[Problem]]:
        """Act with what was bound; the document, or what speaks against it."""
        try:
            return act(self.bound.data), []
        except Invalid as invalid:
            self.bound.add(invalid)
            return None, list(self.errors())
        except (Refused, Denied) as refusal:
            return None, [Problem(self.unit[0].number, bulk.reason_of(refusal))]
        except (IntegrityError, DataError):
            said = _("It does not go together with what is there already.")
            return None, [Problem(self.unit[0].number, said)]

    def errors(self) -> Iterator[Problem]:
        """Everything the forms say, on the row and column it speaks of."""
        found = dict(self.bound.errors)
        for index, said in found.pop(binding.PREFIX, {}).items():
            line = self.unit[int(index)] if str(index).isdecimal() else self.unit[0]
            sentences = said.items() if isinstance(said, dict) else [(NON_FIELD_ERRORS, said)]
            for name, reasons in sentences:
                yield _problem(line, name, reasons, LINE)
        for name, reasons in found.items():
            yield _problem(self.unit[0], name, reasons, "")

    def _read(self, form: Any, line: Line, prefix: str) -> dict[str, Any]:
        """The cells of a row as the form takes them; what cannot be read is noted."""
        found = {}
        for name, wanted in form(**self.about).fields.items():
            text = line.cells.get(prefix + name)
            if text is None or not is_plain(wanted):
                continue
            try:
                found[name] = cells.spoken(wanted, text) if text else ""
            except Unfit as unfit:
                reason = " ".join(unfit.messages)
                self.problems.append(Problem(line.number, reason, prefix + name, text, unfit.hint))
        return found


def is_plain(wanted: forms.Field) -> bool:
    """Whether a cell can hold what the field asks for."""
    return not isinstance(wanted, forms.FileField)


def column_of(name: str, wanted: forms.Field, prefix: str = "") -> Column:
    """The column of a form field."""
    title = str(wanted.label or name.replace("_", " ")).capitalize()
    if prefix:
        title = str(_("Line: {title}")).format(title=title)
    return Column(prefix + name, title, wanted.required, cells.hint_of(wanted))


def _torn(unit: Sequence[Line]) -> list[Problem]:
    """The rows of a group whose header says something else than its first row."""
    first = unit[0]
    return [
        Problem(line.number, _("The first row of the group says something else here."), name, text)
        for line in unit[1:]
        for name, text in line.cells.items()
        if not name.startswith(LINE) and text != first.cells.get(name)
    ]


def _problem(line: Line, name: str, reasons: Any, prefix: str) -> Problem:
    text = " ".join(str(reason) for reason in (reasons if isinstance(reasons, list) else [reasons]))
    if name == NON_FIELD_ERRORS:
        return Problem(line.number, text)
    return Problem(line.number, text, prefix + name, line.cells.get(prefix + name, ""))


def _takes_back(action: Action) -> bool:
    """Whether a step throws a document away, or cancels it for no more than a reason."""
    if isinstance(action, Discard):
        return True
    return action.name == "cancel" and {*action.form.base_fields} <= {"reason"} and action.lines is None


def _importable(creation: Action) -> bool:
    return creation.has_face and not any(
        wanted.required for wanted in creation.form.base_fields.values() if not is_plain(wanted)
    )


def declared() -> list[Target]:
    """A target for each creation that a sheet can feed; asked for once all are declared."""
    creations = [action for action in Action.registry.values() if isinstance(action, Creation)]
    return [CreationTarget(action) for action in creations if _importable(action)]
