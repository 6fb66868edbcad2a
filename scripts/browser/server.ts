// A small server for one page: its module, the files it fetches, and the address that takes its report.

import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { PageReport } from './api.js'

/** What the server sends. */
export interface Site {
  /** The bundled module of the page. */
  readonly script: string
  /** Headers of the page. */
  readonly headers: Readonly<Record<string, string>>
  /** Files by path, such as `/data.npy`. */
  readonly files: Readonly<Record<string, Uint8Array>>
}

/** A server at work. */
export interface PageServer {
  readonly url: string
  readonly report: Promise<PageReport>
  close(): Promise<void>
}

const PAGE =
  '<!doctype html><meta charset="utf-8"><title>Test</title><link rel="icon" href="data:,">' +
  '<script src="/watch.js"></script><script type="module" src="/page.js"></script>'

/** Serves a page on a free port of this machine. */
export async function servePage({ script, headers, files }: Site): Promise<PageServer> {
  const watch = await readFile(new URL('./watch.js', import.meta.url), 'utf8')
  const { promise: report, resolve, reject } = withResolvers<PageReport>()
  const sent = new Map<string, readonly [type: string, body: string | Uint8Array, headers?: typeof headers]>([
    ...Object.entries(files).map(([path, body]) => [path, ['application/octet-stream', body]] as const),
    ['/', ['text/html', PAGE, headers]],
    ['/watch.js', ['text/javascript', watch]],
    ['/page.js', ['text/javascript', script]],
  ])
  const server = createServer((request, response) => {
    const path = request.url ?? '/'
    const found = sent.get(path)
    if (request.method === 'POST' && path === '/report') receive(request, response).then(resolve, reject)
    else if (found === undefined) response.writeHead(404).end()
    else response.writeHead(200, { 'content-type': `${found[0]}; charset=utf-8`, ...found[2] }).end(found[1])
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    report,
    async close() {
      server.closeAllConnections()
      await new Promise((closed) => server.close(closed))
    },
  }
}

async function receive(request: IncomingMessage, response: ServerResponse): Promise<PageReport> {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part)
  response.writeHead(204).end()
  return JSON.parse(Buffer.concat(parts).toString('utf8'))
}

function withResolvers<T>() {
  let resolve: (value: T) => void = () => undefined
  let reject: (reason: unknown) => void = () => undefined
  const promise = new Promise<T>((yes, no) => {
    resolve = yes
    reject = no
  })
  return { promise, resolve, reject }
}
