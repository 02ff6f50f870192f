"""The time-line of a page: what was done, what clocks told, what people said, page by page."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from deadlines.boards import KINDS
from deadlines.models import Deadline
from deadlines.notices import shown
from deadlines.screens import length_in_words
from desk import comments, previews
from flow import cases, feed, html, policy, timeline
from flow.models import Attachment, Comment, Contact, Document
from flow.policy import Viewer
from flow.timeline import Entry

Key = tuple[str, int]
Names = Mapping[Key, tuple[str, str]]
ALL, FILES, CONTACTS, COMMENTS = "all", "files", "contacts", "comments"
TABS = (
    (ALL, gettext_lazy("Time-line")),
    (timeline.ACTIONS, gettext_lazy("Actions")),
    (timeline.CLOCKS, gettext_lazy("Clocks")),
    (CONTACTS, gettext_lazy("Contacts")),
    (COMMENTS, gettext_lazy("Comments")),
    (FILES, gettext_lazy("Files")),
)
SIZE = 20
# How the event of a state looks in the line, by the family of the state.
_TONES = {"done": "ok", "stop": "late", "wait": "near", "run": "acc"}


@dataclass
class Told:
    """A row of the time-line: when, what, of which document, in a few words, by whom."""

    at: datetime
    title: Any
    by: Any
    department: Any = ""
    icon: str = "file"
    tone: str = ""
    kind: Any = ""
    subject: str = ""
    href: str = ""
    said: list[Any] = field(default_factory=list)
    text: Any = ""
    recorded_at: datetime | None = None
    files: list[Attachment] = field(default_factory=list)
    verb: str = ""


@dataclass(frozen=True)
class Leaf:
    """A page of the time-line; `before` names the rows that follow it, None where there are none."""

    rows: list[Told]
    before: int | None


class History:
    """What happened to a document or, if its page tells of the whole case, in the case."""

    def __init__(self, document: Any, viewer: Viewer, *, whole: bool, names: Names | None = None) -> None:
        self.document, self.viewer, self.whole = document, viewer.on(document), whole
        self.names = names
        self.reader = viewer

    def leaf(self, tab: str, before: int | None = None) -> Leaf:
        """A page of one tab. A constant number of queries."""
        if tab == CONTACTS:
            return self._contacts(before)
        if tab == COMMENTS:
            return self._comments(before)
        if tab == FILES:
            return self._files(before)
        rows = timeline.narrowed(self.events, tab)
        found, left = timeline.entries(rows, self.reader, before=before, size=SIZE)
        return Leaf(self._in_words(found), left)

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many rows each tab has. Four queries."""
        by_group = timeline.counts(self.events)
        return {
            ALL: sum(by_group.values()),
            timeline.ACTIONS: by_group[timeline.ACTIONS],
            timeline.CLOCKS: by_group[timeline.CLOCKS],
            CONTACTS: self.papers(Contact).count(),
            COMMENTS: self.papers(Comment).count(),
            FILES: len(self.attachments),
        }

    @cached_property
    def events(self) -> Any:
        """The events that this person may see."""
        if self.whole:
            return feed.visible(self.reader).filter(case_id__in=self.family)
        return timeline.visible_events(self.reader, self.document, whole_case=False)

    @cached_property
    def family(self) -> list[int]:
        """The case and those that serve it. Two queries."""
        return cases.family(self.document.case_id)

    def papers(self, model: type[Any]) -> QuerySet[Any]:
        """The contacts, remarks or files that hang on what this person may see."""
        if not self.whole:
            return model.objects.filter(subject_type=self.document.label(), subject_id=self.document.pk)
        return model.objects.filter(_seen(self.reader), case_id__in=self.family)

    @cached_property
    def attachments(self) -> list[Attachment]:
        """The files that this person may open, the newest first. One query."""
        rows = self.papers(Attachment).select_related("by", "case").order_by("-pk")
        return [file for file in rows if self._opens(file)]

    def _opens(self, file: Attachment) -> bool:
        model = Document.registry[file.subject_type]
        here = self.viewer if not self.whole else self.reader.within(file.case.company_id)
        return policy.may_read(model, file.kind, here)

    # ---- rows ----

    def _in_words(self, found: Sequence[Entry]) -> list[Told]:
        names = self._named((e.event.subject_type, e.event.subject_id) for e in found)
        remarks = self._remarks(found)
        people = comments.people_of(remarks.values())
        clocks = _clocks(found)
        calls, files = self._calls(found), self._brought(found)
        rows = []
        for entry in found:
            told = _told(entry, names)
            told.said += clocks.get(entry.event.pk, [])
            told.files = files.get(_act(entry.event), [])
            if _act(entry.event) in calls:
                told.icon = "phone"
            if remark := remarks.get(entry.event.data.get("comment", 0)):
                told.icon, told.text = "chat", comments.marked(remark, people)
            rows.append(told)
        return rows

    def _remarks(self, found: Sequence[Entry]) -> dict[int, Comment]:
        ids = [e.event.data["comment"] for e in found if e.event.verb == comments.VERB]
        return Comment.objects.in_bulk(ids) if ids else {}

    def _calls(self, found: Sequence[Entry]) -> set[tuple[Any, ...]]:
        """Which of the acts were telephone calls and the like."""
        if not found:
            return set()
        moments = {entry.event.at for entry in found}
        rows = self.papers(Contact).filter(at__in=moments)
        return set(rows.values_list("subject_type", "subject_id", "at", "by_id"))

    def _brought(self, found: Sequence[Entry]) -> dict[tuple[Any, ...], list[Attachment]]:
        """The files that came with the acts."""
        moments = {entry.event.at for entry in found}
        brought: dict[tuple[Any, ...], list[Attachment]] = defaultdict(list)
        for file in self.attachments:
            if file.at in moments:
                brought[file.subject_type, file.subject_id, file.at, file.by_id].append(file)
        return brought

    def _contacts(self, before: int | None) -> Leaf:
        rows, left = self._page(Contact, before)
        told = [
            self._of_paper(
                row,
                row.party,
                "phone",
                text=row.content,
                said=_next_step(row),
                note=row.get_channel_display(),
            )
            for row in rows
        ]
        return Leaf(told, left)

    def _comments(self, before: int | None) -> Leaf:
        rows, left = self._page(Comment, before)
        people = comments.people_of(rows)
        return Leaf(
            [self._of_paper(row, _("Comment"), "chat", text=comments.marked(row, people)) for row in rows],
            left,
        )

    def _files(self, before: int | None) -> Leaf:
        found = [file for file in self.attachments if not before or file.pk < before]
        told = []
        for file in found[:SIZE]:
            row = self._of_paper(file, _("File"), "clip")
            row.files = [file]
            told.append(row)
        return Leaf(told, found[SIZE - 1].pk if len(found) > SIZE else None)

    def _page(self, model: type[Any], before: int | None) -> tuple[list[Any], int | None]:
        rows = self.papers(model).select_related("by", "by__department").order_by("-pk")
        rows = rows.filter(pk__lt=before) if before else rows
        found = list(rows[: SIZE + 1])
        return found[:SIZE], found[SIZE - 1].pk if len(found) > SIZE else None

    def _of_paper(
        self, row: Any, title: Any, icon: str, *, text: Any = "", said: Sequence[Any] = (), note: Any = ""
    ) -> Told:
        key = (row.subject_type, row.subject_id)
        name, path = self._named([key]).get(key, ("", "")) if self.whole else ("", "")
        kind = Document.registry[row.subject_type]._meta.verbose_name
        late = row.recorded_at if (row.recorded_at - row.at).total_seconds() > 60 else None
        return Told(
            row.at, title, row.by, row.by.department or "", icon, "", note or (kind if self.whole else ""),
            name, path, list(said), text, late,
        )  # fmt: skip

    def _named(self, keys: Iterable[Key]) -> Names:
        """Number and address of documents, from the tree of the page, else by a query for each type."""
        if not self.whole:
            return {}
        wanted = set(keys)
        if self.names is None:
            self.names = {}
        if missing := wanted - self.names.keys():
            told = feed.subjects(missing)
            found = {
                key: (one["number"] or "", f"{key[0].replace('.', '/', 1)}/{one['id']}" if one["id"] else "")
                for key, one in told.items()
            }
            self.names = {**self.names, **found}
        return self.names


