"""Limits: what a document may ask for at most, found out before anything of it is answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    IntValueNode,
    Lexer,
    OperationDefinitionNode,
    SelectionSetNode,
    Source,
    TokenKind,
    ValueNode,
    VariableNode,
    parse,
)

from app.values.errors import Invalid, TooBig

LONGEST = 20_000
"""Characters of a document."""

MOST_TOKENS = 2_000
MOST_FIELDS = 400
"""Fields that a document writes down; a fragment counts once."""

MOST_ALIASES = 30
DEEPEST = 12
"""Fields in each other, through fragments."""

MOST_OPERATIONS = 10
MOST_FRAGMENTS = 50
MOST_COST = 20_000
"""What one operation may cost: about the values it may be answered with, and more for what is asked of the data."""

PAGE = 20
"""How many things a page has where nothing is said."""

LARGEST_PAGE = 200
ROWS = 100
"""How many rows an answer is taken to have where no limit is said."""

_WEIGHTS: Mapping[str, int] = {
    "__schema": 2_000,
    "__type": 200,
    "query": 100,
    "explain": 100,
    "dashboard": 400,
    "figures": 2,
    "totalCount": 20,
}
"""What a field costs besides its values, most often a question to the data."""

_USUAL: Mapping[str, int] = {
    "metrics": 60,
    "dimensions": 30,
    "dashboards": 12,
    "panels": 20,
    "savedViews": 20,
    "reports": 20,
    "schedules": 20,
    "alerts": 20,
}
"""How many things stand in a list whose length nobody names."""

_OPENING = frozenset({TokenKind.BRACE_L, TokenKind.BRACKET_L, TokenKind.PAREN_L})
_CLOSING = frozenset({TokenKind.BRACE_R, TokenKind.BRACKET_R, TokenKind.PAREN_R})
_DEEPEST_TEXT = 40


def read(text: str) -> DocumentNode:
    """The document. Raises TooBig for one that is long or deep before it is read, Invalid for what is none."""
    if len(text) > LONGEST:
        raise TooBig("A question has at most {most:,} characters.", most=LONGEST)
    try:
        _scan(text)
        return parse(text, no_location=False)
    except GraphQLError as error:
        raise Invalid("This is no GraphQL: {reason}.", reason=error.message.removesuffix(".")) from None


def _scan(text: str) -> None:
    """Count tokens and brackets: readers that go into each bracket by a call must not meet too many."""
    lexer = Lexer(Source(text))
    tokens = depth = 0
    while (token := lexer.advance()).kind is not TokenKind.EOF:
        tokens += 1
        depth += (token.kind in _OPENING) - (token.kind in _CLOSING)
        if tokens > MOST_TOKENS:
            raise TooBig("A question has at most {most:,} words and signs.", most=MOST_TOKENS)
        if depth > _DEEPEST_TEXT:
            raise TooBig("Fields stand in each other {most} deep at most.", most=DEEPEST)


def check(document: DocumentNode, variables: Mapping[str, Any]) -> None:
    """Raises TooBig for a document with too many fields or aliases, too deep, or too costly to answer."""
    operations = [each for each in document.definitions if isinstance(each, OperationDefinitionNode)]
    fragments = {each.name.value: each for each in document.definitions if isinstance(each, FragmentDefinitionNode)}
    if len(operations) > MOST_OPERATIONS:
        raise TooBig("A document has at most {most} operations.", most=MOST_OPERATIONS)
    if len(fragments) > MOST_FRAGMENTS:
        raise TooBig("A document has at most {most} fragments.", most=MOST_FRAGMENTS)
    written = [each.selection_set for each in (*operations, *fragments.values())]
    fields = aliases = 0
    while written:
        for each in written.pop().selections:
            if isinstance(each, FieldNode):
                fields += 1
                aliases += each.alias is not None
            inner = getattr(each, "selection_set", None)
            if inner is not None:
                written.append(inner)
    if fields > MOST_FIELDS:
        raise TooBig("A question names at most {most} fields.", most=MOST_FIELDS)
    if aliases > MOST_ALIASES:
        raise TooBig("A question uses at most {most} aliases.", most=MOST_ALIASES)
    for operation in operations:
        defaults = {
            each.variable.name.value: each.default_value
            for each in operation.variable_definitions or ()
            if each.default_value is not None
        }
        _Measure(fragments, variables, defaults).measured(operation.selection_set)


@dataclass
class _Measure:
    """Depth and cost of an operation; what a fragment comes to is found out once."""

    fragments: Mapping[str, FragmentDefinitionNode]
    variables: Mapping[str, Any]
    defaults: Mapping[str, ValueNode]
    known: dict[tuple[str, int], tuple[int, int]] = field(default_factory=dict)
    entered: set[str] = field(default_factory=set)
    rows: int = ROWS

    def measured(self, chosen: SelectionSetNode | None) -> tuple[int, int]:
        """How deep the fields stand in each other, and what they cost. Raises TooBig beyond what may be."""
        depth = cost = inner = own = 0
        for each in chosen.selections if chosen is not None else ():
            if isinstance(each, FieldNode):
                inner, own = self._field(each)
            elif isinstance(each, FragmentSpreadNode):
                inner, own = self._fragment(each.name.value)
            elif isinstance(each, InlineFragmentNode):
                inner, own = self.measured(each.selection_set)
            depth, cost = max(depth, inner), cost + own
        if depth > DEEPEST:
            raise TooBig("Fields stand in each other {most} deep at most.", most=DEEPEST)
        if cost > MOST_COST:
            raise TooBig(
                "This question costs more than {most:,}, which is about as many values: ask for smaller pages.",
                most=MOST_COST,
            )
        return depth, cost

    def _field(self, node: FieldNode) -> tuple[int, int]:
        name = node.name.value
        if name.startswith("__"):
            # The standard question of tools is deep by nature; how far it goes round is judged with the rules.
            return 1, 1 + _WEIGHTS.get(name, 0)
        around, self.rows = self.rows, self._argument(node, "limit") or self.rows
        depth, cost = self.measured(node.selection_set)
        self.rows = around
        return depth + 1, 1 + _WEIGHTS.get(name, 0) + self._times(node) * cost

    def _fragment(self, name: str) -> tuple[int, int]:
        fragment = self.fragments.get(name)
        if fragment is None or name in self.entered:
            # The rules refuse it with their own sentence.
            return 0, 0
        if (name, self.rows) not in self.known:
            self.entered.add(name)
            self.known[name, self.rows] = self.measured(fragment.selection_set)
            self.entered.discard(name)
        return self.known[name, self.rows]

    def _times(self, node: FieldNode) -> int:
        """How many things a field may answer with."""
        name = node.name.value
        if name == "rows":
            return self.rows
        return self._argument(node, "first") or _USUAL.get(name, PAGE if name in _PAGED else 1)

    def _argument(self, node: FieldNode, name: str) -> int | None:
        """The number that an argument says, where it is given; at least 1, and no more than counts."""
        for argument in node.arguments or ():
            if argument.name.value == name and (said := self._number(argument.value)) is not None:
                return min(max(said, 1), MOST_COST)
        return None

    def _number(self, value: ValueNode | None) -> int | None:
        if isinstance(value, VariableNode):
            name = value.name.value
            if name in self.variables:
                given = self.variables[name]
                if isinstance(given, float) and given.is_integer():
                    # GraphQL reads 200.0 as the whole number that it is.
                    return int(given)
                return given if isinstance(given, int) else None
            value = self.defaults.get(name)
        return int(value.value[:9]) if isinstance(value, IntValueNode) else None


_PAGED = frozenset({"members", "customers", "products", "reps", "orderLines"})
