/** The panel in which people write and hand each other files. Part of the view: it touches the page. */
import { isOver } from './files.js';
import { sentence } from './sentences.js';
import { cloneOf, part } from './tiles.js';

/** @typedef {import('./exchange.js').Line} Line */
/** @typedef {import('./files.js').Transfer} Transfer */
/** @typedef {{say: (text: string) => boolean, offer: (file: File) => void, accept: (id: string) => void, cancel: (id: string) => void}} ChatDeeds */

/** What stands on the page at most; the oldest goes first. */
const LINES_AT_MOST = 500;

export class ChatView {
  #unread = 0;
  /** @type {Map<string, HTMLElement>} */
  #transfers = new Map();
  /** @type {string[]} */
  #addresses = [];

  /** @param {HTMLElement} room @param {ChatDeeds} deeds */
  constructor(room, deeds) {
    this.room = room;
    this.deeds = deeds;
    const text = this.#text();
    const choice = /** @type {HTMLInputElement} */ (part(room, '#file-choice'));
    part(room, '#chat-button').addEventListener('click', () => this.open(Boolean(part(room, '#chat').hidden)));
    part(room, '#close-chat').addEventListener('click', () => this.open(false));
    part(room, '#chat').addEventListener('keydown', ({ key }) => key === 'Escape' && this.open(false));
    room.querySelector('#people-button')?.addEventListener('click', () => this.#hide());
    part(room, '#chat-form').addEventListener('submit', (event) => (event.preventDefault(), this.#send()));
    text.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.#send();
    });
    part(room, '#choose-file').addEventListener('click', () => choice.click());
    choice.addEventListener('change', () => {
      const [file] = choice.files ?? [];
      if (file) deeds.offer(file);
      choice.value = '';
    });
  }

  /** @param {boolean} open */
  open(open) {
    if (!open) {
      this.#hide();
      part(this.room, '#chat-button').focus();
      return;
    }
    const people = this.room.querySelector('#close-people');
    if (people instanceof HTMLElement && !part(this.room, '#people').hidden) people.click();
    part(this.room, '#chat').hidden = false;
    part(this.room, '#chat-button').setAttribute('aria-expanded', 'true');
    this.#count(0);
    this.#text().focus();
    this.#scroll();
  }

  /** Who hears this person now. @param {string[]} names */
  present(names) {
    part(this.room, '#chat-to').textContent =
      names.length > 0 ? sentence(this.room, 'chat-to', { name: names.join(' and ') }) : sentence(this.room, 'chat-to-nobody');
    for (const id of ['#send-text', '#choose-file']) part(this.room, id).toggleAttribute('disabled', names.length === 0);
  }

  /** @param {string} seat @param {boolean} screen */
  showing(seat, screen) {
    const tile = this.room.querySelector(`#tiles [data-seat="${CSS.escape(seat)}"]`);
    if (tile instanceof HTMLElement) tile.dataset.screen = screen ? 'on' : 'off';
  }

  /** @param {Line} line */
  line({ text, from, to }) {
    const line = this.#clone('#line-template');
    line.dataset.own = String(from === null);
    part(line, '[data-head]').textContent = this.#head(from, to);
    part(line, '[data-text]').textContent = text;
    this.#add(line, from);
  }

  /** @param {Transfer} transfer @param {string} name of the other end */
  transfer(transfer, name) {
    const { id, isOurs, size, moved, state, file } = transfer;
    const known = this.#transfers.get(id);
    const line = known ?? this.#newTransfer(transfer, name);
    const bar = /** @type {HTMLProgressElement} */ (part(line, 'progress'));
    bar.value = moved / size;
    if (known && line.dataset.state === state) return;
    line.dataset.state = state;
    const key = `file-${state}-${isOurs ? 'out' : 'in'}`;
    part(line, '[data-state]').textContent = sentence(this.room, key, { name: line.dataset.name });
    part(line, '[data-accept]').hidden = isOurs || state !== 'offered';
    part(line, '[data-cancel]').hidden = isOver(transfer);
    bar.hidden = state !== 'moving';
    if (state === 'done' && file && !isOurs) this.#keepable(line, transfer.name, file);
    this.#scroll();
    if (known && state !== 'moving') part(this.room, '#status').textContent = `${transfer.name}: ${part(line, '[data-state]').textContent}`;
  }

  /** @param {string | null} key @param {string} [name] */
  trouble(key, name = '') {
    const place = part(this.room, '#chat-trouble');
    place.textContent = key === null ? '' : sentence(this.room, key, { name });
    place.hidden = key === null;
  }

  /** Nothing of it stays on this page. */
  clear() {
    for (const address of this.#addresses.splice(0)) URL.revokeObjectURL(address);
    this.#transfers.clear();
    part(this.room, '#chat-lines').replaceChildren();
    this.#text().value = '';
    this.trouble(null);
    this.#hide();
    this.#count(0);
  }

  #send() {
    const text = this.#text();
    if (this.deeds.say(text.value)) text.value = '';
    text.focus();
  }

  /** @param {Transfer} transfer @param {string} name */
  #newTransfer({ id, isOurs, name: file, size }, name) {
    const line = this.#clone('#file-template');
    line.dataset.own = String(isOurs);
    line.dataset.name = name;
    part(line, '[data-head]').textContent = this.#head(isOurs ? null : name, isOurs ? [name] : []);
    part(line, '[data-file]').textContent = file;
    part(line, '[data-size]').textContent = sizeOf(size);
    part(line, '[data-accept]').addEventListener('click', () => this.deeds.accept(id));
    part(line, '[data-cancel]').addEventListener('click', () => this.deeds.cancel(id));
    this.#transfers.set(id, line);
    this.#add(line, isOurs ? null : name);
    return line;
  }

