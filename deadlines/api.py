"""The REST list of deadlines: those in one's companies, or only one's own, by due moment."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from deadlines import boards, queries
from deadlines.models import Deadline
from flow.api import Face, Routes

PAGE, MOST = 50, 200
KNOWN = {"state", "rule", "code", "mine", "breached", "after", "page_size"}


@Routes.add("deadlines/", "api-deadlines")
class Deadlines(Face):
    """The deadlines that the person may see."""

    asks = tuple(sorted(KNOWN))

    def get(self, request: Request) -> Response:
        """A page: `state`, `rule`, `code`, `mine=1`, `breached=0/1` filter; `after`, `page_size` turn it."""
        asked = {name: str(value) for name, value in request.query_params.items()}
        if unknown := asked.keys() - KNOWN:
            raise ValidationError({name: [_("There is no such filter.")] for name in sorted(unknown)})
        size = min(_number(asked, "page_size", PAGE) or PAGE, MOST)
        rows = list(self._rows(asked)[: size + 1])
        clocks = boards.clocks(rows[:size], at=self.at)
        following = rows[size - 1].pk if len(rows) > size else None
        return Response({"results": [boards.as_json(clock) for clock in clocks], "next": following})

    def _rows(self, asked: dict[str, str]) -> QuerySet[Deadline]:
        rows = queries.mine(self.viewer) if asked.get("mine") == "1" else queries.visible(self.viewer)
        for name in ("state", "rule", "code"):
            if name in asked:
                rows = rows.filter(**{name: asked[name]})
        if "breached" in asked:
            rows = rows.filter(breached=asked["breached"] == "1")
        after = _number(asked, "after", 0)
        return queries.following(rows, after)


def _number(asked: dict[str, Any], name: str, default: int) -> int:
    value = asked.get(name)
    if value is None:
        return default
    if not value.isdecimal() or len(value) > 18:
        raise ValidationError({name: [_("This is not a number.")]})
    return int(value)
