/** The screen on which two people compare words, and the mark on each tile. Part of the view: it touches the page. */
import { sentence } from './sentences.js';
import { part } from './tiles.js';

/** @typedef {import('./words.js').Step} Step */
/** @typedef {import('./safety.js').Mark} Mark */
/**
 * What a person can do about words.
 * @typedef {{explain(seat: string): void, compare(): void, choose(words: string[]): void, differ(): void, stop(): void,
 *   goOn(seat: string): void}} WordDeeds
 */

export class WordScreen {
  /** @type {string[][]} */
  #choices = [];

  /** @param {HTMLElement} room @param {WordDeeds} deeds */
  constructor(room, deeds) {
    this.room = room;
    this.place = part(room, '#words');
    this.#click('[data-begin]', () => deeds.compare());
    this.#click('[data-differ]', () => deeds.differ());
    this.#click('[data-stop]', () => deeds.stop());
    this.#click('[data-choice]', ({ dataset }) => deeds.choose(this.#choices[Number(dataset.choice)] ?? []));
    this.place.addEventListener('keydown', ({ key }) => {
      if (key === 'Escape') deeds.stop();
    });
    part(room, '#tiles').addEventListener('click', ({ target }) => {
      const button = target instanceof Element ? target.closest('[data-compare], [data-go-on]') : null;
      const seat = button?.closest('[data-seat]')?.getAttribute('data-seat');
      if (!button || !seat) return;
      if (button.hasAttribute('data-go-on')) deeds.goOn(seat);
      else deeds.explain(seat);
    });
  }

  /** @param {string} seat @param {Step | {at: 'intro', spent: boolean}} step @returns {void} */
  show(seat, step) {
    if (step.at === 'idle' && step.why === 'stopped') return; // this person has put it away
    if (step.at === 'intro' && step.spent) return this.show(seat, { at: 'idle', why: 'spent' });
    const name = this.#nameOf(seat);
    if (name) this.#fill('[data-name]', name); // else somebody who has just gone: the name is there
    this.#only('at', step.at);
    if (step.at === 'idle') this.#only('why', step.why);
    part(this.place, '[data-at="idle"] [data-begin]').hidden = step.at === 'idle' && step.why === 'spent';
    if (step.at === 'reading') this.#words('[data-four] li', step.words);
    if (step.at === 'listening') this.#offer(step.choices);
    if (step.at === 'reading' || step.at === 'listening') this.#turn(step.second);
    this.place.hidden = false;
    part(this.place, `[data-at="${step.at}"] h2`).focus({ preventScroll: true });
  }

  hide() {
    const had = this.place.contains(document.activeElement);
    this.place.hidden = true;
    this.#words('[data-four] li', []);
    this.#offer([]);
    if (had) part(this.room, '#mute').focus({ preventScroll: true });
  }

  /** @param {string} seat @param {Mark | null} mark null while nobody is there */
  mark(seat, mark) {
    const tile = this.#tile(seat);
    if (tile === null || tile.dataset.safety === (mark ?? undefined)) return;
    if (mark === null) delete tile.dataset.safety;
    else tile.dataset.safety = mark;
    if (mark === 'held' || mark === 'verified') this.#say(mark, this.#nameOf(seat));
  }

  /** Whether the other side sends nothing here until its person has chosen. @param {string} seat @param {boolean} held */
  holds(seat, held) {
    const tile = this.#tile(seat);
    if (tile === null || (tile.dataset.holds === 'on') === held) return;
    tile.dataset.holds = held ? 'on' : 'off';
    if (held) this.#say('holds', this.#nameOf(seat));
  }

  /** @param {string[][]} choices */
  #offer(choices) {
    this.#choices = choices;
    this.#words('[data-choice]', choices.map((words) => words.join(' · ')));
  }

  /** Who listened first reads second. @param {boolean} second */
  #turn(second) {
    for (const each of this.#all('[data-first]')) each.hidden = second;
    for (const each of this.#all('[data-second]')) each.hidden = !second;
  }

  /** @param {'at' | 'why'} name @param {string} value */
  #only(name, value) {
    for (const each of this.#all(`[data-${name}]`)) each.hidden = each.dataset[name] !== value;
  }

  /** @param {string} selector @param {string[]} texts */
  #words(selector, texts) {
    this.#all(selector).forEach((place, at) => (place.textContent = texts[at] ?? ''));
  }

  /** @param {string} selector @param {string} text */
  #fill(selector, text) {
    for (const place of this.#all(selector)) place.textContent = text;
  }

  /** @param {string} key @param {string} name */
  #say(key, name) {
    part(this.room, '#status').textContent = sentence(this.room, key, { name });
  }

  /** @param {string} seat @returns {string} */
  #nameOf(seat) {
    return this.#tile(seat)?.querySelector('figcaption [data-name]')?.textContent ?? '';
  }

  /** @param {string} seat @returns {HTMLElement | null} */
  #tile(seat) {
    return this.room.querySelector(`#tiles [data-seat="${CSS.escape(seat)}"]`);
  }

  /** @param {string} selector @returns {HTMLElement[]} */
  #all(selector) {
    return [...this.place.querySelectorAll(selector)].filter((found) => found instanceof HTMLElement);
  }

  /** @param {string} selector @param {(button: HTMLElement) => void} act */
  #click(selector, act) {
    for (const button of this.#all(selector)) button.addEventListener('click', () => act(button));
  }
}
