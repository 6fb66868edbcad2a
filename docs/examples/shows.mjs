// What examples call where their comments promise values, and the ledger of what they got.
import { inspect } from 'node:util'
import { isTensor } from '@adjoint/core'
import { matches, parseValues } from './values.mjs'

/** @type {Promise<string | null>[]} */
let ledger = []

/**
 * Compares values with the comment beside them; `broken` tells how that went.
 *
 * @param {string} where - file and line
 * @param {string} comment
 * @param {...unknown} values - tensors of any backend and trees of them, strings, numbers
 */
export function $shows(where, comment, ...values) {
  ledger.push(
    Promise.all(values.map(plain)).then(
      (got) => {
        const kept = parseValues(comment).every((promised, i) => i >= got.length || matches(promised, got[i]))
        const shown = got.map((value) => inspect(value, { depth: null })).join(', ')
        return kept ? null : `${where} promises ${comment}\n  and gets ${shown}`
      },
      (error) => `${where} promises ${comment}\n  and cannot be read: ${error}`,
    ),
  )
}

/** How many lines were compared since the last call, and what the wrong ones promised and got. */
export async function takeShown() {
  const results = ledger
  ledger = []
  return { compared: results.length, broken: (await Promise.all(results)).filter((message) => message !== null) }
}

/** Reads tensors and copies the rest now, before the example goes on. @param {unknown} value @returns {Promise<unknown>} */
async function plain(value) {
  if (isTensor(value)) return value.array()
  if (Array.isArray(value)) return Promise.all(value.map(plain))
  if (ArrayBuffer.isView(value)) return structuredClone(value)
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value
  const entries = Object.entries(value).map(async ([name, field]) => [name, await plain(field)])
  return Object.fromEntries(await Promise.all(entries))
}
