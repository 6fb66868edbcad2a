// The kernels in a page: plain, and with relaxed SIMD, which browsers have.

import { runCases } from '../../../../scripts/browser/page.js'
import { fusesProducts } from '../../src/environment.js'
import { createCpu } from '../../src/index.js'
import { results } from './kernels.js'

await runCases({
  float32: () => results(createCpu({ webassemblyFrom: 1 }), 'float32'),
  float64: () => results(createCpu({ webassemblyFrom: 1 }), 'float64'),
  fuses: fusesProducts,
  relaxed: () => results(createCpu({ webassemblyFrom: 1, relaxedSimd: true }), 'float64'),
})
