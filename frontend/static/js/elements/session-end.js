/**
 * <session-end idle-at="…" ends-at="…" now="…"> says a minute before it that the session ends by itself, with a way to
 * stay where there is one, and leaves the page when it has ended. Before either the server is asked: another window, a
 * seat in a room or something saved meanwhile may have kept the session open.
 *
 * Two events at the window can be prevented. "session-unknown": the server cannot be asked any more; who prevents it goes
 * on as long as that is so, as a call does. "session-over": who prevents it has something that is not saved yet. Then the
 * page goes out of sight instead, with [data-veil] in its place ([data-somebody]: it is not `person` who signed in), and
 * comes back for the same person alone: "session-back" collects in its detail promises of whether all is saved.
 *
 * Inside: a form [data-stay] with [data-idle], [data-long], [data-unreached] and a [data-button]; beside it [data-said].
 * Anywhere on the page: [data-unscripted], the sentence for those without scripts, which this makes superfluous.
 */

import { aheadBy, countDown } from '../moments.js';

const WARNED_MS = 60_000;
/** Moments come without their fractions: a second later the server is of the same opinion. */
const LATER_MS = 1_000;
/** Where the server cannot be reached, how long until it is asked again. */
const AGAIN_MS = 5_000;

/** @typedef {'idle' | 'long'} Which a session ends because nothing happens in it, or because it has been long */
/** @typedef {{idle: number, long: number, ahead: number}} Ends milliseconds since the epoch by the server's clock */
/** @typedef {Ends & {person?: string}} Found */

/**
 * @param {string | null} idleAt ISO 8601, like the others @param {string | null} endsAt @param {string | null} now
 * @returns {Ends | null} null where a moment is missing
 */
export function endsFrom(idleAt, endsAt, now) {
  const idle = Date.parse(idleAt ?? '');
  const long = Date.parse(endsAt ?? '');
  return Number.isNaN(idle) || Number.isNaN(long) ? null : { idle, long, ahead: aheadBy(now) };
}

/** What comes first, and so whether staying is possible. @param {Ends} ends @returns {Which} */
export function firstEnd(ends) {
  return ends.idle < ends.long ? 'idle' : 'long';
}

class SessionEnd extends HTMLElement {
  /** @type {() => void} */
  #stop = () => {};
  /** What is out of sight. @type {HTMLElement[]} */
  #veiled = [];

