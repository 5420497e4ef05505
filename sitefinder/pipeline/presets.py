"""Rankings of the country under several sets of weights: their agreement, and the sites top-ranked by all."""

from __future__ import annotations

import csv
import io
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sitefinder.certainty.methods import Agreement, agreement
from sitefinder.config import Config, ConfigFile
from sitefinder.errors import ConfigError
from sitefinder.files import guarded, write_all
from sitefinder.layers.package import DataPackage
from sitefinder.layers.stack import LayerStack, open_stack
from sitefinder.ml.learned import fuse, learn
from sitefinder.pipeline.area import of_area
from sitefinder.pipeline.stages import land_left, layers_needed
from sitefinder.scoring.criteria import check_layers
from sitefinder.scoring.exclusions import exclude, occupied
from sitefinder.scoring.score import score_cells, value_matrix
from sitefinder.sites.campuses import Campus, Field, Footprints, national_campuses, site_name

#: campuses compared when the configuration does not say
CAMPUSES = 2000
#: sites of the first preset that are followed through the others
HEAD = 20

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Comparison:
    """Rankings of the same campuses under several presets.

    Parameters
    ----------
    agreement : Agreement
    scores : (m, n) float64
        Score 0-100 of each campus under each preset.
    sites : list of str
        Name of each campus.
    places : list of str
        County and state of each.
    """

    agreement: Agreement
    scores: np.ndarray
    sites: list[str]
    places: list[str]

    @property
    def loyal(self) -> int:
        """Number of the first 20 of the first preset that are among the first 50 of every other."""
        placed = self.agreement.ranks
        head = np.argsort(placed[0], kind="stable")[:HEAD]
        return int((placed[:, head] <= self.agreement.top).all(axis=0).sum())


def compare_presets(files: Sequence[ConfigFile], *, data: Path, cache: Path) -> Comparison:
    """Rankings of the same campuses under every preset, in the country or the area that all of them ask for.

    The campuses are grown on the mean of all presets' scores, so that the list of places favours none of them.

    Parameters
    ----------
    files : sequence of ConfigFile
        Two or more that differ in weights and learned share only.
    data, cache : Path

    Raises
    ------
    ConfigError
        Fewer than two files, names that repeat, or presets that differ in more than weights.
    """
    _comparable(files)
    for file in files:
        check_layers(file)
    config = files[0].config
    needed = list(dict.fromkeys(k for f in files for k in layers_needed(f.config)))
    package = DataPackage(data)
    stack = of_area(open_stack(package, files[0], needed, cache_folder=cache), files[0], package)
    bits = exclude(stack, config).bits
    fused = [_score(file.config, stack, bits, data) for file in files]
    field = Field.of(stack.land, np.asarray(np.mean(fused, axis=0, dtype=np.float32)), land_left(stack))
    field = field.without(occupied(stack, config)).beginning_in(stack.inside)
    count = config.uncertainty.campuses if config.uncertainty else CAMPUSES
    wide = config.candidates.model_copy(update={"count": count})
    campuses = national_campuses(field, config.model_copy(update={"candidates": wide}))
    if not campuses:
        raise ConfigError(f"No campus of {config.campus_acres:g} acres fits in {files[0].path}. Loosen exclusions.")
    scores = _campus_means(campuses, field, np.stack(fused))
    names = [f.path.stem for f in files]
    counties = [stack.zones.county_of(int(field.land.index_of(c.cells[0]))) for c in campuses]
    sites = [site_name(field, c, county["state"]) for c, county in zip(campuses, counties, strict=True)]
    places = [f"{county['name']}, {county['state']}" for county in counties]
    return Comparison(agreement(dict(zip(names, scores, strict=True))), scores, sites, places)


