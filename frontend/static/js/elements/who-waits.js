/**
 * <who-waits src="…"> keeps up to date who has knocked at today's rooms, by server-sent events (HTML, section 9.2).
 * Inside: [data-list], <template data-row> with [data-name], [data-since] and [data-way], [data-none], [data-said],
 * and [data-again], a plain link that is there whenever the list may be old.
 */

import { DoorNews } from './door-news.js';

/** @typedef {{ appointment: string, name: string, since: string }} Waiting */

class WhoWaits extends DoorNews {
  #told = '';

  /** @param {boolean} live */
  live(live) {
    this.querySelector('[data-again]')?.toggleAttribute('hidden', live);
  }

  /** @param {Waiting[]} waiting */
  waiting(waiting) {
    const list = this.querySelector('[data-list]');
    const row = this.querySelector('template');
    if (!list || !row) return;
    list.replaceChildren(...waiting.map((each) => this.#row(row, each)));
    list.toggleAttribute('hidden', waiting.length === 0);
    this.querySelector('[data-none]')?.toggleAttribute('hidden', waiting.length > 0);
    this.#say(waiting.map((each) => `${each.name} waits since ${each.since}.`).join(' '));
  }

  /**
   * @param {HTMLTemplateElement} row
   * @param {Waiting} each
   */
  #row(row, each) {
    const made = /** @type {DocumentFragment} */ (row.content.cloneNode(true));
    const name = made.querySelector('[data-name]');
    const since = made.querySelector('[data-since]');
    if (name) name.textContent = each.name;
    if (since) since.textContent = each.since;
    made.querySelector('[data-way]')?.setAttribute('href', `/appointments/${each.appointment}/room`);
    return made;
  }

  /** @param {string} sentence for those who listen to the page */
  #say(sentence) {
    const said = this.querySelector('[data-said]');
    if (said && this.#told !== sentence) said.textContent = sentence;
    this.#told = sentence;
  }
}

customElements.define('who-waits', WhoWaits);
