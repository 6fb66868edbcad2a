// Test files may share a runtime of the core: each one starts without the warnings and settings of those before it.
const runtime = /** @type {any} */ (globalThis)[Symbol.for('adjoint.core')]

/** @param {string} message */
const warn = (message) => console.warn(message)

if (runtime !== undefined) {
  runtime.warned.clear()
  runtime.scope = null
  Object.assign(runtime.settings, { strict: false, checkKeys: false, queueLimit: 10_000, warn })
}
