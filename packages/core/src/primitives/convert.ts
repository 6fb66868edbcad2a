// select, cast, bitcast and stopGradient: choosing, converting and cutting values, element by element.

import { bind, bind1 } from '../bind.js'
import { convert, type DType, dtypeOf, isFloat, newArray } from '../dtype.js'
import { AdjointError } from '../error.js'
import { cast, where } from '../functions/elementwise.js'
import { definePrimitive, type MaybeZero, type Primitive } from '../primitive.js'
import { type Aval, broadcastShapes, formatAval, sizeOf } from '../shape.js'
import { literalTensor } from '../tensor.js'
import { alignBatch, positions, unbroadcast } from './elementwise.js'

/** Parameters of `cast` and `bitcast`. */
export interface DTypeParams {
  readonly dtype: DType
}

/** `[condition, onTrue, onFalse]`, broadcast together; the branch not taken gets an exact zero gradient. */
export const selectPrimitive: Primitive = /* @__PURE__ */ definePrimitive('select', {
  shape: (inputs) => {
    const [condition, onTrue, onFalse] = inputs
    if (condition.dtype !== 'bool' || onTrue.dtype !== onFalse.dtype) {
      throw new AdjointError('dtype-mismatch', {
        fn: 'where',
        given: inputs.map(formatAval).join(', '),
        expected: 'a bool condition and two branches of one dtype',
        fix: 'Compare to get a bool, as in x.gt(0), and cast the branches',
      })
    }
    const weak = onTrue.weak === true && onFalse.weak === true
    return [
      {
        shape: broadcastShapes(
          'where',
          inputs.map((x) => x.shape),
        ),
        dtype: onTrue.dtype,
        weak,
      },
    ]
  },
  jvp: ([condition], [, dx, dy], [out]) => {
    if (dx === null && dy === null) return [null]
    const zero = literalTensor(0, out.dtype)
    const chosen = where(condition, dx ?? zero, dy ?? zero)
    return [unreduced(chosen, out)]
  },
  transpose: ([ct], [condition, x, y]) => {
    if (ct === null || condition.linear) return [null, null, null]
    const zero = literalTensor(0, ct.dtype)
    return [
      null,
      x.linear ? unbroadcast(where(condition.value, ct, zero), x.aval) : null,
      y.linear ? unbroadcast(where(condition.value, zero, ct), y.aval) : null,
    ]
  },
  vmap: (inputs, batched) => bind(selectPrimitive, alignBatch(inputs, batched)),
  reference: ([condition, a, b], _, [out]) => {
    const data = newArray(dtypeOf(a.data), sizeOf(out.shape))
    positions(out.shape, [condition.shape, a.shape, b.shape])((i, [ic, ia, ib]) => {
      data[i] = condition.data[ic] !== 0 ? a.data[ia] : b.data[ib]
    })
    return [data]
  },
  scalar: ([condition, a, b], _, dtype) => ({ op: 'select', args: [condition, a, b], dtype }),
})

function unreduced(tangent: NonNullable<MaybeZero>, out: Aval): MaybeZero {
  return tangent.ndim === out.shape.length && tangent.size === sizeOf(out.shape)
    ? tangent
    : tangent.broadcastTo(out.shape)
}

/** Between dtypes: floats to integers towards zero and wrapping, NaN to 0, to bool by being non-zero. */
export const castPrimitive: Primitive<DTypeParams> = /* @__PURE__ */ definePrimitive<DTypeParams>('cast', {
  shape: ([x], { dtype }) => [{ shape: x.shape, dtype }],
  jvp: (_, [dx], [out], { dtype }) => [dx === null || !isFloat(dtype) ? null : cast(dx, out.dtype)],
  transpose: ([ct], [x]) => [ct === null ? null : cast(ct, x.aval.dtype)],
  vmap: (inputs, _, __, params) => bind(castPrimitive, inputs, params),
  reference: ([x], { dtype }) => {
    const data = newArray(dtype === 'float32' ? 'float64' : dtype, x.data.length)
    for (let i = 0; i < data.length; i++) data[i] = convert(dtype, x.data[i])
    return [data]
  },
  scalar: (args, { dtype }) => ({ op: 'cast', args: [args[0]], dtype }),
})

/** The same 32 bits under another dtype. */
export const bitcastPrimitive: Primitive<DTypeParams> = /* @__PURE__ */ definePrimitive<DTypeParams>('bitcast', {
  shape: ([x], { dtype }) => {
    const wide = (d: DType) => d === 'float32' || d === 'int32' || d === 'uint32'
    if (!wide(x.dtype) || !wide(dtype)) {
      throw new AdjointError('dtype-mismatch', {
        fn: 'bitcast',
        given: `${formatAval(x)} to ${dtype}`,
        expected: 'float32, int32 or uint32 on both sides',
      })
    }
    return [{ shape: x.shape, dtype }]
  },
  jvp: () => [null],
  vmap: (inputs, _, __, params) => bind(bitcastPrimitive, inputs, params),
  reference: ([x], { dtype }) => {
    const raw = x.dtype === 'float32' ? Float32Array.from(x.data) : x.data
    const bits = new Uint32Array(raw.buffer, raw.byteOffset, raw.length)
    if (dtype === 'uint32') return [bits.slice()]
    return [
      dtype === 'int32'
        ? new Int32Array(bits.slice().buffer)
        : Float64Array.from(new Float32Array(bits.slice().buffer)),
    ]
  },
  scalar: (args, { dtype }) => ({ op: 'bitcast', args: [args[0]], dtype }),
})

/** The identity, with a gradient of zero. */
export const stopGradientPrimitive: Primitive = /* @__PURE__ */ definePrimitive('stopGradient', {
  shape: ([x]) => [{ shape: x.shape, dtype: x.dtype, weak: x.weak }],
  jvp: () => [null],
  vmap: ([x]) => [bind1(stopGradientPrimitive, [x])],
  view: true,
  reference: ([x]) => [x.data],
  scalar: ([x]) => x,
})
