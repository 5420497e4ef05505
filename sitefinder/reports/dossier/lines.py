"""What a dossier is made of: fields, and labelled lines in them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Fact:
    """A labelled line of a dossier.

    Parameters
    ----------
    label : str
    columns : tuple of str
        Shown behind one another; of a range the low, middle and high end.
    span : bool
        The columns are a range.
    more : bool
        On the screen only: the printed page has no room for it.
    own : bool
        For the user's own sites only.
    """

    label: str
    columns: tuple[str, ...]
    span: bool = False
    more: bool = False
    own: bool = False


@dataclass(frozen=True)
class Section:
    """A field of the dossier.

    Parameters
    ----------
    key, title, question : str
        The question is what the field answers.
    facts : tuple of Fact
    drawn : tuple of str
        Columns that a chart of the section shows.
    """

    key: str
    title: str
    question: str
    facts: tuple[Fact, ...] = ()
    drawn: tuple[str, ...] = ()
