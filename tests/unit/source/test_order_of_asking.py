"""What the index answers follows from the code alone, not from which question came first."""

from __future__ import annotations

import random
from functools import partial

import pytest
from tests.read_source import catalogue, module_name

from pytest_quality_gates.source.call_graph import CallGraph
from pytest_quality_gates.source.evaluate import Evaluator
from pytest_quality_gates.source.lexicon import Lexicon
from pytest_quality_gates.source.memory import Depth, Memory
from pytest_quality_gates.source.project import Function, Module, Project
from pytest_quality_gates.source.read_module import read_module
from pytest_quality_gates.source.regions import Callers
from pytest_quality_gates.source.trace import CONTENT, Trace
from pytest_quality_gates.source.values import MOST_VALUES, Instance, Many, Plain, Ref, in_order, union

_CIRCLES = {
    "shop/store.py": """
import httpx
from shop import cart


class Store:
    def __init__(self, client=None):
        self.client = client or cart.Cart(self).client
        self.items = [self.items, {"own": self.items}]

    def open(self, other):
        return cart.choose(self.client, self.open(other), other)


def make(depth):
    return cart.make(depth - 1) if depth else httpx.Client()
""",
    "shop/cart.py": """
import requests
from shop import store


class Cart(store.Store):
    def __init__(self, owner):
        self.owner = owner
        self.client = owner.client or store.make(3)

    def send(self, other):
        return choose(other, self.open(other), requests.Session()).get("/")


def make(depth):
    return store.make(depth)


def choose(*options):
    first, second, third = options
    return first or second or third


def use(cart: "Cart"):
    make(2).get("/")
    cart.client.post("/")
    cart.open(cart).put("/")
    store.Store(make(1)).client.get("/")
    for item in store.Store().items:
        item.send(1)
""",
}


def _project() -> tuple[Project, Evaluator, CallGraph]:
    modules = [
        Module(path, module_name(path), read_module(text.encode(), path)) for path, text in _CIRCLES.items()
    ]
    project = Project(modules, Lexicon(catalogue(), {}))
    evaluator = Evaluator(project)
    graph = CallGraph(project, evaluator)
    graph.build()
    return project, evaluator, graph


def test_calls_in_circles_give_the_same_in_whatever_order_they_are_asked() -> None:
    """Four classes and functions that make one another, asked in eight orders."""
    project, evaluator, _ = _project()
    sites = [module.sites[index] for module in project.modules for index in range(len(module.summary.calls))]
    answers = []
    for seed in range(8):
        evaluator.forget(CONTENT)
        shuffled = list(sites)
        random.Random(seed).shuffle(shuffled)  # noqa: S311 -- no secret
        for site in shuffled:
            evaluator.result(site)
        answers.append([(evaluator.callee(site), evaluator.result(site)) for site in sites])
    made = {
        value.class_name
        for _, results in answers[0]
        for value in results
        if isinstance(value, Instance) and value.class_name.endswith(("Client", "Session"))
    }

    assert made == {
        "httpx._client.Client",
        "requests.sessions.Session",
    }  # the circles do not swallow what comes into them
    assert all(answer == answers[0] for answer in answers)


def test_questions_that_lead_to_one_another_are_answered_together() -> None:
    """Every question of a circle knows what any of them knows, whichever came first."""
    leads_to = {"a": "bc", "b": "ac", "c": "a", "d": "cx", "x": ""}
    says = {"a": {"1"}, "b": {"2"}, "c": set[str](), "d": {"4"}, "x": {"9"}}

    for first in leads_to:
        memory: Memory[str, frozenset[str]] = Memory(
            lambda key: frozenset(says[key]).union(*(memory.answer(other) for other in leads_to[key])),  # noqa: B023
            Depth(Trace()),
            frozenset(),
        )
        memory.answer(first)

        assert [sorted(memory.answer(key)) for key in "abcdx"] == [["1", "2"]] * 3 + [
            ["1", "2", "4", "9"],
            ["9"],
        ]


