// Starts one worker: a thread of Node, or a Web Worker from a blob.

import { nodeModule } from './node.js'

/** A worker at work. */
export interface Worker {
  /** Ends it at once. */
  end(): void
}

/** What is heard of a worker. */
export interface Events {
  ready(): void
  /** It ended by itself, or never began. */
  lost(reason: unknown): void
}

/** What a worker is handed. */
export interface Assignment {
  readonly control: SharedArrayBuffer
  readonly memory: WebAssembly.Memory
  readonly who: number
}

/** Starts a worker. In Node it does not keep the process alive once it is ready. */
export function spawn(source: string, assignment: Assignment, events: Events): Worker {
  return typeof globalThis.Worker === 'function'
    ? spawnWeb(source, assignment, events)
    : spawnNode(source, assignment, events)
}

function spawnWeb(source: string, assignment: Assignment, events: Events): Worker {
  const url = URL.createObjectURL(new Blob([source], { type: 'text/javascript' }))
  const worker = new globalThis.Worker(url, { type: 'module', name: `adjoint-${assignment.who}` })
  worker.onmessage = () => {
    URL.revokeObjectURL(url)
    events.ready()
  }
  worker.onerror = (event) => {
    URL.revokeObjectURL(url)
    events.lost(event.message ?? 'the page forbids them')
  }
  worker.postMessage(assignment)
  // Deno and Bun keep the process alive for it otherwise.
  ;(worker as { unref?: () => void }).unref?.()
  return { end: () => worker.terminate() }
}

function spawnNode(source: string, assignment: Assignment, events: Events): Worker {
  const threads = nodeModule('node:worker_threads')
  if (threads === undefined) throw new Error('there are no workers here')
  const thread = new threads.Worker(source, { eval: true, execArgv: [], name: `adjoint-${assignment.who}` })
  let ended = false
  const lost = (reason: unknown) => {
    if (!ended) events.lost(reason)
    ended = true
  }
  thread.once('message', () => {
    thread.unref()
    events.ready()
  })
  thread.once('error', lost)
  thread.once('exit', (code) => lost(`it ended with code ${code}`))
  thread.postMessage(assignment)
  return {
    end: () => {
      ended = true
      void thread.terminate()
    },
  }
}
