"""Expectations that stand as comments in the modules under fixtures/source.

`# expect: handled=caller timeout=explicit` at the line that a call site is reported at; several calls on one line have
their expectations in order, with `;` between them; `# expect: nothing` says so of a look-alike. A line with no
expectation must have no call site. What is not named is not compared.

`# handler: flaws=pass,bare observed=no` at an `except`; in the topic `handlers` a line without it must have none.
`# function: missing=a,*rest return=missing any=b` at a `def`; in the topic `types` every `def` must have one.
`# typed: requests.sessions.Session.get` is what a type checker says of the outermost call that starts on that line.

`# gap: why`, last on a line, is a known limit: what stands there is right, and the index does not say so yet.
A line of its own, anywhere: `# release: redis=5.0.1` is a library in use.
"""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

from tests.read_source import facts_below

from pytest_quality_gates.facts.call_site import CallSite
from pytest_quality_gates.facts.source import FunctionFact, HandlerFact, SourceFacts
from pytest_quality_gates.facts.type_check import CalleeName
from pytest_quality_gates.source.read_module import UnreadableSourceError, read_module

ROOT = Path(__file__).parent.parent / "fixtures" / "source"
_COMMENT = re.compile(
    r"#\s*(expect|handler|function|typed|release|gap):\s*(.*?)\s*(?=#\s*(?:expect|handler|function|typed|gap):|$)"
)
_SITE_WORDS = frozenset(
    "callee kind async handled timeout breaker retry observed blocks_loop confidence function text".split()
)
_HANDLER_WORDS = frozenset({"flaws", "caught", "ends", "observed", "guards"})
_FUNCTION_WORDS = frozenset({"missing", "return", "any", "async", "overloaded", "name"})
Words = dict[str, str]
Expected = dict[tuple[str, int], list[Words]]


class UnknownWordError(ValueError):
    """An expectation names something that no fact has."""


class Case(NamedTuple):
    """One module under fixtures/source, or one directory of modules that belong together."""

    topic: str
    name: str
    root: Path
    paths: list[str]

    @property
    def id(self) -> str:
        """As the test names it."""
        return f"{self.topic}/{self.name}"


def cases() -> list[Case]:
    """Every case, by topic and name."""
    found: list[Case] = []
    for topic in sorted(path for path in ROOT.iterdir() if path.is_dir()):
        for entry in sorted(topic.iterdir()):
            if entry.is_dir():
                paths = sorted(path.relative_to(entry).as_posix() for path in entry.rglob("*.py"))
                found.append(Case(topic.name, entry.name, entry, paths))
            elif entry.suffix == ".py":
                found.append(Case(topic.name, entry.stem, topic, [entry.name]))
    return found


