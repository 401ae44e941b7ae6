"""What LLVM is told about the loops over the columns of a block, beyond what numba can say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from llvmlite import ir
from numba.core import cgutils, config, types
from numba.extending import intrinsic

from simulator.compiling import COLUMNS

_code: Any = cgutils
_types: Any = types


def _in_short_vectors(_context: Any) -> Any:
    """Use vectors of 256 bits in a function: what is gathered from many rows comes faster so."""

    def generate(context: Any, builder: Any, _signature: Any, _given: Any) -> Any:
        # An attribute that LLVM knows and llvmlite does not.
        set.add(builder.function.attributes, '"prefer-vector-width"="256"')
        return context.get_dummy_value()

    return _types.void(), generate


def _in_columns(_context: Any, *arrays: Any) -> Any:
    """Promise that the last dimension of some arrays has `COLUMNS`.

    Without knowing how far apart two rows are, LLVM fears that they overlap, and does without
    vectors; and it would multiply to find a row.
    """

    def generate(context: Any, builder: Any, _signature: Any, given: Any) -> Any:
        kind = ir.FunctionType(ir.VoidType(), [ir.IntType(1)])
        assume = _code.get_or_insert_function(builder.module, kind, "llvm.assume")
        for n, array in enumerate(arrays):
            held = context.make_array(array)(context, builder, builder.extract_value(given[0], n))
            last = _code.unpack_tuple(builder, held.shape, array.ndim)[-1]
            known = ir.Constant(last.type, COLUMNS)
            builder.call(assume, [builder.icmp_signed("==", last, known)])
        return context.get_dummy_value()

    return _types.void(_types.StarArgTuple.from_types(arrays)), generate


def _nothing(*_arrays: object) -> None:
    """Nobody has to be told anything where numba does not compile."""


_plain = bool(vars(config)["DISABLE_JIT"])
in_short_vectors = cast("Callable[[], None]", _nothing if _plain else intrinsic(_in_short_vectors))
in_columns = cast("Callable[..., None]", _nothing if _plain else intrinsic(_in_columns))
