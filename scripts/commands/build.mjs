// npm run build: every package, from turbo's cache where nothing changed.
import { build } from '../lib/turbo.mjs'

export const main = () => build()
