"""How pages look, in light and dark, on a telephone and on paper."""

from __future__ import annotations

STYLE = """
:root { color-scheme: light dark; --ink: #1b1f24; --paper: #fff; --faint: #d8dee4; --soft: #57606a; --card: #f6f8fa;
  --accent: #0969da; --network: #0072b2; --good: #007a5a; --bad: #b34700; --open: #57606a; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --paper: #0d1117; --faint: #30363d; --soft: #9aa4af;
  --card: #161b22; --accent: #6cb6ff; --network: #56b4e9; --good: #3ecf9a; --bad: #ff9a57; --open: #9aa4af; } }
* { box-sizing: border-box; } html { scroll-behavior: smooth; -webkit-text-size-adjust: 100%; }
body { margin: 0 auto; padding: 1rem; max-width: 60rem;
  font: 15px/1.55 system-ui, -apple-system, "Segoe UI", sans-serif;
  color: var(--ink); background: var(--paper); overflow-wrap: anywhere; }
body.spacious { max-width: 72rem; }
h1 { font-size: 1.6rem; line-height: 1.2; margin: .2rem 0; } h2 { font-size: 1.2rem; margin: 2.4rem 0 .6rem; }
h3 { font-size: 1rem; margin: 1.2rem 0 .3rem; } a { color: var(--accent); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 3px; }
p, figcaption { color: var(--soft); margin: .3rem 0; } figure { margin: 1rem 0; break-inside: avoid; }
.wide { overflow-x: auto; max-width: 100%; } table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .3rem .8rem; border-bottom: 1px solid var(--faint); text-align: right; vertical-align: top; }
th { font-weight: 600; } tbody th { font-weight: 400; }
thead th { color: var(--soft); vertical-align: bottom; max-width: 13rem; }
th:first-child, td:first-child { text-align: left; padding-left: 0; } td { white-space: nowrap; }
th { overflow-wrap: normal; }
.wraps td { white-space: normal; overflow-wrap: anywhere; }
svg { width: 100%; max-width: 40rem; height: auto; }
@media print { body { max-width: none; padding: 0; font-size: 10pt; } .wide { overflow: visible; }
  h2, h3 { break-after: avoid; } tr { break-inside: avoid; } }
"""
"""What all pages share."""

REPORT = """
.skip { position: absolute; left: -100rem; } .skip:focus { left: 1rem; top: .5rem; background: var(--paper);
  padding: .4rem .8rem; z-index: 2; }
.crumb { margin: 0; font-size: .85rem; } .badge { display: inline-block; padding: 0 .6rem; border-radius: 1rem;
  border: 1px solid currentColor; font-size: .85rem; color: var(--open); vertical-align: middle; font-weight: 400; }
.badge.good { color: var(--good); } .badge.bad { color: var(--bad); }
nav ul { list-style: none; display: flex; flex-wrap: wrap; gap: .2rem 1.1rem; margin: .8rem 0 0; padding: .5rem 0;
  border-top: 1px solid var(--faint); border-bottom: 1px solid var(--faint); }
.verdict { background: var(--card); border: 1px solid var(--faint); border-left: .4rem solid var(--open);
  border-radius: .5rem; padding: 1rem 1.2rem; margin: 1.2rem 0; break-inside: avoid; }
.verdict.good { border-left-color: var(--good); } .verdict.bad { border-left-color: var(--bad); }
.verdict h2 { margin: 0 0 .3rem; } .good > h2 { color: var(--good); } .bad > h2 { color: var(--bad); }
.main { display: flex; flex-wrap: wrap; align-items: baseline; gap: .2rem 1rem; margin: 0; color: var(--ink); }
.main strong { font-size: 2.4rem; line-height: 1.15; font-variant-numeric: tabular-nums; }
.verdict .wide { margin-top: .6rem; } .verdict p { color: var(--ink); }
.facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 15rem), 1fr)); gap: .7rem 1.5rem;
  margin: 1rem 0; } .facts dt { color: var(--soft); font-size: .85rem; } .facts dd { margin: 0; }
.scale { width: 100%; } .scale th, .scale td { vertical-align: middle; border: 0; padding: .15rem .8rem .15rem 0; }
.track { width: 55%; min-width: 7rem; } .track div { position: relative; height: 1.1rem;
  background: linear-gradient(var(--faint), var(--faint)) 0 50% / 100% 1px no-repeat; }
.track i { position: absolute; top: 50%; height: 4px; margin-top: -2px; min-width: 2px; background: var(--soft);
  border-radius: 2px; } .track b { position: absolute; top: 50%; width: 10px; height: 10px; margin: -5px 0 0 -5px;
  border-radius: 50%; background: var(--soft); } .network i, .network b { background: var(--network); }
tr.network th { font-weight: 600; } .scale tbody th { white-space: normal; }
.scores small, .scale small { color: var(--soft); } .scores small { display: block; } .best { font-weight: 700; }
.finding { border-left: .25rem solid var(--bad); padding: .1rem 0 .1rem .9rem; margin: .8rem 0; break-inside: avoid; }
.finding p { color: var(--ink); } .finding .soft, .soft { color: var(--soft); }
.figures { columns: 27rem 2; column-gap: 1rem; }
.figures figure { margin: 0 0 1rem; padding: .8rem; border: 1px solid var(--faint); border-radius: .5rem; }
.figures .broad { column-span: all; } .figures svg { max-width: 100%; display: block; margin: 0 auto; }
.figures .broad svg { max-width: 100%; } figure h3 { margin: 0 0 .5rem; } figcaption { font-size: .87rem; }
details { border: 1px solid var(--faint); border-radius: .5rem; margin: .6rem 0; padding: 0 .9rem; }
details[open] { padding-bottom: .6rem; } summary { cursor: pointer; padding: .5rem 0; font-weight: 600; }
pre { background: var(--card); border: 1px solid var(--faint); border-radius: .5rem; padding: .7rem .9rem;
  margin: .5rem 0;
  overflow-x: auto; font: 13px/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; tab-size: 2; }
pre.lines { counter-reset: line; padding-left: 0; } pre.lines span { display: block; padding: 0 .9rem 0 4rem;
  min-height: 1.5em; position: relative; }
pre.lines span::before { counter-increment: line; content: counter(line); position: absolute; left: 0; width: 3rem;
  text-align: right; color: var(--soft); } pre.lines span:target { background: var(--faint); }
code { font: .92em ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
@media (max-width: 32rem) { body { padding: .8rem; } th, td { padding-right: .5rem; } .main strong { font-size: 2rem; }
  .scale tr { display: grid; grid-template-columns: 1fr; } .scale td { text-align: left; }
  .scale .track { grid-column: 1 / -1; width: auto; }
  .scale thead { display: none; } .figures figure { padding: .5rem; border: 0; border-top: 1px solid var(--faint); } }
@media print { nav, .skip, .screen { display: none; } pre { white-space: pre-wrap; }
  .figures { columns: 16rem 2; }
  details:not([open])::details-content { content-visibility: visible; block-size: auto; } }
"""
"""What only the report of a run has."""
