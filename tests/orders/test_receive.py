"""Receiving an order."""


def test_first(story):
    story.in_review()
    assert story.order.state == "in_review"
