"""Master data from sheets: items, customers, suppliers, prices, bills; for administrators only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from catalog import imports
from catalog.imports import Done, Entry, Master
from catalog.masters import MASTERS
from desk.imports import cells
from desk.imports.cells import Unfit
from desk.imports.targets import CHANGED, MADE, SAME, WRONG, Column, Context, Line, Outcome, Problem, Target
from flow.authority import is_administrator
from flow.policy import Viewer
from org.history import acting


class MasterTarget(Target):
    """Rows of one kind of master data; known ones are changed, others made."""

    chunk = 500
    whole = 10_000

    def __init__(self, master: Master) -> None:
        self.master = master
        self.name, self.title, self.group = master.name, master.title, "master"

    def allowed(self, viewer: Viewer) -> bool:
        """Administrators alone."""
        return is_administrator(viewer.person)

    def columns(self, viewer: Viewer) -> list[Column]:
        """The fields of the model, those of its key first."""
        needed = self.master.required()
        return [self._column(name, name in needed) for name in self.master.columns]

    def _column(self, name: str, required: bool) -> Column:
        stored = self.master.field_of(name)
        wanted = self.master.input_of(name)
        if wanted is None:
            kind = stored.related_model._meta.verbose_name
            hint: Any = _("the code or name of: {kind}").format(kind=kind)
        else:
            hint = cells.hint_of(wanted)
        title = str(stored.verbose_name).capitalize()
        return Column(name, title, required, hint, self.master.example.get(name, ""))

    def apply(self, units: Sequence[Sequence[Line]], context: Context) -> list[Outcome]:
        """Write a chunk; the number of queries does not depend on how many rows it has."""
        lines = [unit[0] for unit in units]
        problems: dict[int, list[Problem]] = {line.number: [] for line in lines}
        entries = [Entry(line.number, {}) for line in lines]
        for name in self.master.columns:
            self._read(name, lines, entries, problems)
        with acting(context.by.actor):
            imports.write(self.master, entries, context.seen)
        return [
            self._outcome(entry, line, problems[line.number])
            for entry, line in zip(entries, lines, strict=True)
        ]

    def undo(self, effects: Sequence[Any], context: Context) -> list[str]:
        """Delete what was made, put back what was changed, as long as nobody used or changed it since."""
        done = [Done(one.object_id, one.made, one.before, one.after) for one in effects]
        with acting(context.by.actor):
            return imports.take_back(self.master, done)

    def _read(
        self, name: str, lines: list[Line], entries: list[Entry], problems: dict[int, list[Problem]]
    ) -> None:
        """Read one column of a chunk; what names other rows with one query for all of them."""
        words = {line.number: line.cells[name] for line in lines if name in line.cells}
        wanted = self.master.input_of(name)
        named = self._named(name, words.values()) if wanted is None and words else {}
        for entry in entries:
            if (text := words.get(entry.number)) is None:
                continue
            try:
                if wanted is None:
                    entry.values[name] = _meant(named, text)
                else:
                    entry.values[name] = wanted.clean(cells.spoken(wanted, text))
            except ValidationError as wrong:
                reason = " ".join(wrong.messages)
                hint = getattr(wrong, "hint", "")
                entry.refuse(name, reason)
                problems[entry.number].append(Problem(entry.number, reason, name, text, hint))

    def _named(self, name: str, words: Iterable[str]) -> dict[str, Any]:
        """The rows meant by the words: a code, a name, or a code and a name as our exports write them."""
        said = set(words)
        firsts = {word: word.partition(" ")[0] for word in said}
        found = self.master.named(name, said | set(firsts.values()))
        exact = {word: found[first] for word, first in firsts.items() if str(found.get(first)) == word}
        return exact | {word: found[word] for word in said if word in found}

    def _outcome(self, entry: Entry, line: Line, problems: list[Problem]) -> Outcome:
        told = {problem.column for problem in problems}
        for name, said in entry.errors.items():
            if name not in told:
                column = name if name in self.master.columns else ""
                problems.append(Problem(entry.number, " ".join(said), column, line.cells.get(name, "")))
        if problems or entry.instance is None:
            return Outcome(entry.number, WRONG, problems=problems)
        word = MADE if entry.made else CHANGED if entry.after else SAME
        return Outcome(
            entry.number, word, entry.instance.pk, str(entry.instance)[:200], None, entry.before, entry.after
        )


def _meant(named: dict[str, Any], text: str) -> Any:
    if text not in named:
        raise Unfit(_("There is no such entry."), _("Take the code from its list, or read it in first."))
    return named[text]


def declared() -> list[Target]:
    """A target for each kind of master data."""
    return [MasterTarget(master) for master in MASTERS.values()]
