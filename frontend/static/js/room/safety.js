/**
 * Safety words in the room: one comparison at a time on this screen, what each other seat may hear and see, and what
 * happens when the words differ.
 */
import { Holding, heldIn } from './holding.js';
import { provenContext } from './proof.js';
import { Trust } from './trust.js';
import { RUNS_AT_MOST, Words, write } from './words.js';

/** @typedef {import('./call.js').Call} Call */
/** @typedef {import('./channels.js').Frame} Frame */
/** @typedef {import('./link.js').Link} Link */
/** @typedef {import('./link.js').LinkState} LinkState */
/** @typedef {import('./signaling.js').Clock} Clock */
/** @typedef {import('./words.js').Step} Step */
/** What a tile says of its seat: `held` is neither heard nor shown to. @typedef {'open' | 'verified' | 'held'} Mark */
/** The part of the page that shows it. @typedef {{show(seat: string, step: Step | {at: 'intro', spent: boolean}): void, hide(): void, mark(seat: string, mark: Mark | null): void, holds(seat: string, held: boolean): void}} Screen */
/**
 * `onDiffer` at once; `onParted` when this page may go.
 * @typedef {{appointment: string, screen: Screen, clock: Clock, onDiffer: (by: 'us' | 'them', seat: string) => void, onParted: () => void,
 *   onFault: (error: unknown) => void}} SafetyParts
 */

/** How long the other page has to hear that the words differ, ms. */
const FAREWELL = 2000;
const NO_TRACKS = { audio: null, video: null };

export class Safety {
  /** Of this page, not of one call: who was known before stays known. */
  #trust = new Trust();
  /** @type {{call: Call, own: string, id: string} | null} */
  #meeting = null;
  /** @type {Map<string, Words>} */
  #words = new Map();
  /** How many comparisons this call has seen, by seat; being sent to the door and coming in again is the same call. @type {Map<string, number>} */
  #runs = new Map();
  /** The fingerprint that the words of a run are made of, by seat. @type {Map<string, string | null>} */
  #bound = new Map();
  /** Whose comparison is on the screen. @type {string | null} */
  #seat = null;
  /** @type {(() => void) | null} */
  #farewell = null;

  /** @param {SafetyParts} parts */
  constructor(parts) {
    this.parts = parts;
    this.holding = new Holding({
      say: (seat, frame) => this.#meeting?.call.say(seat, 'words', frame) ?? false,
      show: (seat, held) => parts.screen.holds(seat, held),
    });
  }

  /** From now on the call has another certificate. */
  renewed() {
    this.#runs.clear();
  }

  /** Inside. @param {Call} call @param {string} own this seat @param {string} id of the call */
  begin(call, own, id) {
    this.end();
    this.#meeting = { call, own, id };
  }

  end() {
    for (const [seat, words] of this.#words) {
      words.stop();
      this.#runs.set(seat, words.runs);
    }
    this.#words.clear();
    this.holding.clear();
    this.#meeting = null;
    this.#farewell = null;
    this.#close();
  }

  // — what the call asks and tells —

  /** @param {string} seat @param {string | null} fingerprint */
  hears(seat, fingerprint) {
    return this.#trust.hears(seat, fingerprint);
  }

  /** @param {string} seat @param {boolean} changed under a live connection */
  described(seat, changed) {
    if (changed) {
      this.#trust.changed(seat);
      this.#words.get(seat)?.stop('unfit');
    }
    this.#mark(seat);
  }

