"""Jobs, exports and imports in the REST face."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, QueryDict
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response

from desk import exports, tables, waiting
from desk import jobs as pages
from desk.imports import registry, work
from flow import api_input, idempotency, json_input, listing
from flow.api import REPLAYED, Face, Routes, following
from flow.api_input import Body
from flow.idempotency import Key
from flow.models import IdempotencyKey
from flow.openapi import described
from flow.refusals import Invalid, Refused
from flow.schema import Schema
from flow.screens import Screen
from integration import jobs
from integration.models import Job

KIND = "integration.job"
TEXT: Schema = {"type": "string"}
WHOLE: Schema = {"type": "integer"}


class _Working(Face):
    """A view of jobs."""

    asks: ClassVar[tuple[str, ...]] = ()

    def job(self, id: str) -> Job:
        """The job by its id, if it may be seen. Raises Http404."""
        try:
            return pages.job_for(self.viewer.person, UUID(id))
        except ValueError as wrong:
            raise Http404(_("There is no such job, or it is not yours.")) from wrong

    def told(self, job: Job, *, status: int = 200, headers: dict[str, str] | None = None) -> Response:
        """The job as it stands."""
        return Response(pages.as_json(job, self.viewer.person), status=status, headers=headers)

    def begun(self, body: Body, start: Callable[[], Job]) -> Response:
        """Start a job, once for an Idempotency-Key; 202 with it, as far as it came within a moment."""
        key = api_input.key_of(self.request, body)
        try:
            with transaction.atomic():
                claimed = idempotency.claim(self.viewer.person, key) if key else None
                job = start()
                if claimed:
                    claimed.subject_type, claimed.subject_id = KIND, job.pk
                    claimed.save(update_fields=["subject_type", "subject_id"])
        except idempotency.Repeated:
            return self.told(self._before(key), status=202, headers=REPLAYED)
        return self.told(waiting.wait(job, at=self.at, seconds=0), status=202)

    def _before(self, key: Key | None) -> Job:
        """The job that an earlier request with this key started. Raises Misused for other content."""
        assert key is not None
        row = IdempotencyKey.objects.get(actor=self.viewer.person, key=key.value)
        if row.fingerprint != key.fingerprint or row.subject_type != KIND:
            raise idempotency.Misused(key.value)
        assert row.subject_id is not None
        return Job.objects.select_related("person").get(pk=row.subject_id)


@Routes.add("jobs/", "api-jobs")
class Jobs(_Working):
    """The jobs of a person, for an administrator those of all."""

    asks = ("state", "cursor", "page_size")

    def get(self, request: Request) -> Response:
        """A page of jobs, the newest first."""
        asked = request.query_params
        if unknown := asked.keys() - set(self.asks):
            raise Invalid({name: _("The list has no such filter.") for name in sorted(unknown)})
        size = listing.page_size(asked.get("page_size", ""))
        rows = jobs.seen_by(self.viewer.person).order_by("-pk")
        if state := asked.get("state"):
            if state not in Job.State.values:
                raise Invalid({"state": _("There is no such state.")})
            rows = rows.filter(state=state)
        if cursor := asked.get("cursor"):
            if not cursor.isdecimal() or len(cursor) > 18 or not cursor.isascii():
                raise Invalid({"cursor": _("This is not a place in the list.")})
            rows = rows.filter(pk__lt=int(cursor))
        found = list(rows[: size + 1])
        more = str(found[size - 1].pk) if len(found) > size else None
        shown = [pages.as_json(job, self.viewer.person) for job in found[:size]]
        return Response({"results": shown, "next": following(request, more)})

    @staticmethod
    def described(method: str) -> Schema:
        """The operation in the schema."""
        made = described("jobs_list", path=(), takes=None, gives=_MANY, status="200")
        asked = [
            {"name": "state", "in": "query", "required": False, "schema": TEXT | {"enum": Job.State.values}},
            {"name": "cursor", "in": "query", "required": False, "schema": TEXT},
            {"name": "page_size", "in": "query", "required": False, "schema": WHOLE},
        ]
        return made | {"parameters": asked}


@Routes.add("jobs/<str:id>/", "api-job")
class OneJob(_Working):
    """One job."""

    def get(self, request: Request, id: str) -> Response:
        """How far it is and what became of it."""
        return self.told(self.job(id))

    @staticmethod
    def described(method: str) -> Schema:
        """The operation in the schema."""
        return described("job_read", path=("id",), takes=None, gives=_JOB, status="200")


@Routes.add("jobs/<str:id>/cancel/", "api-job-cancel")
class CancelJob(_Working):
    """The end of a job before its time."""

    def post(self, request: Request, id: str) -> Response:
        """Ask for its end; it stops at its next row."""
        job = self.job(id)
        if not jobs.cancel(job, now=timezone.now()):
            raise Refused(_("The job had ended already."))
        return self.told(self.job(id))

    @staticmethod
    def described(method: str) -> Schema:
        """The operation in the schema."""
        return described("job_cancel", path=("id",), takes=_NOTHING, gives=_JOB, status="200")


@Routes.add("jobs/<str:id>/result/", "api-job-result")
class ResultOfJob(_Working):
    """The file that a job brought."""

    def get(self, request: Request, id: str) -> HttpResponseBase:
        """The file, to who asked for it alone."""
        return pages.file_of(self.job(id), self.viewer)

    @staticmethod
    def described(method: str) -> Schema:
        """The operation in the schema."""
        made = described("job_result", path=("id",), takes=None, gives={}, status="200")
        file = {"*/*": {"schema": {"type": "string", "format": "binary"}}}
        return made | {
            "responses": made["responses"] | {"200": {"description": "The file.", "content": file}}
        }


@Routes.add("jobs/<str:id>/apply/", "api-import-apply")
class ApplyImport(_Working):
    """Reading in what was tried."""

    def post(self, request: Request, id: str) -> Response:
        """Read it in: `mode` is `whole` (all or nothing) or `good` (what is in order)."""
        body = api_input.body_of(request)
        mode, wrong = body.fields.get("mode"), _unknown(body, "mode")
        if mode not in (work.WHOLE, work.GOOD):
            wrong["mode"] = _("This is “whole” or “good”.")
        if wrong:
            raise Invalid(wrong)
        checked = self._import(id)
        if not work.is_ready(checked):
            raise Refused(_("There is no tried sheet to be read in."))

        def start() -> Job:
            job = work.apply(checked, str(mode), self.by)
            if job is None:
                raise Refused(_("This sheet was read in already."))
            return job

        return self.begun(body, start)

    def _import(self, id: str) -> Job:
        job = self.job(id)
        target = registry.known().get(job.params.get("target", "")) if job.kind == work.IMPORT else None
        if target is None or job.person_id != self.viewer.person.pk or not target.allowed(self.viewer):
            raise Http404(_("There is no such import of yours."))
        return job

    @staticmethod
    def described(method: str) -> Schema:
        """The operation in the schema."""
        takes = _takes(["mode"], mode=TEXT | {"enum": [work.WHOLE, work.GOOD]})
        return described("import_apply", path=("id",), takes=takes, gives=_JOB, status="202")


@Routes.add("jobs/<str:id>/undo/", "api-import-undo")
class UndoImport(ApplyImport):
    """Taking an import back."""

    def post(self, request: Request, id: str) -> Response:
        """Take back what it did, as far as that is possible."""
        body = api_input.body_of(request)
        if wrong := _unknown(body):
            raise Invalid(wrong)
        imported = self._import(id)
        if not work.can_be_undone(imported):
            raise Refused(_("There is nothing left of it to be undone."))
        return self.begun(body, lambda: work.undo(imported, self.by))

    @staticmethod
    def described(method: str) -> Schema:
        """The operation in the schema."""
        return described("import_undo", path=("id",), takes=_NOTHING, gives=_JOB, status="202")


@Routes.add("exports/", "api-exports")
class Exports(_Working):
    """Lists as files."""

    def post(self, request: Request) -> Response:
        """Have the list `label` written, with the `filters` of its address, as `format` with `columns`."""
        body = api_input.body_of(request)
        screen, form, filters, columns = _asked(body)
        listing.matching(screen, self.viewer, filters)
        return self.begun(body, lambda: exports.start(screen, self.by, form, filters.urlencode(), columns))

    @staticmethod
    def described(method: str) -> Schema:
        """The operation in the schema."""
        return described("export_start", path=(), takes=_EXPORT, gives=_JOB, status="202")


@Routes.add("imports/", "api-imports")
class Imports(_Working):
    """Sheets to be read in."""

    def get(self, request: Request) -> Response:
        """What this person may read in, with the columns of each."""
        shown = [
            {
                "kind": target.name,
                "title": str(target.title),
                "columns": [
                    {"key": c.key, "title": c.title, "required": c.required, "hint": str(c.hint or "")}
                    for c in target.columns(self.viewer)
                ],
            }
            for target in registry.open_to(self.viewer)
        ]
        return Response({"results": shown, "next": None})

    def post(self, request: Request) -> Response:
        """Have a `file` tried as rows of a `kind`; nothing is written before it is applied."""
        body = api_input.body_of(request)
        if wrong := _unknown(body, "kind", "file"):
            raise Invalid(wrong)
        target = registry.known().get(str(body.fields.get("kind", "")))
        if target is None or not target.allowed(self.viewer):
            raise Invalid({"kind": _("There is nothing of this kind that you may read in.")})
        try:
            upload = json_input.upload({**body.fields, **body.files}.get("file"))
            tables.check(upload)
        except ValueError as unfit:
            raise Invalid({"file": str(unfit)}) from unfit
        except ValidationError as unfit:
            raise Invalid({"file": unfit.messages}) from unfit
        return self.begun(body, lambda: work.check(target, upload, self.by))

    @staticmethod
    def described(method: str) -> Schema:
        """The operation in the schema."""
        if method == "GET":
            return described("imports_list", path=(), takes=None, gives=_KINDS, status="200")
        file = {"type": "object", "properties": {"name": TEXT, "content": TEXT | {"format": "byte"}}}
        takes = _takes(["kind", "file"], kind=TEXT, file=file)
        return described("import_try", path=(), takes=takes, gives=_JOB, status="202")


def _asked(body: Body) -> tuple[Screen, str, QueryDict, list[str]]:
    """The list, the kind of file, the filters and the columns of an export. Raises Invalid."""
    said = body.fields
    screen = Screen.registry.get(str(said.get("label", "")))
    columns, query, form = said.get("columns", []), said.get("filters", ""), said.get("format", "xlsx")
    wrong: dict[str, Any] = _unknown(body, *_EXPORT["properties"])
    if screen is None:
        wrong["label"] = _("There is no such kind of document.")
    if not isinstance(form, str) or form not in exports.FORMATS:
        wrong["format"] = _("There is no such kind of file.")
    if not isinstance(columns, list) or not all(isinstance(name, str) for name in columns):
        wrong["columns"] = _("This must be a list of values.")
    if not isinstance(query, str) or json_input.unspeakable([query]):
        wrong["filters"] = _("This must be a text.")
    if wrong or screen is None:
        raise Invalid(wrong)
    return screen, form, exports.narrowed(QueryDict(query)), columns


def _unknown(body: Body, *known: str) -> dict[str, Any]:
    """A sentence for each field of a body that means nothing here."""
    said = _("This field is not known here.")
    return {json_input.harmless(name): said for name in (*body.fields, *body.files) if name not in known}


def _takes(required: list[str], **properties: Schema) -> Schema:
    return {
        "type": "object",
        "required": required,
        "additionalProperties": False,
        "properties": properties,
    }


_NOTHING: Schema = {"type": "object", "additionalProperties": False, "properties": {}}
_MOMENT = TEXT | {"format": "date-time", "nullable": True}
_EXPORT = _takes(
    ["label"],
    label=TEXT,
    format=TEXT | {"enum": list(exports.FORMATS)},
    columns={"type": "array", "items": TEXT},
    filters=TEXT,
)
_JOB: Schema = {
    "type": "object",
    "properties": {
        "id": TEXT | {"format": "uuid"}, "kind": TEXT, "title": TEXT, "person": TEXT, "state": TEXT,
        "done": WHOLE, "total": WHOLE, "refused": WHOLE, "message": TEXT, "file": TEXT | {"nullable": True},
        "errors": {"type": "array", "items": {"type": "object"}}, "figures": {"type": "object"},
        "at": _MOMENT, "started_at": _MOMENT, "ended_at": _MOMENT,
    },
}  # fmt: skip
_MANY: Schema = {"type": "object", "properties": {"results": {"type": "array", "items": _JOB}, "next": {}}}
_COLUMN: Schema = {
    "type": "object",
    "properties": {"key": TEXT, "title": TEXT, "required": {"type": "boolean"}, "hint": TEXT},
}
_KINDS: Schema = {
    "type": "object",
    "properties": {
        "results": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "kind": TEXT,
                    "title": TEXT,
                    "columns": {"type": "array", "items": _COLUMN},
                },
            },
        },
        "next": {},
    },
}
