"""Figures: the key figures of answered cards, in words: for mails, where a card has no place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from layouts.answered import AnsweredPanel
from layouts.card import CardFace, Mood, Shape, card_face
from layouts.columns import Sentiment
from layouts.format import MISSING
from layouts.marks import Card

MOST = 8

_SHAPES: dict[Shape, str] = {"up": "▲", "diamond": "◆", "down": "▼"}


@dataclass(frozen=True)
class Figure:
    """One figure: `against` holds (what it is compared with, the difference, whether that is favourable)."""

    title: str
    value: str
    against: tuple[tuple[str, str, Sentiment], ...] = ()
    state: str = ""
    mood: Mood = "none"


def figures(panels: Sequence[AnsweredPanel], most: int = MOST) -> tuple[Figure, ...]:
    """The cards with an answer, in their order."""
    cards = [each for each in panels if isinstance(each.mark, Card) and each.state == "ready"]
    return tuple(_figure(card_face(each)) for each in cards[:most])


def compared(told: Sequence[Figure]) -> tuple[str, ...]:
    """Everything that some figure is compared with: the heads of a table's columns."""
    return tuple(dict.fromkeys(label for figure in told for label, _, _ in figure.against))


def _figure(face: CardFace) -> Figure:
    word, shape, mood = face.state or ("", "diamond", "none")
    # A comparison without a figure says nothing, and would cost a table a column.
    against = tuple(row for row in face.rows if row[1] != MISSING)
    return Figure(face.title, face.value_text, against, f"{_SHAPES[shape]} {word}" if word else "", mood)
