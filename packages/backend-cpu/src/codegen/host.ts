// Functions that modules call where there is no instruction and no vector form.

import type { HostFunctions } from '../wasm/instance.js'

/** By name. Threads get the text of those that are not methods of `Math`: it refers to nothing around it. */
export const HOST: HostFunctions = {
  exp: Math.exp,
  expm1: Math.expm1,
  log: Math.log,
  log1p: Math.log1p,
  sin: Math.sin,
  cos: Math.cos,
  tanh: Math.tanh,
  atan2: Math.atan2,
  logistic: (a) => 1 / (1 + Math.exp(-a)),
  rem: (a, b) => a % b,
  // IEEE 754: 1 to any power is 1, also NaN and infinite ones, where JavaScript says NaN.
  pow: (a, b) => (a === 1 || (a === -1 && (b === Infinity || b === -Infinity)) ? 1 : a ** b),
  wrap: (a) => a | 0,
}
