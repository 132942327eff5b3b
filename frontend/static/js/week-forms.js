/** What <week-grid> reads from its blocks and puts beside them, and the forms of the page that it fills in and sends. */

import { DAY, inWords } from './week.js';

/** @typedef {import('./week.js').Span} Span */

const KINDS = new Map([
  ['weekly', 'hours'],
  ['extra', 'extra hours'],
  ['off', 'time off'],
]);

/** @param {HTMLElement} block @returns {Span} */
export function spanOf(block) {
  return { start: Number(block.dataset.start), end: Number(block.dataset.end) };
}

/** @param {HTMLElement} block */
export function wordsOf(block) {
  return `${KINDS.get(block.dataset.kind ?? '') ?? 'hours'} ${inWords(spanOf(block))}`;
}

/** Which edge a pointer is at. @param {HTMLElement} block @param {PointerEvent} event @returns {'start' | 'end' | null} */
export function edgeAt(block, event) {
  const box = block.getBoundingClientRect();
  const reach = Math.min(event.pointerType === 'mouse' ? 8 : 16, box.height / 3); // pixels
  if (event.clientY - box.top < reach) return 'start';
  return box.bottom - event.clientY < reach ? 'end' : null;
}

/** Put something where the styles of the week look for it. @param {HTMLElement} element @param {Span} span */
export function place(element, span) {
  const values = { 'from-h': span.start / 60, 'from-m': span.start % 60, 'to-h': span.end / 60, 'to-m': span.end % 60 };
  for (const [name, value] of Object.entries(values)) element.style.setProperty(`--${name}`, String(Math.floor(value)));
}

/** A button that the arrow keys move about in a lane. */
export function newCursor() {
  const cursor = document.createElement('button');
  cursor.type = 'button';
  cursor.className = 'grid-cursor';
  cursor.hidden = true;
  cursor.setAttribute('aria-describedby', 'grid-help');
  return cursor;
}

/** Let the line of now go on with the clock. @param {HTMLElement} week @returns {() => void} how to stop it */
export function followNow(week) {
  const line = week.querySelector('[data-now]');
  if (!(line instanceof HTMLElement)) return () => {};
  const begin = Number(line.dataset.now);
  const since = performance.now();
  const timer = setInterval(() => {
    const minute = begin + Math.floor((performance.now() - since) / 60_000);
    line.hidden = minute >= DAY;
    place(line, { start: minute, end: minute });
  }, 20_000);
  return () => clearInterval(timer);
}

/** Where the week is wider than the screen, begin with today. @param {HTMLElement} week */
export function showToday(week) {
  const frame = week.querySelector('.grid-frame');
  const today = week.querySelector('.grid-today');
  const axis = week.querySelector('.grid-axis');
  if (!frame || !today || !axis) return;
  const ahead = today.getBoundingClientRect().left - axis.getBoundingClientRect().right;
  frame.scrollLeft += ahead;
}

/** @param {string} which a data attribute of a form, such as change="…" */
export function formOf(which) {
  const form = document.querySelector(`form[data-${which}]`);
  return form instanceof HTMLFormElement ? form : null;
}

/** Fill in a form of the page and send it. @param {string} which @param {Record<string, string>} values */
export function send(which, values) {
  const form = formOf(which);
  if (!form) return;
  for (const [name, value] of Object.entries(values)) {
    const field = form.elements.namedItem(name);
    if (field instanceof HTMLInputElement || field instanceof HTMLSelectElement) field.value = value;
  }
  form.requestSubmit();
}
