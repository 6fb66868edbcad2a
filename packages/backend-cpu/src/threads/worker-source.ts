// What a worker runs, as text: bundlers need not know of it, and it starts from a blob as well as in Node.

import type { HostFunctions } from '../wasm/instance.js'
import * as at from './layout.js'

/** Milliseconds that a worker looks out for the next call before it sleeps. */
const SPIN = 0.1

/** The program of a worker. It waits for `{ control, memory, who }`, says that it is ready, and serves until it is ended. */
export function workerSource(host: HostFunctions): string {
  return `'use strict'
const port = typeof postMessage === 'function' ? globalThis : require('node:worker_threads').parentPort
const host = { ${Object.entries(host).map(([name, f]) => `${name}: ${textOf(f)}`)} }

function serve({ control, memory, who }) {
  const words = new Int32Array(control)
  const numbers = new Float64Array(control, ${at.ARGUMENTS_AT}, ${at.MOST_ARGUMENTS})
  let tasks = new Map()
  let generation = 0

  function task() {
    if (generation !== words[${at.GENERATION}]) tasks = new Map()
    generation = words[${at.GENERATION}]
    let run = tasks.get(words[${at.TASK}])
    if (run === undefined) {
      const bytes = new Uint8Array(control, ${at.TASK_AT}, words[${at.TASK_BYTES}]).slice()
      run = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory }, host }).exports.run
      tasks.set(words[${at.TASK}], run)
    }
    Atomics.or(words, ${at.KNOWN}, 1 << who)
    return run
  }

  function fail(error) {
    if (Atomics.add(words, ${at.FAILED}, 1) > 0) return
    const text = String(error).slice(0, ${at.MOST_MESSAGE})
    const out = new Uint16Array(control, ${at.MESSAGE_AT}, ${at.MOST_MESSAGE + 1})
    out[0] = text.length
    for (let i = 0; i < text.length; i++) out[i + 1] = text.charCodeAt(i)
  }

  // Who has taken a chunk holds the call open: nothing of it changes until the chunk is done.
  function work(chunk) {
    Atomics.add(words, ${at.BEAT} + ${at.BEAT_LINE} * who, 1)
    try {
      const from = chunk * words[${at.STEP}]
      const to = Math.min(from + words[${at.STEP}], words[${at.LENGTH}])
      task()(...numbers.subarray(0, words[${at.ARGUMENTS}]), from, to, who)
    } catch (error) {
      fail(error)
    }
    Atomics.add(words, ${at.DONE}, 1)
    if (Atomics.load(words, ${at.MAIN_SLEEPS}) === 1) Atomics.notify(words, ${at.DONE})
  }

  for (;;) {
    const calls = Atomics.load(words, ${at.CALLS})
    Atomics.add(words, ${at.BEAT} + ${at.BEAT_LINE} * who, 1)
    for (let left = Atomics.load(words, ${at.LEFT}); left > 0; left = Atomics.load(words, ${at.LEFT}))
      if (Atomics.compareExchange(words, ${at.LEFT}, left, left - 1) === left) work(left - 1)
    const end = performance.now() + ${SPIN}
    while (Atomics.load(words, ${at.CALLS}) === calls && performance.now() < end);
    if (Atomics.load(words, ${at.CALLS}) !== calls) continue
    Atomics.add(words, ${at.SLEEPING}, 1)
    Atomics.wait(words, ${at.CALLS}, calls)
    Atomics.sub(words, ${at.SLEEPING}, 1)
  }
}

const start = (message) => {
  port.postMessage('ready')
  serve(message)
}
if (port.once === undefined) port.onmessage = (event) => start(event.data)
else port.once('message', start)
`
}

function textOf(f: HostFunctions[string]): string {
  const own = Object.getOwnPropertyNames(Math).find((name) => Math[name as 'sin'] === f)
  return own === undefined ? String(f) : `Math.${own}`
}
