"""Questions: rollups against hand-written SQL on the fact, their growth, and what asking adds to the SQL."""

from __future__ import annotations

import shlex
import statistics
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from app.values.period import Period
from queries.query import Query
from tests.bench.company import Company
from tests.bench.measure import Results, interleaved

QUESTIONS = Path(__file__).parent / "questions"
RUNS = 5


@dataclass(frozen=True)
class Question:
    """A whole-history question, as asked and as somebody would write it on the fact by hand."""

    name: str
    query: Query
    sql: str


def questions() -> list[Question]:
    """All questions of the folder, by name."""
    return [_read(path) for path in sorted(QUESTIONS.glob("*.sql"))]


def _read(path: Path) -> Question:
    first, _, sql = path.read_text(encoding="utf-8").partition("\n")
    words = shlex.split(first.removeprefix("-- ask:"))
    options = dict(zip(words[1::2], words[2::2], strict=True))
    metrics = tuple(words[0].split(","))
    limit = int(options["--limit"]) if "--limit" in options else None
    query = Query(
        metrics=metrics,
        by=tuple(options["--by"].split(",")),
        period=Period.parse("all"),
        order=((metrics[0], "desc"),) if limit else (),
        limit=limit,
    )
    return Question(path.stem, query, sql)


def measure(companies: list[Company], results: Results) -> None:
    """Every question by hand, asked, and as the very SQL that asking runs: all sizes in turns, so that they compare."""
    askers = {each.lines: each.asker(cached=False) for each in companies}
    hands = {each.lines: each.by_hand() for each in companies}
    taken: dict[str, dict[int, Taken]] = {}
    for question in questions():
        ways: dict[str, Callable[[], object]] = {}
        for each in companies:
            by_hand, asker, statement = hands[each.lines], askers[each.lines], _direct(each, question)
            name = f"{question.name}@{each.lines}"
            ways[f"hand:{name}"] = partial(by_hand, question.sql)
            ways[f"ask:{name}"] = partial(asker.ask, question.query, each.context)
            ways[f"same:{name}"] = partial(_all, by_hand, statement)
        medians = interleaved(results, RUNS, ways, short=lambda name: not name.startswith("hand:"))
        for lines in askers:
            hand, ask, same = (medians[f"{way}:{question.name}@{lines}"] for way in ("hand", "ask", "same"))
            taken.setdefault(question.name, {})[lines] = Taken(hand, ask, same)
            print(
                f"    {question.name}@{lines}: by hand {hand:.1f} ms, asked {ask:.1f} ms ({hand / ask:.1f}×)",
                flush=True,
            )
    _judge(taken, results)


@dataclass(frozen=True)
class Taken:
    """Median milliseconds of a question at a size: by hand on the fact, asked, and as the SQL that asking runs."""

    hand: float
    ask: float
    same: float


def _judge(taken: dict[str, dict[int, Taken]], results: Results) -> None:
    sizes = sorted({lines for times in taken.values() for lines in times})
    for lines in sizes:
        times = [each[lines] for each in taken.values()]
        adds = statistics.median(each.ask - each.same for each in times)
        results.add(f"ask adds to the same SQL, median, {lines:,} lines", adds, "ms", at_most=5)
        slowest = max(each.ask / each.hand for each in times)
        results.add(f"slowest question against the fact by hand, {lines:,} lines", slowest, "×", at_most=1.3)
        if lines >= 10_000_000:
            gain = min(each.hand / each.ask for each in times)
            results.add(f"least gain of a rollup over the fact, {lines:,} lines", gain, "×", at_least=10)
    if len(sizes) > 1:
        small, large = sizes[0], sizes[-1]
        growth = max(each[large].ask / each[small].ask for each in taken.values())
        results.add(f"largest growth of a question from {small:,} to {large:,}", growth, "×", at_most=1.3)


def _all(by_hand: Callable[[str], object], statements: list[str]) -> None:
    for statement in statements:
        by_hand(statement)


def _direct(each: Company, question: Question) -> list[str]:
    """The very SQL that asking would run."""
    return [leg.sql for leg in each.asker(cached=False).explain(question.query, each.context).legs]
