// Direction numbers of Sobol's sequence from the packed table (P. Bratley, B. L. Fox, ACM TOMS Algorithm 659, 1988).

import { PACKED } from './joe-kuo.js'

const BITS = 32
let known = new Uint32Array(0)

/** For each dimension 32 words: what bit k of the Gray code flips. */
export function directions(d: number): Uint32Array {
  if (known.length >= d * BITS) return known
  const read = bitReader()
  const out = new Uint32Array(d * BITS)
  for (let k = 0; k < BITS; k++) out[k] = 2 ** (31 - k)
  let polynomial = 1
  for (let j = 1; j < d; j++) {
    polynomial += 2 * read(7)
    const degree = 31 - Math.clz32(polynomial)
    const v = out.subarray(j * BITS, (j + 1) * BITS)
    for (let k = 0; k < degree; k++) v[k] = (2 * read(k) + 1) << (31 - k)
    for (let k = degree; k < BITS; k++) {
      let word = v[k - degree] ^ (v[k - degree] >>> degree)
      for (let i = 1; i < degree; i++) if ((polynomial >>> (degree - i)) & 1) word ^= v[k - i]
      v[k] = word
    }
  }
  known = out
  return out
}

function bitReader(): (count: number) => number {
  const bytes = atob(PACKED)
  let at = 0
  return (count) => {
    let value = 0
    for (let i = 0; i < count; i++, at++) value = 2 * value + ((bytes.charCodeAt(at >> 3) >> (7 - (at & 7))) & 1)
    return value
  }
}
