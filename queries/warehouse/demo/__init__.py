"""The demo company: a maker of workplace equipment with years of sales, plans, people and stories, at any size."""

from queries.warehouse.demo.build import DEFAULT_LINES, DemoReport, build_demo
from queries.warehouse.demo.people import COMPANY
from queries.warehouse.demo.personas import PERSONAS, Persona
from queries.warehouse.demo.plot import STORY_IDS
from queries.warehouse.demo.staging import Staged, stage_demo
from queries.warehouse.demo.stories import Answer, Question, Story, stories

__all__ = [
    "COMPANY",
    "DEFAULT_LINES",
    "PERSONAS",
    "STORY_IDS",
    "Answer",
    "DemoReport",
    "Persona",
    "Question",
    "Staged",
    "Story",
    "build_demo",
    "stage_demo",
    "stories",
]
