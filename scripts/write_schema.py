"""Write the JSON Schemas of the configuration and of the terms of financing to ``config/schema``: ``make docs``."""

import json
from pathlib import Path

from pydantic import BaseModel

from sitefinder.config import Config, load_config
from sitefinder.config.financing import SHIPPED, Terms
from sitefinder.config.keyed_yaml import KeyTree, read_tree
from sitefinder.config.schema import schema

FOLDER = Path("config/schema")

if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    files: dict[str, tuple[type[BaseModel], KeyTree]] = {
        "configuration": (Config, load_config("config/default.yaml").tree),
        "financing": (Terms, read_tree(Path(SHIPPED.model), SHIPPED)),
    }
    for name, (model, tree) in files.items():
        text = json.dumps(schema(model, tree), indent=1, ensure_ascii=False)
        (FOLDER / f"{name}.json").write_text(f"{text}\n", encoding="utf-8")
