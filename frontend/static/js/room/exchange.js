/** What people write and hand each other in the room. It goes from page to page, and is gone when the call is over. */
import { plainText, readSaid, readShowing, writeSaid, writeShowing } from './chat.js';
import { Files, hashOf } from './files.js';

/** @typedef {import('./channels.js').ChannelName} ChannelName */
/** @typedef {import('./channels.js').Frame} Frame */
/** @typedef {import('./files.js').Transfer} Transfer */
/** @typedef {{seat: string, name: string}} Someone */
/** Names, of those it goes to. @typedef {{text: string, from: string | null, to: string[]}} Line */
/**
 * The page, as far as it shows this.
 * @typedef {{present(names: string[]): void, showing(seat: string, screen: boolean): void, line(line: Line): void, transfer(transfer: Transfer, name: string): void,
 *   trouble(key: string | null, name?: string): void, clear(): void}} Shown
 */
/**
 * The call, as far as this needs it; `confide` says whether it went on its way.
 * @typedef {{own: string, call: {confide: (seat: string, name: ChannelName, frame: Frame) => boolean,
 *   channel: (seat: string, name: ChannelName) => RTCDataChannel | null}}} Ways
 */

export class Exchange {
  /** Those who hear this person now. @type {Map<string, string>} */
  #here = new Map();
  /** Who has been told whether our picture is a screen. @type {Map<string, boolean>} */
  #told = new Map();
  #isScreen = false;

  /** @param {Shown} view @param {() => Ways | null} ways null outside */
  constructor(view, ways) {
    this.view = view;
    this.ways = ways;
    this.files = new Files({
      say: (seat, frame) => ways()?.call.confide(seat, 'files', frame) ?? false,
      channel: (seat) => ways()?.call.channel(seat, 'files') ?? null,
      hash: hashOf,
      newId: () => crypto.randomUUID().replaceAll('-', ''),
      onChange: (transfer) => view.transfer(transfer, this.#here.get(transfer.seat) ?? ''),
    });
  }

  /** @param {Someone[]} people */
  here(people) {
    const before = this.#here;
    this.#here = new Map(people.map(({ seat, name }) => [seat, name]));
    for (const seat of before.keys()) {
      if (this.#here.has(seat)) continue;
      this.files.left(seat);
      this.#told.delete(seat);
    }
    this.view.present([...this.#here.values()]);
  }

  /** Write to all who hear this person. @param {string} written @returns {boolean} whether it reached anybody */
  say(written) {
    const text = plainText(written);
    if (text === '') return false;
    const ways = this.ways();
    const to = [...this.#here.keys()];
    const reached = to.filter((seat) => ways?.call.confide(seat, 'chat', writeSaid({ text, to })));
    const missed = to.filter((seat) => !reached.includes(seat));
    if (reached.length > 0) this.view.line({ text, from: null, to: this.#names(reached) });
    this.view.trouble(missed.length > 0 || to.length === 0 ? 'chat-missed' : null, this.#names(missed).join(' and '));
    return reached.length > 0;
  }

  /** @param {string} seat @param {Frame | null} frame */
  heard(seat, frame) {
    const screen = readShowing(frame);
    if (screen !== null) return this.view.showing(seat, screen);
    const said = readSaid(frame);
    const from = this.#here.get(seat);
    const own = this.ways()?.own ?? '';
    if (said === null || from === undefined) return undefined;
    return this.view.line({ text: said.text, from, to: this.#names(said.to.filter((each) => each !== own)) });
  }

  /** Our picture is a screen, or a person again. @param {boolean} screen */
  show(screen) {
    this.#isScreen = screen;
    this.remind();
  }

  /** Whoever does not know what our picture is learns it as soon as their channel is open. */
  remind() {
    for (const seat of this.#here.keys()) {
      if ((this.#told.get(seat) ?? false) === this.#isScreen) continue;
      if (this.ways()?.call.confide(seat, 'chat', writeShowing(this.#isScreen))) this.#told.set(seat, this.#isScreen);
    }
  }

  /** Offer a file to all who hear this person. @param {File} file */
  async offer(file) {
    this.view.trouble(null);
    for (const [seat, name] of this.#here) {
      const came = await this.files.offer(seat, file);
      if (came !== 'offered') this.view.trouble(`file-${came}`, name);
    }
  }

  clear() {
    this.files.clear();
    this.#here.clear();
    this.#told.clear();
    this.#isScreen = false;
    this.view.clear();
  }

  /** @param {string[]} seats */
  #names(seats) {
    return seats.map((seat) => this.#here.get(seat)).filter((name) => name !== undefined);
  }
}