class Expectations:
    """What the comments of one case say."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.sites: Expected = {}
        self.handlers: Expected = {}
        self.functions: Expected = {}
        self.releases: dict[str, str] = {}
        self.gaps: dict[tuple[str, int], str] = {}
        self._typed: dict[str, dict[int, str]] = defaultdict(dict)
        for path in case.paths:
            for number, line in enumerate((case.root / path).read_text(encoding="utf-8").splitlines(), 1):
                for word, text in _COMMENT.findall(line):
                    self._note(word, text, path, number)

    def _note(self, word: str, text: str, path: str, line: int) -> None:
        if word == "expect":
            self.sites[path, line] = parse(text, _SITE_WORDS)
        elif word == "handler":
            self.handlers[path, line] = parse(text, _HANDLER_WORDS)
        elif word == "function":
            self.functions[path, line] = parse(text, _FUNCTION_WORDS)
        elif word == "typed":
            self._typed[path][line] = text
        elif word == "release":
            self.releases.update(pair.partition("=")[::2] for pair in text.split())
        else:
            self.gaps[path, line] = text

    def facts(self) -> SourceFacts:
        """What the index says of the case."""
        return facts_below(self.case.root, self.case.paths, self._callees(), self.releases)

    def _callees(self) -> dict[str, tuple[CalleeName, ...]]:
        found: dict[str, tuple[CalleeName, ...]] = {}
        for path, by_line in self._typed.items():
            try:
                calls = read_module((self.case.root / path).read_bytes(), path).calls
            except UnreadableSourceError:
                continue
            names: list[CalleeName] = []
            for line, text in by_line.items():
                starting = [call for call in calls if call.line == line]
                call = min(starting, key=lambda item: (item.column, -item.end_line, -item.end_column))
                for name in text.split(" or "):
                    first, *also = name.split(" also ")
                    place = call.line, call.column, call.end_line, call.end_column
                    names.append(CalleeName(*place, first.strip(), tuple(item.strip() for item in also)))
            found[path] = tuple(names)
        return found

    def is_empty(self) -> bool:
        """Whether the case expects nothing at all, not even the absence of something."""
        return not (self.sites or self.handlers or self.functions)

    def without_gaps(self, facts: Expected) -> Expected:
        """What is left of some facts where no limit is known."""
        return {place: words for place, words in facts.items() if place not in self.gaps}


def parse(text: str, known: frozenset[str]) -> list[Words]:
    """The expectations of one comment, one for each fact on that line.

    Raises:
        UnknownWordError: For a word that names no field of such a fact.
    """
    found: list[Words] = []
    for part in text.split(";"):
        words: Words = {}
        for word in part.split():
            if word == "nothing":
                continue
            name, separator, value = word.partition("=")
            if name not in known:
                raise UnknownWordError(f"{name!r} is none of {', '.join(sorted(known))}")
            words[name] = value if separator else "yes"
        if words:
            found.append(words)
    return found


def compared(facts: Expected, expected: Expected) -> tuple[Expected, Expected]:
    """What was expected and what is so, both with only the words that were named."""
    said: Expected = {place: words for place, words in expected.items() if words}
    actual: Expected = {}
    for place, described in facts.items():
        wanted = said.get(place, [])
        shown = [list(words) for words in wanted] + [[]] * (len(described) - len(wanted))
        actual[place] = [_only(words, names) for words, names in zip(described, shown, strict=False)]
    return said, actual


def _only(words: Words, names: list[str]) -> Words:
    return {name: words[name] for name in names} if names else words


def comparisons(expected: Expectations, facts: SourceFacts) -> list[tuple[Expected, Expected]]:
    """What a case expects and what is so: of its call sites, its handlers and, in the topic `types`, its functions."""
    handlers = handlers_of(facts)
    if expected.case.topic != "handlers":
        handlers = {place: words for place, words in handlers.items() if place in expected.handlers}
    found = [compared(sites_of(facts), expected.sites), compared(handlers, expected.handlers)]
    if expected.case.topic == "types":
        found.append(compared(functions_of(facts), expected.functions))
    return found


def sites_of(facts: SourceFacts) -> Expected:
    """The call sites in the words of expectations."""
    found: Expected = defaultdict(list)
    for site in facts.call_sites:
        found[site.path, site.line].append(_site(site))
    return dict(found)


def handlers_of(facts: SourceFacts) -> Expected:
    """The handlers in the words of expectations."""
    found: Expected = defaultdict(list)
    for handler in facts.handlers:
        found[handler.path, handler.line].append(_handler(handler))
    return dict(found)


def functions_of(facts: SourceFacts) -> Expected:
    """The functions in the words of expectations."""
    found: Expected = defaultdict(list)
    for function in facts.functions:
        found[function.path, function.line].append(_function(function))
    return dict(found)


def _site(site: CallSite) -> Words:
    return _words(
        callee=site.callee,
        kind=site.kind,
        handled=site.handled,
        timeout=site.timeout,
        breaker=site.breaker,
        retry=site.retry,
        observed=site.observed,
        blocks_loop=site.blocks_loop,
        confidence=site.confidence,
        function=site.function,
        text=site.text,
    ) | {"async": _word(site.is_async)}


def _handler(handler: HandlerFact) -> Words:
    return _words(
        flaws=handler.flaws,
        caught=handler.caught,
        ends=handler.ends_failure,
        observed=handler.observed,
        guards=handler.guards_external,
    )


def _function(function: FunctionFact) -> Words:
    return _words(
        name=function.name,
        missing=function.missing_parameters,
        any=function.explicit_any,
        overloaded=function.overloaded,
    ) | {"return": "missing" if function.missing_return else "there", "async": _word(function.is_async)}


def _words(**values: object) -> Words:
    return {name: _word(value) for name, value in values.items()}


def _word(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ",".join(str(item) for item in value) or "none"
    return str(value)
