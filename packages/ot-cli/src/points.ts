// Points and weights from a CSV file, with words for what is wrong with it.

import { readFile } from 'node:fs/promises'
import { csv } from '@adjoint/io'
import { isAdjointError, stack, type Tensor } from 'adjoint'

/** A mistake of the user, told without a stack. */
export class InputError extends Error {}

/** A weighted cloud of points. */
export interface Points {
  /** float64 `[n, d]`. */
  readonly coordinates: Tensor
  /** float64 `[n]`, of sum 1; undefined where they are uniform. */
  readonly weights: Tensor | undefined
}

/** Reads points; one column may hold weights. */
export async function readPoints(path: string, weightColumn: string | undefined): Promise<Points> {
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    throw new InputError(`${path}: ${error.code === 'ENOENT' ? 'there is no such file' : error.message}`)
  })
  const { names, rows, tensors } = await tableOf(path, bytes)
  if (weightColumn !== undefined && !names.includes(weightColumn))
    throw new InputError(`${path}: no column '${weightColumn}' among ${names.join(', ')}`)
  const coordinates = names.filter((name) => name !== weightColumn)
  if (rows === 0 || coordinates.length === 0) throw new InputError(`${path}: no points`)
  for (const name of coordinates) {
    if (!tensors[name].dataSync().every(Number.isFinite)) throw new InputError(`${path}: '${name}' is not finite`)
  }
  return {
    coordinates: stack(
      coordinates.map((name) => tensors[name]),
      1,
    ),
    weights: weightColumn === undefined ? undefined : scaled(path, tensors[weightColumn]),
  }
}

async function tableOf(path: string, bytes: Uint8Array): Promise<csv.CsvTable> {
  try {
    return await csv.read(bytes, { as: 'float64', header: hasNames(bytes) })
  } catch (error) {
    if (isAdjointError(error)) throw new InputError(`${path}: ${error.message.split('\n')[0]}`)
    throw error
  }
}

/** Whether the first row that is not blank has a cell that is no number. */
function hasNames(bytes: Uint8Array): boolean {
  const head = new TextDecoder().decode(bytes.subarray(0, 65536)).replace(/^\ufeff/, '')
  const first = head.split(/[\r\n]+/).find((line) => line.trim() !== '') ?? ''
  return first.split(/[,;\t|]/).some((cell) => cell.trim() === '' || Number.isNaN(Number(cell)))
}

function scaled(path: string, weights: Tensor): Tensor {
  const values = Array.from(weights.dataSync())
  const total = values.reduce((sum, value) => sum + value, 0)
  if (values.every((value) => value >= 0) && total > 0 && total < Number.POSITIVE_INFINITY) return weights.div(total)
  throw new InputError(`${path}: weights must not be negative, nor all zero`)
}
