"""Pages as tests read them: elements with their text, and where each number is said to be."""

from __future__ import annotations

import json
import math
import re
from html.parser import HTMLParser

import pandas as pd

VOID = {"meta", "br", "hr", "img", "input", "link"}
NUMBER = re.compile(r"[−-]?\d[\d,]*(?:\.\d+)?")
SIZES = {"M": 1e6, "bn": 1e9, "tn": 1e12}


class Page(HTMLParser):
    """Elements with their attributes and text; complains about wrong nesting."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.elements, self.open, self.texts, self.pieces = [], [], {}, []
        self.feed(text)
        assert not self.open, self.open

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append((tag, len(self.elements) - 1))

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open[-1][0] == tag, (tag, self.open[-3:])
        self.open.pop()

    def handle_data(self, data):
        self.pieces.append((data, [self.elements[index] for _, index in self.open]))
        for _, index in self.open:
            self.texts[index] = self.texts.get(index, "") + data

    def all(self, tag):
        return [
            (attrs, " ".join(self.texts.get(index, "").split()))
            for index, (found, attrs) in enumerate(self.elements)
            if found == tag
        ]

    def sourced(self):
        """Texts that say where their numbers are found, with that place."""
        return [
            (attrs["data-of"], self.texts.get(index, ""))
            for index, (_, attrs) in enumerate(self.elements)
            if "data-of" in attrs
        ]

    def unsourced(self):
        """Texts that do not, without figures, program text and what describes the run."""
        return [
            " ".join(data.split())
            for data, around in self.pieces
            if not any(
                "data-of" in attrs
                or tag in ("svg", "pre", "code", "style", "title")
                or attrs.get("class") == "provenance"
                for tag, attrs in around
            )
        ]


class Places:
    """Looks up numbers by the places that a page names: see docs/report.md."""

    def __init__(self, folder, summaries=None):
        self.folder = folder
        self.summaries = summaries
        self.frames = {}

    def numbers(self, places):
        """All numbers at some places, separated by spaces."""
        return [value for place in places.split() for value in self._at(place)]

    def _at(self, place):
        if place.startswith("!"):
            return [1.0 - value for value in self._at(place[1:])]
        if place.startswith("#"):
            return [float(len(self._at(place[1:])))]
        if place.startswith("+"):
            return [sum(self._at(place[1:]))]
        if place.startswith("-"):
            return [-value for value in self._at(place[1:])]
        if "÷" in place:
            (top,), (bottom,) = map(self._at, place.split("÷"))
            return [top / bottom if bottom else math.nan]
        name, _, path = place.partition(":")
        if name == "summary":
            return list(_leaves(self._summary(path.split("/"))))
        if name not in self.frames:
            self.frames[name] = pd.read_parquet(self.folder / f"{name}.parquet")
        rows, _, column = path.partition("/")
        frame = self.frames[name]
        if "=" in rows:
            for pair in rows.split("&"):
                key, value = pair.split("=")
                frame = frame[frame[key] == value]
        elif rows != "*":
            spans = [part.split("-") for part in rows.split(",")]
            frame = frame.iloc[[n for s in spans for n in range(int(s[0]), int(s[-1]) + 1)]]
        frame = frame[[column]] if column else frame.select_dtypes("number")
        return [float(value) for value in frame.to_numpy().ravel()]

    def _summary(self, path):
        if self.summaries is None:
            found = json.loads((self.folder / "summary.json").read_text("utf-8"))
        else:
            found, path = self.summaries[int(path[0])], path[1:]
        for key in path:
            found = found[int(key)] if isinstance(found, list) else found[key]
        return found


def _leaves(found):
    if isinstance(found, dict):
        found = list(found.values())
    if isinstance(found, list):
        for one in found:
            yield from _leaves(one)
    elif isinstance(found, int | float):
        yield float(found)


def numbers_in(text):
    """Numbers of a text with the size of their last digit: ``$1.25 bn`` is (1.25e9, 1e7)."""
    found = []
    for match in NUMBER.finditer(text):
        digits = match.group().replace("−", "-").replace(",", "").rstrip(".")
        unit = re.match(r"\s?(M|bn|tn)\b", text[match.end() :])
        size = SIZES[unit.group(1)] if unit else 1.0
        step = 10.0 ** -len(digits.partition(".")[2]) * size
        found.append((float(digits) * size, step))
    return found


def stands_for(shown, step, value):
    """Whether a number that is printed is this value, rounded; shares may be percentages."""
    if not math.isfinite(value):
        return False
    for true in (value, 100 * value):
        # Counts are printed with three digits, ends of intervals with up to six.
        coarse = 10.0 ** (math.floor(math.log10(abs(true))) - 2) if abs(true) >= 1000 else 0.0
        if abs(abs(shown) - abs(true)) <= 0.5001 * max(step, coarse):
            return (shown >= 0) == (true >= 0) or abs(true) <= 0.5001 * step
    return False
