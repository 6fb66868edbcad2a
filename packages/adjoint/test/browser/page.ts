// The cases, and what the policy of the page lets them do.

import { runCases } from '../../../../scripts/browser/page.js'
import { cases } from './cases.js'

const can = (work: () => unknown): boolean => {
  try {
    work()
    return true
  } catch {
    return false
  }
}

const EMPTY_MODULE = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0])

await runCases({
  eval: () => can(() => new Function('')),
  WebAssembly: () => can(() => new WebAssembly.Module(EMPTY_MODULE)),
  ...cases,
})
