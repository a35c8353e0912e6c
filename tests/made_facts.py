"""Facts made by hand."""

from __future__ import annotations

from pytest_quality_gates.facts.call_site import CallSite
from pytest_quality_gates.facts.coverage import CoverageFacts
from pytest_quality_gates.facts.fact_set import FactSet, Unavailable
from pytest_quality_gates.facts.source import FunctionFact, HandlerFact, ModuleFact, SourceFacts
from pytest_quality_gates.facts.type_check import TypeFacts

MODULE = ModuleFact(path="shop/api.py", module="shop.api", lines=50, role="source")
SITE = CallSite(
    path="shop/api.py",
    line=10,
    end_line=11,
    column=4,
    end_column=20,
    module="shop.api",
    function="Client.fetch",
    function_line=8,
    text="self.session.get",
    callee="requests.sessions.Session.get",
    kind="http",
    is_async=False,
    handled="local",
    timeout="explicit",
    breaker=True,
    retry=False,
    observed="function",
    blocks_loop=False,
    confidence="certain",
)
HANDLER = HandlerFact(
    path="shop/api.py",
    line=12,
    end_line=13,
    function="Client.fetch",
    function_line=8,
    caught=("requests.exceptions.RequestException",),
    text="except requests.RequestException",
    flaws=(),
    ends_failure=True,
    observed=True,
    guards_external=True,
)
FUNCTION = FunctionFact(
    path="shop/api.py",
    line=8,
    end_line=13,
    name="Client.fetch",
    is_async=False,
    missing_parameters=(),
    missing_return=False,
    explicit_any=(),
)


def source_facts(
    *sites: CallSite,
    modules: tuple[ModuleFact, ...] = (MODULE,),
    handlers: tuple[HandlerFact, ...] = (),
    functions: tuple[FunctionFact, ...] = (),
) -> SourceFacts:
    """Source facts with these in them."""
    return SourceFacts(modules=modules, functions=functions, handlers=handlers, call_sites=sites)


def fact_set(
    source: SourceFacts | Unavailable | None = None,
    coverage: CoverageFacts | None = None,
    types: TypeFacts | None = None,
) -> FactSet:
    """Evidence of which only some is there."""
    nothing = Unavailable("not_evaluated", "not asked for")
    return FactSet(source=source or nothing, coverage=coverage or nothing, types=types or nothing)
