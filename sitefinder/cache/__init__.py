"""Results kept between runs: whole files, records of single places, and the digests that they are kept under."""

from sitefinder.cache.code import closure, code_of, digest, import_statements, imports_of
from sitefinder.cache.records import Records
from sitefinder.cache.sealed import CheckedRows, DamagedError
from sitefinder.cache.store import Cache, let_go
from sitefinder.cache.tally import Tally, tally

__all__ = [
    "Cache",
    "CheckedRows",
    "DamagedError",
    "Records",
    "Tally",
    "closure",
    "code_of",
    "digest",
    "import_statements",
    "imports_of",
    "let_go",
    "tally",
]
