"""Columns of a site: declared once as typed fields, from which the names in the files, writer, reader and docs follow."""

from __future__ import annotations

import math
import types
import typing
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cache
from typing import Any, ClassVar, Generic, NamedTuple, Self, TypeVar

import numpy as np

Scalar = float | int | str | bool | None
T = TypeVar("T")


class Range(NamedTuple):
    """Low, most likely and high value of an estimate; NaN = unknown. In files ``<name>_low``, ``_mid``, ``_high``."""

    low: float
    mid: float
    high: float


class Quantiles(NamedTuple, Generic[T]):
    """Values that 10, 50 and 90 % of the draws do not exceed. In files ``<name>_p10``, ``_p50``, ``_p90``."""

    p10: T
    p50: T
    p90: T


#: places of the three values of a range
LOW, MID, HIGH = 0, 1, 2
#: words for the three values of a range in the meaning of their columns
RANGE_WORDS = ("low end", "most likely", "high end")


@dataclass(frozen=True)
class Column:
    """One property of a site as it stands in the files.

    Parameters
    ----------
    name : str
    unit : str
        Empty for text and counts without a unit.
    meaning : str
    source : str
        The stage or the compiled file that the value comes from.
    decimals : int or None
        Digits kept in the output; None for text.
    heading : str
        Under which the map shows it.
    """

    name: str
    unit: str
    meaning: str
    source: str
    decimals: int | None = None
    heading: str = ""

    def written(self, value: Any) -> Scalar:
        """The value as the files hold it: rounded to ``decimals``, NaN and infinity as None."""
        plain = value.item() if isinstance(value, np.generic) else value
        if plain is None or isinstance(plain, str | bool):
            return plain
        if not math.isfinite(plain):
            return None
        if self.decimals is None:
            return plain
        return round(float(plain), self.decimals) if self.decimals else round(plain)


@dataclass(frozen=True)
class Declared:
    """Declaration of a field of a :class:`Part` by :func:`column`."""

    meaning: str
    unit: str
    source: str
    decimals: int | None
    name: str
    heading: str
    keys: Mapping[Any, str]
    ends: Sequence[str]


def column(  # noqa: PLR0913 - one parameter per property of a column
    meaning: str,
    *,
    unit: str = "",
    decimals: int | None = None,
    source: str = "",
    name: str = "",
    heading: str = "",
    keys: Mapping[Any, str] | None = None,
    ends: Sequence[str] = (),
) -> Any:
    """A field of a :class:`Part`: one column, or several where its type is a range, quantiles, a part or a mapping of these.

    Parameters
    ----------
    meaning : str
        ``{key}`` stands for the words of the key, ``{end}`` for those of the end of a range or of the quantile.
    unit, decimals : str, int
        As in :class:`Column`.
    source, heading : str
        Where they differ from those of the part.
    name : str
        Where it differs from the name of the field; ``{key}`` stands for the key, ``{end}`` for the end.
    keys : mapping
        Key of a mapping -> its words in meanings.
    ends : sequence of str
        Words of the three ends of a range or quantiles.
    """
    return field(metadata={"column": Declared(meaning, unit, source, decimals, name, heading, keys or {}, ends)})


class Part:
    """A group of columns that one stage fills; subclasses are frozen dataclasses whose fields are made by :func:`column`.

    ``source`` and ``heading`` are those of its columns unless they say otherwise.
    """

    source: ClassVar[str] = ""
    heading: ClassVar[str] = ""

    @classmethod
    @cache
    def columns(cls) -> tuple[Column, ...]:
        """Its columns in the order of the files."""
        return tuple(_columns_of(cls, "", ""))

    @classmethod
    @cache
    def declared(cls) -> tuple[tuple[str, Any, Declared], ...]:
        """Name, type and declaration of each field that holds columns."""
        hints = typing.get_type_hints(cls)
        specs = ((f.name, f.metadata.get("column")) for f in fields(typing.cast(Any, cls)))
        return tuple((name, hints[name], spec) for name, spec in specs if spec is not None)

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """Names of its columns."""
        return _names_of(typing.cast(Any, cls))

    def row(self) -> dict[str, object]:
        """Column name -> value, not rounded."""
        return dict(zip(self.names(), self.as_values(), strict=True))

    def as_values(self) -> list[object]:
        """Values in the order of the columns, not rounded."""
        out: list[object] = []
        _writer(typing.cast(Any, type(self)))(self, out)
        return out

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        """The part that wrote this row.

        Raises
        ------
        KeyError
            A column is missing; its name is the argument.
        TypeError, ValueError
            A value is not of the type of its field.
        """
        return cls.of_values([row[name] for name in cls.names()])

    @classmethod
    def of_values(cls, values: Sequence[Any]) -> Self:
        """The part whose :meth:`row` holds these values, in the order of the columns; errors as for :meth:`of`."""
        return typing.cast(Self, _reader(typing.cast(Any, cls))(iter(values)))


