/** What is sent of this person, and how they change it. Part of the view: it touches the page. */
import { part } from './tiles.js';

/** @typedef {import('./picture.js').Picture} Picture */
/** @typedef {'plain' | 'veiled' | 'voice'} Sent */

export class SentView {
  /** @param {HTMLElement} room @param {Picture} picture @param {{send: (sent: Sent) => void}} deeds */
  constructor(room, picture, deeds) {
    this.room = room;
    this.picture = picture;
    if (room.dataset.role === 'host') return;
    part(room, '#sent').addEventListener('change', ({ target }) => {
      if (target instanceof HTMLInputElement) deeds.send(/** @type {Sent} */ (target.value));
    });
    part(room, '#lift').addEventListener('click', () => deeds.send('plain'));
    part(room, '#veil').addEventListener('click', () => {
      part(room, '#more').hidePopover();
      deeds.send(this.picture.isVeiled ? 'plain' : 'veiled');
    });
  }

  show() {
    const { isVeiled, own } = this.picture;
    for (const id of ['#self', '#preview']) part(this.room, id).dataset.veil = isVeiled && own ? 'on' : 'off';
    if (this.room.dataset.role === 'host') return;
    const sent = own === null ? 'voice' : isVeiled ? 'veiled' : 'plain';
    for (const input of this.room.querySelectorAll('#sent input')) {
      if (input instanceof HTMLInputElement) input.checked = input.value === sent;
    }
    part(this.room, '#lift').hidden = !isVeiled || own === null;
    part(this.room, '#veil').dataset.on = String(isVeiled);
  }
}