def _next_step(row: Contact) -> list[str]:
    return [f"{_('Next step')}: {row.next_step}"] if row.next_step else []


def _act(event: Any) -> tuple[Any, ...]:
    """By what a contact or a file of the same act is known."""
    return event.subject_type, event.subject_id, event.at, event.actor_id


def _told(entry: Entry, names: Names) -> Told:
    event = entry.event
    name, path = names.get((event.subject_type, event.subject_id), ("", ""))
    model = Document.registry.get(event.subject_type)
    moved = event.state_to and event.state_to != event.state_from
    told = Told(
        event.at,
        entry.label,
        event.actor,
        event.actor.department or "",
        event.subject_type.split(".")[0],
        _TONES.get(html.tone(model, event.state_to), "") if model and moved else "",
        entry.kind,
        name,
        path,
        [f"{label}: {words}" for label, words in entry.said],
        recorded_at=event.recorded_at if entry.late_told else None,
        verb=event.verb,
    )
    if timeline.group_of(event.verb) == timeline.CLOCKS:
        _of_clock(told, event.data)
    return told


def _of_clock(told: Told, data: Mapping[str, Any]) -> None:
    """What a step of a clock says: which rule, what happened, who was told."""
    kind = data.get("kind")
    told.icon, told.tone = "clock", "near" if kind == "warn" else "late" if kind else ""
    if not data.get("late"):
        told.recorded_at = None
    if kind in KINDS:
        told.title = " · ".join(
            filter(None, (str(data.get("code", "")), str(KINDS[kind]), str(data.get("line") or "")))
        )
    if people := data.get("told"):
        told.said.append(_("Told: {names}").format(names="、".join(map(str, people))))


