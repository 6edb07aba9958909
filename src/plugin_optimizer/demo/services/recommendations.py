"""Recommends items. What it knows of an item comes from a slow catalogue, and its cache is too small."""

from flask import Flask
from flask.typing import ResponseReturnValue

from plugin_optimizer.probe import TunableCache, instrument

from .partner import ask

app = Flask(__name__)
instrument(app, plugin="recommendations")

CACHE_ENTRIES = 64

_profiles: TunableCache[int, str] = TunableCache("profiles", CACHE_ENTRIES)


@app.get("/health")
def health() -> ResponseReturnValue:
    return {"ok": True}


@app.get("/recommendations/<int:item>")
def recommend(item: int) -> ResponseReturnValue:
    profile = _profiles.get_or_load(item, lambda: load_profile(item))
    return {"item": item, "profile": profile, "similar": [item % 400 + 1, (item + 7) % 400 + 1]}


def load_profile(item: int) -> str:
    return ask("catalogue", f"item-{item}")
