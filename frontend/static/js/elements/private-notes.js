/**
 * <private-notes src="/appointments/…/notes"> keeps the words of the form inside it as they are typed, without storing
 * anything in the browser. `number` is that of the last change where the page came with the words; without it they are
 * fetched by `load()`. Where the session ends before all is kept, the words leave the page and wait in its memory for the
 * same person (session-end.js). The event "notes-state" tells what is wrong, in words, or that nothing is. Inside: the form,
 * [data-is] for each state, [data-theirs], [data-both], [data-mine], [data-said].
 */

import { Saving } from '../saving.js';

const HEADERS = { Accept: 'application/json' };

export class PrivateNotes extends HTMLElement {
  /** @type {Saving | null} */
  #saving = null;
  /** Words out of sight, while nobody is signed in. @type {string | null} */
  #veiled = null;

  connectedCallback() {
    const number = this.getAttribute('number');
    this.#saving = new Saving(
      {
        read: () => this.#words(),
        write: (words) => void (this.#text().value = words),
        show: (state, theirs) => this.#show(state, theirs),
        load: () => this.#load(),
        send: (sent, closing) => this.#send(sent, closing),
        timer: { after: (milliseconds, act) => ((timer) => () => clearTimeout(timer))(setTimeout(act, milliseconds)) },
      },
      number === null ? null : { words: this.#text().defaultValue, number: Number(number) },
    );
    this.#text().addEventListener('input', () => this.#saving?.typed());
    this.#text().addEventListener('blur', () => void this.save());
    this.#form().addEventListener('submit', (event) => (event.preventDefault(), void this.save()));
    this.querySelector('[data-both]')?.addEventListener('click', () => void this.#saving?.both());
    this.querySelector('[data-mine]')?.addEventListener('click', () => void this.#saving?.mine());
    this.toggleAttribute('data-live', true);
    addEventListener('pagehide', this.#close);
    addEventListener('leave-quickly', this.#quickly);
    addEventListener('online', this.#again);
    addEventListener('beforeunload', this.#hold);
    addEventListener('session-over', this.#veil);
    addEventListener('session-back', this.#unveil);
    this.ownerDocument.addEventListener('visibilitychange', this.#hidden);
  }

  disconnectedCallback() {
    removeEventListener('pagehide', this.#close);
    removeEventListener('leave-quickly', this.#quickly);
    removeEventListener('online', this.#again);
    removeEventListener('beforeunload', this.#hold);
    removeEventListener('session-over', this.#veil);
    removeEventListener('session-back', this.#unveil);
    this.ownerDocument.removeEventListener('visibilitychange', this.#hidden);
  }

  /** Fetch what is kept, once. */
  async load() {
    if (this.#saving?.known === null) await this.#saving.now();
  }

  /** Keep what stands here now, where it is not kept yet. */
  async save() {
    if (this.#saving?.isOpen) await this.#saving.now();
  }

  #close = () => this.#saving?.closing();
  /** Nothing may hold up who leaves quickly. */
  #quickly = () => {
    this.#close();
    removeEventListener('beforeunload', this.#hold);
  };
  #again = () => void this.save();
  #hidden = () => this.ownerDocument.visibilityState === 'hidden' && void this.save();

  /** The browser asks before words go that could not be kept. @param {BeforeUnloadEvent} event */
  #hold = (event) => {
    const state = this.#saving?.state ?? 'kept';
    if (state !== 'kept' && state !== 'typing' && this.#words() !== '') event.preventDefault();
  };

  /** @param {Event} event */
  #veil = (event) => {
    if (!this.#saving?.isOpen || this.#words() === '') return;
    event.preventDefault();
    this.#veiled = this.#words();
    this.#text().value = '';
  };

  /** @param {Event} event */
  #unveil = (event) => {
    if (this.#veiled === null) return;
    this.#text().value = this.#veiled;
    this.#veiled = null;
    /** @type {CustomEvent<Promise<boolean>[]>} */ (event).detail.push(this.#saved());
  };

  /** @returns {Promise<boolean>} whether all is kept */
  async #saved() {
    await this.save();
    if (this.#saving?.state === 'apart') await this.#saving.both(); // whoever wrote before them was this person as well
    return !this.#saving?.isOpen;
  }

  /** @param {import('../saving.js').State} state @param {string} theirs */
  #show(state, theirs) {
    for (const part of this.querySelectorAll('[data-is]')) {
      if (part instanceof HTMLElement) part.hidden = part.dataset.is !== state || (state === 'kept' && this.#words() === '');
    }
    const said = this.querySelector('[data-said]');
    const words = state === 'kept' || state === 'typing' ? '' : (this.querySelector(`[data-is="${state}"] p`)?.textContent ?? '');
    if (said && said.textContent !== words) said.textContent = words;
    this.dispatchEvent(new CustomEvent('notes-state', { detail: words }));
    const place = this.querySelector('[data-theirs]');
    if (place) place.textContent = theirs;
  }

  /** @returns {Promise<{words: string, number: number} | 'lost' | 'signed_out' | 'refused'>} */
  async #load() {
    if (this.#veiled !== null) return 'signed_out';
    const answer = await fetch(this.#src(), { headers: HEADERS, redirect: 'manual' }).catch(() => null);
    if (!answer?.ok) return kindOf(answer);
    const { words, number, token } = await answer.json();
    this.#field('csrf_token').value = token;
    return { words, number };
  }

  /**
   * @param {import('../saving.js').Sent} sent @param {boolean} closing @param {boolean} [isFirst]
   * @returns {Promise<import('../saving.js').Answer>}
   */
  async #send(sent, closing, isFirst = true) {
    if (this.#veiled !== null) return { kind: 'signed_out' }; // whoever is signed in now may be somebody else
    const answer = await this.#post(sent, closing);
    const [status, said] = [answer?.status, await answer?.json().catch(() => ({}))];
    if (status === 200) return { kind: 'kept', number: said.number };
    if (status === 409 && typeof said.words === 'string') return { kind: 'apart', number: said.number, words: said.words };
    const kind = kindOf(answer ?? null);
    if (kind !== 'signed_out' || closing || !isFirst) return { kind };
    const fresh = await this.#load(); // who signed in anew needs another token
    return typeof fresh === 'string' ? { kind: fresh } : this.#send(sent, closing, false);
  }

  /** @param {import('../saving.js').Sent} sent @param {boolean} keepalive @returns {Promise<Response | null>} */
  async #post({ words, number, turn }, keepalive) {
    const form = new FormData(this.#form());
    form.set('words', words);
    form.set('number', String(number));
    form.set('turn', String(turn));
    return fetch(this.#src(), { method: 'POST', headers: HEADERS, body: form, redirect: 'manual', keepalive }).catch(() => null);
  }

  /** As they are typed, wherever they are now. */
  #words() {
    return this.#veiled ?? this.#text().value;
  }

  #src() {
    return this.getAttribute('src') ?? '';
  }

  #form() {
    return /** @type {HTMLFormElement} */ (this.querySelector('form'));
  }

  #text() {
    return /** @type {HTMLTextAreaElement} */ (this.querySelector('textarea'));
  }

  /** @param {string} name */
  #field(name) {
    return /** @type {HTMLInputElement} */ (this.querySelector(`input[name="${name}"]`));
  }
}

/** @param {Response | null} answer one that is not what was asked for @returns {'lost' | 'signed_out' | 'refused'} */
function kindOf(answer) {
  if (answer?.status === 401 || answer?.status === 403) return 'signed_out';
  return answer !== null && [404, 409, 413, 422].includes(answer.status) ? 'refused' : 'lost';
}

customElements.define('private-notes', PrivateNotes);
