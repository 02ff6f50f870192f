"""What passes the walls of the house: tokens, notices, subscriptions, and the outbox that remembers."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from flow.models import Case, Event


class ServiceToken(models.Model):
    """服务令牌: lets a program act as one person; only its hash is kept, its times are real times."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("person")
    )
    purpose = models.CharField(_("purpose"), max_length=100, blank=True)
    prefix = models.CharField(_("begins with"), max_length=12, editable=False)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    made_at = models.DateTimeField(_("made at"), db_default=Now(), editable=False)
    last_used_at = models.DateTimeField(_("last used at"), null=True, editable=False)
    revoked_at = models.DateTimeField(_("revoked at"), null=True, editable=False)

    class Meta:
        verbose_name = _("service token")
        verbose_name_plural = _("service tokens")

    def __str__(self) -> str:
        return f"{self.prefix}… ({self.person})"


class Notice(models.Model):
    """通知: a word to one person inside the house, told exactly once for each key (P5)."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="notices", verbose_name=_("person")
    )
    key = models.CharField(max_length=200, editable=False)
    title = models.CharField(_("title"), max_length=200)
    text = models.TextField(_("text"), blank=True)
    path = models.CharField(_("page"), max_length=300, blank=True)
    at = models.DateTimeField(_("at"))
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)
    read_at = models.DateTimeField(_("read at"), null=True, blank=True)
    case = models.ForeignKey(Case, models.PROTECT, null=True, related_name="+", verbose_name=_("case"))
    event = models.ForeignKey(Event, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        indexes = (
            models.Index(fields=["person", "id"], name="integration_notice_person"),
            models.Index(
                fields=["person"], condition=Q(read_at__isnull=True), name="integration_notice_unread"
            ),
        )
        constraints = (models.UniqueConstraint(fields=["person", "key"], name="integration_notice_once"),)

    def __str__(self) -> str:
        return self.title


class Subscription(models.Model):
    """订阅: an address outside the house that is told of events; set up by an administrator only."""

    name = models.CharField(_("name"), max_length=100)
    url = models.URLField(_("address"), max_length=500)
    secret = models.CharField(
        _("secret"), max_length=100, help_text=_("Signs what is sent, so that the receiver can trust it.")
    )
    verbs = models.JSONField(
        _("events"),
        default=list,
        help_text=_("A list such as [“orders.order.sign”, “orders.contract.*”]; “*” alone means all."),
    )
    active = models.BooleanField(_("active"), default=True)
    made_at = models.DateTimeField(_("made at"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("subscription")
        verbose_name_plural = _("subscriptions")

    def __str__(self) -> str:
        return self.name

    def wants(self, verb: str) -> bool:
        """Whether the subscriber asked for this verb, by name, by document type or by app."""
        return any(
            wanted in ("*", verb) or (wanted.endswith(".*") and verb.startswith(wanted[:-1]))
            for wanted in self.verbs
        )


class Outbox(models.Model):
    """发件箱: something that must happen after the commit that made it true; sent at least once.

    A row is unique for its (key, recipient, channel). `next_at`, the lease and the tries run on real
    time; `event` is what caused it. A channel is what may be slow on its own: one mail server, one
    subscriber, the reactions of the house.
    """

    class Kind(models.TextChoices):
        MAIL = "mail", _("Mail")
        WEBHOOK = "webhook", _("Webhook")
        LATER = "later", _("Later reaction")

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        DONE = "done", _("Done")
        DEAD = "dead", _("Given up")

    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    key = models.CharField(_("key"), max_length=200)
    recipient = models.CharField(_("recipient"), max_length=300)
    channel = models.CharField(_("channel"), max_length=60)
    payload = models.JSONField(_("content"), default=dict)
    event = models.ForeignKey(Event, models.PROTECT, null=True, related_name="+", verbose_name=_("event"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    next_at = models.DateTimeField(_("next try at"), db_default=Now())
    lease = models.UUIDField(null=True, editable=False)
    leased_until = models.DateTimeField(null=True, editable=False)
    fault = models.TextField(_("last fault"), blank=True)
    made_at = models.DateTimeField(_("made at"), db_default=Now(), editable=False)
    done_at = models.DateTimeField(_("done at"), null=True)

    class Meta:
        verbose_name = _("outbox entry")
        verbose_name_plural = _("outbox")
        indexes = (
            models.Index(
                fields=["channel", "next_at", "id"],
                condition=Q(state="waiting"),
                name="integration_outbox_waiting",
            ),
        )
        constraints = (
            models.UniqueConstraint(fields=["key", "recipient", "channel"], name="integration_outbox_once"),
            models.CheckConstraint(
                name="integration_outbox_done_at",
                condition=Q(state="done", done_at__isnull=False)
                | (~Q(state="done") & Q(done_at__isnull=True)),
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.recipient}: {self.key}"
