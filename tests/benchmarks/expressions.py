"""DynamoDB's condition and update expressions, as far as pynamodb writes them, for the tables in memory.

An expression is parsed once and kept as a closure. What is not known here is refused, never guessed.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache
from typing import Any

Value = dict[str, Any]
Item = dict[str, Value]
Bindings = tuple[dict[str, str], dict[str, Value]]
Test = Callable[[Item, Bindings], bool]
Operand = Callable[[Item, Bindings], Value | None]
Change = Callable[[Item, Item, Bindings], None]

_TOKEN = re.compile(r"\s*([#:]\w+|\w+|<>|<=|>=|[()=<>,+\-])")
_ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda a, b: a == b,
    "<>": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


def comparable(value: Value) -> tuple[str, Any]:
    """A value with its type, so that only like compares with like."""
    ((kind, held),) = value.items()
    if kind == "N":
        return kind, Decimal(held)
    if kind in ("SS", "NS", "BS"):
        return kind, frozenset(held)
    return kind, held


def _compares(operator: str, left: Value | None, right: Value | None) -> bool:
    if left is None or right is None:
        return operator == "<>" and (left is not None or right is not None)
    one, other = comparable(left), comparable(right)
    if one[0] != other[0]:
        return operator == "<>"
    return _ORDER[operator](one[1], other[1])


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens: list[str] = []
        position = 0
        while position < len(text.rstrip()):
            match = _TOKEN.match(text, position)
            if match is None:
                raise NotImplementedError(text)
            self.tokens.append(match[1])
            position = match.end()
        self.at = 0

    def peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self, expected: str | None = None) -> str:
        token = self.peek()
        if not token or (expected is not None and token != expected):
            raise NotImplementedError(f"{self.text!r} at {token!r}, not {expected!r}")
        self.at += 1
        return token

    def condition(self) -> Test:
        left = self.conjunction()
        while self.peek() == "OR":
            self.take()
            left = _either(left, self.conjunction())
        return left

    def conjunction(self) -> Test:
        left = self.single()
        while self.peek() == "AND":
            self.take()
            left = _both(left, self.single())
        return left

    def single(self) -> Test:
        if self.peek() == "(":
            self.take()
            inner = self.condition()
            self.take(")")
            return inner
        if self.peek() == "NOT":
            self.take()
            negated = self.single()
            return lambda item, bound: not negated(item, bound)
        if self.peek() in _FUNCTIONS:
            return self.function()
        return self.comparison()

    def function(self) -> Test:
        name = self.take()
        self.take("(")
        arguments = [self.operand()]
        while self.peek() == ",":
            self.take()
            arguments.append(self.operand())
        self.take(")")
        holds = _FUNCTIONS[name]
        return lambda item, bound: holds(*(one(item, bound) for one in arguments))

    def comparison(self) -> Test:
        left, operator = self.operand(), self.take()
        if operator == "BETWEEN":
            low = self.operand()
            self.take("AND")
            high = self.operand()
            return lambda item, bound: (
                _compares(">=", left(item, bound), low(item, bound))
                and _compares("<=", left(item, bound), high(item, bound))
            )
        if operator == "IN":
            self.take("(")
            options = [self.operand()]
            while self.peek() == ",":
                self.take()
                options.append(self.operand())
            self.take(")")
            return lambda item, bound: any(_compares("=", left(item, bound), one(item, bound)) for one in options)
        if operator not in _ORDER:
            raise NotImplementedError(self.text)
        right = self.operand()
        return lambda item, bound: _compares(operator, left(item, bound), right(item, bound))

    def operand(self) -> Operand:
        token = self.take()
        if token.startswith("#"):
            return lambda item, bound: item.get(bound[0][token])
        if token.startswith(":"):
            return lambda _, bound: bound[1][token]
        if token == "if_not_exists":
            self.take("(")
            path = self.operand()
            self.take(",")
            otherwise = self.operand()
            self.take(")")
            return lambda item, bound: path(item, bound) or otherwise(item, bound)
        raise NotImplementedError(f"{self.text!r} at {token!r}")

    def value(self) -> Operand:
        left = self.operand()
        if self.peek() not in ("+", "-"):
            return left
        sign, right = 1 if self.take() == "+" else -1, self.operand()

        def add(item: Item, bound: Bindings) -> Value:
            one, other = left(item, bound), right(item, bound)
            if one is None or other is None:
                raise ArithmeticError("An operand does not exist")
            return {"N": str(Decimal(one["N"]) + sign * Decimal(other["N"]))}

        return add

    def changes(self) -> list[Change]:
        found: list[Change] = []
        while self.at < len(self.tokens):
            action = self.take()
            found.append(self.change(action))
            while self.peek() == ",":
                self.take()
                found.append(self.change(action))
        return found

    def change(self, action: str) -> Change:
        name = self.take()
        if not name.startswith("#"):
            raise NotImplementedError(self.text)
        if action == "SET":
            self.take("=")
            value = self.value()
            return lambda old, new, bound: new.__setitem__(bound[0][name], _there(value(old, bound)))
        if action == "REMOVE":
            return lambda _, new, bound: _remove(new, bound[0][name])
        given = self.operand()
        if action == "ADD":
            return lambda old, new, bound: _add(old, new, bound[0][name], _there(given(old, bound)))
        if action == "DELETE":
            return lambda old, new, bound: _delete(old, new, bound[0][name], _there(given(old, bound)))
        raise NotImplementedError(self.text)


def _there(value: Value | None) -> Value:
    if value is None:
        raise ArithmeticError("A value does not exist")
    return value


def _remove(new: Item, name: str) -> None:
    new.pop(name, None)


def _add(old: Item, new: Item, name: str, value: Value) -> None:
    ((kind, held),) = value.items()
    before = old.get(name)
    if kind == "N":
        new[name] = {"N": str((Decimal(before["N"]) if before else Decimal(0)) + Decimal(held))}
    else:
        new[name] = {kind: sorted({*(before[kind] if before else ()), *held})}


def _delete(old: Item, new: Item, name: str, value: Value) -> None:
    ((kind, held),) = value.items()
    left = sorted(set(old[name][kind] if name in old else ()) - set(held))
    if left:
        new[name] = {kind: left}
    else:
        new.pop(name, None)


def _both(left: Test, right: Test) -> Test:
    return lambda item, bound: left(item, bound) and right(item, bound)


def _either(left: Test, right: Test) -> Test:
    return lambda item, bound: left(item, bound) or right(item, bound)


def _contains(held: Value | None, part: Value | None) -> bool:
    if held is None or part is None:
        return False
    ((_, inside),), ((_, sought),) = held.items(), part.items()
    return sought in inside


def _begins(text: Value | None, prefix: Value | None) -> bool:
    return text is not None and prefix is not None and "S" in text and text["S"].startswith(prefix["S"])


_FUNCTIONS: dict[str, Callable[..., bool]] = {
    "attribute_exists": lambda value: value is not None,
    "attribute_not_exists": lambda value: value is None,
    "begins_with": _begins,
    "contains": _contains,
}


@lru_cache(maxsize=512)
def condition(text: str) -> Test:
    """A condition or key condition, ready to be asked."""
    parser = _Parser(text)
    found = parser.condition()
    if parser.peek():
        raise NotImplementedError(text)
    return found


@lru_cache(maxsize=512)
def update(text: str) -> tuple[Change, ...]:
    """The changes of an update expression, in order; each takes the item before, the item to be, and the bindings."""
    return tuple(_Parser(text).changes())
