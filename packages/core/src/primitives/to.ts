// Moving values between backends, as a linear primitive: gradients move back.

import type { Backend } from '../backend/backend.js'
import { dispatch } from '../backend/dispatch.js'
import { bind1, checkDtypes } from '../bind.js'
import type { TypedArray } from '../dtype.js'
import type { Primitive } from '../primitive.js'
import { tensorFromArray } from '../tensor.js'
import { sharedPrimitive } from './rules.js'

/** Parameters of `to`. */
export interface ToParams {
  readonly from: Backend
  readonly to: Backend
}

export const toPrimitive: Primitive<ToParams> = /* @__PURE__ */ sharedPrimitive<ToParams>('to', {
  shape: ([x]) => [{ shape: x.shape, dtype: x.dtype, weak: x.weak }],
  back: (ct, _, { from, to }) => [bind1(toPrimitive, [ct], { from: to, to: from })],
  lanes: (params) => params,
  run: ([x], { from, to }) => {
    checkDtypes('to', to, [x])
    if (x.buffer === null) return [tensorFromArray(to, x.dataSync(), x.shape, x.dtype)]
    const move = (data: TypedArray) => [to.write(data.slice(), x.dtype)]
    return dispatch(to, 'to', [x], [x], ([storage]) => {
      const data = from.read(storage, x.dtype, x.size)
      return data instanceof Promise ? data.then(move) : move(data)
    })
  },
  reference: ([x]) => [x.data],
})
