// How figures and times are said.

import { el } from "./dom.js";

const NUMBER = new Intl.NumberFormat();
const RATE = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 });
const CLOCK = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const DAY = new Intl.DateTimeFormat(undefined, {
  year: "numeric", month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit",
});
const UNITS = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];

export const number = (value) => NUMBER.format(value);

export const rate = (value) => `${RATE.format(value)} /s`;

export const plural = (count, one, many) => `${number(count)} ${count === 1 ? one : many}`;

/** An age in words, of its two largest units: 2 days 4 hours. */
export function age(seconds) {
  if (seconds < 1) {
    return seconds < 0.05 ? "0 seconds" : `${seconds.toFixed(1)} seconds`;
  }
  let rest = Math.floor(seconds);
  const parts = [];
  for (const [unit, length] of UNITS) {
    const count = Math.floor(rest / length);
    if (count > 0 || parts.length > 0) {
      parts.push(plural(count, unit, `${unit}s`));
      rest -= count * length;
    }
    if (parts.length === 2) {
      break;
    }
  }
  return parts.filter((part) => !part.startsWith("0 ")).join(" ");
}

/** A lag, short enough for a tile. */
export function lag(seconds) {
  if (seconds < 60) {
    return `${seconds.toFixed(1)} s`;
  }
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) {
    return `${minutes} min ${Math.floor(seconds % 60)} s`;
  }
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

export const clock = (date) => CLOCK.format(date);

/** A moment: the local time, the whole truth in its title. */
export function time(iso) {
  return iso ? el("time", { datetime: iso, title: iso }, DAY.format(new Date(iso))) : "–";
}

/** How long ago, in words. */
export function since(iso, now) {
  if (!iso) {
    return "–";
  }
  const seconds = Math.max(0, (now - new Date(iso)) / 1000);
  return el("time", { datetime: iso, title: iso }, age(seconds));
}
