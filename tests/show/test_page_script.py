"""The page's script where there is no browser: what a slider says and draws, by node."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from dryfit.show import page

NODE = shutil.which("node")
SCRIPT = Path(page.__file__).parent / "templates" / "page.js"

pytestmark = pytest.mark.skipif(NODE is None, reason="node is not here")

# Of patiences 1 and 2 and min_delta 0, and the axes of a picture with epochs 0 to 3, each 10 wide.
TOLD: dict[str, Any] = {
    "patiences": [1, 2],
    "deltas": [0],
    "at": [0, 0],
    "decided": [[[1, 0, 1], [None, 2, 2]]],
    "last": 3,
}
AXES = "0 0 40 20 -0.5 3.5"

# As much of a page's elements as the script asks of them.
STUB = """
class Element {
  constructor() { Object.assign(this, { attributes: {}, children: [], dataset: {}, value: "" }); }
  appendChild(child) { child.parent = this; this.children.push(child); return child; }
  get lastElementChild() { return this.children.at(-1); }
  get classes() { return this.children.map((child) => child.attributes.class); }
  setAttribute(key, value) { this.attributes[key] = value; }
  remove() { this.parent.children = this.parent.children.filter((child) => child !== this); }
  querySelector(name) {
    return this[name] ?? this.children.find((child) => `.${child.attributes.class}` === name);
  }
  querySelectorAll() { return []; }
  addEventListener(name, does) { this[`on ${name}`] = does; }
  matches() { return false; }
}
const input = () => Object.assign(new Element(), { nextElementSibling: new Element() });
const svg = new Element();
svg.dataset.axes = AXES;
const slider = Object.assign(new Element(), {
  parentElement: { querySelector: () => svg },
  elements: { patience: input(), min_delta: input() },
  button: new Element(),
  ".decided": new Element(),
});
slider.dataset.slider = TOLD;
const document = {
  getElementById: () => new Element(),
  querySelector: () => new Element(),
  querySelectorAll: (name) => (name === ".slider" ? [slider] : []),
  createElementNS: () => new Element(),
  addEventListener() {},
};
const [window, location] = [new Element(), { hash: "" }];
const said = [];
function note() {
  const drawn = svg.children[0]?.children ?? [];
  const at = drawn.map(({ attributes: a }) => [a.class ?? "after", a.x1 ?? a.x]);
  said.push([slider[".decided"].textContent, Object.fromEntries(at)]);
}
"""
MOVES = """
note();
slider.elements.patience.value = 1;
slider["on input"]();
note();
slider.button["on click"]();
note();
console.log(JSON.stringify(said));
"""


def moved(told: dict[str, Any]) -> Any:
    """What is said and drawn at first, with the other patience, and back at what was played."""
    stub = STUB.replace("AXES", json.dumps(AXES)).replace("TOLD", json.dumps(json.dumps(told)))
    script = SCRIPT.read_text(encoding="utf-8").replace('"use strict";', "")
    ended = subprocess.run(
        [str(NODE), "-"], input=stub + script + MOVES, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


def test_a_slider_says_and_draws_what_was_decided() -> None:
    """At the setting that was played nothing lies over the picture."""
    played = ["stops in epoch 1; best epoch 0; ends with the weights of epoch 1", {}]
    assert moved(TOLD) == [
        played,
        [
            "does not stop: the curve ends with epoch 3; best epoch 2; "
            "ends with the weights of epoch 2",
            {"best": 25, "weights": 25},
        ],
        played,
    ]


def test_a_stop_is_drawn_behind_its_epoch() -> None:
    """And what would not have run is shaded."""
    told = TOLD | {"decided": [[[None, 2, 2], [1, 0, 0]]]}
    assert moved(told)[1][1] == {"after": 20, "stop": 20, "best": 5, "weights": 5}
