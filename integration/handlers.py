"""What the house does for the outside when an event is recorded, and what the tick sends."""

from integration import dispatch, later, mails, webhooks, working  # noqa: F401 - each registers itself
