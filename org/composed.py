"""Statements that are asked again and again are composed once a process: for Django, composing one costs more
than asking it. What they mean is still said with querysets; only the values change."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import NOT_PROVIDED, Field, Model, QuerySet, Value
from django.db.models.expressions import Col
from django.db.models.query import ModelIterable, get_related_populators
from django.db.models.sql import UpdateQuery


class Place(Value):
    """Stands in a composed statement where a value comes each time it is asked."""

    def __init__(self, name: str, output_field: Field[Any, Any]) -> None:
        # Any value but None, which Django would take for the `null` of JSON and write at once.
        super().__init__(..., output_field=output_field)
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        """A parameter; which one, the place itself says."""
        return "%s", [self]

    def prepared(self, value: Any) -> Any:
        """A value as the driver takes it here."""
        field: Any = self.output_field
        return (field.get_db_prep_save if self.for_save else field.get_db_prep_value)(value, connection)

    @property
    def identity(self) -> tuple[Any, ...]:
        """Two places are the same when they have the same name."""
        return (type(self), self.name)


class Statement:
    """A statement as it was composed for one kind of database."""

    def __init__(self, sql: str, params: Iterable[Any]) -> None:
        self.sql = sql
        self.params = tuple(params)
        self._names = {param.name for param in self.params if isinstance(param, Place)}

    def filled(self, values: dict[str, Any]) -> list[Any]:
        """Its parameters with the values in their places. Raises TypeError where a value has no place."""
        if values.keys() != self._names:
            raise TypeError(f"places {sorted(self._names)}, values {sorted(values)}: {self.sql}")
        return [
            param.prepared(values[param.name]) if isinstance(param, Place) else param for param in self.params
        ]


class Selection(Statement):
    """A composed SELECT with what is needed to make rows of its answer."""

    def __init__(self, rows: QuerySet[Any]) -> None:
        compiler = rows.query.get_compiler(using=connection.alias)
        self._info = None
        try:
            super().__init__(*compiler.as_sql())
        except EmptyResultSet:
            # Its conditions leave nothing, whatever the values.
            super().__init__("", ())
            return
        width = compiler.col_count if compiler.col_count is not None else len(compiler.select)
        found = compiler.get_converters([column[0] for column in compiler.select[:width]])
        self._converters = [(place, *how) for place, how in found.items()]
        self._info = compiler.klass_info if issubclass(rows._iterable_class, ModelIterable) else None
        if self._info:
            fields = self._info["select_fields"]
            self._own = slice(fields[0], fields[-1] + 1)
            self._columns = [column[0].target.attname for column in compiler.select[self._own]]
            populators: Any = get_related_populators
            self._related = populators(self._info, compiler.select, connection.alias)

    def ask(self, values: dict[str, Any]) -> Iterator[Any]:
        """The rows for these values: instances, or tuples where the queryset gives such."""
        if not self.sql:
            return
        with connection.cursor() as cursor:
            cursor.execute(self.sql, self.filled(values))
            found = cursor.fetchall()
        for row in self._converted(found):
            yield self._made(row) if self._info else row

    def _converted(self, found: Iterable[Sequence[Any]]) -> Iterable[Sequence[Any]]:
        if not self._converters:
            return found
        return (self._convert(list(row)) for row in found)

    def _convert(self, row: list[Any]) -> list[Any]:
        for place, how, expression in self._converters:
            for convert in how:
                row[place] = convert(row[place], expression, connection)
        return row

    def _made(self, row: Sequence[Any]) -> Any:
        assert self._info is not None
        made = self._info["model"].from_db(connection.alias, self._columns, row[self._own])
        for related in self._related:
            related.populate(row, made)
        return made


class Composed:
    """A queryset composed at its first use: `Composed(build)(name=value, …)` are its rows as a list.

    `build()` returns the queryset, with a `Place` wherever a value comes later. It must lock nothing outside
    a transaction and depend on nothing but its places.
    """

    def __init__(self, build: Callable[[], QuerySet[Any]]) -> None:
        self._build = build
        self._for: dict[str, Selection] = {}

    def __call__(self, **values: Any) -> list[Any]:
        """The rows. One query."""
        composed = self._for.get(connection.vendor)
        if composed is None:
            composed = self._for[connection.vendor] = Selection(self._build())
        return list(composed.ask(values))

    def one(self, **values: Any) -> Any:
        """The first row, or None. One query."""
        return next(iter(self(**values)), None)


class ComposedUpdate:
    """An UPDATE composed at its first use; `build()` gives the queryset and what is set, both with places."""

    def __init__(self, build: Callable[[], tuple[QuerySet[Any], dict[str, Any]]]) -> None:
        self._build = build
        self._for: dict[str, Statement] = {}

    def __call__(self, **values: Any) -> int:
        """Do it; how many rows there were."""
        composed = self._for.get(connection.vendor)
        if composed is None:
            rows, changes = self._build()
            query: Any = rows.query.chain(UpdateQuery)
            query.add_update_values(changes)
            composed = Statement(*query.get_compiler(connection.alias).as_sql())
            self._for[connection.vendor] = composed
        with connection.cursor() as cursor:
            cursor.execute(composed.sql, composed.filled(values))
            return int(cursor.rowcount)


class Insertion:
    """Inserts rows of a model, many in a statement, and takes back what the database gave them.

    As `bulk_create`: no signal is sent, nothing is validated. Columns that the database fills in are left to
    it, whatever the row says.
    """

    def __init__(self, model: type[Model]) -> None:
        own = model._meta.concrete_fields
        self._fields = [f for f in own if not f.primary_key and f.db_default is NOT_PROVIDED]
        given = [f for f in own if f not in self._fields]
        columns, returned = (", ".join(_quoted(f.column) for f in some) for some in (self._fields, given))
        self._head = f"INSERT INTO {_quoted(model._meta.db_table)} ({columns}) VALUES "
        self._row = f"({', '.join(['%s'] * len(self._fields))})"
        self._returning = f" RETURNING {returned}"
        self._plain = [f.get_internal_type() in _PLAIN for f in self._fields]
        self._given = [(f, connection.ops.get_db_converters(Col("", f))) for f in given]

    def __call__(self, rows: Sequence[Any], *, ignore_conflicts: bool = False) -> None:
        """Insert the rows. With `ignore_conflicts` one that is there already stays as it is, and none is told
        its key."""
        ending = " ON CONFLICT DO NOTHING" if ignore_conflicts else self._returning
        # The database may name no limit but their number: no rows, no step.
        many = max(1, connection.ops.bulk_batch_size(self._fields, rows))
        for first in range(0, len(rows), many):
            part = rows[first : first + many]
            sql = f"{self._head}{', '.join([self._row] * len(part))}{ending}"
            with connection.cursor() as cursor:
                cursor.execute(sql, [value for row in part for value in self._values(row)])
                if not ignore_conflicts:
                    self._take_back(part, cursor.fetchall())

    def _values(self, row: Any) -> Iterator[Any]:
        for field, plain in zip(self._fields, self._plain, strict=True):
            value = getattr(row, field.attname)
            yield value if plain else field.get_db_prep_save(value, connection)

    def _take_back(self, rows: Sequence[Any], answer: Sequence[Sequence[Any]]) -> None:
        for row, values in zip(rows, answer, strict=True):
            for (field, converters), value in zip(self._given, values, strict=True):
                for convert in converters:
                    value = convert(value, None, connection)
                setattr(row, field.attname, value)
            row._state.adding, row._state.db = False, connection.alias


@cache
def insertion(model: type[Model]) -> Insertion:
    """What inserts rows of this model."""
    return Insertion(model)


def _quoted(name: Any) -> str:
    return connection.ops.quote_name(name)


# Their values go to the driver as they are.
_PLAIN = {
    "BigAutoField", "BigIntegerField", "BooleanField", "CharField", "ForeignKey", "PositiveBigIntegerField",
    "PositiveIntegerField", "PositiveSmallIntegerField", "TextField",
}  # fmt: skip