  connectedCallback() {
    document.querySelector('[data-unscripted]')?.toggleAttribute('hidden', true);
    const ends = endsFrom(...this.#attributes());
    this.addEventListener('submit', this.#stay);
    if (ends) this.#wait(ends);
  }

  disconnectedCallback() {
    this.#stop();
    this.removeEventListener('submit', this.#stay);
  }

  /** @returns {[string | null, string | null, string | null]} */
  #attributes() {
    return [this.getAttribute('idle-at'), this.getAttribute('ends-at'), this.getAttribute('now')];
  }

  /** Until it is time to say so or, once it is said, until the end. @param {Ends} ends @param {boolean} [told] */
  #wait(ends, told = false) {
    const which = firstEnd(ends);
    this.#stop();
    this.#show(told ? which : '');
    const until = told ? ends[which] + LATER_MS : ends[which] - WARNED_MS;
    this.#stop = countDown(until, ends.ahead, (left) => {
      if (left > 0) return left;
      void this.#ask(ends, which);
      return 0;
    });
  }

  /** @param {Ends} ends @param {Which} which */
  async #ask(ends, which) {
    const found = await answer('/session', { method: 'GET' });
    const over = Date.now() + ends.ahead >= ends[which];
    if (found === 'away' && !dispatchEvent(new Event('session-unknown', { cancelable: true }))) this.#again(ends, which);
    else if (found === 'gone' || (found === 'away' && over)) this.#over(which);
    else if (found === 'away') this.#later(ends, which);
    else if (over && found[which] === ends[which]) this.#later(found, which);
    else this.#wait(found, found[which] === ends[which]);
  }

  /** It cannot be known yet. @param {Ends} ends @param {Which} which */
  #later(ends, which) {
    this.#show(which);
    this.#again(ends, which);
  }

  /** @param {Ends} ends @param {Which} which */
  #again(ends, which) {
    this.#stop();
    const timer = setTimeout(() => void this.#ask(ends, which), AGAIN_MS);
    this.#stop = () => clearTimeout(timer);
  }

  /** @param {SubmitEvent} event */
  #stay = async (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement)) return;
    event.preventDefault();
    const found = await answer(form.action, { method: 'POST', body: new FormData(form) });
    if (found === 'gone') this.#over('idle');
    else if (found === 'away') this.querySelector('[data-unreached]')?.toggleAttribute('hidden', false);
    else this.#wait(found);
  };

  /** Nothing of the page may be seen any more. @param {Which} which */
  #over(which) {
    if (!dispatchEvent(new Event('session-over', { cancelable: true }))) return this.#veil();
    document.documentElement.hidden = true;
    const way = new URLSearchParams({ next: location.pathname + location.search });
    if (which === 'long') way.set('after', which);
    location.replace(`/session/ended?${way}`);
  }

  /** Until the same person is signed in again. */
  #veil() {
    this.#stop();
    this.#show('');
    const others = [...document.body.children].filter((each) => each instanceof HTMLElement && each !== this && !each.hidden);
    this.#veiled = /** @type {HTMLElement[]} */ (others);
    for (const each of this.#veiled) each.hidden = true;
    this.append(/** @type {HTMLTemplateElement} */ (this.querySelector('template[data-veil]')).content.cloneNode(true));
    this.querySelector('h1')?.focus();
    const timer = setInterval(() => void this.#look(), AGAIN_MS);
    const look = () => void this.#look();
    addEventListener('focus', look);
    this.#stop = () => (clearInterval(timer), removeEventListener('focus', look));
  }

  async #look() {
    const found = await answer('/session', { method: 'GET' });
    if (this.#veiled.length === 0) return;
    const own = typeof found === 'object' && found.person === this.getAttribute('person');
    this.querySelector('[data-somebody]')?.toggleAttribute('hidden', own || typeof found !== 'object');
    if (own) await this.#back(found);
  }

  /** @param {Ends} ends */
  async #back(ends) {
    this.#stop();
    this.querySelector('main')?.remove();
    for (const each of this.#veiled) each.hidden = false;
    this.#veiled = [];
    /** @type {Promise<boolean>[]} */
    const saving = [];
    dispatchEvent(new CustomEvent('session-back', { detail: saving }));
    if ((await Promise.all(saving)).every(Boolean)) location.reload(); // its forms are of the session before
    else this.#wait(ends);
  }

  /** @param {'' | Which} which */
  #show(which) {
    this.querySelector('[data-stay]')?.toggleAttribute('hidden', which === '');
    for (const name of ['idle', 'long']) this.querySelector(`[data-${name}]`)?.toggleAttribute('hidden', which !== name);
    this.querySelector('[data-unreached]')?.toggleAttribute('hidden', true);
    this.querySelector('[data-button]')?.toggleAttribute('hidden', which !== 'idle');
    const said = this.querySelector('[data-said]');
    const sentence = (which && this.querySelector(`[data-${which}]`)?.textContent) || '';
    if (said && said.textContent !== sentence) said.textContent = sentence;
  }
}

/**
 * @param {string} url @param {RequestInit} options
 * @returns {Promise<Found | 'gone' | 'away'>} 'gone': the session has ended; 'away': there was no answer
 */
async function answer(url, options) {
  try {
    const response = await fetch(url, { ...options, headers: { Accept: 'application/json' }, cache: 'no-store' });
    if (response.status === 401 || response.status === 403) return 'gone';
    if (!response.ok) return 'away';
    const said = await response.json();
    const ends = endsFrom(said.idle_at, said.ends_at, said.now);
    return ends ? { ...ends, person: said.person } : 'away';
  } catch {
    return 'away';
  }
}

customElements.define('session-end', SessionEnd);
