// The text under which a specialised kernel is cached: types of the inputs and static parameters of one call.

import type { KernelCall } from '@adjoint/core'

/** Equal for calls that one specialised kernel can serve. */
export function signature({ inputs, params }: KernelCall): string {
  let key = ''
  for (let i = 0; i < inputs.length; i++) {
    const { dtype, shape } = inputs[i]
    key += dtype
    for (let j = 0; j < shape.length; j++) key += `,${shape[j]}`
    key += ';'
  }
  return key + fields(params)
}

function fields(value: object): string {
  let key = ''
  for (const name in value) key += `${name}:${canonical((value as Record<string, unknown>)[name])} `
  return key
}

function canonical(value: unknown): string {
  switch (typeof value) {
    case 'number':
      return Object.is(value, -0) ? '-0' : `${value}`
    case 'string':
      return JSON.stringify(value)
    case 'object':
      if (value === null) return 'null'
      if (Array.isArray(value)) return `[${value.map(canonical).join()}]`
      return Object.getPrototypeOf(value) === Object.prototype ? `{${fields(value)}}` : identity(value)
    case 'function':
      return identity(value)
    default:
      return String(value)
  }
}

const identities = /* @__PURE__ */ new WeakMap<object, number>()
let named = 0

/** What is not plain data is itself only. */
function identity(value: object): string {
  let id = identities.get(value)
  if (id === undefined) {
    id = ++named
    identities.set(value, id)
  }
  return `#${id}`
}
