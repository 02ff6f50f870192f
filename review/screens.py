"""How the review is shown."""

from flow.screens import Lines, Screen
from review.models import Round

Screen(
    Round,
    columns=("number", "order", "round_no", "route", "state", "delivery_on"),
    filters=("state", "route", "order"),
    search=("number", "order__number", "order__customer__name"),
    facts=("instruction", "conditions", "opinion"),
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
    related=("order",),
)
