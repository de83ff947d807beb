// Small charts: a line of what was, drawn by hand, said in words for those who do not see it.

import { svg } from "./dom.js";

const WIDTH = 240;
const HEIGHT = 48;
const PAD = 3;

/** Points that are further apart than this were not looked at in between: the line has a gap there. */
const GAP_MS = 40_000;

/**
 * A chart of one figure over a span of time.
 *
 * @param points [{at, value}], the oldest first; a value that is not known is null
 * @param span milliseconds that the width stands for
 * @param words what is drawn, said in words
 */
export function sparkline(points, span, words) {
  const known = points.filter((point) => point.value !== null);
  const chart = svg("svg", {
    class: "spark", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", role: "img", "aria-label": words,
  });
  chart.append(svg("line", { class: "base", x1: 0, x2: WIDTH, y1: HEIGHT - PAD, y2: HEIGHT - PAD }));
  if (known.length === 0) {
    return chart;
  }
  const end = known[known.length - 1].at;
  const top = Math.max(...known.map((point) => point.value), Number.EPSILON);
  const x = (point) => round(WIDTH - ((end - point.at) / span) * WIDTH);
  const y = (point) => round(HEIGHT - PAD - (point.value / top) * (HEIGHT - 2 * PAD));
  for (const run of runs(known)) {
    const line = run.map((point) => `${x(point)},${y(point)}`).join(" L");
    if (run.length === 1) {
      chart.append(svg("circle", { class: "dot", cx: x(run[0]), cy: y(run[0]), r: 2 }));
    } else {
      const floor = HEIGHT - PAD;
      chart.append(svg("path", {
        class: "area", d: `M${x(run[0])},${floor} L${line} L${x(run[run.length - 1])},${floor} Z`,
      }));
      chart.append(svg("path", { class: "line", d: `M${line}` }));
    }
  }
  return chart;
}

function runs(points) {
  const found = [];
  let last = null;
  for (const point of points) {
    if (last === null || point.at - last.at > GAP_MS) {
      found.push([]);
    }
    found[found.length - 1].push(point);
    last = point;
  }
  return found;
}

const round = (value) => Math.round(value * 10) / 10;
