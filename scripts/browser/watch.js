// Loaded before the page under test: a module that does not load, or fails outside its cases, is reported at once.
function crash(/** @type {unknown} */ reason) {
  const text = reason instanceof Error ? reason.stack : String(reason)
  fetch('/report', { method: 'POST', body: JSON.stringify({ results: [], crash: text }) })
}
addEventListener(
  'error',
  ({ error, message, target }) => {
    crash(error ?? message ?? `${/** @type {HTMLScriptElement} */ (target).src} did not load`)
  },
  true,
)
addEventListener('unhandledrejection', ({ reason }) => crash(reason))
