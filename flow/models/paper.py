"""What hangs on a document: numbers, files, signatures, contacts, comments."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from flow.models.case import Case
from org.models import Company


class Series(models.Model):
    """号段: the last number given for a document type of a company in a period (P9)."""

    company = models.ForeignKey(Company, models.PROTECT, related_name="+", verbose_name=_("company"))
    kind = models.CharField(_("document type"), max_length=60)
    period = models.CharField(_("period"), max_length=10)
    last = models.PositiveIntegerField(_("last number"), default=0)

    class Meta:
        verbose_name = _("number series")
        verbose_name_plural = _("number series")
        constraints = (
            models.UniqueConstraint(fields=["company", "kind", "period"], name="flow_series_once"),
        )

    def __str__(self) -> str:
        return f"{self.company} {self.kind} {self.period}: {self.last}"


class OnDocument(models.Model):
    """A row that hangs on a document of a case."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="+")
    subject_type = models.CharField(max_length=60)
    subject_id = models.BigIntegerField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.public_id}"


class Attachment(OnDocument):
    """附件: a file of a document; a replaced file is a new row (P20)."""

    append_only: ClassVar[bool] = True

    kind = models.CharField(_("kind"), max_length=40)
    name = models.CharField(_("file name"), max_length=200)
    stored = models.CharField(max_length=100, editable=False)
    mime = models.CharField(_("type"), max_length=100)
    size = models.PositiveBigIntegerField(_("size in bytes"))
    sha256 = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        indexes = (models.Index(fields=["subject_type", "subject_id"], name="flow_attachment_subject"),)


class Signature(OnDocument):
    """签名: who signed what, with which meaning; the hash voids it when the content changes (SYS-11)."""

    append_only: ClassVar[bool] = True

    meaning = models.CharField(_("meaning"), max_length=60)
    signer = models.CharField(_("signer"), max_length=100)
    content_hash = models.CharField(max_length=64)
    attachment = models.ForeignKey(Attachment, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("signature")
        verbose_name_plural = _("signatures")
        indexes = (models.Index(fields=["subject_type", "subject_id"], name="flow_signature_subject"),)


class Contact(OnDocument):
    """联系记录: a telephone call, mail or fax with somebody outside the house (SYS-10)."""

    append_only: ClassVar[bool] = True

    class Channel(models.TextChoices):
        PHONE = "phone", _("Phone")
        EMAIL = "email", _("E-mail")
        FAX = "fax", _("Fax")
        VISIT = "visit", _("Visit")
        MESSAGE = "message", _("Message")

    party = models.CharField(_("party"), max_length=100)
    channel = models.CharField(_("channel"), max_length=10, choices=Channel)
    content = models.TextField(_("content"))
    next_step = models.TextField(_("next step"), blank=True)

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contact log")
        indexes = (models.Index(fields=["subject_type", "subject_id"], name="flow_contact_subject"),)


class Comment(OnDocument):
    """评论: a remark of a colleague on a document; `mentions` are the ids of the people it calls by name."""

    append_only: ClassVar[bool] = True

    text = models.TextField(_("text"))
    mentions = models.JSONField(_("mentioned"), default=list, blank=True)

    class Meta:
        verbose_name = _("comment")
        verbose_name_plural = _("comments")
        indexes = (models.Index(fields=["subject_type", "subject_id"], name="flow_comment_subject"),)
