// Where tfjs itself is wrong on the backends of Node: that it still is, and that ours is right. A failure of the first kind
// says that a workaround can go.

import '@tensorflow/tfjs-backend-cpu'
import '@tensorflow/tfjs-backend-wasm'
import { describe, expect, it } from 'vitest'
import { createTfjs } from '../src/index.js'
import { bothSides, UPSTREAM } from './upstream.js'

describe.each(['cpu', 'wasm'] as const)('tfjs on %s is wrong, and worked around', (device) => {
  it.each(UPSTREAM.filter(({ devices }) => devices.includes(device)))('$name ($reported)', async (call) => {
    const { theirs, ours } = await bothSides(call, await createTfjs({ device }))
    expect(ours).toEqual(call.right)
    expect(theirs).not.toEqual(call.right)
  })
})
