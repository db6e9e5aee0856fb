"""Random sales of the house: amounts to the cent, of either sign and often zero, and members that have them."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import strategies as st

from app.domain.figures import Compared

amounts = st.just(Decimal(0)) | st.decimals(-(10**9), 10**9, places=2, allow_nan=False)
keys = st.text("abcdefgh", min_size=1, max_size=3)
members = st.lists(st.builds(Compared, keys, amounts, amounts), max_size=25, unique_by=lambda member: member.key)
named_amounts = st.lists(st.tuples(keys, amounts), max_size=25, unique_by=lambda pair: pair[0])
