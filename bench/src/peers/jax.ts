// jax-js as a peer, on its WebAssembly backend: lazy, so that a step waits until its result is ready.
import './jax-globals.js'
import * as jax from '@jax-js/jax'
import type { Program, Setup } from '../harness/api.js'

/** A program on jax-js, set up when its turn comes. */
export function jaxjs(setup: (library: typeof jax) => Program): Record<string, Setup> {
  return {
    'jax-js-wasm': async () => {
      await jax.init('wasm')
      jax.defaultDevice('wasm')
      return setup(jax)
    },
  }
}

/** A program that makes one array and lets it go. */
export function making(make: () => jax.Array): Program {
  return {
    step: async () => {
      const made = make()
      await made.blockUntilReady()
      made.dispose()
    },
    result: () => make().data(),
  }
}
