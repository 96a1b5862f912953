/** Colours of runs, labels and boxes: Okabe and Ito's, which people with colour blindness can tell apart, darker on white. */
export const seriesColours: readonly { light: string; dark: string }[] = [
  { light: "#0072b2", dark: "#56b4e9" },
  { light: "#c04f00", dark: "#ff8c42" },
  { light: "#00795a", dark: "#2fc79a" },
  { light: "#a8497f", dark: "#e79ac7" },
  { light: "#8a6100", dark: "#f0c24b" },
  { light: "#5b52c9", dark: "#a9a3ff" },
  { light: "#b3261e", dark: "#ff8a80" },
  { light: "#4a5a66", dark: "#b4c2cc" },
];

const variables = (mode: "light" | "dark") =>
  seriesColours.map((colour, index) => `--c${index}:${colour[mode]}`).join(";");

/** Rules of every page: one column, the reader's own choice of light or dark, and ink on paper. */
export const pageStyle = `
:root{--bg:#fff;--card:#f6f8fa;--text:#1b1f24;--muted:#59636e;--line:#d1d9e0;--grid:#e6eaee;--mark:#fff3c4;--good:#116329;--bad:#a40e26;--focus:#0550ae;${variables("light")}}
@media screen and (prefers-color-scheme:dark){:root{--bg:#0f1419;--card:#182028;--text:#e8edf2;--muted:#a4b1bd;--line:#35414d;--grid:#26313b;--mark:#4a3d00;--good:#6fdd8b;--bad:#ff9b9b;--focus:#79b8ff;${variables("dark")}}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0 auto;max-width:76rem;padding:1.25rem;background:var(--bg);color:var(--text);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
h1{font-size:1.6rem;line-height:1.25;margin:0 0 .25rem;overflow-wrap:anywhere}
h2{font-size:1.25rem;margin:2.25rem 0 .5rem;padding-bottom:.25rem;border-bottom:1px solid var(--line)}
h3{font-size:1rem;margin:1rem 0 .25rem;overflow-wrap:anywhere}
p{margin:.5rem 0;max-width:48rem}
.subtitle,.note,figcaption,caption{color:var(--muted)}
a{color:var(--focus)}
:focus-visible{outline:3px solid var(--focus);outline-offset:2px}
.skip{position:absolute;left:-99rem}.skip:focus{left:1rem;top:1rem;background:var(--bg);padding:.5rem;z-index:2}
.unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.scroll{position:relative;overflow-x:auto;margin:.75rem 0;border:1px solid var(--line);border-radius:.5rem}
table{border-collapse:collapse;font-size:.875rem;min-width:100%}
caption{text-align:left;padding:.5rem .75rem;font-size:.875rem}
caption span{position:sticky;left:.75rem;display:inline-block;max-width:min(100%,calc(100vw - 4rem));overflow-wrap:anywhere}
th,td{padding:.35rem .75rem;text-align:left;vertical-align:top;border-top:1px solid var(--line);overflow-wrap:break-word}
td.time{white-space:nowrap}td.long{min-width:15rem;max-width:26rem}
th.number,td.number{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
tbody th{font-weight:600;min-width:10rem;max-width:18rem}td.text{min-width:8rem;max-width:26rem}
thead th.number{white-space:normal}
thead th{background:var(--card);font-weight:600}
td.marked{background:var(--mark)}
figure{margin:.75rem 0;border:1px solid var(--line);border-radius:.5rem;padding:.75rem;min-width:0}
figure h3{margin-top:0}
figcaption{font-size:.875rem;overflow-wrap:anywhere}
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,30rem),1fr));gap:1rem}
.charts figure{margin:0}
.chart{position:relative;overflow-x:auto}
.chart svg{display:block;width:100%;height:auto;min-width:20rem}
.chart.wide svg{min-width:40rem}
.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(11rem,1fr));gap:.75rem;margin:1rem 0;padding:0;list-style:none}
.facts li{background:var(--card);border:1px solid var(--line);border-radius:.5rem;padding:.6rem .8rem}
.facts b{display:block;font-size:1.35rem;line-height:1.3;overflow-wrap:anywhere}
.side{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,30rem),1fr));gap:1rem;align-items:start}.side>*{margin:0;min-width:0}
.facts span{display:block;color:var(--muted);font-size:.875rem;overflow-wrap:anywhere}
.tag{display:inline-block;border:1px solid currentColor;border-radius:1rem;padding:0 .5rem;font-size:.75rem;line-height:1.4;white-space:nowrap}
.good{color:var(--good)}.bad{color:var(--bad)}
.swatch{display:inline-block;width:1.4em;height:0;border-top:3px solid;vertical-align:middle;margin-right:.4em}
details{margin:.5rem 0}summary{cursor:pointer;color:var(--focus)}
@media (max-width:30rem){.facts{grid-template-columns:1fr 1fr}body{padding:.75rem}th,td{padding:.35rem .5rem}tbody th{min-width:6.5rem}}
@page{margin:12mm}
@media print{html{font-size:11px}body{max-width:none;padding:0;font-size:11px}.skip,.controls,.tip,.help{display:none!important}figure,tr,.pair{break-inside:avoid}th,td{padding:.2rem .4rem}tbody th,td.text,td.long{min-width:0}td.time,th.number,td.number{white-space:normal}.chart svg,.chart.wide svg{min-width:0;max-height:24cm}td.marked{print-color-adjust:exact}.scroll,.chart{overflow:visible}h2{break-after:avoid}}
`;
