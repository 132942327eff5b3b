/**
 * <join-button opens-at="…" now="…"> shows [data-early] until the room opens, then [data-open], without a reload.
 */

import { aheadBy, countDown } from '../moments.js';

class JoinButton extends HTMLElement {
  /** @type {() => void} */
  #stop = () => {};

  connectedCallback() {
    const opensAt = Date.parse(this.getAttribute('opens-at') ?? '');
    const early = this.querySelector('[data-early]');
    if (Number.isNaN(opensAt) || !early || early.hasAttribute('hidden')) return;
    this.#stop = countDown(opensAt, aheadBy(this.getAttribute('now')), (left) => this.#wait(left));
  }

  disconnectedCallback() {
    this.#stop();
  }

  /** @param {number} left milliseconds until it opens */
  #wait(left) {
    if (left > 0) return left;
    this.querySelector('[data-early]')?.setAttribute('hidden', '');
    this.querySelector('[data-open]')?.removeAttribute('hidden');
    const said = this.querySelector('[data-said]');
    if (said) said.textContent = 'The room is open. You can go in now.';
    return 0;
  }
}

customElements.define('join-button', JoinButton);
