"""Rollups: the sums kept beside the fact so that whole-history questions stay fast.

Each is narrow on purpose: its combinations are all taken at a million lines already, so that it does not grow with
the fact. Questions that touch anything else, or count documents by product, go to the fact.
"""

from __future__ import annotations

from queries.warehouse.rollups import Rollup

# Customers, their industries and segments, and counts of them; rep and region hardly add rows.
_CUSTOMER = Rollup("customer", "month", ("customer", "region", "rep"), last_day=True)

ROLLUPS: tuple[Rollup, ...] = (
    # Who sold where and how: the overview, attainment, rankings of reps, teams and regions.
    Rollup("place_team", "month", ("region", "rep", "channel", "document_type")),
    # The same by day: weeks, periods to date, and every scope by place, team or rep.
    Rollup("place_team_day", "day", ("region", "rep")),
    # The goods mix of a region, and that of a segment of customers. Both at once would be twelve times the rows of the
    # two, a quarter of the time of a load, and slower to read for everyone who asks for one.
    Rollup("goods_place", "month", ("subcategory", "region")),
    Rollup("goods_segment", "month", ("segment", "subcategory")),
    # Down to the product, company-wide.
    Rollup("goods", "month", ("product", "channel"), last_day=True),
    # Where each campaign sold: no other holds campaigns, and these few rows stand for years of lines.
    Rollup("campaign", "month", ("campaign", "region")),
    # States and cities for maps.
    Rollup("place", "month", ("city",)),
    _CUSTOMER,
    # Customers over whole years: a count of distinct ones has to read every row.
    Rollup("customer_year", "year", ("customer", "region", "rep"), of=_CUSTOMER),
)
