/**
 * <next-door src="…"> tells a therapist in a room that somebody is at the door of a later one, by server-sent events (HTML,
 * section 9.2). Without a name: whoever is in this room may see the screen. Inside: [data-somebody], [data-at].
 */

import { DoorNews } from './door-news.js';

class NextDoor extends DoorNews {
  /** @param {boolean} live */
  live(live) {
    if (!live) this.waiting([]); // it may be so no more
  }

  /** @param {{at: string}[]} waiting */
  waiting(waiting) {
    const at = this.querySelector('[data-at]');
    if (at) at.textContent = waiting.map((each) => each.at).join(' and ');
    this.querySelector('[data-somebody]')?.toggleAttribute('hidden', waiting.length === 0);
  }
}

customElements.define('next-door', NextDoor);
