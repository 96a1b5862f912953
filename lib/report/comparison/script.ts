/**
 * The comparison's own script: hides and shows runs, and tells the values of an epoch under the pointer or by arrow keys.
 * Names reach the page as text content only.
 */
export const comparisonScript = `"use strict";
(() => {
  const { runs, charts } = JSON.parse(document.getElementById("chart-data").textContent);
  const hidden = new Set();
  const buttons = [...document.querySelectorAll("button[data-run]")];
  const show = (run, on) => {
    if (on) { hidden.delete(run); document.documentElement.style.removeProperty("--r" + run); }
    else { hidden.add(run); document.documentElement.style.setProperty("--r" + run, "transparent"); }
    buttons.filter((b) => Number(b.dataset.run) === run).forEach((b) => b.setAttribute("aria-pressed", String(on)));
  };
  buttons.forEach((b) => b.addEventListener("click", () => show(Number(b.dataset.run), hidden.has(Number(b.dataset.run)))));
  document.querySelectorAll("button[data-all]").forEach((b) =>
    b.addEventListener("click", () => runs.forEach((_, run) => show(run, b.dataset.all === "true"))));

  const nearest = ({ steps, values }, step) => {
    if (typeof steps === "number") {
      const at = Math.min(values.length - 1, Math.max(0, Math.round(step - steps)));
      return { step: steps + at, value: values[at] };
    }
    let at = 0;
    for (let i = 1; i < steps.length; i++) if (Math.abs(steps[i] - step) < Math.abs(steps[at] - step)) at = i;
    return { step: steps[at], value: values[at] };
  };
  const most = 8;
  for (const plot of document.querySelectorAll(".plot")) {
    const chart = charts[plot.id];
    const cursor = plot.querySelector(".cursor");
    const tip = plot.parentElement.querySelector(".tip");
    const { left, right, first, last } = chart.area;
    let at = null;
    const tell = (step) => {
      at = Math.min(last, Math.max(first, step));
      cursor.hidden = false;
      const width = plot.querySelector("svg").getBoundingClientRect().width;
      cursor.style.left = (left + (right - left) * ((at - first) / (last - first))) * width + "px";
      const seen = chart.curves
        .filter(({ run }) => !hidden.has(run))
        .map((curve) => ({ run: curve.run, ...nearest(curve, at) }))
        .filter((found) => Math.abs(found.step - at) < Math.max(1, (last - first) / 40))
        .sort((a, b) => b.value - a.value);
      tip.replaceChildren("Epoch " + at + ": ");
      seen.slice(0, most).forEach(({ run, step, value }, index) => {
        const line = document.createElement("span");
        line.className = "value";
        line.style.borderColor = "var(--r" + run + ")";
        line.textContent = runs[run] + " " + value + (step === at ? "" : " (epoch " + step + ")");
        tip.append(line);
      });
      if (seen.length > most) tip.append("and " + (seen.length - most) + " more");
      if (seen.length === 0) tip.append("no run has a value here");
    };
    plot.addEventListener("pointermove", (event) => {
      const box = plot.querySelector("svg").getBoundingClientRect();
      const share = ((event.clientX - box.left) / box.width - left) / (right - left);
      tell(Math.round(first + share * (last - first)));
    });
    plot.addEventListener("pointerleave", () => { cursor.hidden = true; });
    plot.addEventListener("keydown", (event) => {
      const moves = { ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10 };
      if (event.key in moves) tell((at ?? first - moves[event.key]) + moves[event.key]);
      else if (event.key === "Home") tell(first);
      else if (event.key === "End") tell(last);
      else return;
      event.preventDefault();
    });
  }
})();
`;

export const comparisonStyle = `
.controls{display:flex;flex-wrap:wrap;gap:.4rem;margin:.75rem 0;max-height:9.5rem;overflow-y:auto}
.controls button{font:inherit;font-size:.8125rem;color:var(--text);background:var(--card);border:1px solid var(--line);border-radius:.4rem;padding:.2rem .55rem;cursor:pointer;max-width:100%;overflow-wrap:anywhere;text-align:left}
.controls button[aria-pressed="false"]{text-decoration:line-through;color:var(--muted)}
.cursor{position:absolute;top:4%;bottom:13%;width:0;border-left:1px solid var(--muted);pointer-events:none}
.tip{min-height:1.5em;font-size:.8125rem;margin:.25rem 0}
.tip .value{display:inline-block;margin-right:.75rem;padding-left:.35rem;border-left:4px solid}
`;
