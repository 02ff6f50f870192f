"""One attempt at a verb by one person through one face, undone afterwards; and what it came to."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import time_machine
from django import forms
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.db import models, transaction
from django.db.models import Max
from django.test import Client

from config.demo.story.papers import scan
from flow.actions import Action
from flow.events import By
from flow.forms import ReferenceField
from flow.models import Event
from flow.refusals import Invalid, Refused
from integration import tokens
from org.models import Membership, Person
from org.roles import Role

DONE = "done"


@dataclass(frozen=True)
class Try:
    """What is tried: a verb, on a document (None: a creation), with an input, at a moment."""

    action: Action
    document: Any
    data: dict[str, Any]
    at: datetime

    @property
    def root(self) -> str:
        """The part of an address that pages and REST have in common."""
        return f"{self.action.model._meta.app_label}/{self.action.model.slug}/"


Face = Callable[[Try, Person], int | str]


@contextmanager
def undone() -> Iterator[None]:
    """Whatever is done inside is taken back."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def outcome(face: Face, one: Try, person: Person) -> tuple[int | str, bool]:
    """What the face answered, and whether anything changed; then it is taken back."""
    with undone(), time_machine.travel(one.at, tick=False):
        before = _standing(one)
        try:
            answer = face(one, person)
        except Exception as fault:  # an unexpected one is a finding, not the end of the walk
            answer = f"{type(fault).__name__}: {fault}"
        return answer, _standing(one) != before


def _standing(one: Try) -> tuple[Any, ...]:
    """The last event of the house, and the version and state of the document."""
    last = Event.objects.aggregate(last=Max("pk"))["last"]
    if one.document is None:
        return (last,)
    rows = one.action.model._default_manager.filter(pk=one.document.pk)
    return last, rows.values_list("version", "state").first()


# ---- the faces ----


def python(one: Try, person: Person) -> int | str:
    """The call itself; a refusal as the status that REST would answer."""
    by, data = By(person, one.at), fresh(one.data)
    try:
        if one.document is None:
            one.action(by=by, **data)
        else:
            one.action(one.document, by=by, **data)
    except PermissionDenied:
        return 403
    except Refused:
        return 409
    except Invalid:
        return 422
    except ObjectDoesNotExist:
        return 404
    return DONE


def rest(one: Try, person: Person) -> int | str:
    """A program with the person's token."""
    body: dict[str, Any] = _json(one.action.form, one.data)
    if one.action.lines is not None and "lines" in one.data:
        body["lines"] = [_json(one.action.lines, row) for row in one.data["lines"] or []]
    where = f"/api/v1/{one.root}"
    if one.document is not None:
        where += f"{one.document.public_id}/{one.action.name}/"
    secret = tokens.issue(person)[1]
    headers = {"Authorization": f"Token {secret}", "Accept-Language": "en", "Prefer": "return=minimal"}
    answer = Client().post(where, json.dumps(body), content_type="application/json", headers=headers)
    return DONE if answer.status_code in (200, 201, 204) else _said(answer)


def html(one: Try, person: Person) -> int | str:
    """Somebody who has logged in and sends the form."""
    form: dict[str, Any] = _form(one.action.form, one.data)
    if one.action.lines is not None:
        for index, row in enumerate(one.data.get("lines") or []):
            cells = _form(one.action.lines, row)
            form |= {f"lines-{index}-{name}": value for name, value in cells.items()}
    where = f"/{one.root}new/"
    if one.document is not None:
        where = f"/{one.root}{one.document.public_id}/{one.action.name}/"
    answer = _desk(person).post(where, form, headers={"Accept-Language": "en"})
    return DONE if answer.status_code == 302 else _said(answer)


def admin(one: Try, person: Person) -> int | str:
    """An administrator who ticks the document in the admin and chooses the verb."""
    meta = one.action.model._meta
    Person.objects.filter(pk=person.pk).update(is_staff=True)
    if not Membership.objects.filter(person=person, role=Role.ADMIN).exists():
        company, since = one.document.company, one.document.created_at.date()
        Membership.objects.create(person=person, role=Role.ADMIN, company=company, starts_on=since)
    ticked = {"action": one.action.name, "_selected_action": [one.document.pk]}
    before = _standing(one)
    answer = _desk(person).post(f"/admin/{meta.app_label}/{meta.model_name}/", ticked)
    return DONE if _standing(one) != before else answer.status_code


def _desk(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def _said(answer: Any) -> int | str:
    """The status; of wrong input and faults with what was said, to be read when it was not expected."""
    if answer.status_code == 422:
        Try.said = answer.content.decode()[:600]  # type: ignore[attr-defined]
    return int(answer.status_code)


# ---- the input, as each face takes it ----


def fresh(data: Any) -> Any:
    """The same input with files nobody has read yet."""
    if isinstance(data, dict):
        return {name: fresh(value) for name, value in data.items()}
    if isinstance(data, list):
        return [fresh(value) for value in data]
    return scan(data.name) if isinstance(data, UploadedFile) else data


def _json(form: Any, data: dict[str, Any]) -> dict[str, Any]:
    return {name: _plain(wanted, value) for name, wanted, value in _given(form, data)}


def _form(form: Any, data: dict[str, Any]) -> dict[str, Any]:
    return {name: _typed(wanted, value) for name, wanted, value in _given(form, data)}


def _given(form: Any, data: dict[str, Any]) -> Iterator[tuple[str, forms.Field, Any]]:
    for name, wanted in form.base_fields.items():
        value = data.get(name)
        if value is not None and value is not False and value != "" and value != []:
            yield name, wanted, value


def _plain(wanted: forms.Field, value: Any) -> Any:
    if isinstance(value, UploadedFile):
        content = b"".join(scan(str(value.name)).chunks())
        return {"name": value.name, "content": base64.b64encode(content).decode()}
    if isinstance(value, bool | list):
        return value
    if isinstance(wanted, forms.IntegerField) and not isinstance(wanted, forms.DecimalField):
        return int(value)
    return _word(wanted, value)


def _typed(wanted: forms.Field, value: Any) -> Any:
    if isinstance(value, UploadedFile):
        return scan(str(value.name))
    if value is True:
        return "on"
    return value if isinstance(value, list) else _word(wanted, value)


def _word(wanted: forms.Field, value: Any) -> str:
    if isinstance(wanted, ReferenceField) and isinstance(value, models.Model):
        return str(wanted.prepare_value(value))
    if isinstance(value, date):
        return value.isoformat()
    return f"{value:f}" if isinstance(value, Decimal) else str(value)
