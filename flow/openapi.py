"""The OpenAPI operation of every address of the REST face, made from the registries."""

from __future__ import annotations

from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent

from flow import narrowing, rulebook
from flow.actions import Action, Discard
from flow.forms import ReferenceField
from flow.listing import CASE, MAX_PAGE_SIZE, MAX_SEARCH, filter_field
from flow.models import Document
from flow.schema import (
    ANY_OBJECT,
    SHARED,
    TEXT,
    Schema,
    document_schema,
    field_schema,
    input_schema,
    obj,
    ref,
    row_schema,
)
from flow.screens import Screen

_PROBLEMS = {
    "400": "The request cannot be read.",
    "401": "No valid token.",
    "403": "Not allowed; the message says who may.",
    "404": "Not there, or not to be seen.",
    "405": "No such method here.",
    "406": "No such representation.",
    "409": "The document is not in a state, or not in order, for this; or it changed meanwhile.",
    "412": "The version in If-Match is an old one.",
    "413": "The request is too large.",
    "415": "No such content type here.",
    "422": "Something in the input is wrong.",
    "503": "Busy or unavailable; see Retry-After.",
}
_READ = ("401", "404", "406", "422", "503")
_WRITTEN = tuple(_PROBLEMS)
_KEY: Schema = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Makes a repeated request have one effect.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$"},
}
_IF_MATCH: Schema = {
    "name": "If-Match",
    "in": "header",
    "required": False,
    "description": "The ETag (version) of the document that was seen.",
    "schema": TEXT,
}
_PREFER: Schema = {
    "name": "Prefer",
    "in": "header",
    "required": False,
    "description": "“return=minimal” answers with id, number, state and version alone.",
    "schema": TEXT,
}
_IN_CASE = "The id of a case: its documents, and those of other cases that serve it."
_ID: Schema = {
    "name": "id",
    "in": "path",
    "required": True,
    "description": "The public id or the number.",
    "schema": TEXT,
}


class FaceSchema(AutoSchema):
    """The OpenAPI operation of a view of the REST face, from the registries instead of serializers."""

    view: Any

    def get_operation(
        self, path: str, path_regex: str, path_prefix: str, method: str, registry: Any
    ) -> Schema | None:
        """The operation at `path`."""
        self.registry, self.path, self.path_regex = registry, path, path_regex
        self.path_prefix, self.method = path_prefix, method.upper()
        self._register()
        return self._by_registry() | {"security": self.get_auth()}

    def _by_registry(self) -> Schema:
        screen = Screen.registry.get(self.view.model.label()) if self.view.model.slug else None
        if screen is None:
            return self._house()
        self._component(_name(screen.model), document_schema(screen))
        self._component(f"{_name(screen.model)}Row", row_schema(screen))
        step: Action | None = self.view.step
        if self.method == "POST" and step is not None:
            return self._of_step(screen.model, step)
        return self._of_list(screen) if "{id}" not in self.path else self._of_one(screen.model)

    def _of_step(self, model: type[Document], step: Action) -> Schema:
        parameters = [_KEY, _PREFER] if step.creates else [_ID, _KEY, _IF_MATCH, _PREFER]
        done = {"204": {"description": "Thrown away."}}
        if not isinstance(step, Discard):
            done = {"201" if step.creates else "200": _answer(ref(_name(model)))}
        body = input_schema(step)
        content = {"application/json": {"schema": body}}
        return {
            "operationId": step.verb.replace(".", "_"),
            "summary": str(step.label),
            **_reasoned(step),
            "tags": [model._meta.app_label],
            "parameters": parameters,
            "requestBody": {"required": bool(body.get("required")), "content": content},
            "responses": done | _problems(_WRITTEN),
        }

    def _of_list(self, screen: Screen) -> Schema:
        model = screen.model
        rows = {"type": "array", "items": ref(f"{_name(model)}Row")}
        page = obj({"results": rows, "next": {"type": "string", "nullable": True}})
        return {
            "operationId": f"{model.label().replace('.', '_')}_list",
            "summary": str(model._meta.verbose_name_plural),
            "tags": [model._meta.app_label],
            "parameters": [*_filters(screen), *paging()],
            "responses": {"200": _answer(page)} | _problems(_READ),
        }

    def _of_one(self, model: type[Document]) -> Schema:
        return {
            "operationId": f"{model.label().replace('.', '_')}_read",
            "summary": str(model._meta.verbose_name),
            "tags": [model._meta.app_label],
            "parameters": [_ID],
            "responses": {"200": _answer(ref(_name(model)))} | _problems(_READ),
        }

    def _house(self) -> Schema:
        """What belongs to no document type: the files, lists such as the events, what describes itself."""
        if own := getattr(self.view, "described", None):
            found: Schema = own(self.method)
            return found
        if "{id}" in self.path:
            content = {"*/*": {"schema": {"type": "string", "format": "binary"}}}
            file = {"description": "The file.", "content": content}
            return _operation("attachment_read", [_uuid()], {"200": file})
        page = obj({"results": {"type": "array", "items": ANY_OBJECT}, "next": {}})
        name = self.path.strip("/").rpartition("/")[2]
        asked = [_query(word, TEXT) for word in self.view.asks]
        return _operation(f"{name}_list", asked, {"200": _answer(page)})

    def _register(self) -> None:
        for name, schema in SHARED.items():
            self._component(name, schema)

    def _component(self, name: str, schema: Schema) -> None:
        made = ResolvedComponent(name, ResolvedComponent.SCHEMA, schema, object=name)
        self.registry.register_on_missing(made)


