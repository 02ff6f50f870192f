"""Every address through which something of a document could be learnt, made from the house's own registries.

An address that is added tomorrow is tried tomorrow; one whose parts are not known here fails the test.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver, reverse

from flow import html, narrowing, prints
from flow.actions import Action, actions_of, creation_of
from flow.forms import DocumentField
from flow.models import Attachment, Document
from flow.screens import Screen
from integration.models import Job, Notice

# Their own tests stand in test_admin.py of this folder.
OTHERS = ("admin", "backoffice")
# Addresses without parts that answer nobody in particular, or move what is not a document.
OPEN = {
    "healthz", "metrics", "login", "login-code", "logout", "set_language", "api-schema", "api-docs",
    "api-nothing", "desk:clock", "integration:read_all",
}  # fmt: skip
# How the parts of addresses are called that name one document, and those that name something else.
DOCUMENT, FILE, JOB = {"identity", "id"}, {"desk:download", "desk:preview", "desk:picture"}, "job"
NOT_OF_DOCUMENTS = {"desk:member", "desk:item", "desk:rule", "desk:import", "desk:import-template"}


@dataclass(frozen=True)
class Address:
    """An address with the names of its parts, and the module that answers there."""

    name: str
    parts: frozenset[str]
    module: str = ""

    def at(self, **said: Any) -> str:
        """The address with these parts, as far as it has them."""
        return reverse(self.name, kwargs={part: said[part] for part in self.parts})


def addresses() -> list[Address]:
    """All addresses of the house but those of the administration."""
    return [found for found in _all(get_resolver()) if found.name.partition(":")[0] not in OTHERS]


def _all(resolver: URLResolver, space: str = "") -> Iterator[Address]:
    for found in resolver.url_patterns:
        if isinstance(found, URLPattern):
            if found.name is None and str(found.pattern).startswith("admin/"):
                continue
            module = getattr(found.callback, "view_class", found.callback).__module__
            yield Address(f"{space}{found.name}", frozenset(found.pattern.converters), module)
        elif found.namespace:
            yield from _all(found, f"{space}{found.namespace}:")
        elif str(found.pattern) != "admin/":
            yield from _all(found, space)


def kinds() -> dict[str, list[Address]]:
    """The addresses by what they open: one document, a file, a job, a notice, a list; `unknown` is a gap."""
    found: dict[str, list[Address]] = {}
    for address in addresses():
        found.setdefault(_kind(address), []).append(address)
    return found


def _kind(address: Address) -> str:
    if address.name in FILE or address.name == "api-attachment":
        return "file"
    if address.name.startswith("integration:open"):
        return "notice"
    if address.parts & {"public_id"} or address.name.startswith(("api-job-", "api-import-")):
        return JOB
    if address.name == "api-job":
        return JOB
    if address.parts & DOCUMENT:
        return "document"
    if address.name in OPEN or address.name in NOT_OF_DOCUMENTS:
        return "open"
    return "list" if address.parts <= {"app", "slug", "name", "verb", "part"} else "unknown"


# ---- one document ----


def of_document(document: Document, identity: str) -> Iterator[str]:
    """Every address that opens this document when it is named so: pages, time-line, prints, verbs, API."""
    app, slug = document.label().split(".")
    generic = f"api-{document.label()}"
    for address in kinds()["document"]:
        said = {"app": app, "slug": slug, "identity": identity, "id": identity}
        if address.name.startswith("api-") and "." in address.name:
            if address.name == generic or address.name.startswith(f"{generic}-"):
                yield address.at(**said)
        elif "verb" in address.parts:
            for action in actions_of(type(document)):
                yield address.at(**said, verb=action.name)
        elif "form" in address.parts:
            for form in prints.forms_of(document):
                yield address.at(**said, form=form.slug)
        else:
            yield address.at(**said)


def around(document: Document) -> Iterator[str]:
    """Addresses of lists that name this document or its case: filters, searches, the palette, creations."""
    identity, number = str(document.public_id), document.number or str(document.public_id)
    case, label = document.case.public_id, document.label()
    root = f"/{label.replace('.', '/')}/"
    for lists in (root, f"/api/v1{root}"):
        yield f"{lists}?case={case}"
        yield f"{lists}?q={number}"
    yield f"{root}?q={number}&format=csv"
    yield f"{root}board/?q={number}"
    yield f"{root}?view=waiting&case={case}"
    yield f"{reverse('desk:find')}?q={number}"
    yield f"{reverse('desk:palette')}?q={number}"
    yield f"{reverse('desk:palette')}?q={number[-4:].lstrip('0-')}"
    yield f"{reverse('desk:print-many')}?case={case}"
    yield f"{reverse('desk:print-many')}?label={label}&ids={identity}"
    yield f"{reverse('desk:export')}?label={label}&format=csv&case={case}"
    yield f"{reverse('api-events')}?subject={label}:{identity}"
    yield f"{reverse('api-events')}?case={case}"
    yield f"{reverse('api-deadlines')}?subject={label}:{identity}"
    yield from _made_from(document, number)


def _made_from(document: Document, number: str) -> Iterator[str]:
    """The forms of what could be made from it, and the pickers in which it could be found."""
    for action in Action.registry.values():
        parent = getattr(action, "parent", "")
        wanted = action.form.base_fields.get(parent) if parent else None
        if isinstance(wanted, DocumentField) and wanted.model is type(document):
            yield f"{html.list_href(action.model)}new/?{parent}={document.public_id}"
        for part in ("form", "lines"):
            form = getattr(action, part)
            for name, field in form.base_fields.items() if form and action.has_face else ():
                if isinstance(field, DocumentField) and field.model is type(document):
                    yield f"{reverse('desk:pick', args=[action.verb, part, name])}?q={number}"
                    dotted = f"lines.{name}" if part == "lines" else name
                    yield f"{reverse('api-choices')}?verb={action.verb}&field={dotted}&q={number}"


def sent(document: Document) -> Iterator[tuple[str, dict[str, Any]]]:
    """Forms that name this document without standing at its address: bulk steps, boards, exports."""
    identity, label = str(document.public_id), document.label()
    root = f"/{label.replace('.', '/')}/"
    for verb in ("export", "print", *(action.name for action in actions_of(type(document)))):
        yield reverse("desk:bulk"), {"label": label, "ids": identity, "verb": verb, "sure": "1"}
    for state, _label in type(document)._meta.get_field("state").choices:
        yield f"{root}board/move/", {"id": identity, "to": state, "version": str(document.version)}
    yield reverse("api-exports"), {"label": label, "format": "csv", "ids": [identity]}


# ---- lists ----


def of_lists() -> Iterator[str]:
    """Every list, board, count, picker, workbench, and their files; each as long as it may be."""
    for address in kinds()["list"]:
        if "name" not in address.parts and "slug" in address.parts:
            for screen in Screen.registry.values():
                app, slug = screen.model.label().split(".")
                yield address.at(app=app, slug=slug)
        elif not address.parts:
            yield address.at()
    for label, screen in Screen.registry.items():
        root = f"/{label.replace('.', '/')}/"
        yield f"/api/v1{root}?page_size=200"
        yield f"{root}?format=csv"
        yield f"{root}?format=xlsx"
        yield f"{root}?ordering=-number&columns={','.join(screen.fields)}"
        yield f"{reverse('desk:export')}?label={label}&format=csv&columns={','.join(screen.fields)}"
        for name in narrowing.names(screen):
            yield f"{root}choices/{name}/"
        if creation := creation_of(screen.model):
            yield from _pickers(creation)
    yield f"{reverse('api-events')}?page_size=200"
    yield f"{reverse('api-deadlines')}?page_size=200"
    yield f"{reverse('desk:late-clocks')}?shade=late"


def _pickers(action: Action) -> Iterator[str]:
    for part in ("form", "lines"):
        form = getattr(action, part)
        for name in form.base_fields if form else ():
            yield reverse("desk:pick", args=[action.verb, part, name])


# ---- files, jobs, notices ----


def of_file(file: Attachment) -> Iterator[str]:
    """Every address of a file: itself, its picture, its page."""
    for address in kinds()["file"]:
        yield address.at(public_id=file.public_id, id=file.public_id, size="small", number=1)


def of_job(job: Job) -> Iterator[str]:
    """Every address of a job: its page, its file, its end."""
    for address in kinds()[JOB]:
        yield address.at(public_id=job.public_id, id=job.public_id)


def of_notice(notice: Notice) -> Iterator[str]:
    """The address that opens a notice."""
    yield reverse("integration:open", args=[notice.pk])
