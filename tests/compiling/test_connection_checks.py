"""The comparison with spur lines: closes when both are the same."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from pyproj import Transformer

from sitefinder.compiling.connection_checks import spur_lines
from sitefinder.layers.stack import open_stack
from tests.helpers.stacks import warm


@pytest.mark.stack
@pytest.mark.parametrize("lines", [False, True])
def test_lengths_are_compared_point_by_point(package, tiny_config, tmp_path, lines):
    """Points on land with a made-up length: the ratio follows it; a point at sea is left out."""
    stack = open_stack(package, tiny_config, tiny_config.config.connections.layers(), cache_folder=warm(tmp_path / "cache"))
    x, y = stack.land.grid.centre(*stack.land.rows_cols(np.arange(0, stack.land.size, 97)))
    lon, lat = Transformer.from_crs("EPSG:5070", "EPSG:4326", always_xy=True).transform(x, y)
    checked = []
    for km in (10.0, 20.0):
        path = tmp_path / f"{km:g}.csv"
        factor = np.append(np.linspace(0.5, 1.5, len(lon)), 1.0)
        table = pd.DataFrame({"longitude": [*lon, -140.0], "latitude": [*lat, 30.0], "dist_km": km * factor})
        table.to_csv(path, index=False)
        checked.append(spur_lines(path, stack, package, tiny_config.config, least_kv=230, lines=lines))
    assert checked[0]["points"] == checked[1]["points"] <= len(lon)
    assert checked[0]["ratio_median"] == pytest.approx(2 * checked[1]["ratio_median"])
    assert checked[0]["theirs_median_km"] == pytest.approx(10, rel=0.1)
    assert checked[0]["detour_median"] >= 1
