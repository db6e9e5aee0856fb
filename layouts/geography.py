"""Geography: the codes under which map outlines know a country or a state, found from a member's key or name."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from babel import Locale
from babel.core import get_global

UNITED_STATES = "USA"

STATES: Mapping[str, str] = MappingProxyType(
    {
        "AL": "Alabama", "AK": "Alaska", "AZ": "Arizona", "AR": "Arkansas", "CA": "California", "CO": "Colorado",
        "CT": "Connecticut", "DE": "Delaware", "DC": "District of Columbia", "FL": "Florida", "GA": "Georgia",
        "HI": "Hawaii", "ID": "Idaho", "IL": "Illinois", "IN": "Indiana", "IA": "Iowa", "KS": "Kansas",
        "KY": "Kentucky", "LA": "Louisiana", "ME": "Maine", "MD": "Maryland", "MA": "Massachusetts", "MI": "Michigan",
        "MN": "Minnesota", "MS": "Mississippi", "MO": "Missouri", "MT": "Montana", "NE": "Nebraska", "NV": "Nevada",
        "NH": "New Hampshire", "NJ": "New Jersey", "NM": "New Mexico", "NY": "New York", "NC": "North Carolina",
        "ND": "North Dakota", "OH": "Ohio", "OK": "Oklahoma", "OR": "Oregon", "PA": "Pennsylvania",
        "RI": "Rhode Island", "SC": "South Carolina", "SD": "South Dakota", "TN": "Tennessee", "TX": "Texas",
        "UT": "Utah", "VT": "Vermont", "VA": "Virginia", "WA": "Washington", "WV": "West Virginia", "WI": "Wisconsin",
        "WY": "Wyoming",
    }
)  # fmt: skip

OTHER_NAMES: Mapping[str, str] = MappingProxyType(
    {"usa": "USA", "united states of america": "USA", "uk": "GBR", "great britain": "GBR", "czech republic": "CZE",
     "holland": "NLD", "the netherlands": "NLD", "korea": "KOR", "turkey": "TUR"}
)  # fmt: skip

FORMER = frozenset({"BUR", "DDR", "FXX", "TMP", "YMD", "ZAR"})
"""Codes that CLDR still knows beside the ones that took their place."""

EUROPE = frozenset(
    """
    ALB AND AUT BEL BGR BIH BLR CHE CYP CZE DEU DNK ESP EST FIN FRA GBR GRC HRV HUN IRL ISL ITA LTU LUX LVA MDA MKD
    MLT MNE NLD NOR POL PRT ROU SRB SVK SVN SWE UKR XKX
    """.split()  # noqa: SIM905 - forty codes read better in two lines than in forty
)


@lru_cache(maxsize=1)
def _codes() -> tuple[Mapping[str, str], Mapping[str, str]]:
    """Two letters → three letters, and English name in small letters → three letters (Unicode CLDR)."""
    aliases = get_global("territory_aliases")
    known = {three: two[0] for three, two in aliases.items() if len(three) == 3 and three.isalpha() and len(two) == 1}
    by_two = {two: three for three, two in known.items() if three not in FORMER and two != "ZZ"}
    names = Locale.parse("en").territories
    by_name = {str(names[two]).lower(): three for two, three in by_two.items() if two in names}
    return by_two, {**by_name, **OTHER_NAMES}


def country_code(key: str, name: str = "") -> str | None:
    """The ISO 3166-1 alpha-3 code of a country by its key (2 or 3 letters, or a name) or else its name."""
    by_two, by_name = _codes()
    threes = frozenset(by_two.values())
    for text in (key.strip().replace("-", " "), name.strip()):
        found = text.upper() if text.upper() in threes else by_two.get(text.upper()) or by_name.get(text.lower())
        if found:
            return found
    return None


def state_code(key: str, name: str = "") -> str | None:
    """The two letters of a state of the United States by its key ("CA", "US-CA") or its name."""
    by_name = {state.lower(): code for code, state in STATES.items()}
    for text in (key.strip(), name.strip()):
        bare = text.upper().removeprefix("USA-").removeprefix("US-")
        found = bare if bare in STATES else by_name.get(text.lower().replace("-", " "))
        if found:
            return found
    return None
