"""What passes the walls of the house: tokens, notices, subscriptions, and the outbox that remembers."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from flow.models import Case, Event
from org.history import Records, Watched


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

    objects = Watched.as_manager()
    history = Records(secret=("digest",), ignored=("last_used_at", "made_at"))

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

    objects = Watched.as_manager()
    history = Records(secret=("secret",), ignored=("made_at",))

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
        DROPPED = "dropped", _("Dropped")

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
    dropped_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("dropped by")
    )
    dropped_at = models.DateTimeField(_("dropped at"), null=True)
    drop_reason = models.CharField(_("reason for dropping"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("outbox entry")
        verbose_name_plural = _("outbox")
        indexes = (
            models.Index(
                fields=["channel", "next_at", "id"],
                condition=Q(state="waiting"),
                name="integration_outbox_waiting",
            ),
            models.Index(fields=["id"], condition=Q(state="dead"), name="integration_outbox_dead"),
        )
        constraints = (
            models.UniqueConstraint(fields=["key", "recipient", "channel"], name="integration_outbox_once"),
            models.CheckConstraint(
                name="integration_outbox_done_at",
                condition=Q(state="done", done_at__isnull=False)
                | (~Q(state="done") & Q(done_at__isnull=True)),
            ),
            models.CheckConstraint(
                name="integration_outbox_dropped",
                condition=~Q(state="dropped") | (Q(dropped_at__isnull=False) & ~Q(drop_reason="")),
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.recipient}: {self.key}"


class Job(models.Model):
    """后台任务: work that takes longer than a request may; taken under a lease, taken up again after a kill.

    `at` is the house's time at which it was asked for; the other moments, the lease and the tries run on real
    time. `errors` are the first rows that could not be done, each with its reason. `stored` is its result.
    """

    class State(models.TextChoices):
        QUEUED = "queued", _("Queued")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Cancelled")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(_("kind"), max_length=60)
    title = models.CharField(_("title"), max_length=200)
    params = models.JSONField(_("what is asked for"), default=dict)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("person")
    )
    language = models.CharField(max_length=10, blank=True, editable=False)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.QUEUED)
    done = models.PositiveIntegerField(_("done"), default=0)
    total = models.PositiveIntegerField(_("of"), default=0)
    refused = models.PositiveIntegerField(_("left out"), default=0)
    errors = models.JSONField(_("what was left out, and why"), default=list)
    figures = models.JSONField(_("figures"), default=dict)
    message = models.TextField(_("message"), blank=True)
    stored = models.CharField(max_length=100, blank=True, editable=False)
    name = models.CharField(_("file name"), max_length=200, blank=True)
    mime = models.CharField(max_length=100, blank=True, editable=False)
    size = models.PositiveBigIntegerField(_("size in bytes"), default=0)
    # The posts with which the file was made: it holds what they open, and opens no longer than they do.
    posts = models.JSONField(default=list, editable=False)
    kept_until = models.DateTimeField(_("file kept until"), null=True, editable=False)
    cancel_requested = models.BooleanField(_("cancelling"), default=False)
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    lease = models.UUIDField(null=True, editable=False)
    leased_until = models.DateTimeField(null=True, editable=False)
    called_at = models.DateTimeField(db_default=Now(), editable=False)
    at = models.DateTimeField(_("asked for at"))
    made_at = models.DateTimeField(_("made at"), db_default=Now(), editable=False)
    started_at = models.DateTimeField(_("started at"), null=True)
    ended_at = models.DateTimeField(_("ended at"), null=True)

    class Meta:
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        indexes = (
            models.Index(fields=["person", "id"], name="integration_job_person"),
            models.Index(
                fields=["id"], condition=Q(state__in=("queued", "running")), name="integration_job_open"
            ),
            models.Index(
                fields=["kept_until"], condition=Q(kept_until__isnull=False), name="integration_job_kept"
            ),
        )
        constraints = (
            models.CheckConstraint(
                name="integration_job_ended",
                condition=Q(state__in=("queued", "running"), ended_at__isnull=True)
                | (~Q(state__in=("queued", "running")) & Q(ended_at__isnull=False)),
            ),
        )

    def __str__(self) -> str:
        return self.title

    @property
    def ended(self) -> bool:
        """Whether nothing will happen to it any more."""
        return self.ended_at is not None

    @property
    def path(self) -> str:
        """Where its page stands under the root of the site."""
        return f"jobs/{self.public_id}"


class JobEffect(models.Model):
    """任务结果: what one row of a job made or changed, before and after, so that it can be undone."""

    job = models.ForeignKey(Job, models.CASCADE, related_name="effects", verbose_name=_("job"))
    row = models.PositiveIntegerField(_("row"))
    object_id = models.BigIntegerField()
    text = models.CharField(_("what"), max_length=200)
    made = models.BooleanField(_("new"))
    version = models.PositiveIntegerField(_("version"), null=True)
    before = models.JSONField(_("before"), default=dict)
    after = models.JSONField(_("after"), default=dict)
    undone_at = models.DateTimeField(_("undone at"), null=True)

    class Meta:
        verbose_name = _("effect of a job")
        verbose_name_plural = _("effects of jobs")
        constraints = (models.UniqueConstraint(fields=["job", "row"], name="integration_job_effect_once"),)

    def __str__(self) -> str:
        return self.text
