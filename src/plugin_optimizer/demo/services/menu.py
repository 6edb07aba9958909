"""Shows the menu. Nothing is wrong with it, and no probe is in it: it is watched from outside only."""

from flask import Flask, abort
from flask.typing import ResponseReturnValue

from .partner import ask

app = Flask(__name__)

DISHES = {
    "breakfast": ("juk", "omelette", "fruit"),
    "lunch": ("bibimbap", "naengmyeon", "salad"),
    "dinner": ("bulgogi", "galbi", "japchae"),
}


@app.get("/health")
def health() -> ResponseReturnValue:
    return {"ok": True}


@app.get("/menu/<meal>")
def menu(meal: str) -> ResponseReturnValue:
    if meal not in DISHES:
        abort(404)
    picture = ask("picture", meal)
    return {"meal": meal, "dishes": DISHES[meal], "picture": picture}
