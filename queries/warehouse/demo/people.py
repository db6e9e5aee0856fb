"""The demo company's people: teams in departments, reps with managers, and who moved, came or left when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from queries.warehouse.demo.plot import Plot

COMPANY = "Ostrel Workplace Equipment"


@dataclass(frozen=True)
class Team:
    """A team and the sales regions it covers; the inside team serves small businesses everywhere."""

    key: str
    name: str
    department: str
    regions: tuple[str, ...]
    reps: tuple[str, ...]  # names, the lead first


DEPARTMENTS = {
    "field-europe": "Field Sales Europe",
    "field-overseas": "Field Sales Overseas",
    "inside-sales": "Inside Sales",
}
HEADS = {"field-europe": "R018", "field-overseas": "R024", "inside-sales": "R037"}
"""Department → its head, who also leads one of its teams."""

TEAMS: tuple[Team, ...] = (
    Team(
        "central-europe", "Central Europe", "field-europe",
        ("germany-north", "germany-west", "germany-south", "austria", "switzerland", "poland"),
        ("Tess Baumgart", "Sam Okonedo", "Jonas Haase", "Ilse Kravitz", "Matthias Rüegger", "Ewa Zielonka",
         "Lukas Fendt", "Greta Amsel"),
    ),
    Team(
        "western-europe", "Western Europe", "field-europe", ("france-north", "france-south"),
        ("Camille Verdier", "Hugo Lamarre", "Inès Delcourt", "Bastien Roquet"),
    ),
    Team(
        "southern-europe", "Southern Europe", "field-europe",
        ("iberia-central", "iberia-east", "iberia-west", "italy-north", "italy-south"),
        ("Giulia Marchetti", "Pau Ferrer", "Marta Quintela", "Duarte Silveira", "Enzo Caldari"),
    ),
    Team(
        "uk-nordics", "UK & Nordics", "field-europe", ("uk-south", "uk-north", "sweden", "denmark"),
        ("Nathaniel Okafor", "Victor Stroud", "Amy Pemberton", "Elin Lindqvist", "Rasmus Holt", "Fiona Garrick"),
    ),
    Team(
        "us-east", "US East", "field-overseas", ("us-northeast", "us-midwest", "us-south"),
        ("Denise Halloran", "Marcus Tilley", "Priya Raman", "Caleb Whitford"),
    ),
    Team(
        "us-west-canada", "US West & Canada", "field-overseas", ("us-west", "canada-east", "canada-west"),
        ("Joanna Redcliff", "Owen Castellan", "Mei-Lin Tsao", "Étienne Gagnier", "Wyatt Sorrel"),
    ),
    Team(
        "asia-pacific", "Asia Pacific", "field-overseas", ("australia-east", "japan-east", "japan-west"),
        ("Haruto Minase", "Chloe Barrow", "Yuki Tanemori", "Liam Dunmore"),
    ),
    Team(
        "inside-sales", "Inside Sales", "inside-sales", (),
        ("Katrin Solberg", "Rafael Montoro", "Nadia Petrov", "Toby Ashdown"),
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Rep:
    """A rep: the team held first, and the one moved to with the day of the move, if ever."""

    key: str
    name: str
    team: int
    lead: bool
    hired: date
    left: date | None = None
    moved_to: int | None = None
    moved_on: date | None = None
    stand_in: str | None = None  # who sold to these accounts before the rep was hired
    successor: str | None = None  # who has had the accounts since the rep left


LEAVER, SUCCESSOR = "R019", "R020"
SAM = "R002"
TESS_TEAM = "central-europe"
_MOVERS = {"R032": "us-east", "R038": "southern-europe"}
_HIRED_LATER = {"R008": 26, "R027": 20, "R036": 14}


def keys_of_team(team: int) -> tuple[str, ...]:
    """The keys of those listed in a team, the lead first."""
    first = 1 + sum(len(other.reps) for other in TEAMS[:team])
    return tuple(f"R{number:03d}" for number in range(first, first + len(TEAMS[team].reps)))


def reps(plot: Plot) -> tuple[Rep, ...]:
    """Everyone who sells, by key."""
    found: list[Rep] = []
    positions = {team.key: index for index, team in enumerate(TEAMS)}
    for index, team in enumerate(TEAMS):
        keys = keys_of_team(index)
        for number, (key, name) in enumerate(zip(keys, team.reps, strict=True)):
            hired = date(plot.start.year - 2 - (number * 3 + index) % 9, 1 + (number * 5 + index) % 12, 1)
            stand_in = None
            if key in _HIRED_LATER:
                hired, stand_in = plot.month(_HIRED_LATER[key]), keys[0]
            leaves = key == LEAVER and plot.happens("rep-left")
            moved_to = positions.get(_MOVERS.get(key, ""))
            found.append(
                Rep(
                    key, name, index, number == 0, hired,
                    left=plot.departure if leaves else None,
                    moved_to=moved_to,
                    moved_on=plot.month(18) if moved_to is not None else None,
                    stand_in=stand_in,
                    successor=SUCCESSOR if leaves else None,
                )
            )  # fmt: skip
    return tuple(found)


def _manager(rep: Rep, team: int) -> str | None:
    lead = keys_of_team(team)[0]
    if rep.key != lead:
        return lead
    head = HEADS[TEAMS[team].department]
    return None if rep.key == head else head


def _title(rep: Rep, team: int) -> str:
    if rep.key in HEADS.values():
        return "Head of Department"
    if rep.lead:
        return "Team Lead"
    if rep.key == SUCCESSOR:
        return "Account Manager"
    return "Inside Sales Rep" if TEAMS[team].key == "inside-sales" else "Field Sales Rep"


def email_of(rep: Rep) -> str:
    """A rep's address; those among the personas sign in with it."""
    first = rep.name.split()[0].lower()
    local = first if rep.name.split()[0] in ("Tess", "Sam", "Amy") else rep.key.lower()
    return f"{local}@salient.example"


def rep_rows(plot: Plot) -> dict[str, list[object]]:
    """The staged `rep` table by column: one row per version."""
    columns: dict[str, list[object]] = {}
    for rep in reps(plot):
        spells = [(rep.team, rep.hired, rep.moved_on)]
        if rep.moved_to is not None and rep.moved_on is not None:
            spells.append((rep.moved_to, rep.moved_on, None))
        for team, valid_from, valid_to in spells:
            row = {
                "rep_key": rep.key,
                "rep": rep.name,
                "title": _title(rep, team),
                "email": email_of(rep),
                "manager_key": _manager(rep, team),
                "team_key": TEAMS[team].key,
                "hired": rep.hired,
                "left": rep.left - timedelta(days=1) if rep.left else None,
                "valid_from": valid_from,
                "valid_to": valid_to,
            }
            for name, value in row.items():
                columns.setdefault(name, []).append(value)
    return columns


def team_rows() -> dict[str, list[object]]:
    """The staged `team` table by column."""
    return {
        "team_key": [team.key for team in TEAMS],
        "team": [team.name for team in TEAMS],
        "department_key": [team.department for team in TEAMS],
        "department": [DEPARTMENTS[team.department] for team in TEAMS],
        "lead_rep_key": [keys_of_team(index)[0] for index in range(len(TEAMS))],
        "valid_from": [None for _ in TEAMS],
        "valid_to": [None for _ in TEAMS],
    }
