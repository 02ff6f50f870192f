"""The clocks of delivery: the notice before the dispatch, the call after it (TM-31, TM-33)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from deadlines.rules import before, before_shift_end, hours, rule, same_day
from delivery.actions.notice import issuers_of
from delivery.models import Shipment
from org.roles import Role


def _issuer(shipment: Shipment) -> frozenset[str]:
    return issuers_of(shipment)


rule(
    "shipping_notice_1d",
    "TM-31",
    _("The shipping notice is issued one day before the planned dispatch."),
    start="delivery.shipment.create",
    restart="delivery.shipment.edit",
    stop="delivery.shipment.issue",
    due=before("planned_dispatch_on", days=1),
    warn=hours(4),
    owner=_issuer,
    escalation=[Role.ORDER_MGR],
)

rule(
    "customer_told_same_day",
    "TM-33",
    _("The customer is told of the dispatch on the day the carrier's receipt comes in."),
    start="delivery.shipment.record_carrier_receipt",
    stop="delivery.shipment.record_customer_told",
    due=same_day(),
    warn=before_shift_end(2),
    owner=Role.SALES_CLERK,
    escalation=[Role.SALES_LEADER],
)
