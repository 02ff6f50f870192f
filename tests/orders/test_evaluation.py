"""A completed order is evaluated before it is archived (ORD-58, ORG-07)."""

from datetime import timedelta

import pytest

from flow.refusals import Denied, Refused
from orders import actions as orders
from orders.models import Evaluation
from tests.ledger import Ledger


@pytest.fixture
def evaluation(story):
    story.effective()
    Ledger(story).delivered()
    story.settle()
    orders.complete(
        story.order,
        by=story.by("salesperson"),
        accepted_on=story.at.date(),
        signer="王工",
        satisfaction=4,
    )
    return story.the(Evaluation)


@pytest.mark.rule("ORG-07", "ORD-58")
def test_completion_opens_it(evaluation):
    assert (evaluation.state, evaluation.on_time) == ("opened", True)


@pytest.mark.rule("ORD-58")
def test_each_department_answers_once(evaluation, by):
    orders.evaluation.answer(
        evaluation, by=by("prod_mgr"), score=4, problems="铜排迟到", proposal="备安全库存"
    )
    with pytest.raises(Refused, match="has answered already"):
        orders.evaluation.answer(evaluation, by=by("prod_leader"), score=5)
    orders.evaluation.answer(evaluation, by=by("qc_leader"), score=5)
    assert [a.department for a in evaluation.answers.all()] == ["生产部", "质检部"]
    with pytest.raises(Denied):
        orders.evaluation.answer(evaluation, by=by("guard"), score=1)


@pytest.mark.rule("ORD-55", "ORD-58")
def test_archive_waits_for_the_evaluation(evaluation, story, by):
    with pytest.raises(Refused, match="not finished"):
        orders.close(story.order, by=by("sales_leader"))
    with pytest.raises(Refused):
        orders.evaluation.finish(evaluation, by=by("evaluator"), summary="好")
    orders.evaluation.answer(evaluation, by=by("prod_mgr"), score=4)
    with pytest.raises(Denied):
        orders.evaluation.finish(evaluation, by=by("sales_leader"), summary="好")
    assert orders.evaluation.finish(evaluation, by=by("evaluator"), summary="好").number == "PGKG2026-0001"
    with pytest.raises(Refused):
        orders.evaluation.answer(evaluation, by=by("qc_leader"), score=1)
    with pytest.raises(Denied):
        orders.close(story.order, by=by("sales_clerk"))
    assert orders.close(story.order, by=by("evaluator")).state == "closed"
    with pytest.raises(Refused):
        orders.close(story.order, by=by("sales_leader"))


def test_late_acceptance_is_not_on_time(story):
    story.effective()
    Ledger(story).delivered()
    story.settle()
    story.later(days=200)
    late = story.order.delivery_on + timedelta(days=1)
    orders.complete(story.order, by=story.by("salesperson"), accepted_on=late, signer="王工", satisfaction=2)
    assert not story.the(Evaluation).on_time
