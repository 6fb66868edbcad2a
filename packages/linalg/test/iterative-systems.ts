// The systems of reference/iterative.py, by the same formulas.

import type { Tensor } from '@adjoint/core'
import { f64 } from './iterative-support.js'

type Entry = (i: number, j: number) => number

const matrix = (m: number, n: number, entry: Entry): Tensor =>
  f64(Array.from({ length: m }, (_, i) => Array.from({ length: n }, (__, j) => entry(i, j))))

const line: Entry = (i, j) => (i === j ? 2 : Math.abs(i - j) === 1 ? -1 : 0)
const same: Entry = (i, j) => (i === j ? 1 : 0)
const onGrid =
  (k: number, along: Entry, across: Entry): Entry =>
  (i, j) =>
    along(Math.floor(i / k), Math.floor(j / k)) * across(i % k, j % k)

const laplace = (k: number): Entry => {
  const [x, y] = [onGrid(k, line, same), onGrid(k, same, line)]
  return (i, j) => x(i, j) + y(i, j)
}

/** The five-point Laplacian on a k by k grid, with something added to the diagonal. */
export const laplacian = (k: number, shift = 0): Tensor => {
  const entry = laplace(k)
  return matrix(k * k, k * k, (i, j) => entry(i, j) + shift * same(i, j))
}

/** The Laplacian of a 10 by 10 grid with rows and columns scaled apart. */
export const scaledLaplacian = (): Tensor => {
  const entry = laplace(10)
  return matrix(100, 100, (i, j) => entry(i, j) * (1 + i / 10) * (1 + j / 10))
}

/** The Laplacian with upwind convection along one axis. */
export const convection = (k: number): Tensor => {
  const entry = laplace(k)
  const wind = onGrid(k, same, (i, j) => (i === j ? 0.8 : i - j === 1 ? -0.8 : 0))
  return matrix(k * k, k * k, (i, j) => entry(i, j) + wind(i, j))
}

export const kernel = (n: number): Tensor => matrix(n, n, (i, j) => Math.exp(-Math.abs(i - j) / 10) + 1e-3 * same(i, j))

export const waves = (m: number, n: number): Tensor =>
  matrix(m, n, (i, j) => Math.cos(0.37 * i * (j + 1)) + 0.5 * same(i, j))

export const ramp = (n: number): Tensor => f64(Array.from({ length: n }, (_, i) => Math.sin(i + 1)))
