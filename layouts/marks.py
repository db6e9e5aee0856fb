"""Marks: the closed set of pictures a panel may be, and the few options each has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ROW = 30
"""Pixels from one bar to the next, wherever bars lie in rows."""


@dataclass(frozen=True)
class Card:
    """One figure with its comparisons, its plan mark and thirteen points of trend."""

    metric: str
    height: int = 178


@dataclass(frozen=True)
class Cumulative:
    """The running total of this period drawn over every earlier one of its kind, and over the plan."""

    earlier: int = 12
    height: int = 300


@dataclass(frozen=True)
class VarianceBars:
    """Two columns of bars: the value, and its difference from a reference, the best difference on top."""

    rows: int = 8
    height: int = 8 * ROW + 60


@dataclass(frozen=True)
class RankedBars:
    """Bars from the largest to the smallest, what does not fit as one last row of others."""

    rows: int = 8
    height: int = 8 * ROW + 40


@dataclass(frozen=True)
class Mix:
    """Shares of a whole as bars, with the share of the reference as a mark on each."""

    rows: int = 8
    height: int = 8 * ROW + 40


@dataclass(frozen=True)
class Bullets:
    """Attainment in rows: a bar inside its outlined quota, with a tick where it should stand today."""

    rows: int = 8
    height: int = 8 * ROW + 40


@dataclass(frozen=True)
class Columns:
    """Columns over time: actual solid, last year lighter behind it, budget outlined, variance below."""

    height: int = 340


@dataclass(frozen=True)
class Seasonal:
    """One line a year over the months January to December."""

    years: int = 3
    height: int = 340


@dataclass(frozen=True)
class HeatTable:
    """Members by months, each cell its change on last year, coloured by how good that is."""

    rows: int = 12
    height: int = 12 * 27 + 32


@dataclass(frozen=True)
class Map:
    """Countries, or the states of the United States, shaded by value."""

    height: int = 380


@dataclass(frozen=True)
class Waterfall:
    """From one level to another in steps, in rows: a member whose key is in `levels` stands on the ground with what is
    reached there, every other hangs where the one above it ended.

    The first figure of a row is its amount; a second one, such as a share, and its difference stand at the right edge.
    """

    levels: tuple[str, ...]
    height: int = 8 * ROW + 40


@dataclass(frozen=True)
class Grid:
    """Rows by columns of figures of one kind, each cell shaded by its size; figures of another kind stand apart.

    `dated`: rows are the months of the columns' years, and a cell is clicked as its own month. `years` is how far
    back it looks.
    """

    rows: int = 12
    dated: bool = False
    years: int = 5
    height: int = 12 * 27 + 50


@dataclass(frozen=True)
class ShareLines:
    """What each member makes of the whole, month by month, named where its line ends."""

    height: int = 340


@dataclass(frozen=True)
class Risks:
    """Small tiles in a row, each a state as a shape and a word."""

    height: int = 64


@dataclass(frozen=True)
class Pareto:
    """The largest members with the share that they make together so far, the rest of each class as one row."""

    height: int = 13 * ROW + 40


@dataclass(frozen=True)
class Quadrant:
    """Members as dots by growth and margin rate, in four corners with names; only the few that matter are called."""

    height: int = 400


@dataclass(frozen=True)
class Matrix:
    """What goes with what: a row and a column a member, each cell how much more often both meet than by chance."""

    height: int = 13 * ROW + 40


@dataclass(frozen=True)
class TreeTable:
    """A table whose rows open into their parts, asked for when they are opened; members of `opens` have such."""

    opens: tuple[str, ...] = ()
    height: int = 300


@dataclass(frozen=True)
class Movers:
    """What grew and what shrank most: the value and its difference, the best difference on top."""

    rows: int = 10
    height: int = 10 * ROW + 60


@dataclass(frozen=True)
class Distribution:
    """How many stand in each bin of attainment, those who have reached their quota apart."""

    height: int = 16 * ROW + 40


@dataclass(frozen=True)
class SmallMultiples:
    """A small line a member over thirteen months, all on one scale, those with the largest figures first."""

    most: int = 12
    years: int = 2
    height: int = 430


@dataclass(frozen=True)
class Lines:
    """A line a member over time, each named where it ends."""

    height: int = 340


@dataclass(frozen=True)
class Ranking:
    """Members by attainment, each with a bar of its amount: the first and, if there are many, the last."""

    rows: int = 16
    height: int = 16 * ROW + 40


@dataclass(frozen=True)
class Rows:
    """Nothing but the table."""

    rows: int = 50
    height: int = 380


@dataclass(frozen=True)
class Ledger:
    """The order lines themselves, under the members of the question's first level, in a grid that fetches them."""

    height: int = 560