def _clocks(found: Sequence[Entry]) -> dict[int, list[str]]:
    """By event, the clocks that it started or stopped: until when, or how it was kept. One query."""
    ids = [entry.event.pk for entry in found]
    said: dict[int, list[str]] = defaultdict(list)
    rows = Deadline.objects.filter(Q(started_by__in=ids) | Q(stopped_by__in=ids)) if ids else ()
    for row in rows:
        if row.stopped_by_id in ids and row.state == Deadline.State.DONE:
            said[row.stopped_by_id].append(_kept(row))
        if row.started_by_id in ids and row.state in Deadline.RUNNING:
            text = _("{code}: due {moment}")
            said[row.started_by_id].append(text.format(code=row.code, moment=shown(row.due_at)))
    return said


def _kept(row: Deadline) -> str:
    """How a clock that has ended was kept."""
    done = row.done_at or row.due_at
    if row.breached:
        return _("{code}: late by {time}").format(code=row.code, time=length_in_words(row.late(done)))
    return _("{code}: in time, took {time}").format(code=row.code, time=length_in_words(done - row.opened_at))


def _seen(viewer: Viewer) -> Q:
    """The condition on papers of a case that this person may see the document on which they hang."""
    found = Q(pk__in=[])
    kinds: dict[Any, list[str]] = defaultdict(list)
    for label, model in Document.registry.items():
        companies = viewer.companies(policy.readers(model))
        kinds[None if companies is None else frozenset(companies)].append(label)
    for companies, labels in kinds.items():
        here = Q(subject_type__in=labels)
        found |= here if companies is None else here & Q(case__company_id__in=companies)
    return found


def shown_files(history: History, most: int) -> list[previews.Shown]:
    """The newest files for the card beside the page."""
    return [previews.shown(file) for file in history.attachments[:most]]
