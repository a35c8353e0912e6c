"""Labels and sites -> how far they agree.

Two things are measured. Field by field: of the external calls that were found, how often is each answer the reader's? And
end to end: which findings would a user see, and which should be seen? A label that its reader was not sure of is left out
of the doubtful fields, and a call that may not be external at all counts neither way.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tests.accuracy.pairing import pair
from tests.accuracy.rows import FIELDS, Label, Labels, Site, by_path, overlaps
from tests.accuracy.tally import FINDINGS, Score, falls_short


def score(labels: Labels, sites: Mapping[str, Sequence[Site]]) -> Score:
    """Compare.

    Args:
        labels: What readers said; only the modules that have labels are judged.
        sites: By source (`name==version`), what the analyser said.

    Raises:
        KeyError: A labelled source has no sites at all, not even an empty list.
    """
    result = Score()
    files = {source: by_path(sites[source]) for source in labels.sources}
    for (source, path), rows in labels.by_module.items():
        _Module(result, f"{source} {path}", rows).compare(files[source].get(path, []))
    return result


class _Module:
    """The labels of one file, to be compared with its sites."""

    def __init__(self, result: Score, place: str, labels: Sequence[Label]) -> None:
        self._result = result
        self._place = place
        self._external = [label for label in labels if label.external and label.kind != "sleep"]
        self._sleeps = [label for label in labels if label.kind == "sleep"]
        self._uncertain = [label for label in labels if "external" in label.doubtful()]

    def compare(self, sites: Sequence[Site]) -> None:
        calls = [site for site in sites if site.kind != "sleep"]
        partners = pair(calls, self._external)
        for number, label in enumerate(self._external):
            site = calls[partners[number]] if number in partners else None
            self._compare_call(label, site)
        for number in sorted(set(range(len(calls))) - set(partners.values())):
            self._count_unmatched(calls[number])
        self._compare_sleeps([site for site in sites if site.kind == "sleep"])

    def _compare_call(self, label: Label, site: Site | None) -> None:
        doubtful = label.doubtful()
        if "external" not in doubtful:
            self._result.call_sites.count(said=site is not None, so=True)
            if site is None:
                self._disagree("missed", label.line, label.callee)
        if site is not None:
            self._compare_answers(label, site, doubtful)
        for name, (field, _) in FINDINGS.items():
            if not {"external", field} & doubtful:
                said = site is not None and falls_short(name, site)
                self._result.findings[name].count(said=said, so=falls_short(name, label))

    def _compare_answers(self, label: Label, site: Site, doubtful: frozenset[str]) -> None:
        for field in FIELDS:
            if field in doubtful:
                continue
            labelled, said = label.value(field), site.value(field)
            self._result.fields[field].count(labelled, said)
            if labelled != said:
                self._disagree(field, label.line, f"{label.callee} is {labelled}, said {said}")

    def _count_unmatched(self, site: Site) -> None:
        """A site that is no label's is false, unless readers doubted it, or its line has another call of that name."""
        if any(overlaps(site, label) for label in self._uncertain):
            return
        if any(overlaps(site, label) and site.last_name == label.last_name for label in self._external):
            return
        self._result.call_sites.count(said=True, so=False)
        self._disagree("false", site.line, site.callee)
        for name, tally in self._result.findings.items():
            tally.count(said=falls_short(name, site), so=False)

    def _compare_sleeps(self, sites: Sequence[Site]) -> None:
        """A sleep is no external call; it counts where it stops an event loop."""
        partners = pair(sites, self._sleeps)
        for number, label in enumerate(self._sleeps):
            if "blocks_loop" not in label.doubtful():
                said = number in partners and sites[partners[number]].blocks_loop
                self._result.findings["blocks-loop"].count(said=said, so=label.blocks_loop)

    def _disagree(self, what: str, line: int, sentence: str) -> None:
        self._result.disagreements.append(f"{what:<9} {self._place}:{line} {sentence}")