def _comparable(files: Sequence[ConfigFile]) -> None:
    if len(files) < 2:
        raise ConfigError(f"Only {len(files)} preset given. Name two or more files, the first of which is the reference.")
    names = [f.path.stem for f in files]
    for i, name in enumerate(names):
        if name in names[:i]:
            raise ConfigError(f"Two presets are called '{name}'. Rename {files[i].path}.")
    first = _frame(files[0].config)
    for file in files[1:]:
        frame = _frame(file.config)
        differing = [k for k in first if first[k] != frame[k]]
        if differing:
            raise ConfigError(
                f"Presets {files[0].path} and {file.path} differ in {', '.join(differing)}. "
                "Presets may differ in weights and model.share only; use 'sitefinder diff' on two runs instead."
            )


def _frame(config: Config) -> dict[str, object]:
    """Settings that two presets must share: all that decide which campuses there are."""
    project = config.project.model_dump(include={"mw", "cooling"})
    return {"project": project, **config.model_dump(include={"grid", "area", "exclusions", "candidates", "layers"})}


def _score(config: Config, stack: LayerStack, bits: np.ndarray, data: Path) -> np.ndarray:
    weighted = score_cells(value_matrix(stack, config), config, bits)
    if config.model.share == 0:
        return weighted
    return fuse(weighted, learn(stack, data), config.model.share)


def _campus_means(campuses: Sequence[Campus], field: Field, fused: np.ndarray) -> np.ndarray:
    """(m, n) float64 mean of each score over each campus."""
    land = Footprints.of(campuses, field)
    return land.mean(fused[:, land.index].astype(np.float64))


def report(comparison: Comparison) -> str:
    """The comparison as Markdown."""
    a = comparison.agreement
    head = "| | " + " | ".join(a.names) + " |\n|---|" + "---|" * len(a.names)
    lines = [f"# {len(a.names)} sets of weights, {len(comparison.sites)} campuses", ""]
    lines += [f"Share of the first {a.top} that two sets have in common:", "", head]
    lines += [_line(name, [f"{100 * x:.0f} %" for x in row]) for name, row in zip(a.names, a.overlap, strict=True)]
    lines += ["", f"Kendall's tau over the sites that any set puts among its first {a.top}:", "", head]
    lines += [_line(name, [f"{x:.2f}" for x in row]) for name, row in zip(a.names, a.kendall, strict=True)]
    liked = a.liked_by_all
    lines += ["", f"Of the first {HEAD} of `{a.names[0]}`, {comparison.loyal} are among the first {a.top} of every set.", ""]
    lines += [f"## Among the first {a.top} of every set: {len(liked)}", "", *_sites(comparison, liked)]
    lines += ["", "## Consensus: best mean rank", "", *_sites(comparison, a.consensus[:HEAD])]
    return "\n".join(lines) + "\n"


def _sites(comparison: Comparison, chosen: np.ndarray) -> list[str]:
    if not len(chosen):
        return ["None."]
    names = comparison.agreement.names
    lines = ["| site | county | " + " | ".join(names) + " |", "|---|---|" + "---|" * len(names)]
    for i in chosen:
        lines.append(_line(f"{comparison.sites[i]} | {comparison.places[i]}", [str(r) for r in comparison.agreement.ranks[:, i]]))
    return lines


def _line(name: str, cells: Sequence[str]) -> str:
    return f"| {name} | " + " | ".join(cells) + " |"


def table(comparison: Comparison) -> str:
    """Rank and score of every campus under every preset as CSV, best mean rank first."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    names = comparison.agreement.names
    writer.writerow(["site_id", "place", "mean_rank", *(f"rank_{n}" for n in names), *(f"score_{n}" for n in names)])
    mean = comparison.agreement.ranks.mean(axis=0)
    for i in np.argsort(mean, kind="stable"):
        placed, scores = comparison.agreement.ranks[:, i].tolist(), [f"{s:.2f}" for s in comparison.scores[:, i]]
        writer.writerow([comparison.sites[i], guarded(comparison.places[i]), f"{mean[i]:.1f}", *placed, *scores])
    return stream.getvalue()


def write_comparison(comparison: Comparison, out: Path) -> None:
    """``presets.md`` and ``presets.csv`` in a folder.

    Raises
    ------
    OutputError
        The folder cannot be written.
    """
    write_all(out, {"presets.md": report(comparison).encode(), "presets.csv": table(comparison).encode()})
