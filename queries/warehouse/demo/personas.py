"""Personas: whom one can sign in as in the demo company, each with a role and a part of the company."""

from __future__ import annotations

from dataclasses import dataclass

from queries.warehouse.demo.people import SAM, SUCCESSOR, TESS_TEAM


@dataclass(frozen=True)
class Persona:
    """A demo user. Keys name members of the warehouse; a place is written "level:key"."""

    email: str
    name: str
    role: str
    rep_key: str | None = None
    team_keys: tuple[str, ...] = ()
    place_keys: tuple[str, ...] = ()


PERSONAS: tuple[Persona, ...] = (
    Persona("ada@salient.example", "Ada Lindholm", "administrator"),
    Persona("erin@salient.example", "Erin Castellane", "executive"),
    Persona("dirk@salient.example", "Dirk Vandermolen", "sales director"),
    Persona(
        "remy@salient.example",
        "Remy Duval-Ortega",
        "regional lead",
        place_keys=("country:spain", "country:portugal", "country:italy"),
    ),
    Persona("tess@salient.example", "Tess Baumgart", "team lead", rep_key="R001", team_keys=(TESS_TEAM,)),
    Persona("sam@salient.example", "Sam Okonedo", "rep", rep_key=SAM, team_keys=(TESS_TEAM,)),
    Persona("amy@salient.example", "Amy Pemberton", "account manager", rep_key=SUCCESSOR),
    Persona("fay@salient.example", "Fay Winterbourne", "finance analyst"),
    Persona("mia@salient.example", "Mia Tanaka-Rossi", "marketing"),
    Persona("otto@salient.example", "Otto Niemand", "none"),
)
