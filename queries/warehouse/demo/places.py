"""Where the demo company sells: markets, countries with their currencies, sales regions, states and cities."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Country:
    """A country: its ISO alpha-3 code, currency, sales tax in thousandths and how firms and phones are written."""

    key: str
    name: str
    code: str
    market: str
    currency: str
    tax_permille: int
    dial: str
    legal_forms: tuple[str, ...]


@dataclass(frozen=True)
class City:
    """A city; outside federal countries there is no state."""

    key: str
    name: str
    state_key: str | None = None
    state: str | None = None
    state_code: str | None = None


@dataclass(frozen=True)
class Region:
    """A sales region: its share of the company's sales and its yearly growth in volume, prices apart."""

    key: str
    name: str
    country: str
    share: float
    growth: float
    cities: tuple[City, ...]


MARKETS: Mapping[str, str] = {"emea": "EMEA", "americas": "Americas", "apac": "Asia Pacific"}

COUNTRIES: tuple[Country, ...] = (
    Country("germany", "Germany", "DEU", "emea", "EUR", 190, "49", ("GmbH", "AG", "KG")),
    Country("austria", "Austria", "AUT", "emea", "EUR", 200, "43", ("GmbH", "KG")),
    Country("switzerland", "Switzerland", "CHE", "emea", "CHF", 81, "41", ("AG", "GmbH")),
    Country("poland", "Poland", "POL", "emea", "PLN", 230, "48", ("Sp. z o.o.", "S.A.")),
    Country("france", "France", "FRA", "emea", "EUR", 200, "33", ("SARL", "SAS", "SA")),
    Country("spain", "Spain", "ESP", "emea", "EUR", 210, "34", ("S.L.", "S.A.")),
    Country("portugal", "Portugal", "PRT", "emea", "EUR", 230, "351", ("Lda", "S.A.")),
    Country("italy", "Italy", "ITA", "emea", "EUR", 220, "39", ("S.r.l.", "S.p.A.")),
    Country("united-kingdom", "United Kingdom", "GBR", "emea", "GBP", 200, "44", ("Ltd", "plc")),
    Country("sweden", "Sweden", "SWE", "emea", "SEK", 250, "46", ("AB",)),
    Country("denmark", "Denmark", "DNK", "emea", "DKK", 250, "45", ("A/S", "ApS")),
    Country("united-states", "United States", "USA", "americas", "USD", 70, "1", ("Inc.", "LLC", "Corp.")),
    Country("canada", "Canada", "CAN", "americas", "CAD", 130, "1", ("Inc.", "Ltd.")),
    Country("australia", "Australia", "AUS", "apac", "AUD", 100, "61", ("Pty Ltd",)),
    Country("japan", "Japan", "JPN", "apac", "JPY", 100, "81", ("K.K.", "G.K.")),
)

_US = {
    "NY": "New York", "MA": "Massachusetts", "PA": "Pennsylvania", "NJ": "New Jersey", "CT": "Connecticut",
    "IL": "Illinois", "OH": "Ohio", "MI": "Michigan", "MN": "Minnesota", "WI": "Wisconsin", "IN": "Indiana",
    "MO": "Missouri", "TX": "Texas", "FL": "Florida", "GA": "Georgia", "NC": "North Carolina", "VA": "Virginia",
    "TN": "Tennessee", "CA": "California", "WA": "Washington", "OR": "Oregon", "CO": "Colorado", "AZ": "Arizona",
    "UT": "Utah",
}  # fmt: skip
_ELSEWHERE = {
    "ca-on": "Ontario", "ca-qc": "Quebec", "ca-ns": "Nova Scotia", "ca-bc": "British Columbia", "ca-ab": "Alberta",
    "au-nsw": "New South Wales", "au-vic": "Victoria", "au-qld": "Queensland",
}  # fmt: skip


def _slug(name: str) -> str:
    plain = name.lower().translate(str.maketrans("äöüéãáíóńęśżłø", "aoueaaionesz" + "lo"))
    return "-".join(plain.replace(".", "").split())


def _cities(names: str) -> tuple[City, ...]:
    return tuple(City(_slug(name), name) for name in names.split(", "))


def _us(pairs: str) -> tuple[City, ...]:
    """Cities written "Austin TX"."""
    found = []
    for pair in pairs.split(", "):
        name, code = pair.rsplit(" ", 1)
        found.append(City(f"us-{code.lower()}-{_slug(name)}", name, f"us-{code.lower()}", _US[code], code))
    return tuple(found)


def _federal(pairs: str) -> tuple[City, ...]:
    """Cities written "Toronto ca-on"; only the United States have state codes."""
    found = []
    for pair in pairs.split(", "):
        name, state = pair.rsplit(" ", 1)
        found.append(City(f"{state}-{_slug(name)}", name, state, _ELSEWHERE[state]))
    return tuple(found)


