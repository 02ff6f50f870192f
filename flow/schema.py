"""Describes what the REST face takes and gives: JSON Schema of every input and of every document."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db import models
from django.urls import reverse
from django.utils.http import urlencode

from flow import render
from flow.actions import Action
from flow.binding import MAX_LINES
from flow.forms import ReferenceField
from flow.listing import field_at
from flow.models import Document
from flow.screens import Lines, Screen

Schema = dict[str, Any]
TEXT: Schema = {"type": "string"}
MOMENT: Schema = {"type": "string", "format": "date-time"}
_REFERENCE = "Reference"
_FILE: Schema = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "maxLength": 200},
        "content": {"type": "string", "format": "byte"},
    },
    "required": ["name", "content"],
    "additionalProperties": False,
}


# ---- input ----


def input_schema(action: Action) -> Schema:
    """The JSON Schema of an action's input: its fields, and its lines where it takes some."""
    made = _form_schema(action.form, action.verb)
    if action.lines is not None:
        items = _form_schema(action.lines, action.verb, "lines.")
        rows = {"type": "array", "maxItems": MAX_LINES, "items": items}
        made["properties"]["lines"] = rows
    return made


def _form_schema(form: type[forms.Form], verb: str, part: str = "") -> Schema:
    known = form.base_fields
    made: Schema = {
        "type": "object",
        "properties": {name: field_schema(wanted) for name, wanted in known.items()},
        "additionalProperties": False,
    }
    for name, wanted in known.items():
        if isinstance(wanted, ReferenceField):
            asked = urlencode({"verb": verb, "field": f"{part}{name}"})
            made["properties"][name]["x-choices"] = f"{reverse('api-choices')}?{asked}"
    if required := [name for name, wanted in known.items() if wanted.required]:
        made["required"] = required
    return made


def field_schema(wanted: forms.Field) -> Schema:
    """The JSON Schema of one form field."""
    made = _type_schema(wanted)
    if wanted.label:
        made["title"] = str(wanted.label)
    if wanted.help_text:
        made["description"] = str(wanted.help_text)
    return made


def _type_schema(wanted: forms.Field) -> Schema:
    if isinstance(wanted, ReferenceField):
        label = wanted.model._meta.label_lower
        if issubclass(wanted.model, Document):
            label = wanted.model.label()
        return {"anyOf": [{"type": "string"}, {"type": "integer"}], "x-reference": label}
    if isinstance(wanted, forms.FileField):
        return dict(_FILE)
    if isinstance(wanted, forms.BooleanField):
        return {"type": "boolean", **({"enum": [True]} if wanted.required else {})}
    if isinstance(wanted, forms.DecimalField | forms.FloatField):
        number = _bounds(wanted)
        return {"anyOf": [{"type": "number", **number}, {"type": "string", "format": "decimal"}]}
    if isinstance(wanted, forms.IntegerField):
        return {"type": "integer", **_bounds(wanted)}
    if isinstance(wanted, forms.DateTimeField):
        return dict(MOMENT)
    if isinstance(wanted, forms.DateField):
        return {"type": "string", "format": "date"}
    if isinstance(wanted, forms.MultipleChoiceField):
        return {"type": "array", "items": {"type": "string", "enum": _codes(wanted)}}
    if isinstance(wanted, forms.ChoiceField):
        return {"type": "string", "enum": _codes(wanted) + ([] if wanted.required else [""])}
    return _text_schema(wanted)


def _text_schema(wanted: forms.Field) -> Schema:
    made: Schema = {"type": "string"}
    if wanted.required:
        made["minLength"] = 1
    if longest := getattr(wanted, "max_length", None):
        made["maxLength"] = longest
    return made


def _bounds(wanted: Any) -> Schema:
    bounds = {"minimum": wanted.min_value, "maximum": wanted.max_value}
    return {name: float(limit) for name, limit in bounds.items() if limit is not None}


def _codes(wanted: Any) -> list[str]:
    codes: list[str] = []
    for code, label in wanted.choices:
        grouped = isinstance(label, list | tuple)
        codes.extend(str(inner) for inner, _ in label) if grouped else codes.append(str(code))
    return list(dict.fromkeys(code for code in codes if code != ""))


# ---- output ----


def head_schema(model: type[Document]) -> Schema:
    """What every document has, with the states of this type."""
    stored: Any = model._meta.get_field("state")  # type: ignore[misc]
    states = [str(code) for code, _label in stored.flatchoices]
    return {
        "id": {"type": "string", "format": "uuid"},
        "number": {"type": "string", "nullable": True},
        "state": {"type": "string", "enum": states},
        "state_label": TEXT,
        "version": {"type": "integer"},
    }


