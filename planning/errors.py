"""What the planning engines say when they cannot plan."""

from __future__ import annotations

from collections.abc import Callable, Hashable

Item = int | str
"""What an engine knows of an item: its id or its code; within one call all of one type."""


def sentence(text: str) -> str:
    """Mark an English sentence for the translators; it is translated where a person reads it, not here."""
    return text


def _same(text: str) -> str:
    return text


class PlanningError(ValueError):
    """Input that cannot be planned, as one sentence that names the culprit.

    The engines know items by id only, so the sentence is kept as a template with its culprits; a face
    calls `told` with a translator and with the names that people use.
    """

    def __init__(self, template: str, *, items: tuple[Item, ...] = (), **details: Hashable) -> None:
        self.template = template
        self.items = items
        self.details = details
        super().__init__(self.told())

    def told(self, *, translate: Callable[[str], str] = _same, name: Callable[[Item], str] = str) -> str:
        """The sentence, in the reader's language and with the reader's names for the items.

        Raises KeyError when the template asks for a detail that was not given.
        """
        chain = " → ".join(name(item) for item in self.items)
        return translate(self.template) % {"items": chain, **self.details}
