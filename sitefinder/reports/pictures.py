"""Pictures: a contact sheet of all layers, the national result, and the back-test."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

#: maps per row of the contact sheet
SHEET_COLUMNS = 6
MAP_INCHES = (4.0, 2.75)
DPI = 75
#: colour (Okabe and Ito 2008, told apart with any colour vision) and mark of each score of the back-test
MARKS = {"weighted": ("#E69F00", "s"), "learned": ("#0072B2", "^"), "fused": ("#000000", "o")}
#: the best that the axis of the back-test shows: one part in 5,000 of the land
BEST_SHARE = 0.0002


@dataclass(frozen=True)
class Panel:
    """One map of the contact sheet.

    Parameters
    ----------
    title, unit : str
    raster : (rows, columns) float32, NaN = unknown or not land
    reverse : bool
        True where small numbers are good, so that yellow is always the better end.
    """

    title: str
    unit: str
    raster: np.ndarray
    reverse: bool


def contact_sheet(panels: Sequence[Panel], path: Path) -> None:
    """Draw every panel with its own colour range (2nd to 98th percentile); unknown land is white."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    rows = -(-len(panels) // SHEET_COLUMNS)
    size = (MAP_INCHES[0] * SHEET_COLUMNS, MAP_INCHES[1] * rows)
    figure, axes = plt.subplots(rows, SHEET_COLUMNS, figsize=size, layout="constrained")
    for axis, panel in zip(axes.flat, panels, strict=False):
        low, high = np.nanpercentile(panel.raster, [2, 98])
        if low == high:
            low, high = np.nanmin(panel.raster), np.nanmax(panel.raster)
        picture = axis.imshow(
            panel.raster, vmin=low, vmax=high, cmap="viridis_r" if panel.reverse else "viridis", interpolation="nearest"
        )
        axis.set_title(panel.title, fontsize=8)
        figure.colorbar(picture, ax=axis, shrink=0.75, pad=0.01).ax.tick_params(labelsize=6)
        axis.set_xlabel(panel.unit, fontsize=7)
        axis.set_xticks([])
        axis.set_yticks([])
        axis.set_frame_on(False)
    for axis in axes.flat[len(panels) :]:
        axis.set_visible(False)
    figure.savefig(path, dpi=DPI)
    plt.close(figure)


def national_map(score: np.ndarray, xy: np.ndarray, outline: Sequence[np.ndarray], extent: Sequence[float], path: Path) -> None:
    """Draw the score surface with state lines and the sites, best ten numbered.

    Parameters
    ----------
    score : (rows, columns) float32, NaN = excluded or not land
    xy : (n, 2) float64
        EPSG:5070 positions of the sites, best first.
    outline : sequence of (m, 2) float64
        State lines, EPSG:5070.
    extent : (west, east, south, north)
    path : Path
    """
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    figure, axis = plt.subplots(figsize=(12, 7.2), layout="constrained")
    picture = axis.imshow(score, extent=tuple(extent), vmin=20, vmax=90, cmap="viridis", interpolation="nearest")
    for line in outline:
        axis.plot(line[:, 0], line[:, 1], color="0.35", linewidth=0.4)
    axis.scatter(xy[:, 0], xy[:, 1], s=5, color="white", edgecolor="black", linewidth=0.3)
    axis.scatter(xy[:10, 0], xy[:10, 1], s=36, color="#d7301f", edgecolor="white", linewidth=0.7)
    for rank, (x, y) in enumerate(xy[:10], start=1):
        axis.annotate(str(rank), (x, y), xytext=(5, 4), textcoords="offset points", fontsize=9, weight="bold")
    bar = figure.colorbar(picture, ax=axis, shrink=0.6, pad=0.01)
    bar.set_label("suitability for a 1 GW campus, 0-100 (white: excluded)")
    axis.set_axis_off()
    figure.savefig(path, dpi=110)
    plt.close(figure)


def backtest_picture(rows: Sequence[tuple[str, Mapping[str, float]]], to: Path | BinaryIO) -> None:
    """Draw where each campus ranks among all land, the best by fused score on top, on a logarithmic axis.

    Parameters
    ----------
    rows : sequence of (str, mapping)
        Campus, and by name of the score the share of land that scores lower, 0..1.
    to : Path or binary file
        PNG.
    """
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    ordered = sorted(rows, key=lambda row: row[1]["fused"])
    figure, axis = plt.subplots(figsize=(9.0, 1.2 + 0.2 * len(ordered)), layout="constrained")
    above = {k: np.maximum(1.0 - np.array([r[1][k] for r in ordered]), BEST_SHARE) for k in MARKS}
    height = np.arange(len(ordered))
    axis.hlines(height, np.min(list(above.values()), axis=0), np.max(list(above.values()), axis=0), color="0.8", linewidth=1.5)
    for name, (colour, mark) in MARKS.items():
        axis.scatter(above[name], height, s=26, color=colour, marker=mark, label=name, zorder=2 + (name == "fused"))
    axis.set_xscale("log")
    axis.set_xlim(1.0, BEST_SHARE * 0.8)
    ticks = [0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001, 0.0005]
    axis.set_xticks(ticks, [f"{100 * t:g} %" for t in ticks])
    axis.set_xticks([], minor=True)
    axis.grid(axis="x", color="0.9", linewidth=0.8)
    axis.set_axisbelow(True)
    axis.set_yticks(height, [r[0] for r in ordered], fontsize=8)
    axis.set_ylim(-0.8, len(ordered) - 0.2)
    axis.set_xlabel("share of all land that scores higher (right is better)\nby models that saw no label within 25 km")
    axis.legend(loc="lower right", frameon=True)
    for side in ("top", "right", "left"):
        axis.spines[side].set_visible(False)
    figure.savefig(to, dpi=90, format="png")
    plt.close(figure)
