"""Surfaces of other files: rasters in place of layers, the model, and the folder of a finished run."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import random
import shutil
from typing import Any

import numpy as np
import rasterio
from rasterio.enums import ColorInterp
from rasterio.transform import from_origin

from sitefinder.config.project import Replacement
from sitefinder.errors import ConfigError
from sitefinder.grid import CRS, Grid, Land
from sitefinder.layers import REGISTRY
from sitefinder.layers.files import MODEL_FILE
from sitefinder.layers.package import DataPackage
from sitefinder.layers.replaced import raster_files, read_replacement
from sitefinder.ml import train
from sitefinder.ml.features import FEATURES
from sitefinder.ml.store import load, save
from sitefinder.portfolio.choice import choose
from sitefinder.portfolio.pool import pool_of
from sitefinder.reports.dossier.page import dossier
from sitefinder.reports.dossier.panels import Book
from sitefinder.reports.dossier.places import Surroundings
from sitefinder.reports.exports.building import exports
from sitefinder.reports.terminal import card, usual
from sitefinder.results.changes import changes
from sitefinder.results.derived import outdated
from sitefinder.results.differences import comparable, compare
from sitefinder.results.manifest import earlier_manifest
from sitefinder.results.run import read_run
from sitefinder.results.since import ranks_of, since
from sitefinder.results.verification import lines_of, verify
from tests.helpers.dossier_run import write_run
from tests.helpers.fuzz_base import Surface
from tests.helpers.fuzz_changes import bytes_changed, json_of, tree_changed
from tests.helpers.paths import DATA
from tests.helpers.records import default_config

#: cells and pixels along a side of the square that the rasters cover
SIDE, PIXELS = 4, 8


class Raster(Surface):
    """GeoTIFF of any kind of number, changed byte by byte, or made anew with odd tags."""

    def warm_up(self) -> None:
        grid = Grid(25_000.0)
        rows, cols = np.mgrid[60 : 60 + SIDE, 90 : 90 + SIDE]
        self.land = Land(grid, (rows * grid.width + cols).ravel().astype(np.int32))
        x, y = grid.centre(np.array(60), np.array(90))
        self.corner = float(x) - 12_500.0, float(y) + 12_500.0
        rng = random.Random(0)
        self.seeds = tuple(self._new(rng) for _ in range(40))
        super().warm_up()

    def _new(self, rng: random.Random) -> bytes:
        """A small raster; now and then with tags that no sensible program writes."""
        odd = rng.random()
        step = SIDE * 25_000.0 / PIXELS * rng.choice((1.0, 1.0, 0.1, 30.0))
        kind = rng.choice(("uint8", "int16", "int32", "float32", "float64", "uint16", "int8", "complex64"))
        crs = rng.choice((CRS, CRS, CRS, "EPSG:4326", "EPSG:3857", "EPSG:26914", None))
        west, north = self.corner if crs != "EPSG:4326" else (-100.0, 40.0)
        transform = from_origin(west, north, step, step) if crs != "EPSG:4326" else from_origin(west, north, 0.2, 0.2)
        if odd < 0.2:
            transform = rasterio.Affine(*(rng.choice((0.0, 1.0, -step, step, 1e300, 1e-300)) for _ in range(6)))
        nodata = (
            rng.choice((None, None, 0, 255, -9999, float("nan"), 1e30)) if kind.startswith("float") else rng.choice((None, 0, 1))
        )
        profile: dict[str, Any] = {"crs": crs, "transform": transform, "nodata": nodata, "dtype": kind}
        profile |= {"compress": rng.choice((None, "deflate", "lzw"))} | (
            {"tiled": True, "blockxsize": 16, "blockysize": 16} if odd > 0.7 else {}
        )
        count = rng.choice((1, 1, 1, 2, 4))
        path = self.folder / "made.tif"
        with rasterio.open(path, "w", driver="GTiff", count=count, height=PIXELS, width=PIXELS, **profile) as raster:
            values = np.random.default_rng(rng.randrange(2**32)).uniform(0, 90, (count, PIXELS, PIXELS))
            values[:, 0, 0] = rng.choice((0.0, 1.0, 90.0))
            raster.write(values.astype(kind))
            if rng.random() < 0.3:
                raster.scales = (rng.choice((0.1, 0.0, -1.0, 1e300, float("nan"))),) * count
                raster.offsets = (rng.choice((0.0, 5.0, 1e300)),) * count
            if rng.random() < 0.3:
                raster.units = (rng.choice(("m", "feet", "%", "km", "banana", "é", "x" * 500)),) * count
            if rng.random() < 0.2 and kind == "uint8":
                raster.colorinterp = (rng.choice((ColorInterp.palette, ColorInterp.alpha, ColorInterp.red)),) + (
                    ColorInterp.gray,
                ) * (count - 1)
            if rng.random() < 0.2 and not kind.startswith("complex"):
                raster.write_mask(rng.choice((True, False)))
        content = path.read_bytes()
        for left in self.folder.glob("made*"):
            left.unlink()
        return content

    def input(self, rng: random.Random) -> Any:
        if rng.random() < 0.15:
            return self._new(rng)
        return bytes_changed(rng, rng.choice(self.seeds), self.seeds)

    def take(self, content: Any, rng: random.Random) -> None:
        path = self.write("a.tif", content)
        more = {"band": rng.choice((None, None, 1, 2, 9)), "classes": rng.choice(((), (), (1,), (0, 1, 90), (10**9, -5)))}
        replacement = Replacement(file=str(path), unit=rng.choice((None, None, "m", "%", "feet")), **more)
        spec = REGISTRY[rng.choice(("slope_pct", "relief_m", "buildable_pct"))].spec
        raster_files(path)
        values = read_replacement(replacement, spec, self.land)
        if values.shape != (self.land.size,) or np.isinf(values).any():
            raise AssertionError(f"{values.shape} values, {np.isinf(values).sum()} without end")

    def strays(self) -> list[str]:
        return sorted({path.name for path in self.folder.iterdir()} - self.kept - {"a.tif"})

    def tidy(self) -> None:
        for name in self.strays():
            (self.folder / name).unlink()


class Model(Surface):
    """The model file: changed as a tree with a checksum that fits, or byte by byte."""

    def warm_up(self) -> None:
        stored = load(DATA / MODEL_FILE)
        few = slice(0, 6)
        model = dataclasses.replace(stored.model, **{k: getattr(stored.model, k)[few] for k in ("split", "at", "leaf", "share")})
        domain = dataclasses.replace(stored.domain, anchors=stored.domain.anchors[few])
        named = [i for i, a in enumerate(stored.analogues.anchor.tolist()) if a < 6]
        listed = stored.analogues
        analogues = type(listed)(listed.anchor[named], tuple(listed.name[i] for i in named), listed.mw[named])
        save(self.folder / "first.json", dataclasses.replace(stored, model=model, domain=domain, analogues=analogues, card={}))
        self.seed = (self.folder / "first.json").read_bytes()
        self.tree = json.loads(self.seed)
        self.tree.pop("sha256")
        self.x = np.array([[np.nan] * len(FEATURES), [0.0] * len(FEATURES), [50.0] * len(FEATURES)])
        super().warm_up()

    def input(self, rng: random.Random) -> Any:
        if rng.random() < 0.1:
            return bytes_changed(rng, self.seed)
        tree = tree_changed(rng, self.tree)
        if not isinstance(tree, dict):
            return json_of(tree)
        try:
            digest = hashlib.sha256(json.dumps(tree, sort_keys=True).encode()).hexdigest()
            return json.dumps(tree | {"sha256": digest}).encode()
        except (RecursionError, TypeError, ValueError):
            return json_of(tree)

    def take(self, content: Any, rng: random.Random) -> None:
        stored = load(self.write("a.json", content))
        with np.errstate(all="ignore"):
            odds = stored.model.log_odds(self.x)
            parts = stored.model.contributions(self.x)
            share = stored.domain.share(stored.domain.index(self.x))
            score, chance = train.on_scale(stored.scale, odds), stored.calibration.chance(odds)
            stored.analogues.describe(stored.domain, self.x)
        for name, values in (("odds", odds), ("parts", parts), ("share", share), ("score", score), ("chance", chance)):
            if not np.isfinite(values).all():
                raise AssertionError(f"accepted, and {name} are no numbers")


class RunFolder(Surface):
    """Files of a finished run, each read back by what works on runs."""

    def warm_up(self) -> None:
        self.run = write_run(self.folder / "run")
        self.package = DataPackage(DATA)
        self.land = Surroundings(self.package)
        self.terms = default_config().model_copy(deep=True)
        self.files = {p.name: p.read_bytes() for p in sorted(self.run.iterdir())}
        record = json.loads(self.files["run.json"])
        record |= {"results": {"sites.geojson": "0" * 64}, "versions": {"numpy": "1"}, "code": "x", "given": {"a.tif": "y"}}
        record |= {"inputs": {"grid/headroom.parquet": "z"}, "checksum": "u"}
        self.files["run.json"] = json.dumps(record).encode()
        self.trees = {name: json.loads(text) for name, text in self.files.items() if name.endswith("json")}
        self.before = read_run(self.run)
        self._restore()
        run = read_run(self.run)
        dossier(Book(run, self.land), run.sites[0])  # reads the files of maps
        super().warm_up()

    def _restore(self) -> None:
        shutil.rmtree(self.run)
        self.run.mkdir()
        for name, content in self.files.items():
            (self.run / name).write_bytes(content)

    def input(self, rng: random.Random) -> Any:
        name = rng.choice(list(self.files))
        if name in self.trees and rng.random() < 0.8:
            return name, json_of(tree_changed(rng, self.trees[name]))
        return name, bytes_changed(rng, self.files[name])

    def shown(self, content: Any) -> str:
        name, text = content
        whole = self.files[name]
        at = next((i for i, (a, b) in enumerate(zip(text, whole, strict=False)) if a != b), min(len(text), len(whole)))
        return f"{name} from byte {at}: {super().shown(text[max(0, at - 60) : at + 300])}"

    def take(self, content: Any, rng: random.Random) -> None:
        name, text = content
        (self.run / name).write_bytes(text)
        try:
            self._use(rng.random(), rng)
        finally:
            (self.run / name).write_bytes(self.files[name])

    def _use(self, chance: float, rng: random.Random) -> None:
        ranks = ranks_of(self.run)
        if ranks is not None:
            since(ranks, [entry.site for entry in self.before.sites])
        outdated(self.run)
        changes(earlier_manifest(self.run), self.before.manifest)
        run = read_run(self.run)
        if chance < 0.3:
            lines_of(verify(self.run, self.package))
        elif chance < 0.5:
            usual([entry.site for entry in (*run.sites, *run.own)])
            card(run.sites[0].site, every=True)
            _ = run.near_misses, run.criteria, run.weights
        elif chance < 0.6:
            dossier(Book(run, self.land), rng.choice([*run.sites, *run.own]))
        elif chance < 0.64:
            exports(run, self.package)
        elif chance < 0.75:
            compare(comparable(self.before), comparable(run))
        else:
            pool = pool_of(run)
            _ = pool.mw, pool.apart_km, pool.capex_musd, pool.groups("rto"), pool.ranks
            if chance > 0.99 and self.terms.portfolio is None:
                raise ConfigError("no portfolio")
            if chance > 0.99:
                choose(pool, self.terms)
