/**
 * <week-grid> around the week of a therapist's hours: draw them with the mouse, by touch or with the keyboard.
 *
 * It only fills in and sends the forms that stand on the page: form[data-add=weekly|extra|off], form[data-change=ID],
 * form[data-remove=ID]. Inside: [data-said], [data-tools], and lanes .grid-lane[data-weekday][data-date][data-name]
 * with blocks .grid-block[data-id][data-kind][data-start][data-end].
 */

import { DAY, STEP, between, drawn, inWords, resized, stepOf, typed, wall } from '../week.js';
import { edgeAt, followNow, formOf, newCursor, place, send, showToday, spanOf, wordsOf } from '../week-forms.js';

/** @typedef {import('../week.js').Span} Span */
/**
 * @typedef {object} Draft
 * @property {HTMLElement} lane
 * @property {HTMLElement | null} block what is resized; null: something new
 * @property {Span} span as it stands
 * @property {Span} before as it was
 */

const NEW_MINUTES = 60;
const MOVES = new Map([
  ['ArrowUp', { days: 0, minutes: -STEP }],
  ['ArrowDown', { days: 0, minutes: STEP }],
  ['ArrowLeft', { days: -1, minutes: 0 }],
  ['ArrowRight', { days: 1, minutes: 0 }],
]);

class WeekGrid extends HTMLElement {
  /** @type {Draft | null} */
  #draft = null;
  /** @type {{ pointer: number, from: number, edge: 'start' | 'end' | null, moved: boolean } | null} */
  #drag = null;
  /** @type {() => void} */
  #stop = () => {};
  #ghost = document.createElement('div');
  #at = { day: 0, minute: 0 };
  #first = 0;
  #last = 24;
  /** @type {HTMLElement[]} */
  #lanes = [];

