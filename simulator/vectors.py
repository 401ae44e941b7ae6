"""What LLVM is told about the loops over the columns of a block, beyond what numba can say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import numpy.typing as npt
from llvmlite import ir
from numba.core import cgutils, config, types
from numba.extending import intrinsic

from simulator.compiling import COLUMNS

_code: Any = cgutils
_types: Any = types
_WIDTH = 4
"""Numbers in a vector of 256 bits."""


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


def _put_aside(_context: Any, row: Any, values: Any) -> Any:
    """Write a row past the cache, where nearly all are read only once all others are written.

    To be written into the cache, it would be read from memory first. Rows must begin with a line of
    the cache, as those of `compiling.aligned` do.
    """

    def generate(context: Any, builder: Any, _signature: Any, given: Any) -> Any:
        vector, one = ir.VectorType(ir.DoubleType(), _WIDTH), ir.Constant(ir.IntType(32), 1)
        into, out = (
            context.make_array(kind)(context, builder, value).data
            for kind, value in zip((row, values), given, strict=True)
        )
        for first in range(0, COLUMNS, _WIDTH):
            at = ir.Constant(ir.IntType(64), first)
            taken, put = (
                builder.bitcast(builder.gep(data, [at]), vector.as_pointer())
                for data in (out, into)
            )
            store = builder.store(builder.load(taken, align=8), put, align=8 * _WIDTH)
            store.set_metadata("nontemporal", builder.module.add_metadata([one]))
        return context.get_dummy_value()

    return _types.void(row, values), generate


def _copy(row: npt.NDArray[Any], values: npt.NDArray[Any]) -> None:
    """There is no past the cache where numba does not compile."""
    row[:] = values


def _nothing(*_arrays: object) -> None:
    """Nobody has to be told anything where numba does not compile."""


_plain = bool(vars(config)["DISABLE_JIT"])
in_short_vectors = cast("Callable[[], None]", _nothing if _plain else intrinsic(_in_short_vectors))
put_aside = cast("Callable[..., None]", _copy if _plain else intrinsic(_put_aside))
in_columns = cast("Callable[..., None]", _nothing if _plain else intrinsic(_in_columns))