@dataclass(frozen=True)
class Needed(Rows):
    """The table of what each has reached, and needs a working day from here on."""


@dataclass(frozen=True)
class Keeping(Rows):
    """The table of whom each has won, and what became of those who bought a year ago."""


@dataclass(frozen=True)
class Campaigns(Rows):
    """The table of campaigns and what they changed."""


@dataclass(frozen=True)
class Reconciled(Rows):
    """The table of totals that must agree."""


@dataclass(frozen=True)
class Bands:
    """Sales by week as a line, with a named band over the weeks of each campaign."""

    height: int = 300


@dataclass(frozen=True)
class Tail(Rows):
    """The table of those that one may think of giving up, and what hangs on them."""


@dataclass(frozen=True)
class Preferred(Rows):
    """The table of what each segment prefers, what has shifted most first."""


@dataclass(frozen=True)
class Discounts(Rows):
    """The table of what was sold with more or less discount than before, and what became of it."""


@dataclass(frozen=True)
class MixShift:
    """Per buyers a small picture of what part each goods have of every quarter, all quarters as high as 100 %."""

    most: int = 3
    height: int = 400


@dataclass(frozen=True)
class Flow:
    """Customers by period: who stayed, returned and came above the line, who lapsed below it."""

    height: int = 300


@dataclass(frozen=True)
class Timeline:
    """Documents as dots on their days, and the sum of the twelve months to each as a line above them."""

    height: int = 320


@dataclass(frozen=True)
class Declining(Rows):
    """The table of those who buy less than they did, with the evidence."""


@dataclass(frozen=True)
class Frequent(Rows):
    """The table of those who buy most often, with their gaps."""


@dataclass(frozen=True)
class Deciles(Rows):
    """The table of tenths by value and where their members came from."""


@dataclass(frozen=True)
class Segmented(Rows):
    """The table of named segments."""


@dataclass(frozen=True)
class SegmentGrid(Rows):
    """Recency by frequency and money, five by five: each cell its customers and share, in its segment's colour."""

    height: int = 400


@dataclass(frozen=True)
class Cohorts(Rows):
    """The table of those who came together and how many came back."""


@dataclass(frozen=True)
class OwnRhythm(Rows):
    """The table of one customer's gaps between orders."""


@dataclass(frozen=True)
class Identity(Rows):
    """Who one customer is: a name and what it says per fact, side by side."""

    height: int = 96


@dataclass(frozen=True)
class Response(Rows):
    """The table of how quantities went with prices."""


Mark = (
    Card
    | Cumulative
    | VarianceBars
    | RankedBars
    | Mix
    | Bullets
    | Columns
    | Seasonal
    | HeatTable
    | Grid
    | ShareLines
    | Risks
    | Bands
    | Map
    | Waterfall
    | Pareto
    | Quadrant
    | Matrix
    | TreeTable
    | MixShift
    | Flow
    | Timeline
    | Movers
    | Distribution
    | SmallMultiples
    | Lines
    | Ranking
    | Rows
    | Ledger
)

Gesture = Literal["drill", "filter", "none"]
"""What a click on a mark means: go one level down, toggle a filter, nothing."""
