"""Fit the weights that the choices of campuses reveal and write config/presets/revealed.yaml."""

from pathlib import Path

from sitefinder.config import load_config
from sitefinder.pipeline.revealing import reveal_weights

ROOT = Path(__file__).resolve().parents[1]

if __name__ == "__main__":
    file = load_config(ROOT / "config/default.yaml")
    text = reveal_weights(file, data=ROOT / "data", cache=ROOT / ".cache")
    (ROOT / "config/presets/revealed.yaml").write_text(text, encoding="utf-8")
