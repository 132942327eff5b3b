/**
 * Where a client is and whom to call, as they say it before they knock; it goes with the knock, since until then they may
 * think better of it. Part of the view: it touches the page.
 */
import { part } from './tiles.js';

export class WhereView {
  /** What the practice has. */
  #kept = '';

  /** @param {HTMLElement} room @param {(said: URLSearchParams) => Promise<boolean>} send whether it arrived */
  constructor(room, send) {
    this.room = room;
    this.send = send;
    this.#kept = String(this.#said());
  }

  /** Send what changed; where that fails the knock goes on, and the page says so. */
  async tell() {
    const said = this.#said();
    const words = String(said);
    if (words !== this.#kept) {
      const arrived = await this.send(said);
      if (arrived) this.#kept = words;
      this.#missed(!arrived);
    } else this.#missed(false);
  }

  /** The session has ended, and what was said with it. */
  forget() {
    for (const input of this.#inputs()) input.value = '';
    this.#kept = String(this.#said());
    this.#missed(false);
  }

  /** @param {boolean} is */
  #missed(is) {
    const notice = part(this.room, '#where-missed');
    notice.hidden = !is;
    if (is) part(this.room, '#status').textContent = notice.textContent;
  }

  #said() {
    return new URLSearchParams(this.#inputs().map(({ name, value }) => [name, value.trim()]));
  }

  #inputs() {
    return ['#where-place', '#where-contact'].map((id) => /** @type {HTMLInputElement} */ (part(this.room, id)));
  }
}
