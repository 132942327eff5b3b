/**
 * Where the clients are and whom to call, shown to their therapist one by one and by a click alone: each is a look on the
 * client's record. Also of somebody who has gone from the room. Part of the view: it touches the page.
 */
import { part } from './tiles.js';

/** @typedef {{place: string, contact: string}} Located */

export class LocatedView {
  /** Goes up with each clearing: what was asked before is not shown after it. */
  #cleared = 0;

  /** @param {HTMLElement} room @param {(client: string) => Promise<Located | null>} ask null where it cannot be had */
  constructor(room, ask) {
    this.room = room;
    this.ask = ask;
    for (const row of this.#rows()) {
      part(row, '[data-show]').addEventListener('click', () => void this.#turn(row));
    }
  }

  clear() {
    this.#cleared += 1;
    for (const row of this.#rows()) this.#hide(row);
  }

  /** @param {HTMLElement} row */
  async #turn(row) {
    const isShown = part(row, '[data-show]').getAttribute('aria-expanded') === 'true';
    this.#hide(row);
    if (isShown) return;
    const button = part(row, '[data-show]');
    const asked = this.#cleared;
    button.toggleAttribute('disabled', true);
    const located = await this.ask(row.dataset.client ?? '');
    button.toggleAttribute('disabled', false);
    if (asked !== this.#cleared) return;
    this.#show(row, located);
    button.focus();
  }

  /** @param {HTMLElement} row @param {Located | null} located */
  #show(row, located) {
    part(row, '[data-failed]').hidden = located !== null;
    if (located === null) return;
    const isSaid = located.place !== '' || located.contact !== '';
    part(row, '[data-place]').textContent = located.place || '–';
    part(row, '[data-contact]').textContent = located.contact || '–';
    part(row, '[data-said]').hidden = !isSaid;
    part(row, '[data-unsaid]').hidden = isSaid;
    this.#expanded(row, true);
  }

  /** @param {HTMLElement} row */
  #hide(row) {
    for (const name of ['place', 'contact']) part(row, `[data-${name}]`).textContent = '';
    for (const name of ['said', 'unsaid', 'failed']) part(row, `[data-${name}]`).hidden = true;
    this.#expanded(row, false);
  }

  /** @param {HTMLElement} row @param {boolean} is */
  #expanded(row, is) {
    part(row, '[data-show]').setAttribute('aria-expanded', String(is));
    part(row, '[data-closed]').hidden = is;
    part(row, '[data-open]').hidden = !is;
  }

  #rows() {
    return [...this.room.querySelectorAll('#located li')].filter((row) => row instanceof HTMLElement);
  }
}