  connectedCallback() {
    this.#first = Number(this.dataset.first) * 60;
    this.#last = Number(this.dataset.last) * 60;
    this.#lanes = [...this.querySelectorAll('.grid-lane')].filter((lane) => lane instanceof HTMLElement);
    this.#ghost.className = 'grid-block grid-ghost';
    this.querySelector('[data-tools]')?.removeAttribute('hidden');
    this.classList.add('grid-live');
    for (const lane of this.#lanes) lane.append(newCursor());
    showToday(this);
    this.#stop = followNow(this);
    const [day, minute] = (this.dataset.at || `0-${this.#first}`).split('-').map(Number);
    this.#at = { day: between(day, 0, 6), minute: this.#inside(minute) };
    this.#showCursor(Boolean(this.dataset.at));
    this.addEventListener('pointerdown', this.#down);
    this.addEventListener('pointermove', this.#move);
    this.addEventListener('pointerup', this.#up);
    this.addEventListener('pointercancel', this.#cancel);
    this.addEventListener('keydown', this.#key);
  }

  disconnectedCallback() {
    this.#stop();
  }

  /** @param {number} minute */
  #inside(minute) {
    return between(stepOf(minute), this.#first, this.#last - STEP);
  }

  // The pointer: a mouse, a finger or a pen.

  #down = (/** @type {PointerEvent} */ event) => {
    const target = event.target instanceof Element ? event.target : null;
    const lane = target?.closest('.grid-lane');
    if (!(lane instanceof HTMLElement) || event.button !== 0 || target?.closest('.grid-booked, button')) return;
    const minute = this.#minuteAt(lane, event.clientY);
    const block = target?.closest('.grid-block');
    const known = block instanceof HTMLElement && this.#isOurs(block) ? block : null;
    this.#cancel();
    this.#choose(null);
    const edge = known ? edgeAt(known, event) : null;
    const span = known ? spanOf(known) : drawn(minute, minute);
    this.#draft = { lane, block: known, span, before: span };
    this.#drag = { pointer: event.pointerId, from: minute, edge, moved: false };
    this.setPointerCapture(event.pointerId);
  };

  #move = (/** @type {PointerEvent} */ event) => {
    if (!this.#drag || !this.#draft || this.#drag.pointer !== event.pointerId) return;
    const { from, edge } = this.#drag;
    const minute = this.#minuteAt(this.#draft.lane, event.clientY);
    if (!this.#drag.moved && Math.abs(minute - from) < STEP / 2) return;
    if (this.#draft.block && !edge) return;
    this.#drag.moved = true;
    this.#draft.span = edge ? resized(this.#draft.before, edge, minute) : drawn(from, minute);
    this.#showDraft();
  };

  #up = (/** @type {PointerEvent} */ event) => {
    if (!this.#drag || !this.#draft || this.#drag.pointer !== event.pointerId) return;
    const { moved, from } = this.#drag;
    const { lane, block } = this.#draft;
    this.#drag = null;
    if (moved) {
      this.#save(false);
      return;
    }
    this.#cancel();
    this.#at = { day: this.#lanes.indexOf(lane), minute: this.#inside(from) };
    this.#showCursor(false);
    this.#choose(block);
  };

  #cancel = () => {
    this.#drag = null;
    this.#draft = null;
    this.#ghost.remove();
  };

  /** @param {HTMLElement} lane @param {number} y of the viewport */
  #minuteAt(lane, y) {
    const box = lane.getBoundingClientRect();
    const part = (y - box.top) / box.height;
    return between(this.#first + part * (this.#last - this.#first), this.#first, this.#last - 1);
  }

  /** Only what has a form can be changed. @param {HTMLElement} block */
  #isOurs(block) {
    return formOf(`change="${block.dataset.id}"`) !== null;
  }

  /** Choose a block, which then offers to be removed. @param {HTMLElement | null} block */
  #choose(block) {
    for (const each of this.querySelectorAll('.grid-chosen')) each.classList.remove('grid-chosen');
    this.querySelector('.grid-removal')?.remove();
    if (!block) return;
    block.classList.add('grid-chosen');
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'grid-removal';
    button.textContent = 'Remove';
    button.setAttribute('aria-label', `Remove ${wordsOf(block)}`);
    button.addEventListener('click', () => this.#remove(block, false));
    block.append(button);
    this.#say(`${wordsOf(block)} is chosen.`);
  }

  // The keyboard: each lane has a button that arrows move.

  /** @param {boolean} focus */
  #showCursor(focus) {
    const lane = this.#lanes[this.#at.day];
    for (const each of this.#lanes) {
      const other = each.querySelector('.grid-cursor');
      if (other instanceof HTMLElement) other.hidden = each !== lane;
    }
    const cursor = lane.querySelector('.grid-cursor');
    if (!(cursor instanceof HTMLElement)) return;
    place(cursor, { start: this.#at.minute, end: this.#at.minute + STEP });
    const block = this.#blockAt(this.#at.minute);
    const here = block ? `in ${wordsOf(block)}` : 'no hours';
    cursor.setAttribute('aria-label', `${lane.dataset.name}, ${wall(this.#at.minute)}, ${here}`);
    if (!focus) return;
    cursor.focus({ preventScroll: true });
    cursor.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    this.#say(cursor.getAttribute('aria-label') ?? '');
  }

  #key = (/** @type {KeyboardEvent} */ event) => {
    if (!(event.target instanceof HTMLElement) || !event.target.classList.contains('grid-cursor')) {
      if (event.key === 'Escape') this.#choose(null);
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || !this.#does(event)) return;
    event.preventDefault();
  };

  /** @param {KeyboardEvent} event @returns {boolean} whether it was a key of ours */
  #does(event) {
    const move = MOVES.get(event.key);
    if (move) {
      const { days, minutes } = move;
      if (event.shiftKey) this.#stretch(minutes ? 'end' : 'start', minutes || days * STEP);
      else if (this.#draft) this.#say('Enter saves, Escape leaves things as they are.');
      else this.#go(days, minutes);
      return true;
    }
    if (event.key === 'Enter' || event.key === ' ') this.#draft ? this.#save(true) : this.#begin();
    else if (event.key === 'Delete' || event.key === 'Backspace') this.#removeHere();
    else if (event.key === 'Escape' && (this.#draft || this.querySelector('.grid-chosen'))) this.#leave();
    else return false;
    return true;
  }

  /** @param {number} days @param {number} minutes */
  #go(days, minutes) {
    this.#at = {
      day: between(this.#at.day + days, 0, 6),
      minute: this.#inside(this.#at.minute + minutes),
    };
    this.#showCursor(true);
  }

  /** Begin to change what is under the cursor, or something new. */
  #begin() {
    const lane = this.#lanes[this.#at.day];
    const block = this.#blockAt(this.#at.minute);
    const fresh = { start: this.#at.minute, end: Math.min(this.#at.minute + NEW_MINUTES, DAY) };
    const span = block ? spanOf(block) : fresh;
    this.#draft = { lane, block, span, before: span };
    this.#showDraft();
    this.#say(`${block ? 'Changing' : 'New hours'}, ${inWords(span)}. Enter saves, Escape leaves things as they are.`);
  }

  /** @param {'start' | 'end'} edge @param {number} minutes */
  #stretch(edge, minutes) {
    if (!this.#draft) this.#begin();
    if (!this.#draft) return;
    this.#draft.span = resized(this.#draft.span, edge, this.#draft.span[edge] + minutes);
    this.#showDraft();
    this.#say(inWords(this.#draft.span));
  }

  #leave() {
    this.#cancel();
    this.#choose(null);
    this.#say('Left as it was.');
  }

  #removeHere() {
    const block = this.#draft?.block ?? this.#blockAt(this.#at.minute);
    if (block) this.#remove(block, true);
    else this.#say('There are no hours here.');
  }

  /** @param {number} minute @returns {HTMLElement | null} what covers this minute and can be changed, the top one */
  #blockAt(minute) {
    const blocks = [...this.#lanes[this.#at.day].querySelectorAll('.grid-block')].reverse();
    for (const block of blocks) {
      if (!(block instanceof HTMLElement) || block === this.#ghost || !this.#isOurs(block)) continue;
      const span = spanOf(block);
      if (span.start <= minute && minute < span.end) return block;
    }
    return null;
  }

  // What both of them do.

  #showDraft() {
    if (!this.#draft) return;
    place(this.#ghost, this.#draft.span);
    this.#ghost.textContent = inWords(this.#draft.span);
    if (this.#ghost.parentElement !== this.#draft.lane) this.#draft.lane.append(this.#ghost);
  }

  /** @param {boolean} byKeyboard */
  #save(byKeyboard) {
    const draft = this.#draft;
    if (!draft) return;
    const times = { start: typed(draft.span.start), end: typed(draft.span.end), at: this.#place(byKeyboard) };
    const { weekday = '', date = '' } = draft.lane.dataset;
    this.#say(`Saving ${inWords(draft.span)}.`);
    if (draft.block) send(`change="${draft.block.dataset.id}"`, times);
    else if (this.#isForOneDate()) send('add="extra"', { ...times, day: date, last_day: '' });
    else send('add="weekly"', { ...times, weekday, valid_from: '', valid_until: '' });
  }

  /** @param {HTMLElement} block @param {boolean} byKeyboard */
  #remove(block, byKeyboard) {
    const lane = block.closest('.grid-lane');
    const at = this.#place(byKeyboard);
    this.#say(`Removing ${wordsOf(block)}.`);
    if (block.dataset.kind === 'weekly' && this.#isForOneDate() && lane instanceof HTMLElement) {
      const { start, end } = spanOf(block);
      const day = lane.dataset.date ?? '';
      send('add="off"', { start: typed(start), end: typed(end), day, last_day: '', at });
    } else send(`remove="${block.dataset.id}"`, { at });
  }

  /** Where the cursor is to stand afterwards; with a pointer, only that it was here. @param {boolean} byKeyboard */
  #place(byKeyboard) {
    return byKeyboard ? `${this.#at.day}-${this.#at.minute}` : '-';
  }

  #isForOneDate() {
    const mode = this.querySelector('input[name="grid-mode"]:checked');
    return mode instanceof HTMLInputElement && mode.value === 'date';
  }

  /** @param {string} sentence for those who listen to the page */
  #say(sentence) {
    const said = this.querySelector('[data-said]');
    if (said) said.textContent = sentence;
  }
}

customElements.define('week-grid', WeekGrid);
