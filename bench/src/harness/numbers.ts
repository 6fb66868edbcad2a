// The same pseudo-random inputs for everyone, in -1 to 1.
// Generator: G. Marsaglia, Xorshift RNGs, Journal of Statistical Software 8(14), 2003.

/** `count` float32 numbers from -1 to 1, determined by `seed`, which is not zero. */
export function numbers(seed: number, count: number): Float32Array<ArrayBuffer> {
  let state = seed | 0
  return Float32Array.from({ length: count }, () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return state / 2 ** 31
  })
}
