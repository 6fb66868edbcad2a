// In CI, properties draw the same examples at every run; elsewhere, new ones, and a failure prints its seed.
import fc from 'fast-check'

if (process.env.CI) fc.configureGlobal({ seed: 20261121 })
