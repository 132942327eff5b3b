/**
 * <held-until datetime="…" now="…"> says how long a time is still kept, by the minute: a running second hand
 * would hurry somebody who is thinking. Inside: [data-running] with [data-left], [data-over], [data-said].
 */

import { aheadBy, countDown } from '../moments.js';

const MINUTE_MS = 60_000;

/**
 * What is left, in words that end "We keep it for you …".
 * @param {number} minutes started minutes
 */
export function leftInWords(minutes) {
  return minutes <= 1 ? 'for one more minute' : `for ${minutes} minutes`;
}

class HeldUntil extends HTMLElement {
  /** @type {() => void} */
  #stop = () => {};

  connectedCallback() {
    const until = Date.parse(this.getAttribute('datetime') ?? '');
    if (Number.isNaN(until)) return;
    this.#stop = countDown(until, aheadBy(this.getAttribute('now')), (left) => this.#show(left));
  }

  disconnectedCallback() {
    this.#stop();
  }

  /** @param {number} left milliseconds */
  #show(left) {
    this.querySelector('[data-running]')?.toggleAttribute('hidden', left === 0);
    this.querySelector('[data-over]')?.toggleAttribute('hidden', left > 0);
    if (left === 0) {
      this.#say(this.querySelector('[data-over]')?.textContent ?? '');
      return 0;
    }
    const minutes = Math.ceil(left / MINUTE_MS);
    const words = this.querySelector('[data-left]');
    if (words) words.textContent = leftInWords(minutes);
    if (minutes === 1) this.#say(this.querySelector('[data-running]')?.textContent ?? '');
    return left - (minutes - 1) * MINUTE_MS;
  }

  /** @param {string} sentence for those who listen to the page */
  #say(sentence) {
    const said = this.querySelector('[data-said]');
    if (said && said.textContent !== sentence.trim()) said.textContent = sentence.trim();
  }
}

customElements.define('held-until', HeldUntil);
