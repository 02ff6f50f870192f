"""What all admin pages are made of: unfold's bases where it is installed, Django's own where it is not."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from django.apps import apps
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import display_for_field, label_for_field, lookup_field, unquote
from django.contrib.admin.views.main import ERROR_FLAG, SEARCH_VAR
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import ForeignKey, Model, QuerySet
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.template.response import TemplateResponse
from django.utils.functional import cached_property
from django.utils.html import strip_tags
from django.utils.translation import gettext_lazy as _

from org import changes
from org.changes import Change
from org.history import past_of
from org.queries import is_administrator

if UNFOLD := apps.is_installed("unfold"):
    from unfold.admin import ModelAdmin as ThemeAdmin
    from unfold.admin import TabularInline as ThemeInline
    from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm
    from unfold.widgets import UnfoldAdminTextareaWidget as Textarea
    from unfold.widgets import UnfoldAdminTextInputWidget as TextInput
else:
    from django.contrib.admin import ModelAdmin as ThemeAdmin
    from django.contrib.admin import TabularInline as ThemeInline
    from django.contrib.admin.widgets import AdminTextareaWidget as Textarea
    from django.contrib.admin.widgets import AdminTextInputWidget as TextInput
    from django.contrib.auth.forms import (
        AdminPasswordChangeForm,
        UserChangeForm,
        UserCreationForm,
    )

__all__ = [
    "UNFOLD",
    "AdminPasswordChangeForm",
    "MasterAdmin",
    "PlainAdmin",
    "ReadOnlyAdmin",
    "TabularInline",
    "TextInput",
    "Textarea",
    "UserChangeForm",
    "UserCreationForm",
]
# So many rows are counted; a list of millions says "more than" instead of counting them all.
COUNTED = 10_000
# So many changes of one row, and of each kind of its parts, stand on its history page.
SHOWN = 200
EXPORTED = 100_000
CHUNK = 1_000
# More digits than the widest column holds.
_LONG_NUMBER = re.compile(r"\d{19}")


class BoundedPaginator(Paginator):
    """Counts no further than people page."""

    @cached_property
    def count(self) -> int:
        """How many rows there are, at most `COUNTED`."""
        rows = self.object_list
        return rows[:COUNTED].count() if isinstance(rows, QuerySet) else len(rows)


class Searched(AutocompleteSelect):
    """An entry that is found by searching; what stands in its place and is no key is shown as nothing chosen,
    where Django's own widget fails (P13)."""

    def optgroups(self, name: str, value: Sequence[str], attr: Any = None) -> list[Any]:
        """The entry chosen, if there is one."""
        keys = [one for one in value if str(one).isdecimal() and len(str(one)) < 19]
        return super().optgroups(name, keys, attr)


class Searching:
    """Lets a form of the admin look for entries with our own widget."""

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """The field of a form for a reference."""
        if "widget" not in kwargs and db_field.name in self.get_autocomplete_fields(request):  # type: ignore[attr-defined]
            kwargs["widget"] = Searched(db_field, self.admin_site, using=kwargs.get("using"))  # type: ignore[attr-defined]
        return super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]


class TabularInline(Searching, ThemeInline):
    """Rows that are kept on the page of another."""


