import { core } from '../src/suites/core/index.js'
import { agree } from './support.js'

// The others run the same code for seconds.
agree(core.cases.filter(({ name }) => !/-(256|512)$|^matmul-1024|^inv-/.test(name) || /^matmul-(256|512)$/.test(name)))