  /** @param {string} seat @param {LinkState} state */
  linkIs(seat, state) {
    if (state === 'gone') this.#farewell?.();
    if (this.#moved(seat)) this.#words.get(seat)?.stop('unfit');
    this.#mark(seat);
  }

  /** @param {string} seat */
  left(seat) {
    const words = this.#words.get(seat);
    if (words?.busy) words.stop('theirs');
    else if (this.#seat === seat) this.#close();
    this.parts.screen.mark(seat, null);
  }

  /** The server passes on that the words differ: whoever sits in between may have kept it back. @param {string} seat */
  differs(seat) {
    if (this.#meeting && this.#farewell === null) this.#of(seat).theyDiffer();
  }

  /** A frame on the channel `words`. @param {string} seat @param {Frame | null} frame @param {Link} link */
  receive(seat, frame, link) {
    const held = heldIn(frame);
    if (held !== null) return this.holding.hear(seat, link.fingerprint, held);
    if (this.#meeting?.call.shown(seat) !== link) return undefined; // of a connection that is going, or not there yet
    const busy = [...this.#words].some(([other, words]) => other !== seat && words.busy);
    if (busy) this.#meeting.call.say(seat, 'words', write('cancel'));
    else void this.#of(seat).receive(frame);
    return undefined;
  }

  /** Whoever was not told yet that nothing is sent to them, for their channel was not open. @param {Iterable<string>} seats */
  remind(seats) {
    for (const seat of seats) this.#mark(seat);
  }

  // — what the person does —

  /** Explain it; nothing begins yet. @param {string} seat */
  explain(seat) {
    if (this.#seat !== null && this.#words.get(this.#seat)?.busy) return;
    this.#seat = seat;
    this.parts.screen.show(seat, { at: 'intro', spent: this.#of(seat).runs >= RUNS_AT_MOST });
  }

  compare() {
    if (this.#seat !== null) void this.#of(this.#seat).start();
  }

  /** @param {string[] | null} choice */
  choose(choice) {
    const words = this.#current();
    if (this.#seat !== null && this.#moved(this.#seat)) words?.stop('unfit');
    words?.choose(choice);
  }

  differ() {
    this.#current()?.differ();
  }

  /** Put the screen away; a comparison under way ends. */
  stop() {
    this.#current()?.stop();
    this.#close();
  }

  /** @param {string} seat */
  goOn(seat) {
    const fingerprint = this.#fingerprint(seat);
    if (fingerprint) this.#trust.goOn(seat, fingerprint);
    this.#decided(seat);
  }

  // — inside this file —

  /** @param {string} seat @returns {Words} */
  #of(seat) {
    const known = this.#words.get(seat);
    if (known) return known;
    const words = new Words({
      initiator: (this.#meeting?.own ?? '') < seat,
      context: () => this.#context(seat),
      random: (length) => crypto.getRandomValues(new Uint8Array(length)),
      clock: this.parts.clock,
      send: (frame) => this.#meeting?.call.say(seat, 'words', frame) ?? false,
      onStep: (step) => this.#step(seat, step),
      onVerified: () => this.#verified(seat),
      onFault: this.parts.onFault,
    });
    words.runs = this.#runs.get(seat) ?? 0;
    this.#words.set(seat, words);
    return words;
  }

  /** @param {string} seat */
  async #context(seat) {
    const link = this.#meeting?.call.shown(seat);
    if (!link || !this.#meeting) throw new Error('nobody there to compare with');
    this.#bound.set(seat, link.fingerprint);
    const { own, id } = this.#meeting;
    return provenContext(link.parts.connection, { appointment: this.parts.appointment, call: id, own, other: seat });
  }

  /** @param {string} seat @param {Step} step */
  #step(seat, step) {
    this.#trust.speak(seat, step.at === 'reading');
    this.#decided(seat);
    if (step.at === 'asking') this.#seat = seat;
    if (this.#seat === seat) this.parts.screen.show(seat, step);
    if (step.at === 'differ') this.#parting(step.by, seat);
  }

  /** @param {string} seat */
  #verified(seat) {
    const fingerprint = this.#fingerprint(seat);
    if (fingerprint) this.#trust.verify(seat, fingerprint);
    this.#decided(seat);
  }

  /** Nothing more goes out, to anybody; the other page is given a moment to hear why. @param {'us' | 'them'} by @param {string} seat */
  #parting(by, seat) {
    void this.#meeting?.call.replaceTracks(NO_TRACKS);
    this.parts.onDiffer(by, seat);
    const stopClock = this.parts.clock.after(by === 'us' ? FAREWELL : 0, () => this.#farewell?.());
    this.#farewell = () => {
      stopClock();
      this.#farewell = null;
      this.parts.onParted();
    };
  }

  /** @param {string} seat */
  #decided(seat) {
    this.#meeting?.call.refresh(seat).catch(this.parts.onFault);
    this.#mark(seat);
  }

  /** @param {string} seat */
  #mark(seat) {
    const fingerprint = this.#fingerprint(seat);
    if (fingerprint === null) return this.parts.screen.mark(seat, null);
    const held = this.#trust.hears(seat, fingerprint) !== 'all';
    this.holding.moved(seat, fingerprint);
    this.holding.tell(seat, fingerprint, held);
    return this.parts.screen.mark(seat, held ? 'held' : this.#trust.verified(seat, fingerprint) ? 'verified' : 'open');
  }

  /** Whether another connection has taken the place of the one that words are made of. @param {string} seat */
  #moved(seat) {
    return this.#bound.get(seat) !== this.#fingerprint(seat);
  }

  /** @param {string} seat @returns {string | null} */
  #fingerprint(seat) {
    return this.#meeting?.call.shown(seat)?.fingerprint ?? null;
  }

  #current() {
    return this.#seat === null ? undefined : this.#words.get(this.#seat);
  }

  #close() {
    this.#seat = null;
    this.parts.screen.hide();
  }
}