class PlainAdmin(Searching, ThemeAdmin):
    """Open to people who hold the post of administrator today, whatever other flags they carry (P21)."""

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """The row, or None; an empty name of a field, for which Django's own would fail, is none (P13)."""
        return super().get_object(request, object_id, from_field or None)

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """The list as it was asked for. Raises IncorrectLookupParameters, also for a number that no column
        holds and for which a database would fail (P13)."""
        asked = (word for name in request.GET if name != SEARCH_VAR for word in request.GET.getlist(name))
        if any(_LONG_NUMBER.search(word) for word in asked):
            raise IncorrectLookupParameters
        return super().get_changelist_instance(request)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Whether the section is shown."""
        return is_administrator(request.user)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Whether the rows may be seen."""
        return is_administrator(request.user)

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Whether a row may be made."""
        return is_administrator(request.user)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Whether a row may be changed."""
        return is_administrator(request.user)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Whether a row may be deleted."""
        return is_administrator(request.user)


class MasterAdmin(PlainAdmin):
    """Master data or settings; their history tells each field that was changed, old and new, and by whom."""

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The changes of one row and of what is kept on its page. Raises PermissionDenied."""
        row = self.get_object(request, unquote(object_id))
        if not hasattr(self.model._meta, "simple_history_manager_attribute"):
            return super().history_view(request, object_id, extra_context)
        if row is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if not self.has_view_or_change_permission(request, row):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "title": _("History of {name}").format(name=row),
            "changes": self.changes_of(request, row),
            "object": row,
            "opts": self.opts,
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/changes.html", context)

    def changes_of(self, request: HttpRequest, row: Model) -> list[Change]:
        """What was changed of the row and of its parts, the newest first."""
        found = changes.of_row(row, SHOWN)
        for part in self.get_inline_instances(request, row):
            if hasattr(part.model._meta, "simple_history_manager_attribute"):
                name = part.fk_name or next(
                    field.name
                    for field in part.model._meta.fields
                    if isinstance(field, ForeignKey) and field.related_model is type(row)
                )
                rows = past_of(part.model)._default_manager.filter(**{f"{name}_id": row.pk})
                found += changes.of(part.model, rows.order_by("-history_id")[:SHOWN])
        return sorted(found, key=lambda change: change.at, reverse=True)


class ReadOnlyAdmin(PlainAdmin):
    """Rows that nobody writes by hand; with `exported` they leave as CSV, filtered as they stand."""

    exported: tuple[str, ...] = ()
    paginator = BoundedPaginator
    show_full_result_count = False
    change_list_template = "admin/read_only_list.html"

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody adds one here."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody changes one here."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody deletes one here."""
        return False

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponseBase:
        """The list, or with `export` in the address its rows as CSV."""
        query = request.GET.copy()
        wanted = query.pop("export", None)
        if wanted is None or not self.exported:
            address = f"?{query.urlencode()}&export=csv" if query else "?export=csv"
            shown = {"export_address": address if self.exported else "", **(extra_context or {})}
            answer = super().changelist_view(request, shown)
            if isinstance(answer, TemplateResponse) and "cl" in (answer.context_data or {}):
                self.dress(request, list(answer.context_data["cl"].result_list))  # type: ignore[index]
            return answer
        if not self.has_view_permission(request):
            raise PermissionDenied
        request.GET = query  # type: ignore[assignment]
        try:
            rows = self.get_changelist_instance(request).get_queryset(request)[:EXPORTED]
        except IncorrectLookupParameters:
            # As the list itself answers what it does not understand.
            return HttpResponseRedirect(f"{request.path}?{ERROR_FLAG}=1")
        answer = StreamingHttpResponse(self._lines(request, rows), content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="{self.opts.model_name}.csv"'
        return answer

    def dress(self, request: HttpRequest, rows: list[Any]) -> None:
        """Hang on the rows of a page what their columns need, in queries that do not grow with them."""

    def _lines(self, request: HttpRequest, rows: QuerySet[Any]) -> Iterator[str]:
        writer = csv.writer(Echo())
        heads = [str(label_for_field(name, self.model, self)) for name in self.exported]
        yield "\ufeff" + writer.writerow(heads)
        found = rows.iterator(chunk_size=CHUNK)
        while chunk := list(islice(found, CHUNK)):
            self.dress(request, chunk)
            for row in chunk:
                yield writer.writerow([guarded(self._word(name, row)) for name in self.exported])

    def _word(self, name: str, row: Any) -> str:
        field, _attribute, value = lookup_field(name, row, self)
        return strip_tags(str(display_for_field(value, field, "") if field else value))


class Echo:
    """A file that gives back what is written."""

    def write(self, text: str) -> str:
        """The text itself."""
        return text


def guarded(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r")) else text