def _reasoned(step: Action) -> Schema:
    """Why the step asks what it asks: the rules behind it, one a line."""
    said = [f"{text.code}: {text.sentence}" for text in rulebook.behind(step.rules)]
    return {"description": "\n\n".join(said)} if said else {}


def described(
    name: str, *, path: tuple[str, ...], takes: Schema | None, gives: Schema, status: str
) -> Schema:
    """The operation of a view that belongs to no document type and says itself what it takes and gives."""
    named = [
        _ID if part == "id" else {"name": part, "in": "path", "required": True, "schema": TEXT}
        for part in path
    ]
    made = _operation(name, [*named, _KEY] if takes else named, {status: _answer(gives)})
    if takes:
        made["requestBody"] = {"required": True, "content": {"application/json": {"schema": takes}}}
        made["responses"] |= _problems(("400", "409", "413", "415"))
    return made


def paging() -> list[Schema]:
    """The query parameters of a list."""
    size = {"type": "integer", "minimum": 1, "maximum": MAX_PAGE_SIZE}
    return [
        _query("cursor", TEXT),
        _query("page_size", size),
        _query("q", {"type": "string", "maxLength": MAX_SEARCH}),
        _query("ordering", TEXT),
    ]


def _filters(screen: Screen) -> list[Schema]:
    found = [_query(CASE, {"type": "string", "format": "uuid"}, _IN_CASE)]
    for name in narrowing.names(screen):
        wanted = filter_field(screen.model, name, None)
        made = field_schema(wanted)
        made.pop("title", None)
        if isinstance(wanted, ReferenceField):
            made = TEXT
        elif narrowing.is_day(screen.model, name):
            made = {"anyOf": [made, {"type": "string", "enum": list(narrowing.PERIODS)}]}
        found.append(_query(name, made, wanted.label))
        if narrowing.is_range(screen.model, name):
            found += [_query(f"{name}{end}", made, wanted.label) for end in (narrowing.FROM, narrowing.TO)]
    for one in narrowing.conditions():
        codes = [code for code, _label in one.choices]
        found.append(_query(one.name, {"type": "string", "enum": codes}, one.label))
    return found


def _query(name: str, schema: Schema, title: Any = "") -> Schema:
    made: Schema = {"name": name, "in": "query", "required": False, "schema": schema}
    return made | ({"description": str(title)} if title else {})


def _uuid() -> Schema:
    return _ID | {"schema": {"type": "string", "format": "uuid"}, "description": "The id of the file."}


def _operation(operation_id: str, parameters: list[Schema], done: Schema) -> Schema:
    return {
        "operationId": operation_id,
        "tags": ["house"],
        "parameters": parameters,
        "responses": done | _problems(_READ),
    }


def _answer(schema: Schema) -> Schema:
    return {"description": "", "content": {"application/json": {"schema": schema}}}


def _problems(codes: tuple[str, ...]) -> Schema:
    problem = {"application/json": {"schema": ref("Problem")}}
    return {code: {"description": _PROBLEMS[code], "content": problem} for code in codes}


def _name(model: type[Document]) -> str:
    return f"{model._meta.app_label.title()}{model.__name__}"
