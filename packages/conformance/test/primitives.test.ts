import { coreCases } from '../src/index.js'
import { testPrimitive } from '../src/vitest.js'

for (const { primitive, cases } of coreCases()) testPrimitive(primitive, cases)
