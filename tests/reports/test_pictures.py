"""Pictures: drawn, not blank."""

from __future__ import annotations

import io

import numpy as np

from sitefinder.reports.pictures import MARKS, Panel, backtest_picture, contact_sheet, national_map


def pixels(path) -> np.ndarray:
    """A picture as (rows, columns, bands)."""
    from matplotlib import image

    return image.imread(path)


def test_contact_sheet_shows_every_panel(tmp_path):
    """Seven panels need two rows; the picture has more than one colour."""
    ramp = np.linspace(0, 1, 600, dtype=np.float32).reshape(20, 30)
    contact_sheet([Panel(f"layer {i}", "km", ramp, reverse=bool(i % 2)) for i in range(7)], tmp_path / "sheet.png")
    picture = pixels(tmp_path / "sheet.png")
    assert picture.shape[0] > 300
    assert len(np.unique(picture.reshape(-1, picture.shape[2]), axis=0)) > 100


def test_a_constant_layer_can_be_drawn(tmp_path):
    """No range, no crash."""
    contact_sheet([Panel("flat", "m", np.ones((5, 5), np.float32), reverse=False)] * 2, tmp_path / "sheet.png")
    assert (tmp_path / "sheet.png").stat().st_size > 1000


def test_national_map_marks_the_best_sites(tmp_path):
    """The red of the best ten is on the picture."""
    score = np.full((40, 60), 50, np.float32)
    score[:10] = np.nan
    xy = np.column_stack([np.linspace(5e4, 55e4, 12), np.linspace(5e4, 25e4, 12)])
    outline = [np.array([[0, 0], [6e5, 4e5]])]
    national_map(score, xy, outline, (0, 6e5, 0, 4e5), tmp_path / "map.png")
    picture = pixels(tmp_path / "map.png")[..., :3]
    red = np.array([0xD7, 0x30, 0x1F]) / 255
    assert (np.abs(picture - red).max(axis=2) < 0.02).sum() > 100


def colour_count(path, colour):
    """Pixels of a colour given as #rrggbb."""
    wanted = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return int((np.abs(pixels(path)[..., :3] - wanted).max(axis=2) < 0.02).sum())


def test_backtest_picture_marks_every_score(tmp_path):
    """Three colours that any eye tells apart, for each of eight campuses."""
    rows = [(f"campus {i}", {"weighted": 0.5, "learned": 0.9, "fused": 0.95 - 0.01 * i}) for i in range(8)]
    backtest_picture(rows, tmp_path / "backtest.png")
    for colour, _ in MARKS.values():
        assert colour_count(tmp_path / "backtest.png", colour) > 8 * 20


def test_backtest_picture_can_be_written_to_memory_and_grows_with_its_rows():
    """PNG bytes; a perfect rank is no fault; more campuses make a taller picture."""
    heights = []
    for n in (1, 40):
        to = io.BytesIO()
        backtest_picture([("x", {"weighted": 1.0, "learned": 0.0, "fused": 1.0})] * n, to)
        assert to.getvalue().startswith(b"\x89PNG")
        to.seek(0)
        heights.append(pixels(to).shape[0])
    assert heights[1] > 3 * heights[0]
