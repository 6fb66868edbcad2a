// The style sheet of the report: system fonts, one column, colours as variables for light and dark.

/** CSS text, inlined into the page. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --paper: #fbfaf8; --card: #ffffff; --ink: #1d2329; --soft: #5b6670; --line: #e3e0da; --contour: #c9cdd2;
  --series-1: #2563c9; --series-2: #c4541a; --series-3: #0c7f68; --good: #0c7f68; --bad: #b3261e;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14171b; --card: #1b1f25; --ink: #e8eaed; --soft: #9aa5b1; --line: #2d333b; --contour: #3d4650;
    --series-1: #7fb0ff; --series-2: #ff9f68; --series-3: #54cfae; --good: #54cfae; --bad: #ff8a80;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 17px/1.6 system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif; }
main, header, footer { max-width: 58rem; margin: 0 auto; padding: 0 1.25rem; }
header { padding-top: 3.5rem; }
h1 { font-size: clamp(1.9rem, 5vw, 2.8rem); line-height: 1.15; letter-spacing: -0.02em; margin: 0 0 0.5rem; }
h2 { font-size: 1.45rem; line-height: 1.25; letter-spacing: -0.01em; margin: 0 0 0.5rem; }
p { max-width: 42rem; margin: 0.4rem 0 1rem; }
.lead, footer, figcaption, .facts { color: var(--soft); }
.facts { font-size: 0.9rem; }
.notice { border-left: 4px solid var(--bad); padding: 0.4rem 0 0.4rem 1rem; }
section { background: var(--card); border: 1px solid var(--line); border-radius: 14px; padding: clamp(1.1rem, 3vw, 2rem); margin: 1.75rem 0; }
.result { font-size: 1.08rem; font-weight: 600; }
.badge { font-size: 0.8rem; font-weight: 600; border: 1px solid; border-radius: 99px; padding: 0.1rem 0.6rem; white-space: nowrap; }
.good { color: var(--good); } .bad { color: var(--bad); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
.summary { width: 100%; }
.summary th, .summary td { text-align: left; padding: 0.5rem 1rem 0.5rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
.summary .number { text-align: right; }
.summary a { color: inherit; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(24rem, 100%), 1fr)); gap: 1.5rem 2rem; align-items: start; }
.figure-pictures, .figure-landscape, .figure-code { grid-column: 1 / -1; }
.figure-landscape + .figure-curves, .figure-curves:only-child { grid-column: 1 / -1; max-width: 38rem; }
figure { margin: 0.5rem 0 0; min-width: 0; }
figcaption { font-size: 0.9rem; margin-top: 0.4rem; }
figure > svg { width: 100%; height: auto; max-width: 100%; overflow: visible; }
.legend { display: flex; flex-wrap: wrap; gap: 0.2rem 1.2rem; list-style: none; padding: 0; margin: 0 0 0.3rem; font-size: 0.9rem; }
.legend i { display: inline-block; width: 1.1em; height: 3px; border-radius: 2px; margin-right: 0.45em; vertical-align: middle; }
.matrix th, .matrix td { width: 2.35rem; height: 2.1rem; text-align: center; font-size: 0.85rem; font-weight: 500; }
.matrix thead td { font-size: 0.7rem; color: var(--soft); white-space: nowrap; padding-right: 0.4rem; }
.matrix .none { color: var(--line); }
.matrix .right { background: color-mix(in oklab, var(--series-1) calc(var(--share) * 0.55), transparent); }
.matrix .wrong { background: color-mix(in oklab, var(--bad) 35%, transparent); font-weight: 700; }
.tiles { display: grid; grid-template-columns: repeat(auto-fill, minmax(5.2rem, 1fr)); gap: 0.9rem; list-style: none; padding: 0; margin: 0; font-size: 0.78rem; text-align: center; color: var(--soft); }
.tiles svg { display: block; width: 100%; border: 1px solid var(--line); border-radius: 6px; fill: var(--ink); margin-bottom: 0.25rem; }
.grid { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(18rem, 100%), 1fr)); gap: 1rem; }
.grid img { display: block; width: 100%; height: auto; border-radius: 8px; }
.grid p { margin: 0.3rem 0 0; font-size: 0.9rem; }
pre { overflow-x: auto; margin: 0; padding: 1rem; border: 1px solid var(--line); border-radius: 8px; font: 0.82rem/1.5 ui-monospace, 'SF Mono', Menlo, Consolas, monospace; }
footer { font-size: 0.85rem; padding-bottom: 3rem; }
@media print { section { break-inside: avoid; } }
`
