"""What a person has to do: running clocks by what is left of them, then what waits without one."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from deadlines import boards, queries
from deadlines.boards import Clock
from deadlines.notices import sentence_of
from deadlines.rules import Rule
from deadlines.screens import TONES
from desk import todo
from flow import html, policy
from flow.models import Document
from flow.policy import Viewer
from flow.screens import screen_of

# No more of one's clocks and of one kind of document stand on the first page.
MOST = 100
# In the order in which they are shown; the words stand beside the colour.
SHADES = (
    ("late", _("Overdue"), "alert"),
    ("near", _("At risk"), "near"),
    ("ok", _("On track"), "clock"),
    ("hold", _("Paused"), "hold"),
    ("none", _("Without a clock"), "inbox"),
)


@dataclass(frozen=True)
class Task:
    """One thing to do: a document with its clock if one runs, and the steps that are mine."""

    label: str
    document: Any
    clock: Clock | None = None
    steps: list[tuple[Any, str]] = field(default_factory=list)

    @property
    def key(self) -> str:
        """What the task is called in an address; it stays the same while the task does."""
        run = f":{self.clock.row.pk}" if self.clock else ""
        return f"{self.label}:{self.document.pk}{run}"

    @property
    def shade(self) -> str:
        """late, near, ok or hold by the clock; none without one."""
        return {"off": "ok"}.get(tone := TONES[self.clock.state], tone) if self.clock else "none"

    @property
    def title(self) -> Any:
        """The step in words, or what the clock asks for."""
        if self.steps:
            return self.steps[0][0]
        return sentence_of(self.clock.row.rule) if self.clock else self.document._meta.verbose_name

    @property
    def href(self) -> str:
        """The page of the document."""
        return html.href(self.document)


def mine(viewer: Viewer, at: datetime) -> list[Task]:
    """The tasks of a person: clocks by due moment with paused ones last, then what waits, the latest first.

    The number of queries depends on how many kinds of documents there are, not on how many documents.
    """
    found = timed(viewer, at)
    known = {(task.label, task.document.pk) for task in found}
    others = [task for task in waiting(viewer) if (task.label, task.document.pk) not in known]
    found = [_with_step_nearby(task, others) for task in found]
    taken = {path for task in found for _label, path in task.steps}
    return found + [task for task in others if not taken.issuperset(path for _label, path in task.steps)]


def waiting(viewer: Viewer) -> list[Task]:
    """The documents that wait for a person, with or without a clock, kind by kind."""
    groups = [todo.waiting(screen.model, viewer, screen.related) for screen in html.screens()]
    return [
        Task(group.model.label(), document, None, steps)
        for group in groups
        if group
        for document, steps in group.rows
    ]


def _with_step_nearby(task: Task, others: list[Task]) -> Task:
    """The task with the steps that end its clock on another document of the case, if its own has none."""
    if task.steps or task.clock is None:
        return task
    stops = _stops(task.clock.row.rule)
    near = [other for other in others if other.document.case_id == task.document.case_id]
    return replace(task, steps=[step for other in near for step in other.steps if stops(step)])


def timed(viewer: Viewer, at: datetime, reader: Viewer | None = None) -> list[Task]:
    """The running clocks that are this person's, as tasks, as far as the reader (default: the person) may see
    the documents."""
    rows = list(queries.running(viewer)[:MOST])
    rows.sort(key=lambda row: (row.state != row.State.OPEN, row.due_at, row.pk))
    wanted: dict[str, set[int]] = defaultdict(set)
    for row in rows:
        wanted[row.subject_type].add(row.subject_id)
    documents = {label: _documents(label, ids, reader or viewer) for label, ids in wanted.items()}
    steps = {label: _steps(label, found, viewer) for label, found in documents.items()}
    return [
        Task(
            clock.row.subject_type,
            document,
            clock,
            _stopping(clock.row.rule, steps[clock.row.subject_type].get(document.pk, [])),
        )
        for clock in boards.clocks(rows, at=at)
        if (document := documents[clock.row.subject_type].get(clock.row.subject_id)) is not None
    ]


def _documents(label: str, ids: Iterable[int], viewer: Viewer) -> dict[int, Any]:
    model = Document.registry[label]
    rows = policy.visible_to(model, viewer).filter(pk__in=ids)
    return rows.select_related("company", "case", *screen_of(model).related).distinct().in_bulk()


def _steps(label: str, found: dict[int, Any], viewer: Viewer) -> dict[int, list[tuple[Any, str]]]:
    states = {pk: document.state for pk, document in found.items()}
    return todo.due_on(Document.registry[label], states, viewer)


def _stopping(slug: str, steps: list[tuple[Any, str]]) -> list[tuple[Any, str]]:
    """The steps with those first that stop a clock of this rule."""
    stops = _stops(slug)
    return sorted(steps, key=lambda step: not stops(step))


def _stops(slug: str) -> Callable[[tuple[Any, str]], bool]:
    """Whether a step ends the clocks of a rule, or begins the document whose step does."""
    rule = Rule.registry.get(slug)
    names = {trigger.verb.rsplit(".", 2)[-1] for trigger in rule.stop} if rule else set()
    kinds = {trigger.verb.split(".")[1] for trigger in rule.stop} if rule else set()

    def stops(step: tuple[Any, str]) -> bool:
        address = step[1].partition("?")[0].strip("/").split("/")
        return (address[-1] in names and address[1] in kinds) or (
            address[-1] == "new" and address[-2] in kinds
        )

    return stops


def counts(tasks: Iterable[Task]) -> dict[str, int]:
    """How many tasks there are of each shade, and of all."""
    found = Counter(task.shade for task in tasks)
    return {"all": found.total(), **{shade: found[shade] for shade, _label, _icon in SHADES}}
