"""How the review is shown, and what it says of an order."""

from __future__ import annotations

from dataclasses import replace

from deadlines.screens import mark_of
from flow.panels import Asked, Mark, stage
from flow.screens import Lines, Screen
from review.models import Round, Seat

Screen(
    Round,
    columns=("number", "order", "round_no", "route", "state", "delivery_on"),
    filters=("state", "route", "order", "delivery_on"),
    below={"order": "order__customer"},
    search=("number", "order__number", "order__customer__name"),
    facts=("change", "instruction", "conditions", "opinion"),
    lines=(
        Lines(
            "seats",
            (
                "position",
                "role",
                "person",
                "is_chair",
                "opened_at",
                "answered_at",
                "decision",
                "earliest_on",
                "opinion",
            ),
        ),
    ),
    related=("order", "change"),
)


@stage("orders.order", "review")
def review_stage(asked: Asked) -> Mark | None:
    """Who chairs the last round, and until when its seats are to answer (TM-38). One query."""
    chairs = Seat.objects.filter(round__order=asked.document, is_chair=True).select_related("person")
    chair = chairs.order_by("-round__round_no").first()
    return replace(mark_of(asked, "review_opinion"), owner=chair.person) if chair else None
