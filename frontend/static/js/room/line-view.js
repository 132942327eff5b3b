/** How each line is, in words and one small picture. Part of the view: it touches the page. */
import { sentence } from './sentences.js';
import { part } from './tiles.js';

/** @typedef {import('./quality.js').Quality} Quality */
/** @typedef {import('./quality.js').LineFigures} LineFigures */

export class LineView {
  /** Sentences of the sheet, by seat. @type {Map<string, string>} */
  #words = new Map();

  /** @param {HTMLElement} room */
  constructor(room) {
    this.room = room;
  }

  /** @param {string} seat @param {Quality} quality @param {LineFigures} figures */
  line(seat, { level, isStill }, figures) {
    const tile = this.room.querySelector(`#tiles [data-seat="${CSS.escape(seat)}"]`);
    if (!(tile instanceof HTMLElement)) return;
    const name = part(tile, '[data-name]').textContent ?? '';
    tile.dataset.still = isStill && tile.dataset.camera === 'on' ? 'on' : 'off';
    if (tile.dataset.level !== level) {
      tile.dataset.level = level;
      part(tile, '[data-level-words]').textContent = sentence(this.room, `line-${level}`);
    }
    const said = sentence(this.room, 'line-figures', { name, apart: figuresOf(figures) });
    this.#words.set(seat, `${said} ${sentence(this.room, `line-${level}`)}.`);
    this.#list();
  }

  /** @param {boolean} is whether nothing but the voice is sent, to nobody more */
  voiceOnly(is) {
    const notice = part(this.room, '#voice-only');
    if (notice.hidden === !is) return;
    notice.hidden = !is;
    part(this.room, '#status').textContent = is ? notice.textContent : sentence(this.room, 'picture-back');
  }

  clear() {
    this.#words.clear();
    this.#list();
    part(this.room, '#voice-only').hidden = true;
  }

  #list() {
    part(this.room, '#line-words').textContent = [...this.#words.values()].join(' ');
  }
}

/** @param {LineFigures} figures @returns {string} */
function figuresOf({ roundTrip, loss, jitter, available }) {
  const there = roundTrip === null ? '' : `${Math.round(roundTrip)} ms there and back, `;
  const free = available === null ? '' : `, room for ${available < 1e6 ? `${Math.round(available / 1000)} kbit/s` : `${(available / 1e6).toFixed(1)} Mbit/s`}`;
  return `${there}${(100 * loss).toFixed(loss < 0.1 && loss > 0 ? 1 : 0)}% lost, ${Math.round(jitter)} ms uneven${free}`;
}
