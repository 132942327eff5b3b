/** The therapist's part of the page: who knocks, who is inside, the lock. Part of the view: it touches the page. */
import { cloneOf, part } from './tiles.js';

/**
 * What a therapist can do.
 * @typedef {{admit(seat: string): void, refuse(seat: string, text: string): void, remove(seat: string): void,
 *   lock(locked: boolean): void}} HostDeeds
 */
/** @typedef {{seat: string, name: string}} Someone */

export class Door {
  /** @type {Map<string, HTMLElement>} */
  #knocks = new Map();
  /** @type {Map<string, HTMLElement>} */
  #present = new Map();

  /** @param {HTMLElement} room @param {HostDeeds} deeds */
  constructor(room, deeds) {
    this.room = room;
    this.deeds = deeds;
    const lock = part(room, '#lock');
    lock.addEventListener('click', () => deeds.lock(lock.getAttribute('aria-pressed') !== 'true'));
    part(room, '#people-button').addEventListener('click', () => this.#open(Boolean(part(room, '#people').hidden)));
    part(room, '#close-people').addEventListener('click', () => this.#open(false));
    part(room, '#people').addEventListener('keydown', (event) => event.key === 'Escape' && this.#open(false));
  }

  /** @param {Someone} someone */
  knocks({ seat, name }) {
    this.gone(seat);
    const knock = cloneOf(/** @type {HTMLTemplateElement} */ (part(this.room, '#knock-template')));
    part(knock, '[data-name]').textContent = name;
    part(knock, '[data-admit]').addEventListener('click', () => this.deeds.admit(seat));
    part(knock, '[data-refuse]').addEventListener('click', () => void this.#refuse(seat, name));
    this.#knocks.set(seat, knock);
    part(this.room, '#knocks').append(knock);
    this.#counted();
  }

  /** Nobody waits under that name any more. @param {string} seat */
  gone(seat) {
    const knock = this.#knocks.get(seat);
    const hadFocus = knock?.contains(document.activeElement);
    knock?.remove();
    this.#knocks.delete(seat);
    const [next] = this.#knocks.values();
    if (hadFocus) part(next ?? this.room, next ? '[data-admit]' : '#people-button').focus();
    this.#counted();
  }

  /** @param {Someone} someone */
  came({ seat, name }) {
    this.gone(seat);
    this.went(seat);
    const person = cloneOf(/** @type {HTMLTemplateElement} */ (part(this.room, '#person-template')));
    part(person, '[data-name]').textContent = name;
    part(person, '[data-remove]').addEventListener('click', () => void this.#remove(seat, name));
    this.#present.set(seat, person);
    part(this.room, '#present').append(person);
  }

  /** @param {string} seat */
  went(seat) {
    this.#present.get(seat)?.remove();
    this.#present.delete(seat);
  }

  /** @param {boolean} locked */
  locked(locked) {
    part(this.room, '#lock').setAttribute('aria-pressed', String(locked));
  }

  /** Who knocks and who is here is told anew. */
  clear() {
    for (const seat of [...this.#knocks.keys()]) this.gone(seat);
    for (const seat of [...this.#present.keys()]) this.went(seat);
  }

  #counted() {
    part(this.room, '#nobody-waits').hidden = this.#knocks.size > 0;
  }

  /** @param {boolean} open */
  #open(open) {
    const button = part(this.room, '#people-button');
    part(this.room, '#people').hidden = !open;
    button.setAttribute('aria-expanded', String(open));
    if (open) part(this.room, '#people-title').focus();
    else button.focus();
  }

  /** @param {string} seat @param {string} name */
  async #refuse(seat, name) {
    const text = /** @type {HTMLInputElement} */ (part(this.room, '#refuse-text'));
    text.value = '';
    if ((await this.#asked('#refuse-dialog', name)) === 'refuse') this.deeds.refuse(seat, text.value.trim());
  }

  /** @param {string} seat @param {string} name */
  async #remove(seat, name) {
    if ((await this.#asked('#remove-dialog', name)) === 'remove') this.deeds.remove(seat);
  }

  /** @param {string} selector @param {string} name @returns {Promise<string>} the button that closed the dialog */
  async #asked(selector, name) {
    const dialog = /** @type {HTMLDialogElement} */ (part(this.room, selector));
    part(dialog, '[data-name]').textContent = name;
    dialog.returnValue = '';
    dialog.showModal();
    await new Promise((resolve) => dialog.addEventListener('close', resolve, { once: true }));
    return dialog.returnValue;
  }
}
