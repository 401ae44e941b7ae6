"""Plain English for what pydantic finds, and the nearest name for a misspelt one."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from itertools import takewhile

_NEAR = 0.62  # similarity from which a name is worth asking about
_ASIDE = 0.12  # how much less similar than the best one another may be

_TYPES = {
    "missing": "must be given",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "finite_number": "must be a finite number",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "tuple_type": "must be a list",
    "list_type": "must be a list",
    "dict_type": "must be a mapping of keys to values",
    "model_type": "must be a mapping of keys to values",
    "string_too_short": "must not be empty",
}
_LIMITS = {
    "greater_than_equal": ("ge", "must be >= {}"),
    "greater_than": ("gt", "must be > {}"),
    "less_than_equal": ("le", "must be <= {}"),
    "less_than": ("lt", "must be < {}"),
    "too_short": ("min_length", "must have at least {} entry"),
    "too_long": ("max_length", "must have at most {} entries"),
    "string_too_long": ("max_length", "must have at most {} characters"),
}


def nearest(word: object, options: Iterable[str], count: int = 3) -> list[str]:
    """Find the options closest in spelling to a word, best first.

    Parameters
    ----------
    word
        What was written.
    options
        The names that exist.
    count
        How many to give at most.
    """
    ranked = _ranked(str(word), {str(option) for option in options})
    best = ranked[0][0] if ranked else 0.0
    return [name for rank, name in ranked[:count] if rank >= max(_NEAR, best - _ASIDE)]


def _ranked(word: str, known: Iterable[str]) -> list[tuple[float, str]]:
    # case hardly matters, and people get the beginning right more often than the end
    ranked = []
    for name in known:
        ratio = difflib.SequenceMatcher(None, word.lower(), name.lower()).ratio()
        pairs = zip(word.lower(), name.lower(), strict=False)
        shared = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
        ranked.append((ratio + 0.02 * min(shared, 5) + 0.01 * (word == name), name))
    return sorted(ranked, key=lambda pair: (-pair[0], pair[1]))


def did_you_mean(word: object, options: Iterable[str], kind: str = "known") -> str:
    """Suggest the nearest names, or list the known ones when few exist and none is near.

    Returns
    -------
    str
        ``"did you mean 'a' or 'b'?"``, ``"known: a, b, c"``, or an empty string.
    """
    known = sorted({str(option) for option in options})
    found = nearest(word, known)
    if found:
        return f"did you mean {' or '.join(repr(name) for name in found)}?"
    if not known:
        return f"{kind}: none"
    if len(known) <= 15:
        return f"{kind}: {', '.join(known)}"
    return f"nearest: {', '.join(name for _, name in _ranked(str(word), known)[:3])}"


def translate(error: Mapping[str, object], keys: Iterable[str]) -> tuple[str, str]:
    """Turn one pydantic error into a rule and a remedy.

    Parameters
    ----------
    error
        An item of ``ValidationError.errors()``.
    keys
        The keys known where the error arose, for the nearest one to an unknown key.

    Returns
    -------
    tuple of str
        What must hold, and what the user can do (may be empty).
    """
    kind = str(error["type"])
    context = error.get("ctx")
    facts: Mapping[str, object] = context if isinstance(context, Mapping) else {}
    if kind == "paxsim":
        return str(facts["rule"]), str(facts["remedy"])
    if kind in _TYPES:
        return _TYPES[kind], ""
    if kind in _LIMITS:
        fact, text = _LIMITS[kind]
        return text.format(_plain_number(facts[fact])), ""
    special = _SPECIAL.get(kind)
    if special is not None:
        return special(error, facts, keys)
    return str(error["msg"]), ""


def _unknown_key(
    error: Mapping[str, object], facts: Mapping[str, object], keys: Iterable[str]
) -> tuple[str, str]:
    loc = error["loc"]
    word = loc[-1] if isinstance(loc, tuple) else loc
    return f"unknown key; {did_you_mean(word, keys, 'known keys')}", ""


def _not_listed(
    error: Mapping[str, object], facts: Mapping[str, object], keys: Iterable[str]
) -> tuple[str, str]:
    options = [part.strip(" '") for part in str(facts["expected"]).replace(" or ", ", ").split(",")]
    found = nearest(error["input"], options)
    remedy = f"did you mean {found[0]!r}?" if found else ""
    return f"must be one of {', '.join(options)}", remedy


def _not_text(
    error: Mapping[str, object], facts: Mapping[str, object], keys: Iterable[str]
) -> tuple[str, str]:
    scalar = isinstance(error["input"], int | float | bool)
    return "must be text", "write it in quotes" if scalar else ""


def _raised(
    error: Mapping[str, object], facts: Mapping[str, object], keys: Iterable[str]
) -> tuple[str, str]:
    return str(facts.get("error", error["msg"])), ""


def _pattern(
    error: Mapping[str, object], facts: Mapping[str, object], keys: Iterable[str]
) -> tuple[str, str]:
    if str(facts["pattern"]).startswith("^[A-Z]"):
        return "must be three capital letters", "such as TWN"
    rule = "must be an id: letters, digits, '_' and '-' only"
    return rule, "such as fab_18 or dytb_oxide"


_Special = Callable[[Mapping[str, object], Mapping[str, object], Iterable[str]], tuple[str, str]]
_SPECIAL: Mapping[str, _Special] = {
    "extra_forbidden": _unknown_key,
    "literal_error": _not_listed,
    "string_type": _not_text,
    "value_error": _raised,
    "assertion_error": _raised,
    "string_pattern_mismatch": _pattern,
}


def _plain_number(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else f"{value}"
