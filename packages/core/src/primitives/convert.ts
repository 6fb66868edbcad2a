// select, cast, bitcast and stopGradient: choosing, converting and cutting values, element by element.

import { bind } from '../bind.js'
import { convert, type DType, isFloat, wideArray } from '../dtype.js'
import { AdjointError } from '../error.js'
import { cast, where } from '../functions/elementwise.js'
import { definePrimitive, type Primitive } from '../primitive.js'
import { broadcastShapes, formatAval } from '../shape.js'
import { literalTensor } from '../tensor.js'
import { alignBatch, shapesOf, spread, unbroadcast } from './elementwise.js'
import { sharedPrimitive } from './rules.js'
import { spreadData } from './strided.js'

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
    return [{ shape: broadcastShapes('where', shapesOf(inputs)), dtype: onTrue.dtype, weak }]
  },
  jvp: ([condition], [, dx, dy], [out]) => {
    if (dx === null && dy === null) return [null]
    const zero = literalTensor(0, out.dtype)
    return [spread(where(condition, dx ?? zero, dy ?? zero), out)]
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
    const [chosen, yes, no] = [condition, a, b].map((x) => spreadData(x, out.shape))
    return [yes.map((value, i) => (chosen[i] !== 0 ? value : no[i]))]
  },
  scalar: ([condition, a, b], _, dtype) => ({ op: 'select', args: [condition, a, b], dtype }),
})

/** Between dtypes: floats to integers towards zero and wrapping, NaN to 0, to bool by being non-zero. */
export const castPrimitive: Primitive<DTypeParams> = /* @__PURE__ */ sharedPrimitive<DTypeParams>('cast', {
  shape: ([x], { dtype }) => [{ shape: x.shape, dtype }],
  jvp: (_, [dx], [out], { dtype }) => [dx === null || !isFloat(dtype) ? null : cast(dx, out.dtype)],
  back: (ct, [x]) => [cast(ct, x.aval.dtype)],
  lanes: (params) => params,
  reference: ([x], { dtype }) => {
    const data = wideArray(dtype, x.data.length)
    for (let i = 0; i < data.length; i++) data[i] = convert(dtype, x.data[i])
    return [data]
  },
  scalar: (args, { dtype }) => ({ op: 'cast', args: [args[0]], dtype }),
})

/** The same 32 bits under another dtype. */
export const bitcastPrimitive: Primitive<DTypeParams> = /* @__PURE__ */ sharedPrimitive<DTypeParams>('bitcast', {
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
  lanes: (params) => params,
  reference: ([x], { dtype }) => {
    const raw = x.dtype === 'float32' ? Float32Array.from(x.data) : x.data
    const { buffer } = new Uint32Array(raw.buffer, raw.byteOffset, raw.length).slice()
    if (dtype === 'uint32') return [new Uint32Array(buffer)]
    return [dtype === 'int32' ? new Int32Array(buffer) : Float64Array.from(new Float32Array(buffer))]
  },
  scalar: (args, { dtype }) => ({ op: 'bitcast', args: [args[0]], dtype }),
})

/** The identity, with a gradient of zero. */
export const stopGradientPrimitive: Primitive = /* @__PURE__ */ sharedPrimitive('stopGradient', {
  shape: ([x]) => [{ shape: x.shape, dtype: x.dtype, weak: x.weak }],
  jvp: () => [null],
  lanes: (params) => params,
  view: true,
  reference: ([x]) => [x.data],
  scalar: ([x]) => x,
})
