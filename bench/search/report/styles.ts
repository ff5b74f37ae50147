/** How the page looks, by day and by night, on screens and on paper. */
export const STYLES = `
:root { color-scheme: light dark; --text: #1a1a1a; --muted: #5f6368; --line: #dadce0; --faint: #f1f3f4; --back: #fff; --bad: #b3261e; --good: #1b6e3c; }
@media (prefers-color-scheme: dark) { :root { --text: #e6e6e6; --muted: #a3a8ae; --line: #3c4043; --faint: #24272b; --back: #17191c; --bad: #ff8a80; --good: #7bd19b; } }
body { font: 15px/1.5 system-ui, sans-serif; margin: 0; color: var(--text); background: var(--back); }
main { max-width: 78rem; margin: 2rem auto; padding: 0 1.25rem; }
h1, h2, h3 { line-height: 1.25; } h1 { margin-bottom: 0.25rem; }
h2 { margin-top: 3rem; border-bottom: 1px solid var(--line); padding-bottom: 0.25rem; } h3 { margin: 2rem 0 0.5rem; }
p { max-width: 48rem; } .muted { color: var(--muted); } a { color: inherit; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: 0.2rem 0.75rem; text-align: right; white-space: nowrap; }
th { vertical-align: bottom; color: var(--muted); font-weight: 600; border-bottom: 1px solid var(--line); }
tr.first td { border-top: 1px solid var(--line); }
.text1 :is(th, td):nth-child(-n + 1), .text2 :is(th, td):nth-child(-n + 2), .text3 :is(th, td):nth-child(-n + 3) { text-align: left; }
td.wrap { white-space: normal; } td.best { font-weight: 600; } td.ratio, td.none { color: var(--muted); }
td.query { font-family: ui-monospace, monospace; font-size: 0.9em; white-space: pre; max-width: 28rem; overflow: hidden; text-overflow: ellipsis; }
.met { color: var(--good); } .missed { color: var(--bad); font-weight: 600; }
.swatch { display: inline-block; width: 0.8em; height: 0.8em; border-radius: 2px; margin-right: 0.5em; }
.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 34rem), 1fr)); gap: 1.5rem; }
.chart { min-width: 0; break-inside: avoid; }
.u-title { font-size: 1rem; font-weight: 600; } .u-legend { font-size: 0.8rem; } .u-legend .u-marker { border-radius: 2px; }
.u-inline.u-live th::after { content: none; } .u-legend .u-value { min-width: 3.7em; text-align: left; }
.u-legend th, .u-legend td { border: 0; padding: 0; color: var(--text); } .u-select { background: rgba(128, 128, 128, 0.2); }
.u-cursor-x, .u-cursor-y { border-color: var(--muted) !important; }
dt { font-weight: 600; margin-top: 0.5rem; } dd { margin: 0 0 0 1rem; color: var(--muted); max-width: 48rem; }
summary { cursor: pointer; margin: 1.5rem 0 0.5rem; font-weight: 600; }
@media print { main { max-width: none; } details::details-content { content-visibility: visible; } }
`;
