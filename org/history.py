"""Who changed which master data and settings: a row for each change, kept for good, whatever way it came.

A model that is to be watched says `history = Records()` and `objects = Watched.as_manager()`; then saving,
deleting and the bulk methods of a query all leave their rows. What was changed is noted in real time.
"""

from __future__ import annotations

import hashlib
import hmac
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar, TypeVar

from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import UserManager
from django.db import models, transaction
from django.utils import timezone
from simple_history.models import HistoricalRecords

MADE, CHANGED, REMOVED = "+", "~", "-"
M = TypeVar("M", bound=models.Model)
_declared: dict[type[models.Model], Records] = {}


class Past(models.Model):
    """How a row stood after a change. `hidden` tells that a secret was changed, and nothing else of it."""

    append_only: ClassVar[bool] = True

    hidden = models.CharField(max_length=16, blank=True, editable=False)

    class Meta:
        abstract = True


class Records(HistoricalRecords):
    """Keeps the history of a model. Of `secret` fields only that they changed; `ignored` ones never count."""

    def __init__(self, *, secret: Iterable[str] = (), ignored: Iterable[str] = ()) -> None:
        self.secret, self.ignored = tuple(secret), tuple(ignored)
        super().__init__(bases=(Past,), excluded_fields=[*self.secret, *self.ignored])

    def finalize(self, sender: Any, **kwargs: Any) -> None:
        """Once the model stands: make the model of its history."""
        super().finalize(sender, **kwargs)
        if sender is self.cls:
            _declared[sender] = self

    def post_save(self, instance: Any, created: bool, using: Any = None, **kwargs: Any) -> None:
        """A row for what was made or really changed."""
        saved = kwargs.get("update_fields")
        if kwargs.get("raw") or (saved is not None and set(saved) <= set(self.ignored)):
            return
        row = self.row(instance, MADE if created else CHANGED)
        if created or self._differs(row):
            row.save(using=using)

    def create_historical_record(self, instance: Any, history_type: str, using: Any = None) -> None:
        """A row for something that was removed."""
        self.row(instance, history_type).save(using=using)

    def row(self, instance: Any, kind: str) -> Any:
        """How the instance stands now, by whom and why; not saved yet."""
        person = self.get_history_user(instance)
        reason = getattr(instance, "_change_reason", "") or ("" if person else program())
        return past_of(type(instance))(
            history_date=timezone.now(),
            history_type=kind,
            history_user=person,
            history_change_reason=reason,
            hidden=self._hidden(instance),
            **{field.attname: getattr(instance, field.attname) for field in self.fields_included(instance)},
        )

    def _hidden(self, instance: Any) -> str:
        """A mark of the secret fields that gives nothing of them away."""
        if not self.secret:
            return ""
        text = "\n".join(str(getattr(instance, name)) for name in self.secret)
        return hmac.new(settings.SECRET_KEY.encode(), text.encode(), hashlib.sha256).hexdigest()[:16]

    def _differs(self, row: Any) -> bool:
        rows = type(row)._default_manager.filter(**{self._key: getattr(row, self._key)})
        last = rows.order_by("-history_id").first()
        names = [field.attname for field in type(row).tracked_fields] + ["hidden"]
        return last is None or any(getattr(last, name) != getattr(row, name) for name in names)

    @property
    def _key(self) -> str:
        return self.cls._meta.pk.attname


class Watched(models.QuerySet[M]):
    """A query whose bulk methods leave their rows in the history too."""

    def update(self, **values: Any) -> int:
        """As Django has it, and a row for each that was changed."""
        # The models of a migration stand for those of then and have no history.
        if self.model not in _declared or values.keys() <= set(records_of(self.model).ignored):
            return super().update(**values)
        with transaction.atomic(using=self.db):
            keys = list(self.values_list("pk", flat=True))
            done = super().update(**values)
            note(self.model._base_manager.filter(pk__in=keys), CHANGED)
        return done

    def bulk_create(self, objs: Iterable[M], *args: Any, **kwargs: Any) -> list[M]:
        """As Django has it, and a row for each. Raises ValueError where rows may be there already."""
        if kwargs.get("ignore_conflicts") or kwargs.get("update_conflicts"):
            raise ValueError("What a bulk insert skips or changes would be missing in the history.")
        with transaction.atomic(using=self.db):
            made = super().bulk_create(objs, *args, **kwargs)
            note(made, MADE)
        return made


class PersonManager(UserManager.from_queryset(Watched)):  # type: ignore[misc]
    """Makes people; what is changed in bulk is noted too."""


def note(rows: Iterable[models.Model], kind: str) -> None:
    """Note that these rows of one model were made or changed."""
    found = list(rows)
    if found:
        model, records = type(found[0]), records_of(type(found[0]))
        past_of(model)._default_manager.bulk_create((records.row(row, kind) for row in found), batch_size=500)


def watched() -> list[type[models.Model]]:
    """The models whose history is kept."""
    return [model for model in apps.get_models() if hasattr(model._meta, "simple_history_manager_attribute")]


def past_of(model: type[models.Model]) -> Any:
    """The model of the rows in the history of `model`."""
    return model.history.model  # type: ignore[attr-defined]


def records_of(model: type[models.Model]) -> Records:
    """What the model says about its history."""
    return _declared[model]


def program() -> str:
    """What is running, for changes that nobody logged in made: `manage.py demo`."""
    return " ".join([Path(sys.argv[0]).name, *sys.argv[1:2]])[:100]


@contextmanager
def acting(person: Any) -> Iterator[None]:
    """Note this person as the one who changes what is changed inside, where no request says it (a job)."""
    context = HistoricalRecords.context
    before = getattr(context, "request", None)
    context.request = SimpleNamespace(user=person)
    try:
        yield
    finally:
        if before is None:
            del context.request
        else:
            context.request = before
