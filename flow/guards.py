"""A guard is a condition of a transition that carries the sentence said when it does not hold."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from flow.models import Document


class Guard:
    """A pure condition of a document with its sentence; usable in `@transition(conditions=[...])`."""

    def __init__(self, sentence: Any, holds: Callable[[Any], bool]) -> None:
        self.sentence = sentence
        self.holds = holds
        self.__name__ = getattr(holds, "__name__", "guard")

    def __call__(self, document: Any) -> bool:
        return bool(self.holds(document))


def guard(sentence: Any) -> Callable[[Callable[[Any], bool]], Guard]:
    """Make the decorated condition a guard that says `sentence` when it is false."""
    return lambda holds: Guard(sentence, holds)


Ask = Callable[[Any], Iterable[Any]]
_asked: dict[str, list[Ask]] = defaultdict(list)


def ask(verb: str) -> Callable[[Ask], Ask]:
    """Let a higher app name reasons against `verb`: the decorated function yields a sentence for each.

    This is how `orders.order.complete` learns of open tickets without knowing after-sales.
    """

    def register(reasons: Ask) -> Ask:
        _asked[verb].append(reasons)
        return reasons

    return register


def asked(verb: str) -> list[Ask]:
    """The functions registered by other apps against `verb`."""
    return _asked[verb]


def transition_reasons(document: Document, name: str) -> list[Any] | None:
    """All sentences of the guards of transition `name` that fail now; None when no source state matches."""
    method = getattr(document, name, None)
    meta = getattr(method, "_django_fsm", None)
    if meta is None:
        return []
    found = meta.get_transition(document.state)
    if found is None:
        return None
    return [getattr(c, "sentence", c.__name__) for c in found.conditions if not c(document)]


def reasons_against(document: Document, verb: str) -> list[Any]:
    """All sentences that higher apps have against doing `verb` to `document` now."""
    return [sentence for reasons in _asked[verb] for sentence in reasons(document)]
