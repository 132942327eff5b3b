/** The sheet for what does not fit in the bar, and the keys. Part of the view: it touches the page. */
import { part } from './tiles.js';

/** @typedef {{flip(): void, screen(): void, stopScreen(): void, canShowScreen: boolean}} MoreDeeds */

/** Which control a key presses. @type {ReadonlyMap<string, string>} */
const KEYS = new Map([
  ['m', '#mute'],
  ['v', '#camera'],
  ['c', '#chat-button'],
  ['p', '#people-button'],
  ['s', '#hide-self'],
  ['f', '#full'],
  ['?', '#keys-button'],
]);

export class MoreView {
  /** @param {HTMLElement} room @param {MoreDeeds} deeds */
  constructor(room, deeds) {
    this.room = room;
    const inPage = room.ownerDocument;
    this.#act('#flip', () => deeds.flip());
    this.#act('#hide-self', () => this.#hideSelf());
    this.#act('#screen', () => (part(room, '#screen').dataset.on === 'true' ? deeds.stopScreen() : deeds.screen()));
    this.#act('#small-window', () => void this.#smallWindow());
    this.#act('#full', () => void this.#full());
    this.#act('#keys-button', () => part(room, '#keys').showPopover());
    part(room, '#stop-screen').addEventListener('click', () => deeds.stopScreen());
    part(room, '#screen').hidden = !deeds.canShowScreen; // no phone has it
    part(room, '#small-window').hidden = !inPage.pictureInPictureEnabled;
    part(room, '#full').hidden = !inPage.fullscreenEnabled; // an iPhone shows no page in full screen
    inPage.addEventListener('fullscreenchange', () => (part(room, '#full').dataset.on = String(inPage.fullscreenElement !== null)));
    inPage.addEventListener('keydown', (event) => this.#key(event));
  }

  /** @param {boolean} can whether there is another camera @param {boolean} away whether this one looks away from the person */
  flip(can, away) {
    part(this.room, '#flip').hidden = !can;
    for (const id of ['#self', '#preview']) part(this.room, id).dataset.looks = away ? 'away' : 'here';
  }

  /** @param {boolean} on */
  screen(on) {
    part(this.room, '#screen').dataset.on = String(on);
    part(this.room, '#screen-banner').hidden = !on;
    part(this.room, '#self').dataset.screen = on ? 'on' : 'off';
    part(this.room, '#camera').toggleAttribute('disabled', on);
  }

  #hideSelf() {
    const self = part(this.room, '#self');
    self.hidden = !self.hidden;
    part(this.room, '#hide-self').dataset.on = String(self.hidden);
  }

  /** The first of the others goes on above other windows, or comes back. */
  async #smallWindow() {
    const inPage = this.room.ownerDocument;
    if (inPage.pictureInPictureElement) return inPage.exitPictureInPicture();
    const video = this.room.querySelector('#tiles video');
    if (video instanceof HTMLVideoElement) await video.requestPictureInPicture().catch(() => {}); // no picture yet
    return undefined;
  }

  /** The whole page, so that "Leave quickly" stays within reach. */
  async #full() {
    const inPage = this.room.ownerDocument;
    if (inPage.fullscreenElement) return inPage.exitFullscreen();
    return inPage.documentElement.requestFullscreen().catch(() => {});
  }

  /** One key, pressed where nothing is typed and nothing asks (WCAG 2.1.4: they can be turned off). @param {KeyboardEvent} event */
  #key(event) {
    const { key, target, altKey, ctrlKey, metaKey, repeat } = event;
    const selector = KEYS.get(key.toLowerCase());
    if (selector === undefined || altKey || ctrlKey || metaKey || repeat || part(this.room, '#call').hidden) return;
    if (target instanceof Element && target.closest('input, textarea, select, dialog')) return;
    const isUsed = /** @type {HTMLInputElement} */ (part(this.room, '#keys-use')).checked;
    const control = this.room.querySelector(selector);
    if (!(control instanceof HTMLElement) || control.hidden || !isUsed) return;
    event.preventDefault();
    control.click();
  }

  /** @param {string} selector @param {() => void} act */
  #act(selector, act) {
    part(this.room, selector).addEventListener('click', () => {
      part(this.room, '#more').hidePopover();
      act();
    });
  }
}
