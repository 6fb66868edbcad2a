// ml-matrix as a peer: dense matrices of float64 rows, one at a time.
import * as library from 'ml-matrix'
import type { Numbers, Program, Setup } from '../harness/api.js'

export type Library = typeof library
export type Matrix = library.Matrix

/** A program on ml-matrix. */
export function mlMatrix(setup: (library: Library) => Program): Record<string, Setup> {
  return { 'ml-matrix': () => setup(library) }
}

/** A square matrix from its elements. */
export function square(n: number, data: Numbers): Matrix {
  return library.Matrix.from1DArray(n, n, data as number[])
}

/** The elements of a matrix. */
export const flat = (matrix: { to1DArray(): number[] }): Numbers => matrix.to1DArray()

/** A program that makes something, of which `read` says what to compare. */
export function making<T>(make: () => T, read: (made: T) => Numbers): Program {
  return { step: make, result: () => read(make()) }
}
