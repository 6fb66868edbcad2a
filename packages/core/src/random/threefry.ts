// Threefry-2x32, 20 rounds: a counter and a key to 64 random bits, the same everywhere.
// J. Salmon, M. Moraes, R. Dror, D. Shaw, Parallel Random Numbers: As Easy as 1, 2, 3, SC 2011.

/** Rotations of the eight kinds of round. */
export const ROTATIONS: readonly number[] = [13, 15, 26, 6, 17, 29, 16, 24]

/** The third word of the key schedule is the parity of this constant with the key. */
export const PARITY = 0x1bd11bda

/** Two random words for a counter of two words. */
export function threefry(k0: number, k1: number, c0: number, c1: number): [number, number] {
  const keys = [k0, k1, k0 ^ k1 ^ PARITY]
  let x0 = (c0 + k0) | 0
  let x1 = (c1 + k1) | 0
  for (let round = 0; round < 20; round++) {
    const by = ROTATIONS[round % 8]
    x0 = (x0 + x1) | 0
    x1 = ((x1 << by) | (x1 >>> (32 - by))) ^ x0
    if (round % 4 === 3) {
      const step = (round + 1) / 4
      x0 = (x0 + keys[step % 3]) | 0
      x1 = (x1 + keys[(step + 1) % 3] + step) | 0
    }
  }
  return [x0 >>> 0, x1 >>> 0]
}
