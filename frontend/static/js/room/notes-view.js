/**
 * The therapist's private notes beside the picture. While a screen is shown they close, since whoever sees all of it would
 * read them; opened again they say so. Part of the view: it touches the page.
 */
import { part } from './tiles.js';

/** @typedef {import('../elements/private-notes.js').PrivateNotes} PrivateNotes */

export class NotesView {
  /** @param {HTMLElement} room */
  constructor(room) {
    this.room = room;
    part(room, '#notes-button').addEventListener('click', () => this.#open(Boolean(part(room, '#notes').hidden)));
    part(room, '#notes-item').addEventListener('click', () => {
      part(room, '#more').hidePopover();
      this.#open(true);
    });
    part(room, '#close-notes').addEventListener('click', () => this.#open(false));
    part(room, '#notes').addEventListener('keydown', ({ key }) => key === 'Escape' && this.#open(false));
    this.#notes().addEventListener('notes-state', (event) => this.#trouble(/** @type {CustomEvent<string>} */ (event).detail));
    addEventListener('session-back', () => this.#afterwards());
    for (const other of ['#chat-button', '#people-button']) part(room, other).addEventListener('click', () => this.#hide());
  }

  /** @param {boolean} on whether this person shows a screen */
  screen(on) {
    part(this.room, '#notes-seen').hidden = !on;
    if (on) this.#hide();
  }

  /** @param {boolean} open */
  #open(open) {
    if (!open) {
      this.#hide();
      this.#way().focus();
      return;
    }
    for (const [panel, close] of [['#chat', '#close-chat'], ['#people', '#close-people']]) {
      if (!part(this.room, panel).hidden) part(this.room, close).click();
    }
    part(this.room, '#notes').hidden = false;
    part(this.room, '#notes-button').ariaExpanded = 'true';
    part(this.room, '#notes textarea').focus();
    void this.#notes().load();
  }

  /** Somebody is signed in again; the call is over, and what could not be saved is to be seen. */
  #afterwards() {
    this.room.append(part(this.room, '#notes'));
    part(this.room, '#notes').hidden = false;
  }

  /** Also said where the notes are closed meanwhile. @param {string} words none: they are saved */
  #trouble(words) {
    for (const way of ['#notes-button', '#notes-item']) {
      part(this.room, `${way} [data-fine]`).hidden = words !== '';
      part(this.room, `${way} [data-trouble]`).hidden = words === '';
    }
    const isClosed = part(this.room, '#notes').hidden;
    if (words !== '' && isClosed) part(this.room, '#status').textContent = words;
  }

  /** The way in that is there: the bar has room for it on wide pages alone. */
  #way() {
    const button = part(this.room, '#notes-button');
    return button.offsetParent === null ? part(this.room, '#more-button') : button;
  }

  #hide() {
    if (part(this.room, '#notes').hidden) return;
    void this.#notes().save();
    part(this.room, '#notes').hidden = true;
    part(this.room, '#notes-button').ariaExpanded = 'false';
  }

  #notes() {
    return /** @type {PrivateNotes} */ (part(this.room, 'private-notes'));
  }
}
