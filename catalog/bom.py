"""Which bill of material holds on a day, and how a version is issued."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.db import connection
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from catalog.models import BomLine, BomVersion
from catalog.models.boms import holds_on
from flow.events import By
from flow.refusals import Refused

# Everything that can be reached from the items asked for; UNION stops at what was seen, so loops end too.
_REACHED = """
    WITH RECURSIVE reached(item_id) AS (
        SELECT id FROM catalog_item WHERE id IN ({marks})
        UNION
        SELECT line.component_id FROM reached
        JOIN catalog_bomversion version ON version.item_id = reached.item_id AND version.state = 'issued'
        JOIN catalog_bomline line ON line.version_id = version.id
    )
    SELECT item_id FROM reached
"""


@dataclass(frozen=True)
class ActiveBom:
    """The version of an item's bill of material that holds on a day, with the lines that hold on it."""

    version: BomVersion
    lines: tuple[BomLine, ...]


def active_bom(item_ids: Collection[int], on: date) -> dict[int, ActiveBom]:
    """The issued bill of each item on the day `on`, the highest version where several hold; one level.

    Items without one are left out. Two queries, however many items. Components are not loaded with the lines.
    """
    issued = BomVersion.objects.filter(holds_on(on), item_id__in=item_ids, state=BomVersion.State.ISSUED)
    versions = {version.item_id: version for version in issued.order_by("item_id", "number")}
    by_id: dict[int, list[BomLine]] = {version.pk: [] for version in versions.values()}
    for line in BomLine.objects.filter(holds_on(on), version_id__in=by_id).order_by("position", "pk"):
        by_id[line.version_id].append(line)
    return {item: ActiveBom(version, tuple(by_id[version.pk])) for item, version in versions.items()}


def full_bom(item_ids: Collection[int], on: date) -> dict[int, ActiveBom]:
    """The bills of these items and of everything in them, all levels. Three queries at any depth."""
    wanted = sorted(set(item_ids))
    if not wanted:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_REACHED.format(marks=", ".join(["%s"] * len(wanted))), wanted)
        reached = [row[0] for row in cursor.fetchall()]
    return active_bom(reached, on)


def issue(version: BomVersion, *, by: By, valid_from: date | None = None) -> BomVersion:
    """Issue a version: it counts from `valid_from` (None: as its own dates say) and is not changed after.

    Raises Refused for one that is issued already, has no lines, or contains the item itself at any depth.
    """
    if version.state == BomVersion.State.ISSUED:
        raise Refused(_("Version {version} is issued already.").format(version=version))
    components = set(version.lines.values_list("component_id", flat=True))
    if not components:
        raise Refused(_("Version {version} has no lines.").format(version=version))
    start = valid_from or version.valid_from
    if start and version.valid_to and version.valid_to <= start:
        raise Refused(_("Version {version} would end before it begins.").format(version=version))
    below = full_bom(components, start or localtime(by.at).date())
    reached = components | {line.component_id for bom in below.values() for line in bom.lines}
    if version.item_id in reached:
        raise Refused(_("{item} would be a part of itself.").format(item=version.item))
    version.state, version.valid_from = BomVersion.State.ISSUED, start
    version.issued_by, version.issued_at = by.actor, by.at
    version._history_user = by.actor  # type: ignore[attr-defined]
    version.save(update_fields=["state", "valid_from", "issued_by", "issued_at"])
    return version
