// What a table was measured on: the machine, and the versions of everything in it.
import { readFileSync } from 'node:fs'
import { arch, cpus, platform } from 'node:os'
import { VERSION } from 'adjoint'
import { pythonVersions } from '../peers/python.js'

/** The processor, its cores, the system and Node. */
export function machine(): string {
  const cores = cpus()
  return `${cores[0]?.model.trim() ?? 'unknown processor'}, ${cores.length} cores, ${platform()} ${arch()}, Node ${process.versions.node}`
}

/** Ours, the npm packages of peers, and what the Python peers imported. */
export function versions(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  const { dependencies } = JSON.parse(text) as { dependencies: Record<string, string> }
  const tools = ['cli-table3', 'commander']
  const packages = Object.entries(dependencies).filter(
    ([name, at]) => !at.startsWith('workspace:') && !tools.includes(name),
  )
  const all = [['adjoint', VERSION], ...packages, ...Object.entries(pythonVersions())]
  return all.map(([name, at]) => `${name} ${at}`).join(', ')
}
