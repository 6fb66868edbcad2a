import { linalg } from '../src/suites/linalg/index.js'
import { agree } from './support.js'

// The larger cases run the same code for seconds.
agree(linalg.cases.filter(({ name }) => !/-(256|512)/.test(name)))
