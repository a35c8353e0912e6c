"""What is less strict than in the base: the state of the project in the commit that the change is to be merged into."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Collection, Iterator, Sequence
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path, PurePosixPath

from pytest_quality_gates.compared_base import Base, bases
from pytest_quality_gates.config import tool_settings
from pytest_quality_gates.config.document import FILE_NAME, read
from pytest_quality_gates.config.load import load
from pytest_quality_gates.config.settings import Overrides, Settings
from pytest_quality_gates.config.tool_settings import ToolSettings
from pytest_quality_gates.errors import ConfigurationError, StoreError
from pytest_quality_gates.facts.baseline import Baseline
from pytest_quality_gates.facts.fact_set import FactSet, Unavailable
from pytest_quality_gates.facts.loosening import Loosening, Loosenings
from pytest_quality_gates.facts.test_outline import TestOutline
from pytest_quality_gates.model.gate import GateSpec
from pytest_quality_gates.policy import loosened_settings, loosened_tests
from pytest_quality_gates.policy.loosened_catalogue import catalogue_loosenings
from pytest_quality_gates.source.comment_marks import marks
from pytest_quality_gates.source.file_role import judged_by, says_generated
from pytest_quality_gates.source.test_outline import outline
from pytest_quality_gates.store import baseline_file

GATE = "integrity"


def loosenings(
    root: Path,
    settings: Settings,
    facts: FactSet,
    specs: Sequence[GateSpec],
    shipped: Callable[[], Collection[str]] = frozenset,
) -> Loosenings | Unavailable:
    """Everything that is less strict than in the base, but for what the configuration approves.

    Args:
        root: The project's directory.
        settings: From the user.
        facts: Which files are judged, and which are tests.
        specs: Of the gates of this run.
        shipped: What gives the modules that the package's own catalogue knows; asked where the user has one.
    """
    files = _judged_files(facts)
    found = bases(root, files)
    if isinstance(found, Unavailable):
        return found
    if not found:
        return Loosenings(base="")
    items = {item: None for base in found for item in _looser(root, base, settings, specs, facts, shipped)}
    approved = [(item, _reason(item, settings)) for item in items]
    changed = [len(base.change.files) + len(base.change.deleted) for base in found]
    return Loosenings(
        base=found[0].change.base,
        change=found[0].change,
        compared=sum(changed) + len(settings.gates),
        found=tuple(item for item, reason in approved if not reason),
        approved=tuple(f"{item.message}: {reason}" for item, reason in approved if reason),
    )


def _looser(
    root: Path,
    base: Base,
    settings: Settings,
    specs: Sequence[GateSpec],
    facts: FactSet,
    shipped: Callable[[], Collection[str]],
) -> Iterator[Loosening]:
    files = _judged_files(facts)
    before, now = _tools(base.text), _tools(partial(_now, root))
    yield from loosened_settings.tool_loosenings(before, now)
    earlier, later = _settings_before(base, specs), _from_file(root, specs) or settings
    if earlier is not None:
        yield from _of_settings(root, base, earlier, later, files)
        if earlier.catalogue or later.catalogue:
            yield from catalogue_loosenings(earlier.catalogue, later.catalogue, shipped())
    yield from _of_code(root, base, settings, before, now)
    yield from _of_roles(root, base, facts)


def _now(root: Path, path: str) -> str | None:
    """A file as it is."""
    try:
        return (root / path).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None


def _judged_files(facts: FactSet) -> list[str]:
    if isinstance(facts.source, Unavailable):
        return []
    return [module.path for module in facts.source.modules if module.role in {"source", "test", "unparsed"}]


def _reason(item: Loosening, settings: Settings) -> str:
    """Why it is approved; empty where it is not."""
    return next(
        (
            approval.reason
            for approval in settings.approved
            if approval.rule == item.rule and fnmatchcase(item.subject, approval.subject)
        ),
        "",
    )


def _tools(read_text: Callable[[str], str | None]) -> ToolSettings:
    texts = ((name, read_text(name)) for name in tool_settings.FILES)
    return tool_settings.tool_settings({name: text for name, text in texts if text is not None})


def _of_settings(
    root: Path, base: Base, earlier: Settings, later: Settings, files: list[str]
) -> Iterator[Loosening]:
    yield from loosened_settings.gate_loosenings(earlier, later, files)
    yield from loosened_settings.scope_loosenings(earlier, later)
    yield from loosened_settings.baseline_loosenings(
        _baseline_before(base), _baseline_now(root), baseline_file.FILE
    )


def _settings_before(base: Base, specs: Sequence[GateSpec]) -> Settings | None:
    """The settings in the base; None where the gates were not set up there, or by keys that are none any more."""
    text = base.text(FILE_NAME)
    if text is None:
        return None
    with tempfile.TemporaryDirectory() as directory:
        (Path(directory) / FILE_NAME).write_text(text, encoding="utf-8")
        return _from_file(Path(directory), specs)


def _from_file(root: Path, specs: Sequence[GateSpec]) -> Settings | None:
    """What pyproject.toml alone says."""
    try:
        return load(root, Overrides(), specs, ()) if read(root).table else None
    except ConfigurationError:
        return None


def _baseline_before(base: Base) -> Baseline:
    text = base.text(baseline_file.FILE)
    if text is None:
        return Baseline()
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / baseline_file.FILE
        path.parent.mkdir()
        path.write_text(text, encoding="utf-8")
        return _baseline_now(Path(directory))


def _baseline_now(root: Path) -> Baseline:
    try:
        return baseline_file.read(root, resolves=True) or Baseline()
    except StoreError:  # the run says so elsewhere
        return Baseline()


def _of_code(
    root: Path, base: Base, settings: Settings, old: ToolSettings, new: ToolSettings
) -> Iterator[Loosening]:
    changed = [file for file in base.change.files if file.path.endswith(".py")]
    old_paths = [*filter(None, (file.old_path for file in changed)), *base.change.deleted]
    before = {
        path: text for path in old_paths if path.endswith(".py") and (text := base.text(path)) is not None
    }
    now = {file.path: text for file in changed if (text := _now(root, file.path)) is not None}
    yield from loosened_tests.test_loosenings(
        _outlines(before, old),
        _outlines(now, new),
        {file.path: file.old_path for file in changed if file.old_path},
    )
    yield from loosened_tests.ignore_loosenings(
        [kind for text in before.values() for kind, _ in marks(text.encode())],
        [(path, line, kind) for path, text in now.items() for kind, line in marks(text.encode())],
        {file.path: file.lines for file in changed},
        _budgets(settings),
    )


def _of_roles(root: Path, base: Base, facts: FactSet) -> Iterator[Loosening]:
    """Changed files that were judged and are taken for something else now."""
    modules = () if isinstance(facts.source, Unavailable) else facts.source.modules
    roles = {module.path: module.role for module in modules}
    for file in base.change.files:
        role = roles.get(file.path, "source")
        if not file.old_path or role in {"source", "unparsed"} or not file.path.endswith(".py"):
            continue
        is_at_home = PurePosixPath(file.path).parent == PurePosixPath(file.old_path).parent
        before = base.text(file.old_path)
        if (
            before is None
            or not judged_by(file.old_path, before.encode(), lambda path: base.text(path) is not None)
            or (role == "test" and not is_at_home)
            or (file.path == file.old_path and not _says_so(role, _now(root, file.path)))
        ):
            continue
        yield Loosening(
            rule=loosened_settings.JUDGED_LESS,
            subject=file.path,
            path=file.path,
            message=f"`{file.old_path}` was judged, and `{file.path}` is not: it is taken for a {role} file",
        )


def _says_so(role: str, text: str | None) -> bool:
    """Whether the text makes a file of this role generated; where its place does, it did before as well."""
    return role == "generated" and text is not None and says_generated(text.encode())


def _outlines(texts: dict[str, str], tools: ToolSettings) -> dict[str, TestOutline]:
    """What stands in test files; tests only in those that pytest looks into."""
    found = {path: outline(text.encode()) for path, text in texts.items() if _is_test(path)}
    return {
        path: each if tools.is_collected(path) else TestOutline({}, each.skips)
        for path, each in found.items()
        if each is not None
    }


def _is_test(path: str) -> bool:
    pure = PurePosixPath(path)
    return (
        pure.name.startswith("test_")
        or pure.stem.endswith("_test")
        or pure.name in {"conftest.py", "tests.py"}
        or bool({"tests", "test"} & set(pure.parts[:-1]))
    )


def _budgets(settings: Settings) -> dict[str, int]:
    options = settings.gate(GATE).options
    return {kind: getattr(options, kind.replace("-", "_"), 0) for kind in loosened_tests.IGNORES}
