"""The rules of the house in words: what each asks, of whom, until when and why.

An action names the rules behind it by their ids (`rules="ORD-21 SYS-11"`); each department says its own in
its `rulebook.py`, one sentence for one rule, as one would tell a new colleague. The pages show them beside
the form ("why is this asked?"), the page of rules lists them, the API describes its verbs with them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Text:
    """A rule in one sentence; `app` is the department that says it, `clocks` the timers that keep it."""

    code: str
    sentence: Any
    app: str
    clocks: tuple[str, ...] = ()


class Says(Protocol):
    """What `chapter` returns."""

    def __call__(self, code: str, sentence: Any, *, clocks: str = "") -> None:
        """Say what the rule `code` asks; `clocks` are the ids of its timers (TM-01 …)."""


_texts: dict[str, Text] = {}


def chapter(app: str) -> Says:
    """The function by which the department `app` says its rules; it raises RuntimeError on one told twice."""

    def says(code: str, sentence: Any, *, clocks: str = "") -> None:
        if code in _texts:
            raise RuntimeError(f"The rule {code} is told twice.")
        _texts[code] = Text(code, sentence, app, codes(clocks))

    return says


def codes(named: str) -> tuple[str, ...]:
    """The ids in a string such as an action's `rules`, each once, in their order."""
    return tuple(dict.fromkeys(named.split()))


def texts() -> tuple[Text, ...]:
    """All rules, in the order in which the departments say them."""
    return tuple(_texts.values())


def behind(named: str) -> tuple[Text, ...]:
    """The rules that an action names, in words; an id that nobody has put into words is left out."""
    return tuple(_texts[code] for code in codes(named) if code in _texts)


def sentence_of(code: str) -> Any:
    """What the rule says; "" where nobody has put it into words."""
    return _texts[code].sentence if code in _texts else ""


says = chapter("flow")

says(
    "SYS-03",
    _(
        "Every act is recorded with who, when and why, and nobody can change it afterwards; so only drafts "
        "can be thrown away, and that too leaves its trace."
    ),
)
says(
    "SYS-10",
    _(
        "A telephone call, mail or fax counts only once it is written down with person, channel, content and"
        " next step: only the contact that is logged stops the clock."
    ),
)
says(
    "SYS-11",
    _(
        "A signature is your own log-in with the moment and the content signed; who signs outside the house "
        "is proved by the scan, with name and day, and a later change makes the signature void."
    ),
)
says(
    "SYS-12",
    _(
        "Goods always carry a state (to be inspected, qualified, failed, in work) and the lot they came "
        "from, so that each product can be traced to its parts and back."
    ),
)
