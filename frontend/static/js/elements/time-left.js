/**
 * <time-left starts-at="…" ends-at="…" now="…"> tells a therapist how much of the session is left, by the minute.
 * Clients do not have it: nothing presses them. Inside: [data-words], [data-said].
 */

import { aheadBy, countDown } from '../moments.js';

const MINUTE_MS = 60_000;
/** Told to those who listen to the page, once: time to come to an end. */
const SOON = 5;
/** The room closes by itself an hour after the end. */
const AFTERWARDS_MS = 60 * MINUTE_MS;

/**
 * @param {number} milliseconds until the end; less than none when it is past
 * @param {number} length of the session in milliseconds
 * @returns {string} empty before it has begun
 */
export function leftWords(milliseconds, length) {
  if (milliseconds > length) return '';
  const minutes = Math.ceil(milliseconds / MINUTE_MS);
  if (minutes > 0) return minutes === 1 ? 'one minute left' : `${minutes} minutes left`;
  const over = Math.floor(-milliseconds / MINUTE_MS);
  if (over === 0) return 'the time is over';
  return over === 1 ? 'one minute over' : `${over} minutes over`;
}

class TimeLeft extends HTMLElement {
  /** @type {() => void} */
  #stop = () => {};

  connectedCallback() {
    const [start, end] = ['starts-at', 'ends-at'].map((name) => Date.parse(this.getAttribute(name) ?? ''));
    if (Number.isNaN(start) || Number.isNaN(end)) return;
    this.#stop = countDown(end + AFTERWARDS_MS, aheadBy(this.getAttribute('now')), (left) =>
      this.#show(left - AFTERWARDS_MS, end - start),
    );
  }

  disconnectedCallback() {
    this.#stop();
  }

  /** @param {number} left milliseconds @param {number} length */
  #show(left, length) {
    const words = leftWords(left, length);
    const shown = this.querySelector('[data-words]');
    if (shown && shown.textContent !== words) shown.textContent = words;
    const said = this.querySelector('[data-said]');
    if (said && Math.ceil(left / MINUTE_MS) === SOON && said.textContent !== words) said.textContent = words;
    if (left <= -AFTERWARDS_MS) return 0;
    return left > length ? left - length : ((left % MINUTE_MS) + MINUTE_MS) % MINUTE_MS || MINUTE_MS;
  }
}

if ('customElements' in globalThis) customElements.define('time-left', TimeLeft);
