/** The therapist's list of who is in the room, and who speaks apart. Part of the view: it touches the page. */
import { cloneOf, part } from './tiles.js';

/** @typedef {import('./protocol.js').Apart} Apart */
/** @typedef {{seat: string, name: string, role: 'host' | 'guest'}} Someone */
/**
 * @typedef {{remove(seat: string): void, back(seat: string): void, groups(apart: (own: string) => string[][]): void}} PeopleDeeds
 */

export class People {
  /** @type {Map<string, {row: HTMLElement, group: number | null}>} null: in the therapist's own group */
  #present = new Map();

  /** @param {HTMLElement} room @param {PeopleDeeds} deeds */
  constructor(room, deeds) {
    this.room = room;
    this.deeds = deeds;
    part(room, '#together').addEventListener('click', () => deeds.groups(() => []));
    part(room, '#people-button').addEventListener('click', () => this.#open(Boolean(part(room, '#people').hidden)));
    part(room, '#close-people').addEventListener('click', () => this.#open(false));
    part(room, '#people').addEventListener('keydown', (event) => event.key === 'Escape' && this.#open(false));
  }

  /** Whether a guest has been let in. */
  get hasGuests() {
    return [...this.#present.values()].some(({ row }) => row.dataset.role === 'guest');
  }

  /** @param {string} seat */
  nameOf(seat) {
    const row = this.#present.get(seat)?.row;
    return (row && part(row, '[data-name]').textContent) ?? '';
  }

  /** @param {Someone} someone */
  came(someone) {
    this.#add(someone, null);
  }

  /** @param {string} seat */
  went(seat) {
    this.#present.get(seat)?.row.remove();
    this.#present.delete(seat);
    this.#arrange();
  }

  /** These are inside and do not hear the therapist. @param {Apart[]} apart */
  separate(apart) {
    for (const [seat, { group }] of [...this.#present]) {
      if (group !== null && !apart.some((each) => each.seat === seat)) this.went(seat);
    }
    for (const someone of apart) this.#add(someone, someone.group);
  }

  clear() {
    for (const seat of [...this.#present.keys()]) this.went(seat);
  }

  /** @param {Someone} someone @param {number | null} group */
  #add({ seat, name, role }, group) {
    const known = this.#present.get(seat)?.row;
    const row = known ?? cloneOf(/** @type {HTMLTemplateElement} */ (part(this.room, '#person-template')));
    if (known === undefined) {
      row.dataset.role = role;
      part(row, '[data-name]').textContent = name;
      part(row, '[data-apart]').addEventListener('click', () => this.deeds.groups(() => this.#without(seat)));
      part(row, '[data-go]').addEventListener('click', () => this.deeds.groups((own) => this.#with(seat, own)));
      part(row, '[data-back]').addEventListener('click', () => this.deeds.back(seat));
      part(row, '[data-remove]').addEventListener('click', () => this.deeds.remove(seat));
      part(this.room, '#present').append(row);
    }
    this.#present.set(seat, { row, group });
    this.#arrange();
  }

  /** The groups when this seat speaks with nobody; the therapist's own group stands in no list. @param {string} seat */
  #without(seat) {
    return [...this.#groups((each) => each !== seat), [seat]];
  }

  /** The groups when the therapist goes over to this seat. @param {string} seat @param {string} own */
  #with(seat, own) {
    const there = this.#present.get(seat)?.group;
    const left = [...this.#present].filter(([, { group }]) => group === null).map(([each]) => each);
    const groups = this.#groups((each) => each !== own && this.#present.get(each)?.group !== there);
    return left.length > 0 ? [...groups, left] : groups;
  }

  /** Those apart now, group by group. @param {(seat: string) => boolean} keep @returns {string[][]} */
  #groups(keep) {
    /** @type {Map<number, string[]>} */
    const groups = new Map();
    for (const [seat, { group }] of this.#present) {
      if (group !== null && keep(seat)) groups.set(group, [...(groups.get(group) ?? []), seat]);
    }
    return [...groups.values()];
  }

  #arrange() {
    const several = this.#present.size > 1;
    const somebodyIsApart = [...this.#present.values()].some(({ group }) => group !== null);
    for (const { row, group } of this.#present.values()) {
      const here = group === null;
      part(row, '[data-elsewhere]').hidden = here;
      part(row, '[data-go]').hidden = here;
      part(row, '[data-apart]').hidden = !here || !several;
      part(row, '[data-back]').hidden = row.dataset.role === 'host';
      part(row, '[data-remove]').hidden = row.dataset.role === 'host';
    }
    part(this.room, '#together').hidden = !somebodyIsApart;
  }

  /** @param {boolean} open */
  #open(open) {
    const button = part(this.room, '#people-button');
    part(this.room, '#people').hidden = !open;
    button.setAttribute('aria-expanded', String(open));
    if (open) part(this.room, '#people-title').focus();
    else button.focus();
  }
}
