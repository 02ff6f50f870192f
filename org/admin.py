"""The organisation as administrators keep it: companies, departments, people, posts, calendars."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.http import HttpRequest
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from org import calendars
from org.adminbase import (
    AdminPasswordChangeForm,
    MasterAdmin,
    PlainAdmin,
    ReadOnlyAdmin,
    TabularInline,
    Textarea,
    TextInput,
    UserChangeForm,
    UserCreationForm,
)
from org.models import (
    CalendarDay,
    CalendarVersion,
    Company,
    Department,
    LogIn,
    Membership,
    Person,
    Shift,
)
from org.roles import Role

# The first that is found counts: the later ones are named by the earlier ones too.
BROWSERS = (
    ("企业微信", r"wxwork/(\d+)"),
    ("微信", r"MicroMessenger/(\d+)"),
    ("钉钉", r"DingTalk/(\d+)"),
    ("Edge", r"Edg\w*/(\d+)"),
    ("Firefox", r"Firefox/(\d+)"),
    ("Chrome", r"Chrome/(\d+)"),
    ("Safari", r"Version/(\d+)"),
)
SYSTEMS = (
    ("Android", "Android"),
    ("iOS", "iPhone"),
    ("iPadOS", "iPad"),
    ("Windows", "Windows"),
    ("macOS", "Mac OS"),
    ("Linux", "Linux"),
)

# Rights come from posts only; groups of permissions would be a second door.
admin.site.unregister(Group)


@admin.register(Company)
class CompanyAdmin(MasterAdmin):
    """Companies of the group."""

    list_display = ("code", "name", "kind", "parent", "profile")
    list_filter = ("kind", "profile")
    list_select_related = ("parent",)
    search_fields = ("code", "name")
    autocomplete_fields = ("parent",)


@admin.register(Department)
class DepartmentAdmin(MasterAdmin):
    """Departments and their leaders."""

    list_display = ("name", "code", "company", "leader")
    list_filter = ("company",)
    list_select_related = ("company", "leader")
    search_fields = ("code", "name", "alias")
    autocomplete_fields = ("company", "leader")


class PostInline(TabularInline):
    """The posts of a person."""

    model = Membership
    fk_name = "person"
    extra = 0
    autocomplete_fields = ("company", "department", "stand_in_for")


@admin.register(Person)
class PersonAdmin(MasterAdmin, UserAdmin):
    """People and their posts; somebody who leaves is made inactive, never deleted."""

    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("username", "name", "department", "is_active", "is_staff")
    list_filter = ("is_active", "department__company")
    list_select_related = ("department",)
    search_fields = ("username", "name", "phone")
    ordering = ("username",)
    autocomplete_fields = ("department", "direct_leader")
    readonly_fields = ("last_login", "date_joined")
    inlines = (PostInline,)
    filter_horizontal = ()
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        (_("Person"), {"fields": ("name", "phone", "email", "department", "direct_leader")}),
        (_("Access"), {"fields": ("is_active", "is_staff", "last_login", "date_joined")}),
    )
    add_fieldsets = ((None, {"fields": ("username", "name", "password1", "password2")}),)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """What a person did stays theirs."""
        return False

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Let somebody who becomes administrator into the admin."""
        super().save_related(request, form, formsets, change)
        admit(form.instance)


@admin.register(Membership)
class MembershipAdmin(MasterAdmin):
    """Who holds which post, where, from when to when; a post that ends gets a last day."""

    list_display = ("person", "role", "company", "department", "starts_on", "ends_on", "stand_in_for")
    list_filter = ("role", "company")
    list_select_related = ("person", "company", "department", "stand_in_for")
    search_fields = ("person__username", "person__name")
    autocomplete_fields = ("person", "company", "department", "stand_in_for")
    date_hierarchy = "starts_on"

    def save_model(self, request: HttpRequest, obj: Membership, form: Any, change: bool) -> None:
        """Let somebody who becomes administrator into the admin."""
        super().save_model(request, obj, form, change)
        admit(obj.person)


def admit(person: Person) -> None:
    """Open the door of the admin for a holder of the post; each page behind it asks the post again."""
    if not person.is_staff and person.memberships.filter(role=Role.ADMIN).exists():
        Person.objects.filter(pk=person.pk).update(is_staff=True)