def column_schema(model: type[Any], name: str) -> Schema:
    """How a column of a screen looks in an answer; left out where the reader may not see it."""
    found = field_at(model, name)
    title = {"title": render.heading(model, name)}
    if found is None:
        return title
    if found.related_model is not None:
        return {"allOf": [{"$ref": f"#/components/schemas/{_REFERENCE}"}], "nullable": True} | title
    if isinstance(found, models.BooleanField):
        return {"type": "boolean", "nullable": True} | title
    if isinstance(found, models.IntegerField | models.AutoField):
        return {"type": "integer", "nullable": True} | title
    if isinstance(found, models.DateTimeField):
        return {**MOMENT, "nullable": True} | title
    if isinstance(found, models.JSONField):
        return title
    return {"type": "string", "nullable": True} | title


def columns_schema(model: type[Any], names: tuple[str, ...]) -> Schema:
    """The columns of a screen, or of its lines."""
    return {name: column_schema(model, name) for name in names}


def row_schema(screen: Screen) -> Schema:
    """A row of a list."""
    head = head_schema(screen.model)
    made = columns_schema(screen.model, screen.columns)
    return obj(made | head, required=list(head))


def document_schema(screen: Screen) -> Schema:
    """A whole document."""
    head = head_schema(screen.model)
    fields = tuple(name for name in screen.fields if name not in head)
    parts = {
        "label": TEXT,
        "company": ref(_REFERENCE),
        "case": obj({"id": {"type": "string", "format": "uuid"}, "title": TEXT}),
        "created_at": MOMENT,
        "created_by": ref(_REFERENCE),
        "fields": obj(columns_schema(screen.model, fields), required=[]),
        "lines": obj({part.name: _lines_schema(screen.model, part) for part in screen.lines}),
        "attachments": {"type": "array", "items": ref("Attachment")},
        "contacts": {"type": "array", "items": ref("Contact")},
        "actions": {"type": "array", "items": ref("Offer")},
        "events": {"type": "array", "items": ref("Event")},
    }
    return {**obj(head | parts, required=list(head)), "additionalProperties": True}


def _lines_schema(model: type[Document], part: Lines) -> Schema:
    target: Any = model._meta.get_field(part.name).related_model
    columns = columns_schema(target, part.columns)
    return {"type": "array", "items": obj({"id": {"type": "integer"}} | columns, required=["id"])}


def obj(properties: Schema, required: list[str] | None = None) -> Schema:
    """An object; all its properties are there unless `required` says otherwise."""
    wanted = list(properties) if required is None else required
    return {"type": "object", "properties": properties} | ({"required": wanted} if wanted else {})


def ref(name: str) -> Schema:
    """A named component."""
    return {"$ref": f"#/components/schemas/{name}"}


ANY_OBJECT: Schema = {"type": "object", "additionalProperties": True}
SHARED: dict[str, Schema] = {
    _REFERENCE: obj(
        {"id": TEXT, "number": {"type": "string", "nullable": True}, "label": TEXT, "text": TEXT}
    ),
    "Attachment": obj(
        {
            "id": {"type": "string", "format": "uuid"}, "kind": TEXT, "name": TEXT, "mime": TEXT,
            "size": {"type": "integer"}, "sha256": TEXT, "at": MOMENT, "by": TEXT, "url": TEXT,
        }
    ),
    "Contact": obj(
        {
            "id": {"type": "string", "format": "uuid"}, "party": TEXT, "channel": TEXT,
            "channel_label": TEXT, "content": TEXT, "next_step": TEXT, "at": MOMENT, "by": TEXT,
        }
    ),
    "Offer": obj(
        {
            "name": TEXT, "label": TEXT, "method": TEXT, "url": TEXT,
            "reasons": {"type": "array", "items": TEXT}, "schema": ANY_OBJECT,
        }
    ),
    "Event": obj(
        {
            "id": {"type": "integer"}, "verb": TEXT, "label": TEXT, "at": MOMENT, "recorded_at": MOMENT,
            "actor": TEXT, "version": {"type": "integer", "nullable": True}, "from": TEXT, "to": TEXT,
            "data": ANY_OBJECT,
        }
    ),
    "Problem": {
        **obj({"error": TEXT, "message": TEXT}),
        "additionalProperties": True,
        "description": "409 and 412 add reasons, state, version, by, at; 422 adds errors; 403 adds roles.",
    },
}  # fmt: skip
