"""Document numbers: unique, gapless, given late in the transaction that issues the document (P9)."""

from __future__ import annotations

from datetime import datetime

from django.db import connection
from django.utils.timezone import localtime

from flow.models import Document, Series

_NEXT = """
    INSERT INTO {table} (company_id, kind, period, last) VALUES (%s, %s, %s, 1)
    ON CONFLICT (company_id, kind, period) DO UPDATE SET last = {table}.last + 1
    RETURNING last
"""


def give(document: Document, at: datetime) -> None:
    """Give `document` the next number of its type, company and local year; keep the one it has."""
    if document.number:
        return
    period = f"{localtime(at):%Y}"
    with connection.cursor() as cursor:
        cursor.execute(
            _NEXT.format(table=Series._meta.db_table), [document.company_id, document.label(), period]
        )
        last = cursor.fetchone()[0]
    document.number = f"{document.prefix}{document.company.code}{period}-{last:04d}"
