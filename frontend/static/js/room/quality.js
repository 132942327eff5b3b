/**
 * From measured figures over time to what is sent: less detail on a weak line, then fewer frames, then the voice alone,
 * and back when it has been good for a while. Pure.
 */
import { levelOf } from '../check/verdict.js';

/** @typedef {import('../check/verdict.js').Level} Level */
/**
 * What one connection counts, from its statistics (W3C webrtc-stats); null where it does not say. Milliseconds and bits
 * per second; `lostThere`: the share the other end reports lost of what we send.
 * @typedef {{roundTrip: number | null, available: number | null, lostThere: number | null, received: number,
 *   lost: number, jitter: number, frames: number}} Counts
 */
/**
 * What happened between two counts. `loss`: the worse of both directions, 0 to 1. `still`: no frame came.
 * @typedef {{roundTrip: number | null, jitter: number, loss: number, lostThere: number, available: number | null,
 *   still: boolean}} LineFigures
 */
/** `scale`: each side is divided by it; `needs`: bits per second below which this step cannot be kept. @typedef {{scale: number, frames: number, bitrate: number, needs: number}} Step */

/** The last one is the voice alone. @type {readonly Step[]} */
export const STEPS = Object.freeze([
  { scale: 1, frames: 30, bitrate: 1_700_000, needs: 200_000 },
  { scale: 2, frames: 30, bitrate: 500_000, needs: 120_000 },
  { scale: 4, frames: 30, bitrate: 250_000, needs: 70_000 },
  { scale: 4, frames: 8, bitrate: 100_000, needs: 40_000 },
  { scale: 4, frames: 0, bitrate: 0, needs: 0 },
]);
export const VOICE_ONLY = STEPS.length - 1;
/**
 * A connection begins here: of a larger picture a browser drops the first frames one by one, until it has made it small
 * enough for the bitrate that it guesses at first (libwebrtc, VideoStreamEncoder: DropDueToSize).
 */
export const BEGINNING = 1;

/** Beyond this a step is too much. */
const BAD = { roundTrip: 700, loss: 0.08 };
/** Within this a better step may be tried. */
const CALM = { roundTrip: 400, loss: 0.02 };
/** Counts in a row (one every two seconds) before a step down, and before a step up. */
const DOWN_AFTER = 2;
const UP_AFTER = 5;
/** Browsers begin with a guess of the bitrate and need a while to find out. */
const WARMING_UP = 5;
/** A step up that does not hold makes the next one wait twice as long, up to this. */
const UP_AFTER_AT_MOST = 40;

/** @param {Counts} before @param {Counts} after @returns {LineFigures} */
export function figuresBetween(before, after) {
  const [received, lost] = [after.received - before.received, Math.max(0, after.lost - before.lost)];
  const here = received + lost === 0 ? 0 : lost / (received + lost);
  const lostThere = after.lostThere ?? 0;
  return {
    roundTrip: after.roundTrip,
    jitter: after.jitter,
    loss: Math.max(here, lostThere),
    lostThere,
    available: after.available,
    still: after.frames === before.frames,
  };
}

/** How one line is, and what is sent over it. */
export class Quality {
  #bad = 0;
  #calm = 0;
  #seen = 0;
  #patience = UP_AFTER;
  #sinceUp = Infinity;
  #isTrying = false;
  #still = 0;

  constructor() {
    /** Index in STEPS. */
    this.step = BEGINNING;
    /** @type {Level} */
    this.level = 'good';
  }

  get isVoiceOnly() {
    return this.step === VOICE_ONLY;
  }

  /** Whether no picture has come for a while. */
  get isStill() {
    return this.#still >= DOWN_AFTER;
  }

  /** @param {LineFigures} figures @returns {boolean} whether another step is right from now on */
  see(figures) {
    this.#seen += 1;
    this.#sinceUp += 1;
    this.#still = figures.still ? this.#still + 1 : 0;
    this.level = levelOf(figures);
    this.#bad = this.#isBad(figures) ? this.#bad + 1 : 0;
    this.#calm = this.#isCalm(figures) ? this.#calm + 1 : 0;
    if (this.#bad >= DOWN_AFTER && this.step < VOICE_ONLY) return this.#down();
    if (this.#calm >= this.#patience && this.step > 0) return this.#up();
    return false;
  }

  #down() {
    if (this.#sinceUp > UP_AFTER_AT_MOST) this.#patience = UP_AFTER;
    // What was just tried did not hold: wait longer before it is tried again.
    else if (this.#isTrying && this.#sinceUp <= UP_AFTER) this.#patience = Math.min(UP_AFTER_AT_MOST, 2 * this.#patience);
    this.#isTrying = false;
    return this.#go(this.step + 1);
  }

  #up() {
    this.#isTrying = true;
    this.#sinceUp = 0;
    return this.#go(this.step - 1);
  }

  /** @param {number} step */
  #go(step) {
    this.step = step;
    this.#bad = 0;
    this.#calm = 0;
    return true;
  }

  /** @param {LineFigures} figures */
  #isBad({ roundTrip, lostThere, available }) {
    const short = available !== null && this.#seen > WARMING_UP && available < at(this.step).needs;
    return short || lostThere > BAD.loss || (roundTrip ?? 0) > BAD.roundTrip;
  }

  /** With the voice alone a browser finds out little about the bitrate: there a good line is enough to try. @param {LineFigures} figures */
  #isCalm({ roundTrip, lostThere, available }) {
    const room = this.isVoiceOnly || available === null || available > 1.5 * at(this.step - 1).needs;
    return room && lostThere <= CALM.loss && (roundTrip ?? 0) <= CALM.roundTrip;
  }
}

/** @param {number} step @returns {Step} */
function at(step) {
  return /** @type {Step} */ (STEPS[Math.max(0, step)]);
}
