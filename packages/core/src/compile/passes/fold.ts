// Computes element-wise equations of literals while compiling.

import { literalResult } from '../../backend/literal.js'
import type { Literal } from '../../program/program.js'
import type { Rule } from './rewrite.js'

/** Literals in, a literal out. */
export const foldConstants: Rule = ({ equation }) => {
  const { primitive, inputs, outputs, params } = equation
  const operands = inputs.map((x) => ({ dtype: x.dtype, literal: x.kind === 'literal' ? x.value : undefined }))
  const value = inputs.length === 0 ? undefined : literalResult(primitive, operands, params, outputs[0])
  if (value === undefined) return undefined
  const { dtype, weak } = outputs[0]
  return [{ kind: 'literal', value, shape: [], dtype, weak } satisfies Literal]
}
