"""The input of an action is a form: HTML renders it, JSON is bound to it, the API schema is made from it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from flow import policy
from flow.models import Contact, Document
from flow.policy import Viewer
from flow.uploads import check_upload
from org.models import Company, Department


class ActionForm(forms.Form):
    """A form that knows for whom, on which document and when it is filled in.

    `viewer` is the person with posts (None only when a schema is made), `document` the one acted on
    (for a creation: None), `at` the moment of the face. A subclass may give classmethods: `offer(document)`
    says what the form of an action shows of its document, `offer_from(parent)` what that of a creation shows
    of the document under which it is made; forms of lines return one dict for each line.
    """

    def __init__(
        self,
        *args: Any,
        viewer: Viewer | None = None,
        document: Any = None,
        at: datetime | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.viewer, self.document, self.at = viewer, document, at
        for field in self.fields.values():
            if isinstance(field, ReferenceField):
                field.narrow(viewer)


class ReferenceField(forms.Field):
    """Another row named by its public id, number, code or primary key; given back as the row itself."""

    default_error_messages = {"unknown": _("There is no such entry, or you may not see it.")}

    def __init__(self, model: type[Model], *, by: tuple[str, ...] = ("code",), **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.model, self.by = model, by
        self.viewer: Viewer | None = None

    def narrow(self, viewer: Viewer | None) -> None:
        """From now on answer only with what this person may see."""
        self.viewer = viewer

    def rows(self) -> QuerySet[Any]:
        """The rows that may be named."""
        return self.model._default_manager.all()

    def offered(self) -> QuerySet[Any]:
        """Those of them that are worth being proposed."""
        return self.rows()

    def to_python(self, value: Any) -> Any:
        """Find the row; raises ValidationError when there is none."""
        if value in self.empty_values:
            return None
        if isinstance(value, Model):
            return value
        if not isinstance(value, str | int) or isinstance(value, bool) or "\x00" in str(value):
            raise ValidationError(self.error_messages["unknown"], code="unknown")
        word = str(value).strip()
        # A code may look like a primary key: what people call a row comes before what the database calls it.
        found = self.rows().filter(self.named(word)).first() or self.rows().filter(self.keyed(word)).first()
        if found is None:
            raise ValidationError(self.error_messages["unknown"], code="unknown")
        return found

    def named(self, word: str) -> Q:
        """The condition under which a row is called `word`."""
        return Q(*[(name, word) for name in self.by], _connector=Q.OR) if self.by else Q(pk__in=())

    def keyed(self, word: str) -> Q:
        """The condition under which a row, that nobody calls so, is meant by its primary key."""
        return Q(pk=int(word)) if word.isdecimal() and len(word) < 18 else Q(pk__in=())

    def prepare_value(self, value: Any) -> Any:
        """What a text input shows for a row."""
        return getattr(value, self.by[0], value) if isinstance(value, Model) else value


class CompanyField(ReferenceField):
    """A company by its code."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Company"))
        super().__init__(Company, **kwargs)


class DepartmentField(ReferenceField):
    """A department by its code; where several companies have one of that code, as `company/code`."""

    default_error_messages = {
        "several": _("Several companies have this department: write company/department.")
    }

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Department"))
        super().__init__(Department, **kwargs)

    def to_python(self, value: Any) -> Any:
        """The department; the one of the person's own company is meant before those of others."""
        found = super().to_python(value)
        if not isinstance(value, str) or found is None or "/" in value or found.code != value.strip():
            return found
        rows = Department.objects.filter(code=value.strip()).select_related("company")
        own = self.viewer.companies() if self.viewer else None
        mine = [row for row in rows if own is not None and row.company_id in own] or list(rows)
        if len(mine) > 1:
            raise ValidationError(self.error_messages["several"], code="several")
        return mine[0]

    def named(self, word: str) -> Q:
        """By code, or by the company's code and its own."""
        company, slash, code = word.partition("/")
        return Q(company__code=company, code=code) if slash else super().named(word)

    def prepare_value(self, value: Any) -> Any:
        """With its company, so that it is meant whoever reads it."""
        return f"{value.company.code}/{value.code}" if isinstance(value, Department) else value


class DocumentField(ReferenceField):
    """Another document by number or public id, among those the person may see.

    Only those in `states` (if given) are proposed; why no other will do, the action says itself.
    """

    def __init__(self, model: type[Document], *, states: tuple[str, ...] = (), **kwargs: Any) -> None:
        kwargs.setdefault("label", model._meta.verbose_name)
        super().__init__(model, by=("number",), **kwargs)
        self.states = states

    def rows(self) -> QuerySet[Any]:
        """The visible documents."""
        rows = self.model._default_manager.all()
        if self.viewer is not None:
            rows = policy.visible_to(self.model, self.viewer)  # type: ignore[arg-type]
        return rows.select_related("company", "case")

    def offered(self) -> QuerySet[Any]:
        """The visible documents in the states with which the action can do something."""
        return self.rows().filter(state__in=self.states) if self.states else self.rows()

    def named(self, word: str) -> Q:
        """By number, or by the immutable public id."""
        try:
            return Q(public_id=UUID(word))
        except ValueError:
            return Q(number=word)

    def keyed(self, word: str) -> Q:
        """Never by primary key: those are nobody's business."""
        return Q(pk__in=())

    def prepare_value(self, value: Any) -> Any:
        """The number if there is one, else the public id."""
        return (value.number or str(value.public_id)) if isinstance(value, Document) else value


class UploadField(forms.FileField):
    """A file of an allowed type and size (P20); JSON sends it as {"name", "content": base64}."""

    def clean(self, data: Any, initial: Any = None) -> Any:
        """The file, after its name, size and first bytes were looked at."""
        upload = super().clean(data, initial)
        if upload:
            check_upload(upload)
        return upload


class HappenedAtField(forms.DateTimeField):
    """When it happened, if earlier than now (a telephone call); both times are kept."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Happened at"))
        kwargs.setdefault("required", False)
        kwargs.setdefault("help_text", _("Only where it was earlier than now."))
        kwargs.setdefault("widget", forms.DateTimeInput(attrs={"type": "datetime-local"}))
        super().__init__(**kwargs)


class CountField(forms.DecimalField):
    """A quantity with up to three decimals, that may be nothing."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Quantity"))
        kwargs.setdefault("max_digits", 12)
        kwargs.setdefault("decimal_places", 3)
        kwargs.setdefault("min_value", 0)
        super().__init__(**kwargs)


class QuantityField(CountField):
    """A quantity above zero with up to three decimals."""

    def validate(self, value: Any) -> None:
        """Zero is no quantity."""
        super().validate(value)
        if value == 0:
            raise ValidationError(_("The quantity must be above zero."), code="zero")


class ReasonForm(ActionForm):
    """Asks for the reason in a sentence."""

    reason = forms.CharField(label=_("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}))


class ContactForm(ActionForm):
    """Asks for a telephone call, mail or fax as it was (SYS-10)."""

    party = forms.CharField(
        label=_("Party"), max_length=100, help_text=_("The name of the person spoken to.")
    )
    channel = forms.ChoiceField(
        label=_("Channel"), choices=Contact.Channel.choices, initial=Contact.Channel.PHONE
    )
    content = forms.CharField(
        label=_("Content"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("What was said, in a sentence or two."),
    )
    next_step = forms.CharField(
        label=_("Next step"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("What happens next, and who does it."),
    )
    happened_at = HappenedAtField()
