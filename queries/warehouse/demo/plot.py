"""Plot: what happens to the demo company and when, counted back from `today`, and how strongly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from app.values.errors import Invalid

STORY_IDS: tuple[str, ...] = (
    "slipping-region",
    "price-rise",
    "rep-left",
    "churning-account",
    "campaign-worked",
    "campaign-failed",
    "bad-quarter",
    "product-launch",
)
HISTORY_YEARS = 3
YEARLY_PRICE_GROWTH = 1.03

SLIPPING_REGION = "iberia-east"
SLIP_TO = (0.70, 0.55, 0.45)
"""What is left of the region's sales in its first, second and all later months."""

DEARER_CATEGORY = "storage"
PRICE_RISE = 1.12
VOLUME_AFTER_RISE = 0.95

LAUNCHED_PRODUCT = "P-1187"
LAUNCH_POPULARITY = 14.0
"""How often a launched product is chosen beside an ordinary one of its category."""

WINNING_CAMPAIGN = "northern-safety-days"
WINNING_REGIONS = ("sweden", "denmark", "uk-north")
WINNING_UPLIFT = 1.45
FAILING_CAMPAIGN = "grand-clearance"
FAILING_REGIONS = ("france-north", "france-south")
FAILING_DISCOUNT_PERMILLE = 120

BAD_QUARTER_FACTOR = 0.80
CHURN_TO = (0.75, 0.45, 0.15, 0.0)
KEY_ACCOUNT = "C00417"
CHURNING_REGION = "us-midwest"


@dataclass(frozen=True)
class Plot:
    """The days on which things happen. `without` names stories that do not happen at all."""

    today: date
    without: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        for story in sorted(self.without.difference(STORY_IDS)):
            raise Invalid(f"There is no story {story}; there are {', '.join(STORY_IDS)}.")

    def happens(self, story: str) -> bool:
        """Whether a story is told."""
        return story not in self.without

    def month(self, back: int) -> date:
        """The first day of the month `back` months before today's: `month(0)` is this month's first day."""
        months = self.today.year * 12 + self.today.month - 1 - back
        return date(months // 12, months % 12 + 1, 1)

    @property
    def start(self) -> date:
        """The first day of sales: three whole years and the running one."""
        return date(self.today.year - HISTORY_YEARS, 1, 1)

    @property
    def years(self) -> tuple[int, ...]:
        """The years of history, oldest first."""
        return tuple(range(self.start.year, self.today.year + 1))

    @property
    def days(self) -> int:
        """How many days of history there are, today included."""
        return (self.today - self.start).days + 1

    @property
    def months(self) -> tuple[date, ...]:
        """First days of the months of history, oldest first."""
        count = HISTORY_YEARS * 12 + self.today.month
        return tuple(self.month(back) for back in range(count - 1, -1, -1))

    @property
    def slip(self) -> date:
        """When the region begins to lose ground."""
        return self.month(6)

    @property
    def price_rise(self) -> date:
        """When one category becomes dearer."""
        return self.month(8)

    @property
    def departure(self) -> date:
        """The first day on which the leaver's accounts belong to the successor."""
        return self.month(9)

    @property
    def churn(self) -> date:
        """When the key account begins to buy less."""
        return self.month(7)

    @property
    def launch(self) -> date:
        """When the new product is first sold."""
        return self.month(7)

    @property
    def bad_quarter(self) -> date:
        """The first day of the quarter that went wrong, six quarters ago."""
        quarter = self.today.year * 4 + (self.today.month - 1) // 3 - 6
        return date(quarter // 4, quarter % 4 * 3 + 1, 1)

    @property
    def winning(self) -> tuple[date, date]:
        """First and last day of the campaign that worked."""
        return self.month(5), self.month(2) - timedelta(days=1)

    @property
    def failing(self) -> tuple[date, date]:
        """First and last day of the campaign that did not."""
        return self.month(4), self.month(1) - timedelta(days=1)

    def months_since(self, event: date, month: date) -> int:
        """Whole months from an event's month to `month`; negative before it."""
        return (month.year - event.year) * 12 + month.month - event.month

    def region_factors(self, month: date) -> Mapping[str, float]:
        """What is left of a region's ordinary sales in a month; regions not named are as ever."""
        factors: dict[str, float] = {}
        since = self.months_since(self.slip, month)
        if self.happens("slipping-region") and since >= 0:
            factors[SLIPPING_REGION] = SLIP_TO[min(since, len(SLIP_TO) - 1)]
        if self.happens("campaign-worked") and self.winning[0] <= month <= self.winning[1]:
            factors.update(dict.fromkeys(WINNING_REGIONS, WINNING_UPLIFT))
        return factors

    def company_factor(self, month: date) -> float:
        """What is left of the whole company's ordinary sales in a month."""
        bad = self.happens("bad-quarter") and 0 <= self.months_since(self.bad_quarter, month) < 3
        return BAD_QUARTER_FACTOR if bad else 1.0

    def churn_factor(self, month: date) -> float:
        """What is left of the churning account's ordinary sales in a month."""
        since = self.months_since(self.churn, month)
        if not self.happens("churning-account") or since < 0:
            return 1.0
        return CHURN_TO[min(since, len(CHURN_TO) - 1)]