@admin.register(LogIn)
class LogInAdmin(ReadOnlyAdmin):
    """Who came in, went out or was not let in, the latest first."""

    list_display = ("at", "kind", "person", "name", "address", "browser")
    exported = ("at", "kind", "person", "name", "address", "agent")
    list_filter = ("kind", ("at", admin.DateFieldListFilter))
    list_select_related = ("person",)
    search_fields = ("name", "person__name", "address", "agent")
    search_help_text = _("Name, network address or browser.")
    ordering = ("-pk",)
    fields = exported

    @admin.display(description=_("browser"))
    def browser(self, row: LogIn) -> str:
        """The browser in short; the whole of it stands on the page."""
        return agent_in_short(row.agent)


def agent_in_short(agent: str) -> str:
    """Which browser on which system, as far as it says so: `Chrome 140 · Windows`."""
    browser = next((f"{name} {found[1]}" for name, mark in BROWSERS if (found := re.search(mark, agent))), "")
    system = next((name for name, mark in SYSTEMS if mark in agent), "")
    return " · ".join(filter(None, (browser, system))) or agent[:40] or "—"


# ---- working calendars ----

_DAY = re.compile(r"(\d{4}-\d{2}-\d{2})\s+(\S+)(?:\s+(.{1,60}))?")
REMOVE = "remove"
# The words of a line, in English and in the language of whoever types.
_WORDS = {
    "holiday": (_("holiday"), CalendarDay.Kind.HOLIDAY.value),
    "workday": (_("workday"), CalendarDay.Kind.MAKEUP.value),
    REMOVE: (_("remove"), REMOVE),
}


class NewVersionForm(forms.ModelForm):
    """What changes against the calendar that counts now."""

    days = forms.CharField(
        label=_("Special days"),
        required=False,
        widget=Textarea(attrs={"rows": 12, "cols": 60}),
        help_text=format_lazy(
            _("One a line: the date, then {holiday}, {workday} or {remove}, then its name: {example}."),
            **{name: word for name, (word, _kind) in _WORDS.items()},
            example=format_lazy("2027-01-01 {word} 元旦", word=_("holiday")),
        ),
    )
    known = forms.CharField(
        label=_("Years now known"),
        required=False,
        widget=TextInput,
        help_text=_("Years whose official days are entered herewith, with blanks between."),
    )

    class Meta:
        model = CalendarVersion
        fields = ("company", "note")

    def clean_days(self) -> dict[date, tuple[str, str] | None]:
        """The days by date; None takes a special day away."""
        found: dict[date, tuple[str, str] | None] = {}
        for line in filter(None, map(str.strip, self.cleaned_data["days"].splitlines())):
            match = _DAY.fullmatch(line)
            try:
                day = date.fromisoformat(match[1]) if match else None
            except ValueError:
                day = None
            kind = _meant(match[2]) if match else None
            if match is None or day is None or kind is None:
                raise ValidationError(
                    _("This line was not understood: %(line)s"), code="line", params={"line": line}
                )
            found[day] = None if kind == REMOVE else (kind, match[3] or "")
        return found

    def clean_known(self) -> list[int]:
        """The years as numbers."""
        words = self.cleaned_data["known"].split()
        if not all(re.fullmatch(r"20\d\d", word) for word in words):
            raise ValidationError(_("Write years such as 2027."))
        return [int(word) for word in words]


def _meant(word: str) -> str | None:
    """The kind of day that a word of a line means."""
    return next((kind for name, (said, kind) in _WORDS.items() if word in (name, str(said))), None)


class PartInline(TabularInline):
    """A part of a version, to be looked at."""

    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Parts come with their version."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A version is never changed."""
        return False


class DayInline(PartInline):
    """The special days."""

    model = CalendarDay


class ShiftInline(PartInline):
    """The shifts."""

    model = Shift


@admin.register(CalendarVersion)
class CalendarAdmin(PlainAdmin):
    """Working calendars; a change is a new version that takes over what it does not say (SYS-05)."""

    form = NewVersionForm
    list_display = ("__str__", "company", "number", "note", "issued_by", "issued_at")
    list_filter = ("company",)

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        """Days and shifts of a version that stands."""
        return (ShiftInline, DayInline) if obj else ()

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """A version is never changed."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """A version is never deleted."""
        return False

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """The form of a new version, or what a version says."""
        if obj is None:
            return ("company", "note", "days", "known")
        return ("company", "number", "note", "zone", "weekdays", "years", "issued_by", "issued_at")

    def save_model(self, request: HttpRequest, obj: CalendarVersion, form: Any, change: bool) -> None:
        """Issue the version; `obj` becomes the one that was issued."""
        said = form.cleaned_data
        made = calendars.issue_version(
            company=said["company"],
            by=request.user,  # type: ignore[arg-type]
            at=timezone.now(),
            note=said["note"],
            days=said["days"],
            years=said["known"],
        )
        obj.__dict__.update(made.__dict__)
