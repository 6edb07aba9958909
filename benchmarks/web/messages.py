"""Whether every text stands in both languages."""

import json
from collections.abc import Iterator

from .figure import Figure, exactly
from .stage import FRONTEND, Stage

CATALOGUES = FRONTEND / "src/lib/i18n"


def messages(_: Stage) -> Iterator[Figure]:
    keys: dict[str, set[str]] = {"ko": set(), "en": set()}
    for file in sorted(CATALOGUES.glob("*.json")):
        lang = file.stem.rpartition(".")[2]
        if lang in keys:
            keys[lang] |= set(json.loads(file.read_text()))
    yield exactly(f"message keys in one language only, of {len(keys['ko'])}", len(keys["ko"] ^ keys["en"]), 0)
