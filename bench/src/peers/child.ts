// A child process that answers requests, one at a time: a line of JSON, and bytes behind it, in both directions.
import { type ChildProcess, spawn } from 'node:child_process'
import type { Socket } from 'node:net'
import { Missing } from '../harness/api.js'

/** What an answer may say; `size` bytes follow it. */
export interface Head {
  readonly size: number
  readonly missing?: string
  readonly error?: string
  readonly milliseconds?: number
  readonly versions?: Readonly<Record<string, string>>
}

export interface Answer {
  readonly head: Head
  readonly body: ArrayBuffer
}

interface Waiting {
  readonly resolve: (answer: Answer) => void
  readonly reject: (error: Error) => void
}

/** Lives as long as this process, and keeps it alive only while a request is open. */
export class Child {
  readonly #process: ChildProcess
  readonly #waiting: Waiting[] = []
  #chunks: Buffer[] = []
  #length = 0
  #head: Head | undefined
  #failure: Error | undefined

  constructor(command: string, args: readonly string[], env: NodeJS.ProcessEnv) {
    this.#process = spawn(command, args, { env, stdio: ['pipe', 'pipe', 'inherit'] })
    this.#process.once('error', (error: NodeJS.ErrnoException) =>
      this.#fail(error.code === 'ENOENT' ? new Missing(`there is no ${command}`) : error),
    )
    this.#process.once('exit', (code) => this.#fail(new Error(`${command} ended with code ${code}`)))
    this.#process.stdin?.on('error', () => {})
    this.#process.stdout?.on('data', (chunk: Buffer) => this.#receive(chunk))
    this.#process.unref()
    for (const pipe of this.#pipes) pipe.unref()
  }

  /** The answer to one request. */
  ask(head: object, bodies: readonly Uint8Array[]): Promise<Answer> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure)
    const { stdin } = this.#process
    stdin?.write(`${JSON.stringify({ ...head, bodies: bodies.map((body) => body.length) })}\n`)
    for (const body of bodies) stdin?.write(body)
    for (const pipe of this.#pipes) pipe.ref()
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }))
  }

  get #pipes(): readonly Socket[] {
    return [this.#process.stdin, this.#process.stdout] as unknown as Socket[]
  }

  #receive(chunk: Buffer): void {
    this.#chunks.push(chunk)
    this.#length += chunk.length
    while (this.#complete()) {
      const { head, body } = this.#take()
      this.#waiting.shift()?.resolve({ head, body: new Uint8Array(body).buffer })
      if (this.#waiting.length === 0) for (const pipe of this.#pipes) pipe.unref()
    }
  }

  /** Whether the next answer is here; its head is read as soon as it is. */
  #complete(): boolean {
    if (this.#head === undefined) {
      const all = Buffer.concat(this.#chunks)
      const end = all.indexOf('\n')
      if (end < 0) return false
      this.#head = JSON.parse(all.toString('utf8', 0, end)) as Head
      this.#keep(all.subarray(end + 1))
    }
    return this.#length >= this.#head.size
  }

  #take(): { head: Head; body: Buffer } {
    const head = this.#head as Head
    const all = Buffer.concat(this.#chunks)
    this.#head = undefined
    this.#keep(all.subarray(head.size))
    return { head, body: all.subarray(0, head.size) }
  }

  #keep(rest: Buffer): void {
    this.#chunks = [rest]
    this.#length = rest.length
  }

  #fail(error: Error): void {
    this.#failure ??= error
    for (const { reject } of this.#waiting.splice(0)) reject(this.#failure)
  }
}
