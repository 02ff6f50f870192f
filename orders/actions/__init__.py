"""The verbs of the front office; used through the module: `orders.receive(by=by, …)`.

Those of the order stand here, those of its papers in modules of their names: `orders.quotation.send(…)`.
"""

from orders.actions import change, change_notice, change_talks, contract, evaluation, payment, quotation
from orders.actions.closing import cancel, close, complete, replan_date
from orders.actions.drive import (
    approve,
    approve_conditionally,
    draft_contract,
    quote,
    reject_by_gm,
    requote,
    return_for_rework,
    sign,
    take_effect,
)
from orders.actions.intake import confirm_requirements, edit, receive, submit_review
from orders.actions.progress import advance, credit
from orders.actions.talks import (
    agree_conditions,
    approve_decline,
    approve_important,
    fulfil_from_stock,
    mark_lost,
    postpone_agreed,
    refuse_decline,
    refuse_important,
    request_decline,
    start_postpone,
)

__all__ = [
    "advance",
    "agree_conditions",
    "approve",
    "approve_conditionally",
    "approve_decline",
    "approve_important",
    "cancel",
    "change",
    "change_notice",
    "change_talks",
    "close",
    "complete",
    "confirm_requirements",
    "contract",
    "credit",
    "draft_contract",
    "edit",
    "evaluation",
    "fulfil_from_stock",
    "mark_lost",
    "payment",
    "postpone_agreed",
    "quotation",
    "quote",
    "receive",
    "refuse_decline",
    "refuse_important",
    "reject_by_gm",
    "replan_date",
    "request_decline",
    "requote",
    "return_for_rework",
    "sign",
    "start_postpone",
    "submit_review",
    "take_effect",
]
