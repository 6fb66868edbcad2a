// Sweeps of plane rotations over neighbouring rows, two rotations at a time so that each row is touched once.

/** The rotations of one sweep: cosine and sine for each pair of neighbouring rows. */
export interface Sweep {
  readonly c: Float64Array
  readonly s: Float64Array
}

/**
 * Rows j and j + 1 become `c x + s y` and `c y - s x`, for j = from, ..., to - 1 in this order.
 *
 * @param at - where row 0 begins; rows lie `stride` apart, and `width` numbers of them are rotated
 */
export function rotateDown(
  z: Float64Array,
  at: number,
  stride: number,
  width: number,
  from: number,
  to: number,
  { c, s }: Sweep,
): void {
  let j = from
  for (; j + 1 < to; j += 2) rotateTwo(z, at + j * stride, stride, width, c[j], s[j], c[j + 1], s[j + 1])
  if (j < to) rotateOne(z, at + j * stride, at + (j + 1) * stride, width, c[j], s[j])
}

/** The same for j = to - 1, ..., from. */
export function rotateUp(
  z: Float64Array,
  at: number,
  stride: number,
  width: number,
  from: number,
  to: number,
  { c, s }: Sweep,
): void {
  let j = to - 1
  // Seen from below, the rows of a pair change places, and with them the sign of the sine.
  for (; j - 1 >= from; j -= 2) rotateTwo(z, at + (j + 1) * stride, -stride, width, c[j], -s[j], c[j - 1], -s[j - 1])
  if (j >= from) rotateOne(z, at + j * stride, at + (j + 1) * stride, width, c[j], s[j])
}

function rotateOne(z: Float64Array, p: number, q: number, width: number, c: number, s: number): void {
  for (let i = 0; i < width; i++) {
    const x = z[p + i]
    const y = z[q + i]
    z[p + i] = c * x + s * y
    z[q + i] = c * y - s * x
  }
}

function rotateTwo(
  z: Float64Array,
  p: number,
  step: number,
  width: number,
  c0: number,
  s0: number,
  c1: number,
  s1: number,
): void {
  const q = p + step
  const r = q + step
  for (let i = 0; i < width; i++) {
    const x = z[p + i]
    const y = z[q + i]
    const w = z[r + i]
    const middle = c0 * y - s0 * x
    z[p + i] = c0 * x + s0 * y
    z[q + i] = c1 * middle + s1 * w
    z[r + i] = c1 * w - s1 * middle
  }
}
