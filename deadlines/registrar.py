"""The terms in force: what a rule ships with, changed by the settings of group and company (SYS-06)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from typing import Any

from django.db import connections
from django.db.models import BigIntegerField, Q

from deadlines.models import RuleSetting, TimedRule
from deadlines.rules import Rule
from deadlines.terms import Terms, chain_of
from org.composed import Composed, Place

Scope = tuple[str, int | None]


class InForce:
    """The latest settings of some rules for some companies, read in one query."""

    def __init__(self, rules: Iterable[Rule], company_ids: Iterable[int]) -> None:
        names = tuple(sorted({rule.slug for rule in rules} | {TimedRule.EVERY}))
        companies = sorted(set(company_ids))
        rows = _settings(names, len(companies))(**{f"company{n}": pk for n, pk in enumerate(companies)})
        self._latest: dict[Scope, RuleSetting] = {(row.rule_id, row.company_id): row for row in rows}

    def terms(self, rule: Rule, company_id: int) -> tuple[Terms, int | None]:
        """The terms of a rule in a company and the id of the setting behind them, if there is one.

        The company's word goes before the group's, the word for one rule before that for all.
        """
        terms, setting = rule.terms, None
        for scope in (None, company_id):
            if every := self._latest.get((TimedRule.EVERY, scope)):
                terms = terms.on_clock(every.clock)
            if own := self._latest.get((rule.slug, scope)):
                terms, setting = changed(terms, own), own.pk
        return terms, setting


@lru_cache(maxsize=1000)
def _settings(names: tuple[str, ...], companies: int) -> Composed:
    """The query for the settings of some rules for so many companies and the group, the latest last."""
    here = [Q(company=Place(f"company{n}", BigIntegerField())) for n in range(companies)]
    rows = RuleSetting.objects.filter(Q(*here, Q(company=None), _connector=Q.OR), rule_id__in=names)
    return Composed(lambda: rows.order_by("pk"))


def changed(terms: Terms, setting: RuleSetting) -> Terms:
    """The terms with what the setting says."""
    found: dict[str, Any] = {}
    for name in ("amount", "opens", "active"):
        if (value := getattr(setting, name)) is not None:
            found[name] = value
    if setting.warn_amount is not None and terms.warn:
        found["warn"] = replace(terms.warn, amount=setting.warn_amount)
    if setting.chain is not None:
        found["chain"] = chain_of(setting.chain)
    return replace(terms, **found).on_clock(setting.clock)


def enlist(using: str = "default") -> None:
    """Give every declared rule, and "*", its row; rows of rules no longer declared stay for their history."""
    if TimedRule._meta.db_table not in connections[using].introspection.table_names():
        return
    rows = [TimedRule(slug=TimedRule.EVERY, code="")]
    rows += [TimedRule(slug=rule.slug, code=rule.code) for rule in Rule.registry.values()]
    TimedRule.objects.bulk_create(rows, ignore_conflicts=True)


def enlist_after_migrate(using: str, **kwargs: Any) -> None:
    """Enlist the rules once the tables stand."""
    enlist(using)
