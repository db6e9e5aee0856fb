"""Questions: rollups against hand-written SQL on the fact, their growth, and what asking adds to the SQL."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
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
    """Every question at every size, by hand and asked in turns."""
    asked: dict[str, dict[int, float]] = {}
    for each in companies:
        asker = each.asker(cached=False)
        by_hand = each.by_hand()
        worst = 0.0
        slowest_gain = float("inf")
        overheads: list[float] = []
        for question in questions():
            statement = _direct(each, question)
            name = f"{question.name}@{each.lines}"
            medians = interleaved(
                results,
                RUNS,
                **{
                    f"hand:{name}": lambda q=question: by_hand(q.sql),
                    f"ask:{name}": lambda q=question: asker.ask(q.query, each.context),
                    f"same:{name}": lambda st=statement: [by_hand(one) for one in st],
                },
            )
            hand, ask, same = (medians[f"{way}:{name}"] for way in ("hand", "ask", "same"))
            asked.setdefault(question.name, {})[each.lines] = ask
            worst = max(worst, ask / hand)
            slowest_gain = min(slowest_gain, hand / ask)
            overheads.append(ask - same)
            print(f"    {name}: by hand {hand:.1f} ms, asked {ask:.1f} ms ({hand / ask:.1f}×)", flush=True)
        overheads.sort()
        results.add(
            f"ask adds to the same SQL, median, {each.lines:,} lines", overheads[len(overheads) // 2], "ms", at_most=5
        )
        results.add(f"slowest question against the fact by hand, {each.lines:,} lines", worst, "×", at_most=1.3)
        if each.lines >= 10_000_000:
            results.add(f"least gain of a rollup over the fact, {each.lines:,} lines", slowest_gain, "×", at_least=10)
    if len(companies) > 1:
        small, large = companies[0].lines, companies[-1].lines
        growth = max(times[large] / times[small] for times in asked.values())
        results.add(f"largest growth of a question from {small:,} to {large:,}", growth, "×", at_most=1.3)


def _direct(each: Company, question: Question) -> list[str]:
    """The very SQL that asking would run."""
    return [leg.sql for leg in each.asker(cached=False).explain(question.query, each.context).legs]
