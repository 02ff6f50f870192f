"""The jobs of importing: a sheet is tried without a trace, read in whole or in part, and taken back."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import get_language, override
from django.utils.translation import gettext_lazy as _

from desk import tables
from desk.imports.registry import known
from desk.imports.targets import CHANGED, MADE, WRONG, Context, Line, Outcome, Problem, Target
from desk.tables import Table, Unreadable
from flow.events import By
from flow.policy import Viewer
from flow.retry import retried
from integration import jobs
from integration.models import Job, JobEffect
from integration.run import Failed, Run

IMPORT, UNDO = "desk.import", "desk.undo"
CHECK, GOOD, WHOLE = "check", "good", "whole"
# Before it, in the row of keys, stands the mark of the example, by which the example is known and left out.
MARK = "#"


class _Spoiled(Exception):
    """One row was wrong where all or nothing was asked for."""


# ---- asking for it ----


def check(target: Target, upload: Any, by: By) -> Job:
    """Keep the uploaded file and have it tried; nothing is written."""
    digest = hashlib.sha256()
    for chunk in upload.chunks():
        digest.update(chunk)
    upload.seek(0)
    kind = upload.name.rpartition(".")[2].lower()
    stored = default_storage.save(f"{by.at:%Y/%m}/{uuid.uuid4().hex}.{kind}", upload)
    params = {"target": target.name, "upload": stored, "file": upload.name[-150:], "mode": CHECK}
    title = _("Trial import of {kind}: {file}").format(kind=target.title, file=upload.name[-150:])
    return jobs.start(IMPORT, by=by, title=title, params=params | {"sha256": digest.hexdigest()})


def apply(checked: Job, mode: str, by: By) -> Job | None:
    """Have a tried sheet read in, once; None when it was read in before and not taken back."""
    with transaction.atomic():
        Job.objects.select_for_update().get(pk=checked.pk)
        if standing(checked):
            return None
        kind = known()[checked.params["target"]].title
        title = _("Import of {kind}: {file}").format(kind=kind, file=checked.params["file"])
        params = checked.params | {"mode": mode, "of": str(checked.public_id)}
        return jobs.start(IMPORT, by=by, title=title, params=params)


def standing(checked: Job) -> bool:
    """Whether a tried sheet is being read in, or something of it is read in and stands."""
    done = Job.objects.filter(kind=IMPORT, params__of=str(checked.public_id))
    if done.filter(state__in=jobs.OPEN).exists():
        return True
    return JobEffect.objects.filter(job__in=done, undone_at__isnull=True).exists()


# ---- the sheet ----


def lines_of(target: Target, viewer: Viewer, table: Table) -> tuple[list[Line], list[str]]:
    """The rows of a table by the columns of the target, and the titles of columns that it does not know.

    Raises Failed where a needed column is missing or stands there twice.
    """
    if not table.rows:
        raise Failed(_("The sheet is empty."))
    keys, unknown, example, rest = _heads(target, viewer, table.rows)
    named = [key for key in keys if key]
    if twice := [key for key, times in Counter(named).items() if times > 1]:
        raise Failed(
            _("The column “{column}” stands there twice.").format(column=_title(target, viewer, twice[0]))
        )
    needed = [c.title for c in target.columns(viewer) if c.required and c.key not in named]
    if needed:
        raise Failed(_("These columns are missing: {columns}.").format(columns="、".join(needed)))
    lines = [
        Line(table.sheet, number, {k: text for k, text in zip(keys, texts, strict=False) if k and text})
        for number, texts in rest
        if mark_of(texts) != example
    ]
    found = [line for line in lines if line.cells]
    if not found:
        raise Failed(_("There is no row below the titles."))
    return found, unknown


def _heads(
    target: Target, viewer: Viewer, rows: list[tuple[int, list[str]]]
) -> tuple[list[str], list[str], str, list[tuple[int, list[str]]]]:
    """The key of each column ("": unknown), the unknown titles, the mark of the example, the rows below."""
    known = {column.key for column in target.columns(viewer)}
    titles = rows[0][1]
    second = rows[1][1] if len(rows) > 1 and rows[1][0] == rows[0][0] + 1 else []
    if sum(key in known for key in second) >= 2:
        example = next((key[1:] for key in second if key.startswith(MARK)), "")
        keys = [key if key in known else "" for key in second]
        skipped = [
            t for t, key, said in zip(titles, keys, second, strict=False) if not key and said[:1] != MARK
        ]
        return keys, [title for title in skipped if title], example, rows[2:]
    names = _by_title(target, viewer)
    keys = [names.get(_folded(title), "") for title in titles]
    return keys, [t for t, key in zip(titles, keys, strict=True) if t and not key], "", rows[1:]


def _by_title(target: Target, viewer: Viewer) -> dict[str, str]:
    """The keys of the columns by what they are called in any of our languages, and by themselves."""
    found: dict[str, str] = {}
    for code in dict.fromkeys((*(code for code, _name in settings.LANGUAGES), get_language())):
        with override(code):
            for column in target.columns(viewer):
                found.setdefault(_folded(column.title), column.key)
                found.setdefault(_folded(column.key), column.key)
    return found


def _folded(title: str) -> str:
    return title.rstrip(" *＊").casefold()


def _title(target: Target, viewer: Viewer, key: str) -> str:
    return next((column.title for column in target.columns(viewer) if column.key == key), key)


def mark_of(texts: Sequence[str]) -> str:
    """By what a row is known again: a hash of its cells."""
    return hashlib.sha256(json.dumps([text for text in texts if text]).encode()).hexdigest()[:16]


# ---- reading it in ----


@jobs.kind(IMPORT, _("Import"))
def work(run: Run) -> str:
    """Try a sheet, or read it in: all or nothing, or the good rows alone."""
    target = _target(run)
    viewer = run.viewer
    try:
        table = tables.read(Path(default_storage.path(run.params["upload"])))
    except FileNotFoundError as gone:
        raise Failed(_("The file is kept no longer; hand it in again.")) from gone
    except Unreadable as unreadable:
        raise Failed(unreadable) from unreadable
    lines, unknown = lines_of(target, viewer, table)
    return _Import(run, target, viewer, table.sheet).do(target.units(lines), unknown)


class _Import:
    """One sheet being tried or read in."""

    def __init__(self, run: Run, target: Target, viewer: Viewer, sheet: str) -> None:
        self.run, self.target, self.viewer, self.sheet = run, target, viewer, sheet
        self.mode: str = run.params["mode"]
        self.titles = {column.key: column.title for column in target.columns(viewer)}
        self.counts: Counter[str] = Counter()
        self.seen: dict[Any, int] = {}

    def do(self, units: list[list[Line]], unknown: list[str]) -> str:
        """Read the units in; a sentence about the columns that were not."""
        self.run.progress(0, len(units))
        if self.mode == WHOLE:
            self._whole(units)
        else:
            for _done in self._chunks(units):
                pass
        self.run.figures = {word: self.counts[word] for word in ("made", "changed", "same", "wrong")}
        notes = []
        if unknown:
            notes.append(str(_("Not read: {columns}.").format(columns="、".join(unknown[:20]))))
        if self.mode == CHECK and (earlier := _same_file(self.run.job)):
            said = _("The same file was read in already, on {day}.")
            notes.append(str(said.format(day=f"{earlier.at:%Y-%m-%d}")))
        return " ".join(notes)

    def _whole(self, units: list[list[Line]]) -> None:
        if len(units) > self.target.whole:
            said = _("More than {most} cannot be all or nothing; read in the good ones, and undo if needed.")
            raise Failed(said.format(most=f"{self.target.whole:,}"))
        try:
            with self.run.whole():
                for outcomes in self._chunks(units):
                    if any(outcome.word == WRONG for outcome in outcomes):
                        raise _Spoiled
        except _Spoiled:
            raise Failed(_("Nothing was read in: a row is not in order.")) from None

    def _chunks(self, units: list[list[Line]]) -> Iterator[list[Outcome]]:
        """Try chunk after chunk; those that were read in before a kill are left out."""
        earlier = dict(JobEffect.objects.filter(job=self.run.job).values_list("row", "made"))
        size = self.target.chunk
        for start in range(0, len(units), size):
            chunk = units[start : start + size]
            fresh = [unit for unit in chunk if unit[0].number not in earlier]
            for unit in chunk:
                if unit[0].number in earlier:
                    self.counts[MADE if earlier[unit[0].number] else CHANGED] += 1
            outcomes = retried(lambda fresh=fresh: self._once(fresh)) if fresh else []  # type: ignore[misc]
            self._tell(outcomes)
            self.run.progress(start + len(chunk))
            yield outcomes

    def _once(self, units: list[list[Line]]) -> list[Outcome]:
        """One transaction: the rows and what is noted of them; of a trial nothing stays."""
        seen = dict(self.seen)
        with transaction.atomic():
            context = Context(self.run.by, self.viewer, seen)
            outcomes = self.target.apply(units, context)
            if self.mode == CHECK:
                transaction.set_rollback(True)
            else:
                JobEffect.objects.bulk_create(
                    [self._effect(one) for one in outcomes if one.word in (MADE, CHANGED)], batch_size=500
                )
        self.seen = seen
        return outcomes

    def _effect(self, one: Outcome) -> JobEffect:
        return JobEffect(
            job=self.run.job,
            row=one.number,
            object_id=one.pk,
            text=one.text,
            made=one.word == MADE,
            version=one.version,
            before=one.before,
            after=one.after,
        )

    def _tell(self, outcomes: Iterable[Outcome]) -> None:
        for outcome in outcomes:
            self.counts[outcome.word] += 1
            for problem in outcome.problems:
                self._fail(problem)

    def _fail(self, problem: Problem) -> None:
        self.run.fail_row(
            problem.number,
            problem.reason,
            sheet=self.sheet,
            column=self.titles.get(problem.column, problem.column),
            value=problem.value,
            hint=problem.hint,
        )


def _same_file(job: Job) -> Job | None:
    """An earlier import of the very same file by anybody that still stands."""
    rows = Job.objects.filter(kind=IMPORT, state=Job.State.DONE, params__sha256=job.params["sha256"])
    rows = rows.exclude(params__mode=CHECK).filter(params__target=job.params["target"])
    return rows.filter(effects__undone_at__isnull=True, effects__isnull=False).order_by("-pk").first()


def _target(run: Run) -> Target:
    target = known().get(run.params["target"])
    if target is None or not target.allowed(run.viewer):
        raise Failed(_("Your posts do not allow this import."))
    return target


# ---- taking it back ----


def undo(imported: Job, by: By) -> Job:
    """Have an import taken back, as far as that is possible."""
    title = _("Undo: {title}").format(title=imported.title)
    return jobs.start(
        UNDO, by=by, title=title, params={"of": imported.pk, "target": imported.params["target"]}
    )


@jobs.kind(UNDO, _("Undoing an import"))
def work_back(run: Run) -> str:
    """Take back what an import did, the last row first; what cannot be is said."""
    target = _target(run)
    rows = list(JobEffect.objects.filter(job_id=run.params["of"], undone_at__isnull=True).order_by("-row"))
    run.progress(0, len(rows))
    viewer = run.viewer
    for start in range(0, len(rows), target.chunk):
        chunk = rows[start : start + target.chunk]
        reasons = retried(lambda chunk=chunk: _back(target, chunk, run, viewer))  # type: ignore[misc]
        for effect, reason in zip(chunk, reasons, strict=True):
            if reason:
                run.fail_row(effect.row, reason, what=effect.text)
        run.progress(start + len(chunk))
    done = len(rows) - run.refused
    return str(_("{done} undone, {left} left as they are.").format(done=done, left=run.refused))


def _back(target: Target, effects: Sequence[JobEffect], run: Run, viewer: Viewer) -> list[str]:
    with transaction.atomic():
        reasons = target.undo(effects, Context(run.by, viewer))
        gone = [effect.pk for effect, reason in zip(effects, reasons, strict=True) if not reason]
        JobEffect.objects.filter(pk__in=gone).update(undone_at=run.times.now())
    return reasons


# ---- what a page offers ----


def is_ready(job: Job) -> bool:
    """Whether a job is a trial that has ended, with something in it to be read in."""
    good = sum(job.figures.get(word, 0) for word in (MADE, CHANGED))
    return job.kind == IMPORT and job.params["mode"] == CHECK and job.state == jobs.State.DONE and good > 0


def can_be_undone(job: Job) -> bool:
    """Whether something that a job read in still stands, and it is at work no more."""
    if job.kind != IMPORT or job.params["mode"] == CHECK or not job.ended:
        return False
    return job.effects.filter(undone_at__isnull=True).exists()


def offers(job: Job) -> dict[str, Any]:
    """What its page offers for a job: reading in what was tried, taking back what was read in."""
    ready = is_ready(job) and not standing(job)
    return {
        "may_apply": ready,
        "may_all": ready and not job.figures.get(WRONG),
        "may_undo": can_be_undone(job),
        "was_applied": is_ready(job) and not ready,
    }
