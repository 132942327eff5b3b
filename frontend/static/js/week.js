/** Arithmetic of a week grid, without the page: minutes of a day, their words, and where a drag leads. */

export const DAY = 24 * 60;
export const STEP = 15;

/**
 * @typedef {object} Span
 * @property {number} start minute of the local day
 * @property {number} end minute after the last one
 */

/** @param {number} minute 570 becomes 09:30, the end of the day 24:00 */
export function wall(minute) {
  const two = (/** @type {number} */ value) => String(value).padStart(2, '0');
  return `${two(Math.floor(minute / 60))}:${two(minute % 60)}`;
}

/** What an input of type time takes; the end of the day is its midnight. @param {number} minute */
export function typed(minute) {
  return wall(minute % DAY);
}

/** @param {number} minute @param {number} low @param {number} high */
export function between(minute, low, high) {
  return Math.min(Math.max(minute, low), high);
}

/** The step of the grid that a minute lies in. @param {number} minute */
export function stepOf(minute) {
  return Math.floor(minute / STEP) * STEP;
}

/** The edge of the grid nearest to a minute. @param {number} minute */
export function edgeOf(minute) {
  return Math.round(minute / STEP) * STEP;
}

/** What is drawn from one minute to another, whichever comes first. @param {number} from @param {number} to @returns {Span} */
export function drawn(from, to) {
  const first = stepOf(Math.min(from, to));
  return { start: first, end: Math.min(DAY, Math.max(stepOf(Math.max(from, to)) + STEP, first + STEP)) };
}

/**
 * A span with one edge elsewhere; it keeps at least one step.
 * @param {Span} span @param {'start' | 'end'} edge @param {number} minute @returns {Span}
 */
export function resized(span, edge, minute) {
  if (edge === 'start') return { ...span, start: between(edgeOf(minute), 0, span.end - STEP) };
  return { ...span, end: between(edgeOf(minute), span.start + STEP, DAY) };
}

/** @param {Span} span */
export function inWords(span) {
  return `${wall(span.start)} to ${wall(span.end)}`;
}
