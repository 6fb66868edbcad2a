// Deterministic numbers for directions and sample data: the same in every run.

/** Uniform numbers in [0, 1) from a seed. G. Steele, D. Lea, C. Flood, Fast Splittable Pseudorandom Number Generators, 2014. */
export function generator(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x9e3779b9) >>> 0
    let z = state
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b)
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35)
    return ((z ^ (z >>> 16)) >>> 0) / 4294967296
  }
}

/** Directions for derivative checks: entries of size 0.5 to 1 with random signs, so that none hides an error. */
export function direction(size: number, seed: number): Float64Array {
  const next = generator(seed)
  return Float64Array.from({ length: size }, () => (next() < 0.5 ? -1 : 1) * (0.5 + next() / 2))
}
