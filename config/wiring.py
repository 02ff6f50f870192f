"""Everything that is wired together, in one text: who may, what is asked, what follows, which clocks run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.translation import override

from deadlines.rules import Rule
from flow import events, guards
from flow.actions import Action, Creation, Discard
from flow.models import Document


def text() -> str:
    """The wiring of all documents, in English, in a fixed order."""
    with override("en"):
        return "\n".join(line for label in sorted(Document.registry) for line in _document(label)) + "\n"


def _document(label: str) -> Iterator[str]:
    model: Any = Document.registry[label]
    yield f"{label}  {model._meta.verbose_name}  [{model.prefix}]"
    yield f"  states    {', '.join(model.State.values)}"
    readers = "every post" if model.seen_by is None else ", ".join(sorted(model.seen_by))
    yield f"  seen by   {readers}"
    for field, roles in sorted(model.confidential.items()):
        yield f"  {field}: only {', '.join(sorted(roles))}"
    for action in (a for a in Action.registry.values() if a.model is model):
        yield from _action(action)
    yield ""


def _action(action: Action) -> Iterator[str]:
    kind = (
        "creates" if isinstance(action, Creation) else "discards" if isinstance(action, Discard) else "moves"
    )
    yield f"  {action.verb}  {_moves(action) or kind}"
    yield f"    may       {', '.join(sorted(action.may)) or 'consequence'}"
    if action.not_by:
        yield f"    not by    {', '.join(action.not_by)}"
    asks = [f"{name}{'' if field.required else '?'}" for name, field in action.form.base_fields.items()]
    if action.lines:
        asks.append(f"lines({', '.join(action.lines.base_fields)})")
    if asks:
        yield f"    asks      {', '.join(asks)}"
    if action.rules:
        yield f"    rules     {action.rules}"
    for sentence in _guards(action):
        yield f"    guard     {sentence}"
    for function in guards.asked(action.verb):
        yield f"    guard by  {function.__module__}.{function.__name__}"
    yield from _follows(action)


def _moves(action: Action) -> str:
    meta = getattr(getattr(action.model, action.run.__name__, None), "_django_fsm", None)
    if meta is None:
        return f"in {', '.join(sorted(action.states))}" if action.states else ""
    return "; ".join(f"{source} → {_target(found)}" for source, found in sorted(meta.transitions.items()))


def _target(found: Any) -> str:
    """The state a transition leads to, or the several among which its run decides."""
    several = getattr(found.target, "allowed_states", None)
    return " | ".join(map(str, several)) if several else str(found.target)


def _guards(action: Action) -> list[str]:
    meta = getattr(getattr(action.model, action.run.__name__, None), "_django_fsm", None)
    found = [c for t in meta.transitions.values() for c in t.conditions] if meta else []
    return list(dict.fromkeys(str(getattr(c, "sentence", c.__name__)) for c in found))


def _follows(action: Action) -> Iterator[str]:
    for function in action.consequences:
        yield f"    then      {function.__module__}.{function.__name__}"
    for handler in events.handlers_of(action.verb):
        if handler not in events.handlers_of("*"):
            yield f"    handler   {handler.__module__}.{handler.__name__}"
    for rule in sorted(Rule.registry.values(), key=lambda r: r.slug):
        for word in ("start", "restart", "stop", "cancel"):
            if any(trigger.verb == action.verb for trigger in getattr(rule, word)):
                yield f"    {word + 's':<9} {rule.code} {rule.slug}: {rule.sentence}"
