/** The therapist's part of the page: who knocks, who is missing, the lock. Part of the view: it touches the page. */
import { People } from './people.js';
import { cloneOf, part } from './tiles.js';

/** @typedef {import('./people.js').PeopleDeeds} PeopleDeeds */
/** @typedef {import('./people.js').Someone} Someone */
/** @typedef {import('./protocol.js').Apart} Apart */
/** @typedef {import('./protocol.js').Missing} Missing */
/**
 * What a therapist can do. `reason`: why not all who agreed are there, or nothing.
 * @typedef {{admit(seat: string, reason: string): void, admitAll(reason: string): void,
 *   refuse(seat: string, text: string): void, lock(locked: boolean): void} & PeopleDeeds} HostDeeds
 */

export class Door {
  /** @type {Map<string, HTMLElement>} */
  #knocks = new Map();
  /** @type {Missing[]} */
  #missing = [];

  /** @param {HTMLElement} room @param {HostDeeds} deeds */
  constructor(room, deeds) {
    this.room = room;
    this.deeds = deeds;
    this.people = new People(room, { ...deeds, remove: (seat) => void this.#remove(seat) });
    const lock = part(room, '#lock');
    lock.addEventListener('click', () => deeds.lock(lock.dataset.on !== 'true'));
    part(room, '#admit-all').addEventListener('click', () => void this.#admitted((reason) => deeds.admitAll(reason)));
  }

  /** @param {{seat: string, name: string}} someone */
  knocks({ seat, name }) {
    this.gone(seat);
    const knock = cloneOf(/** @type {HTMLTemplateElement} */ (part(this.room, '#knock-template')));
    part(knock, '[data-name]').textContent = name;
    const admit = () => void this.#admitted((reason) => this.deeds.admit(seat, reason));
    part(knock, '[data-admit]').addEventListener('click', admit);
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
  came(someone) {
    this.gone(someone.seat);
    this.people.came(someone);
    this.#counted();
  }

  /** @param {string} seat */
  went(seat) {
    this.people.went(seat);
    this.#counted();
  }

  /** Who is inside and hears nothing of what is said here. @param {Apart[]} apart */
  separate(apart) {
    this.people.separate(apart);
    this.#counted();
  }

  /** Who agreed to come and is not there. @param {Missing[]} missing */
  missing(missing) {
    this.#missing = missing;
    for (const place of this.room.querySelectorAll('[data-missing]')) place.textContent = this.#names();
    this.#counted();
  }

  /** A client at the door tells this to the therapist alone. @param {string} name @param {string} kind */
  signal(name, kind) {
    const signal = cloneOf(/** @type {HTMLTemplateElement} */ (part(this.room, '#signal-template')));
    part(signal, '[data-name]').textContent = name;
    for (const words of signal.querySelectorAll('[data-kind]')) {
      if (words instanceof HTMLElement) words.hidden = words.dataset.kind !== kind;
    }
    part(signal, '[data-seen]').addEventListener('click', () => signal.remove());
    part(this.room, '#signals').append(signal);
  }

  /** @param {boolean} locked */
  locked(locked) {
    part(this.room, '#lock').dataset.on = String(locked);
  }

  /** Who knocks and who is here is told anew. */
  clear() {
    for (const seat of [...this.#knocks.keys()]) this.gone(seat);
    this.people.clear();
    this.missing([]);
  }

  #counted() {
    part(this.room, '#nobody-waits').hidden = this.#knocks.size > 0;
    part(this.room, '#admit-all').hidden = this.#knocks.size < 2;
    part(this.room, '#not-here').hidden = this.#missing.length === 0;
    part(this.room, '#not-here-yet').hidden = this.#missing.length === 0 || this.people.hasGuests;
  }

  #names() {
    return this.#missing.map(({ name }) => name).join(' and ');
  }

  /** The room opens when all who agreed are there, or for a reason. @param {(reason: string) => void} admit */
  async #admitted(admit) {
    if (this.#missing.length === 0 || this.people.hasGuests) return admit('');
    const text = /** @type {HTMLInputElement} */ (part(this.room, '#reason-text'));
    text.value = '';
    if ((await this.#asked('#reason-dialog', this.#names())) === 'admit') admit(text.value.trim());
    return undefined;
  }

  /** @param {string} seat @param {string} name */
  async #refuse(seat, name) {
    const text = /** @type {HTMLInputElement} */ (part(this.room, '#refuse-text'));
    text.value = '';
    if ((await this.#asked('#refuse-dialog', name)) === 'refuse') this.deeds.refuse(seat, text.value.trim());
  }

  /** @param {string} seat */
  async #remove(seat) {
    if ((await this.#asked('#remove-dialog', this.people.nameOf(seat))) === 'remove') this.deeds.remove(seat);
  }

  /** @param {string} selector @param {string} name @returns {Promise<string>} the button that closed the dialog */
  async #asked(selector, name) {
    const dialog = /** @type {HTMLDialogElement} */ (part(this.room, selector));
    for (const place of dialog.querySelectorAll('[data-name]')) place.textContent = name;
    dialog.returnValue = '';
    dialog.showModal();
    await new Promise((resolve) => dialog.addEventListener('close', resolve, { once: true }));
    return dialog.returnValue;
  }
}