@cache
def _names_of(part: type[Part]) -> tuple[str, ...]:
    return tuple(c.name for c in part.columns())


def _is_part(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Part)


def _triple(kind: Any) -> Any:
    """``Range`` or ``Quantiles`` where a type is one of them; else None."""
    plain = typing.get_origin(kind) or kind
    return plain if plain in (Range, Quantiles) else None


def _item(kind: Any) -> Any:
    """Type of the values of a mapping; None for other types."""
    return typing.get_args(kind)[1] if typing.get_origin(kind) is Mapping else None


def _columns_of(part: type[Part], key: str, words: str) -> Iterator[Column]:
    for name, kind, spec in part.declared():
        if (item := _item(kind)) is None:
            yield from _expanded(part, name, kind, spec, (key or name, words))
            continue
        for each, text in spec.keys.items():
            yield from _expanded(part, name, item, spec, (str(each), text))


def _expanded(part: type[Part], name: str, kind: Any, spec: Declared, key: tuple[str, str]) -> Iterator[Column]:
    if _is_part(kind):
        yield from _columns_of(kind, key[0], key[1] or spec.meaning)
        return
    source, heading = spec.source or part.source, spec.heading or part.heading
    full_name = (spec.name or name).replace("{key}", key[0])
    meaning = spec.meaning.replace("{key}", key[1])
    triple = _triple(kind)
    if triple is None:
        yield Column(full_name, spec.unit, meaning, source, spec.decimals, heading)
        return
    if "{end}" not in full_name:
        full_name += "_{end}"
    if "{end}" not in meaning:
        meaning += ": {end}"
    for end, words in zip(triple._fields, spec.ends or RANGE_WORDS, strict=True):
        yield Column(full_name.replace("{end}", end), spec.unit, meaning.replace("{end}", words), source, spec.decimals, heading)


@cache
def _writer(part: type[Part]) -> Callable[[Any, list[Any]], None]:
    """Appends the values of a part to a list, in the order of its columns."""
    fields_ = [(name, _appender(kind, spec)) for name, kind, spec in part.declared()]

    def write(value: Any, out: list[Any]) -> None:
        for name, append in fields_:
            append(getattr(value, name), out)

    return write


def _appender(kind: Any, spec: Declared) -> Callable[[Any, list[Any]], None]:
    """Appends the values of one field to a list."""
    if _is_part(kind):
        return _writer(kind)
    if (item := _item(kind)) is not None:
        inner, keys = _appender(item, spec), tuple(spec.keys)

        def every(value: Any, out: list[Any]) -> None:
            for key in keys:
                inner(value[key], out)

        return every
    if _triple(kind) is not None:
        return lambda value, out: out.extend(value)
    return lambda value, out: out.append(value)


@cache
def _reader(part: type[Part]) -> Callable[[Iterator[Any]], Any]:
    """Builds a part from its values, which come in the order of its columns."""
    fields_ = [(name, _builder(kind, spec)) for name, kind, spec in part.declared()]
    return lambda values: part(**{name: build(values) for name, build in fields_})


def _builder(kind: Any, spec: Declared) -> Callable[[Iterator[Any]], Any]:
    """Builds one field from its values."""
    if _is_part(kind):
        return _reader(kind)
    if (item := _item(kind)) is not None:
        inner, keys = _builder(item, spec), tuple(spec.keys)
        return lambda values: {key: inner(values) for key in keys}
    if (triple := _triple(kind)) is not None:
        one = _scalar((*typing.get_args(kind), float)[0])
        return lambda values: triple(one(next(values)), one(next(values)), one(next(values)))
    one = _scalar(kind)
    return lambda values: one(next(values))


def _scalar(kind: Any) -> Callable[[Any], Any]:
    """A value as its field holds it: unknown numbers are NaN where the field cannot hold None."""
    optional = typing.get_origin(kind) in (typing.Union, types.UnionType) and type(None) in typing.get_args(kind)
    plain = next(k for k in typing.get_args(kind) if k is not type(None)) if optional else kind
    unknown = math.nan if kind is float else None

    def number(value: Any) -> Any:
        return unknown if value is None else float(value)

    def other(value: Any) -> Any:
        if value is not None and not isinstance(value, plain):
            raise TypeError(f"{value!r} is no {plain.__name__}")
        return value

    return number if plain is float else other
