"""The reference page: every layer and every output column, written from the registers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sitefinder.columns import Column
from sitefinder.config import FAMILIES
from sitefinder.layers import GRADES, REGISTRY, LayerSpec
from sitefinder.results.site import columns

HEAD = """# Reference: layers and output columns

Written by `make docs` from the registers in the code; do not edit by hand.

Evidence grades: {grades}.

## Layers

Every layer is one number per land cell in its own unit; unknown stays unknown. A layer becomes a criterion, or a gate, by an
entry in the configuration. Publisher, vintage and licence of each file are in `data/LICENSES.md`.
"""


def reference_text(register: Mapping[str, Mapping[str, Any]], criteria: Sequence[str]) -> str:
    """The page as Markdown.

    Parameters
    ----------
    register : mapping
        Compiled file -> its entry in ``datapackage.json``.
    criteria : sequence of str
        Criteria of the shipped configuration.
    """
    grades = "; ".join(f"{grade} {meaning}" for grade, meaning in GRADES.items())
    parts = [HEAD.format(grades=grades)]
    for family in FAMILIES:
        parts.append(f"### {family}\n")
        parts += [_layer(layer.spec, register) for layer in REGISTRY.values() if layer.spec.family == family]
    parts.append("## Columns of sites.geojson\n\n| column | unit | meaning | from |\n|---|---|---|---|")
    parts += [_row(c) for c in columns(tuple(criteria))]
    parts.append("\n`own_sites.geojson` has besides:\n\n| column | unit | meaning | from |\n|---|---|---|---|")
    national = {c.name for c in columns(tuple(criteria))}
    parts += [_row(c) for c in columns(tuple(criteria), user=True) if c.name not in national]
    parts.append(
        "\nThe columns of your own file follow as `your_<column>`: lower case, other signs than letters and digits as `_`. "
        "`your_row` is the number of the row, `your_rows` the rows of a site of several parcels, `your_note` what was changed or "
        "is doubtful."
    )
    return "\n".join(parts) + "\n"


def _layer(spec: LayerSpec, register: Mapping[str, Mapping[str, Any]]) -> str:
    files = ", ".join(f"`{name}` ({register[name]['vintage']})" for name in spec.sources)
    better = {"low": "lower is better", "high": "higher is better", "context": "context"}[spec.better]
    return (
        f"- **`{spec.layer_id}`** {spec.title} [{spec.unit}], {better}, {spec.grade}. {spec.meaning} "
        f"*Caveat:* {spec.caveat} *From:* {files}.\n"
    )


def _row(column: Column) -> str:
    return f"| `{column.name}` | {column.unit or '-'} | {column.meaning} | {column.source} |"
