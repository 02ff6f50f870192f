"""A document knows which moves are possible; it never saves, never reads the clock, never sends anything."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from flow.models.case import Case
from org.models import Company
from org.roles import Role


class Document(models.Model):
    """单据: something numbered that moves through states and belongs to a case.

    A subclass gives `slug` (with its app the public label `orders.order`), `prefix` (of its numbers),
    a protected `state = FSMField(...)` and pure `@transition` methods with `Guard` conditions.
    `seen_by` narrows who may see it (None: everybody with a post in its company); `confidential`
    maps the name of a field, or the kind of an attached file, to the roles that may read it.
    """

    slug: ClassVar[str] = ""
    prefix: ClassVar[str] = ""
    seen_by: ClassVar[frozenset[Role] | None] = None
    confidential: ClassVar[dict[str, frozenset[Role]]] = {}
    registry: ClassVar[dict[str, type[Document]]] = {}
    # Only announced here: each type has its own field with its own choices.
    state: Any

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    number = models.CharField(_("number"), max_length=40, unique=True, null=True, blank=True)
    case = models.ForeignKey(Case, models.PROTECT, related_name="+", verbose_name=_("case"))
    company = models.ForeignKey(Company, models.PROTECT, related_name="+", verbose_name=_("company"))
    version = models.PositiveIntegerField(_("version"), default=0, editable=False)
    created_at = models.DateTimeField(_("created at"))
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("created by")
    )

    class Meta:
        abstract = True

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if cls.slug:
            app = cls.__module__.split(".")[0]
            Document.registry[f"{app}.{cls.slug}"] = cls

    def __str__(self) -> str:
        return self.number or f"{self._meta.verbose_name} ({_('no number yet')})"

    @classmethod
    def label(cls) -> str:
        """The public name of the document type: `orders.order`."""
        return f"{cls._meta.app_label}.{cls.slug}"

    @property
    def path(self) -> str:
        """Where the document stands under the root of the site: `orders/order/<public id>`."""
        return f"{self._meta.app_label}/{self.slug}/{self.public_id}"