def test_what_was_read_for_a_circle_was_read_for_each_question_of_it() -> None:
    """What one of a circle was read from, all of them were."""
    trace = Trace()
    bits = {"a": 1, "b": 2, "c": 4, "d": 8}
    leads_to = {"a": "b", "b": "c", "c": "a", "d": "c"}

    def work(key: str) -> str:
        trace.read |= bits[key]
        return "".join(sorted({key, *memory.answer(leads_to[key])}))

    memory: Memory[str, str] = Memory(work, Depth(trace), "")
    memory.answer("d")
    kept: dict[str, tuple[str, int]] = {}
    for key in "abcd":
        trace.once(kept, key, partial(memory.answer, key))
    read = {key: parts for key, (_, parts) in kept.items()}

    assert read == {"a": 7, "b": 7, "c": 7, "d": 15}
    memory.forget(8)
    assert [memory.answer(key) for key in "abcd"] == ["abc", "abc", "abc", "abcd"]


def test_an_answer_that_keeps_changing_ends() -> None:
    """A question that says more each time it is asked is given up."""
    asked = []

    def work(key: int) -> int:
        asked.append(key)
        return memory.answer(key) + 1

    memory: Memory[int, int] = Memory(work, Depth(Trace()), 0)

    assert memory.answer(1) > 1
    assert len(asked) < 10


@pytest.mark.parametrize("first", ["alone", "called", "both"])
def test_functions_that_only_call_each_other_say_nothing_of_those_they_call(first: str) -> None:
    """A recursive function without callers has no way in, though one that it calls is guarded."""
    text = """
def both():
    pass

def called():
    both()

def alone():
    both()
    alone()

def top():
    called()
"""
    module = Module("m.py", "m", read_module(text.encode(), "m.py"))
    project = Project([module], Lexicon(catalogue(), {}))
    graph = CallGraph(project, Evaluator(project))
    graph.build()
    callers = Callers(graph)
    functions = {function.name: function for function in module.functions}

    def ask(function: Function) -> str:
        return callers.all(
            function, "", lambda edge, _: edge.site.call.line == module.functions[2].scope.line + 1
        )

    ask(functions[first])

    assert {name: ask(functions[name]) for name in ("both", "called", "alone")} == {
        "both": "yes",
        "called": "no",
        "alone": "no",
    }


def test_a_question_that_leads_too_deep_takes_no_other_down() -> None:
    """Nothing is known of it; what it led to, and what is asked next, is answered as ever."""
    trace = Trace()

    def work(key: int) -> int:
        trace.read |= 1 << min(key, 3)
        return memory.answer(key + 1) + 1 if key else 7

    memory: Memory[int, int] = Memory(work, Depth(trace), 0)

    assert memory.answer(1) == 0
    assert memory.answer(0) == 7
    trace.read = 0
    assert memory.answer(1) == 0
    assert trace.read == 0b1110  # what was read on the way is what the answer hangs on


def test_of_too_many_values_each_sort_is_kept() -> None:
    """Eight of one sort do not hide the ninth, which is of another; their order counts for nothing."""
    many = tuple(Ref(f"library.name{number:02}") for number in range(MOST_VALUES))
    odd = Instance("library.Client", None)

    found = union([many[::-1], (odd,)])

    assert len(found) == MOST_VALUES
    assert found == union([(odd,), many])


def test_containers_in_containers_are_cut_short_where_they_have_no_end() -> None:
    """`items = [items]` ends, and has an order of its own."""
    value = Many("list", ((Plain("int"),),))
    for _ in range(9):
        value = Many("list", ((value,),))

    (cut,) = in_order((value,))

    assert cut == Many("list", ((Many("list", ((Many("list", ()),),)),),))
    assert in_order((Ref("b"), Ref("a"))) == (Ref("a"), Ref("b"))