REGIONS: tuple[Region, ...] = (
    Region("germany-north", "Germany North", "germany", 5.0, 0.020, _cities("Hamburg, Bremen, Hanover, Berlin")),
    Region("germany-west", "Germany West", "germany", 6.0, 0.010, _cities("Cologne, Düsseldorf, Dortmund, Frankfurt")),
    Region("germany-south", "Germany South", "germany", 6.5, 0.028, _cities("Munich, Stuttgart, Nuremberg, Ulm")),
    Region("austria", "Austria", "austria", 3.0, 0.015, _cities("Vienna, Linz, Graz")),
    Region("switzerland", "Switzerland", "switzerland", 4.0, 0.022, _cities("Zurich, Basel, Bern, Lucerne")),
    Region("poland", "Poland", "poland", 2.8, 0.060, _cities("Warsaw, Wrocław, Gdańsk, Poznań")),
    Region("france-north", "France North", "france", 5.0, 0.012, _cities("Paris, Lille, Rouen, Reims")),
    Region("france-south", "France South", "france", 3.8, 0.020, _cities("Lyon, Marseille, Toulouse, Nice")),
    Region("iberia-central", "Iberia Central", "spain", 3.0, 0.025, _cities("Madrid, Zaragoza, Seville")),
    Region("iberia-east", "Iberia East", "spain", 3.4, 0.020, _cities("Barcelona, Valencia, Murcia")),
    Region("iberia-west", "Iberia West", "portugal", 2.0, 0.030, _cities("Lisbon, Porto, Braga")),
    Region("italy-north", "Italy North", "italy", 4.2, 0.010, _cities("Milan, Turin, Bologna, Verona")),
    Region("italy-south", "Italy South", "italy", 2.4, 0.015, _cities("Rome, Naples, Bari")),
    Region("uk-south", "UK South", "united-kingdom", 5.4, 0.018, _cities("London, Bristol, Reading, Cardiff")),
    Region("uk-north", "UK North", "united-kingdom", 4.0, 0.022, _cities("Manchester, Leeds, Glasgow, Newcastle")),
    Region("sweden", "Sweden", "sweden", 3.4, 0.030, _cities("Stockholm, Gothenburg, Malmö, Uppsala")),
    Region("denmark", "Denmark", "denmark", 2.6, 0.025, _cities("Copenhagen, Aarhus, Odense")),
    Region(
        "us-northeast", "US Northeast", "united-states", 6.0, 0.040,
        _us("New York NY, Buffalo NY, Boston MA, Philadelphia PA, Pittsburgh PA, Newark NJ, Hartford CT"),
    ),
    Region(
        "us-midwest", "US Midwest", "united-states", 5.0, 0.035,
        _us("Chicago IL, Columbus OH, Detroit MI, Minneapolis MN, Milwaukee WI, Indianapolis IN, St. Louis MO"),
    ),
    Region(
        "us-south", "US South", "united-states", 5.2, 0.055,
        _us("Austin TX, Dallas TX, Houston TX, Miami FL, Tampa FL, Atlanta GA, Charlotte NC, Richmond VA, Memphis TN"),
    ),
    Region(
        "us-west", "US West", "united-states", 6.0, 0.045,
        _us("Los Angeles CA, Oakland CA, San Diego CA, Seattle WA, Portland OR, Denver CO, Phoenix AZ, Provo UT"),
    ),
    Region(
        "canada-east", "Canada East", "canada", 2.8, 0.035, _federal("Toronto ca-on, Montreal ca-qc, Halifax ca-ns"),
    ),
    Region("canada-west", "Canada West", "canada", 2.0, 0.040, _federal("Vancouver ca-bc, Calgary ca-ab")),
    Region(
        "australia-east", "Australia East", "australia", 3.0, 0.065,
        _federal("Sydney au-nsw, Melbourne au-vic, Brisbane au-qld"),
    ),
    Region("japan-east", "Japan East", "japan", 3.2, 0.050, _cities("Tokyo, Yokohama, Sendai")),
    Region("japan-west", "Japan West", "japan", 2.2, 0.045, _cities("Osaka, Nagoya, Fukuoka")),
)  # fmt: skip

COUNTRY_OF: Mapping[str, Country] = {country.key: country for country in COUNTRIES}
CITIES: tuple[tuple[City, Region], ...] = tuple((city, region) for region in REGIONS for city in region.cities)


def place_rows() -> dict[str, list[str | None]]:
    """The staged `place` table by column, one row per city."""
    columns: dict[str, list[str | None]] = {}
    for city, region in CITIES:
        country = COUNTRY_OF[region.country]
        row = {
            "place_key": city.key,
            "market_key": country.market,
            "market": MARKETS[country.market],
            "country_key": country.key,
            "country": country.name,
            "country_code": country.code,
            "region_key": region.key,
            "region": region.name,
            "state_key": city.state_key,
            "state": city.state,
            "state_code": city.state_code,
            "city_key": city.key,
            "city": city.name,
        }
        for name, value in row.items():
            columns.setdefault(name, []).append(value)
    return columns