  /** It is saved by a click on its link, and by nothing else. @param {HTMLElement} line @param {string} name @param {Blob} file */
  #keepable(line, name, file) {
    const link = /** @type {HTMLAnchorElement} */ (part(line, '[data-save]'));
    const address = URL.createObjectURL(file);
    this.#addresses.push(address);
    Object.assign(link, { href: address, download: name, hidden: false });
  }

  /** @param {string | null} from @param {string[]} to */
  #head(from, to) {
    const name = to.join(' and ');
    if (from === null) return sentence(this.room, 'chat-from-you', { name });
    return sentence(this.room, name ? 'chat-from-to' : 'chat-from', { name: from, apart: name });
  }

  /** @param {HTMLElement} line @param {string | null} from */
  #add(line, from) {
    const lines = part(this.room, '#chat-lines');
    lines.append(line);
    if (lines.childElementCount > LINES_AT_MOST) lines.firstElementChild?.remove();
    if (from !== null && part(this.room, '#chat').hidden) {
      this.#count(this.#unread + 1);
      part(this.room, '#status').textContent = sentence(this.room, 'chat-unread', { name: from });
    }
    this.#scroll();
  }

  /** @param {number} unread */
  #count(unread) {
    this.#unread = unread;
    const mark = part(this.room, '#unread');
    mark.hidden = unread === 0;
    part(mark, '[data-count]').textContent = unread > 9 ? '9+' : String(unread);
  }

  #hide() {
    part(this.room, '#chat').hidden = true;
    part(this.room, '#chat-button').setAttribute('aria-expanded', 'false');
  }

  #scroll() {
    part(this.room, '#chat-lines').lastElementChild?.scrollIntoView({ block: 'nearest' });
  }

  /** @param {string} selector */
  #clone(selector) {
    return cloneOf(/** @type {HTMLTemplateElement} */ (part(this.room, selector)));
  }

  #text() {
    return /** @type {HTMLTextAreaElement} */ (part(this.room, '#chat-text'));
  }
}

/** @param {number} bytes @returns {string} */
function sizeOf(bytes) {
  if (bytes < 1024) return `${bytes} bytes`;
  return bytes < 1024 * 1024 ? `${Math.round(bytes / 1024)} KB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}
